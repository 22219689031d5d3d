"""What the search across all kinds of record finds of missions, visits, events and promises."""

from core.finding import Kind, register
from events.models import Delegation, Event, Meeting, Mission, Promise

register(
    Kind(Mission, "title", says=("reference", "get_status_display"), listing="events:missions", order=90),
    Kind(Delegation, "title", says=("reference", "get_status_display"), listing="events:delegations", order=100),
    Kind(
        Event,
        "title",
        says=("reference", "get_kind_display", "get_status_display"),
        listing="events:events",
        order=110,
    ),
    Kind(Meeting, "title", says=("get_kind_display", "get_status_display"), order=120),
    Kind(Promise, "what", says=("reference", "get_status_display"), listing="events:promises", order=130),
)
