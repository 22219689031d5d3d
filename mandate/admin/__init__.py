"""Pages of mandates and objectives in the admin: one module an aggregate, and the cards of the start page."""

from mandate.admin import indicators, mandates, milestones, objectives, reports, start

__all__ = ["indicators", "mandates", "milestones", "objectives", "reports", "start"]
