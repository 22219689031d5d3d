"""Reads and figures of missions, visits and events, each with one definition, used by pages, admin, API and reports alike."""

from events.selectors import agenda, briefings, occasions, promises

__all__ = ["agenda", "briefings", "occasions", "promises"]
