"""Pages of missions and events in the admin: one module an aggregate, and the cards of the start page."""

from events.admin import delegations, events, meetings, missions, promises, reference, start

__all__ = ["delegations", "events", "meetings", "missions", "promises", "reference", "start"]
