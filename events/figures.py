"""The figures of missions, visits and promises as they are published: each names its selector and the records behind it."""

from django.utils.translation import gettext_lazy as _

from core.figures import Figure, register
from events import selectors

register(
    Figure(
        "missions-done",
        _("Missions abroad"),
        _("The missions abroad that took place, whatever their year."),
        lambda reader: selectors.occasions.missions_done(reader).count(),
        "missions",
        {"status": "done"},
        model="events.mission",
        breakdowns={"year": selectors.occasions.missions_by_year},
    ),
    Figure(
        "missions-ahead",
        _("Missions that lie ahead"),
        _("The missions that are ideas, planned or confirmed."),
        lambda reader: selectors.occasions.upcoming_missions(reader).count(),
        "missions",
        {"status": ["idea", "planned", "confirmed"]},
        model="events.mission",
    ),
    Figure(
        "emblematic-with-all-groups",
        _("Emblematic missions with all groups"),
        _(
            "Of the emblematic missions that took place and of which the Council groups are recorded, those on which an elected "
            "member of every group went along, among the groups that existed on the day of the departure."
        ),
        selectors.occasions.emblematic_with_all_groups,
        "missions",
        {"status": "done", "emblematic": "true", "groups_recorded": "true"},
        model="events.mission",
    ),
    Figure(
        "delegations-received",
        _("Delegations received"),
        _("The delegations that came, by the year of their first day and the country that sent them."),
        lambda reader: selectors.occasions.delegations_received(reader).count(),
        "delegations",
        {"status": "received"},
        model="events.delegation",
        breakdowns={
            "year": selectors.occasions.delegations_by_year,
            "country": selectors.occasions.delegations_by_country,
        },
    ),
    Figure(
        "promises-open",
        _("Open promises"),
        _("Promises that our City made, or that were made to it, and that are neither kept nor settled otherwise."),
        lambda reader: selectors.promises.open_promises(reader).count(),
        "promises",
        {"status": "open"},
        model="events.promise",
    ),
    Figure(
        "promises-kept",
        _("Promises kept"),
        _(
            "Of the promises that our City made and that are settled, those that were kept; what is no longer asked for does "
            "not count."
        ),
        selectors.promises.kept_share,
        "promises",
        {"side": "ours", "status": ["kept", "not-kept"]},
        {"side": "ours", "status": "kept"},
        model="events.promise",
    ),
)
