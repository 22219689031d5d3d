"""Universal values and remembrance: honours, journalists in refuge, gender equality, commemorations."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.parvis import number
from events.enums import AHEAD, REMEMBRANCE, EventKind, MissionStatus
from events.models import Mission
from events.selectors import occasions
from mandate.enums import ReportSection, Unit
from mandate.measures import agreements, registered
from mandate.reports import registers
from mandate.reports.account import Proof
from mandate.reports.occasions import begun, dated, page, states_events
from mandate.reports.programmes import states_residencies
from mandate.reports.statements import Asked, Period, Stated, both, counted, if_any, statement
from partnerships.enums import CITY_KINDS, LIVE, ClauseKind, RelationKind
from solidarity.enums import ResidencyKind
from solidarity.models import Honour
from solidarity.selectors import honours

VALUES = ReportSection.VALUES


# --- human rights ---


@statement(
    "honours-awarded",
    VALUES,
    model="solidarity.honour",
    definition=gettext_lazy(
        "Honours of the City awarded in the period; one known to the year counts from its first day. Recipients are named on the "
        "page of the honours and not here: a consent can be withdrawn, an adopted report cannot be changed."
    ),
)
def honours_awarded(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext("%(count)s honour was awarded.", "%(count)s honours were awarded.", count)
        return said % {"count": number(count)}

    def undated(count: int) -> str:
        return _("Honours awarded on a day that no record gives: %(count)s") % {"count": number(count)}

    yield counted(Asked(_awarded, reader, period.days), text, called=_honour)
    yield from if_any(counted(Asked(_undated, reader), undated, called=_honour, part="undated"))


def _awarded(reader, since: date, until: date) -> QuerySet[Honour]:
    return honours.awarded(reader).filter(awarded_on__range=(since, until)).order_by("reference")


def _undated(reader) -> QuerySet[Honour]:
    return honours.awarded(reader).filter(awarded_on=None).order_by("reference")


def _honour(honour: Honour) -> Proof:
    """The honour by its kind: whoever receives it is not named."""
    exceptional = honour.exceptional

    def text() -> str:
        kind = honour.get_kind_display()
        return capfirst(_("%(kind)s, exceptional") % {"kind": kind} if exceptional else kind)

    return Proof(both(text), honour.reference, honour.get_absolute_url())


@statement(
    "solidarity-cities",
    VALUES,
    model="partnerships.city",
    definition=gettext_lazy(
        "Cities and places of which a relation recorded on the day of the figures says that ours shows solidarity."
    ),
)
def solidarity_cities(reader, period: Period) -> Iterator[Stated]:
    tied = registers.cities_by_relation(reader, [RelationKind.SOLIDARITY])
    found = tied.get(RelationKind.SOLIDARITY, registers.NO_CITIES)

    def text(count: int) -> str:
        return _("Cities and places to which ours shows solidarity: %(count)s") % {"count": number(count)}

    link = page("partnerships:cities", relation=RelationKind.SOLIDARITY)
    yield from if_any(counted(found.cities, text, called=found.called, link=link))


states_residencies("journalists", VALUES, [ResidencyKind.JOURNALISTS])
states_events("rallies", VALUES, [EventKind.RALLY], gettext_lazy("Rallies"))


# --- gender equality ---


@statement("gender-clause", VALUES, model="partnerships.agreement", figure="gender-clause")
def gender_clause(reader, period: Period) -> Iterator[Stated]:
    taken = registered()["agreements-with-gender-clause"].take(reader, *period.days)
    link = page(
        "partnerships:agreements",
        status=[str(status) for status in LIVE],
        kind=[str(kind) for kind in CITY_KINDS],
        clause=ClauseKind.GENDER_EQUALITY,
    )
    yield Stated(
        lambda: _("Agreements with cities that carry a gender-equality clause"),
        taken.value,
        Unit.PERCENT,
        link=link,
        records=Asked(agreements.with_gender_clause, reader),
    )


@statement(
    "gender-projects",
    VALUES,
    model="cooperation.project",
    definition=gettext_lazy(
        "Of the live projects, those of which the DAC gender marker is 1 or 2; one that nobody scored is not among them. Not known "
        "where nobody scored any."
    ),
)
def gender_projects(reader, period: Period) -> Iterator[Stated]:
    taken = registered()["projects-with-gender-marker"].take(reader, *period.days)
    scored = taken.whole is not None and taken.whole.filter(gender__isnull=False).exists()
    yield Stated(
        lambda: _("Projects that aim at gender equality"),
        taken.value if scored else None,
        Unit.PERCENT,
        note=None if scored else (lambda: _("No live project has a gender marker.")),
        records=taken.records[0] if scored else (),
    )


@statement(
    "commissions-chaired",
    VALUES,
    model="partnerships.network",
    definition=gettext_lazy("Commissions of networks that the City chairs on the day of the figures."),
)
def commissions_chaired(reader, period: Period) -> Iterator[Stated]:
    found = registers.commissions(reader)

    def text() -> str:
        said = ngettext(
            "The City chairs %(count)s commission of a network.",
            "The City chairs %(count)s commissions of networks.",
            len(found),
        )
        return said % {"count": number(len(found))}

    yield Stated(text, len(found), Unit.COUNT, records=found)


# --- remembrance ---


@statement(
    "emblematic-missions",
    VALUES,
    model="events.mission",
    definition=gettext_lazy(
        "Missions that carry the values of the City and take along every group of the Council: those that took place and began in "
        "the period, and those that lie ahead."
    ),
)
def emblematic_missions(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("Emblematic missions that took place: %(count)s") % {"count": number(count)}

    def ahead(count: int) -> str:
        return _("Emblematic missions that lie ahead: %(count)s") % {"count": number(count)}

    done = Asked(_emblematic, reader, period.days)
    link = page("events:missions", status=MissionStatus.DONE, emblematic="true", **begun(period))
    yield counted(done, text, called=dated, link=link)
    link = page("events:missions", status=list(AHEAD), emblematic="true")
    yield from if_any(counted(Asked(_to_come, reader), ahead, called=dated, link=link, part="ahead"))


def _emblematic(reader, since: date, until: date) -> QuerySet[Mission]:
    return occasions.missions_done(reader).filter(emblematic=True, actual_start__range=(since, until))


def _to_come(reader) -> QuerySet[Mission]:
    return occasions.upcoming_missions(reader).filter(emblematic=True)


@statement(
    "emblematic-with-all-groups",
    VALUES,
    model="events.mission",
    definition=gettext_lazy(
        "Of the emblematic missions of the period whose Council groups are recorded, those on which an elected member of every "
        "group went along; not known where the groups of none are recorded."
    ),
)
def emblematic_groups(reader, period: Period) -> Iterator[Stated]:
    taken = registered()["emblematic-with-all-groups"].take(reader, *period.days)
    yield Stated(
        lambda: _("Emblematic missions with every group of the Council"),
        taken.value,
        Unit.PERCENT,
        note=None if taken.value is not None else (lambda: _("The groups that went along are recorded of none.")),
        records=taken.records[0] if taken.records else (),
        called=dated,
    )


states_events("remembrance", VALUES, REMEMBRANCE, gettext_lazy("Commemorations and inaugurations"))
states_events("exhibitions", VALUES, [EventKind.EXHIBITION], gettext_lazy("Exhibitions"))
