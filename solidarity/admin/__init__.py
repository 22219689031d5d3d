"""Pages of solidarity in the admin: one module an aggregate, and the cards of the start page."""

from solidarity.admin import crises, funds, grants, health, honours, payments, start

__all__ = ["crises", "funds", "grants", "health", "honours", "payments", "start"]
