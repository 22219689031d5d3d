"""Reads and figures of cooperation, each with one definition, used by pages, admin, API and reports alike."""

from cooperation.selectors import calls, culture, money, projects

__all__ = ["calls", "culture", "money", "projects"]
