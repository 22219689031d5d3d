"""Reads and figures of solidarity, each with one definition, used by pages, admin, API and reports alike."""

from solidarity.selectors import funds, grants, honours, slices

__all__ = ["funds", "grants", "honours", "slices"]
