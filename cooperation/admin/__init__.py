"""Pages of cooperation in the admin: one module an aggregate, and the cards of the start page."""

from cooperation.admin import calls, culture, money, practices, programmes, projects, reference, start

__all__ = ["calls", "culture", "money", "practices", "programmes", "projects", "reference", "start"]
