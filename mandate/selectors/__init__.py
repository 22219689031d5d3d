"""Reads and figures of mandates and objectives, each with one definition, used by pages, admin, API and reports alike."""

from mandate.selectors import changes, indicators, objectives

__all__ = ["changes", "indicators", "objectives"]
