"""International influence: major events, smart city and campus, culture, artists in residence."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperation.enums import ROTATING, CulturalKind, CulturalStatus, ExchangeKind, PracticeKind
from cooperation.models import CulturalProject
from cooperation.selectors import culture
from core import written
from core.templatetags.parvis import number
from events.enums import EventKind
from mandate.enums import ReportSection, Unit
from mandate.measures import registered
from mandate.reports.account import Proof
from mandate.reports.agreements import states_agreements
from mandate.reports.occasions import states_events
from mandate.reports.programmes import states_practices, states_programmes, states_residencies
from mandate.reports.statements import Period, Stated, counted, if_any, numbered, proof, statement
from partnerships.enums import AgreementKind
from solidarity.enums import ResidencyKind

INFLUENCE = ReportSection.INFLUENCE

states_events(
    "major-events",
    INFLUENCE,
    [EventKind.MAJOR, EventKind.BID, EventKind.CONFERENCE],
    gettext_lazy("Major events, bids and international conferences"),
)
states_practices(
    "smart-practices", INFLUENCE, PracticeKind.SMART, gettext_lazy("Smart-city practices recorded: %(count)s")
)
states_programmes(
    "campus",
    INFLUENCE,
    [ExchangeKind.STUDENTS, ExchangeKind.RESEARCH, ExchangeKind.WELCOME, ExchangeKind.START_UPS],
    gettext_lazy("Exchanges of students, researchers and start-ups: %(count)s programmes"),
)
states_residencies("researchers", INFLUENCE, [ResidencyKind.RESEARCHERS])


# --- culture ---

states_agreements(
    "cultural-agreements",
    INFLUENCE,
    AgreementKind.COFUNDING,
    gettext_lazy("Co-funding agreements for culture: %(count)s"),
)


def _called(project: CulturalProject) -> Proof:
    """The project with its year where that is known and the title does not say it, and how it stands."""

    def text() -> str:
        year = f", {project.year}" if project.year and str(project.year) not in project.title else ""
        return f"{project.title}{year} ({project.get_status_display()})"

    return proof(project, text)


def _projects(reader, period: Period, *kinds: CulturalKind) -> list[CulturalProject]:
    """The cultural projects of these kinds that were not cancelled, the latest year first. One query for all kinds."""
    found = period.once("culture", lambda: written.rows(_not_cancelled, reader))
    return [project for project in found if project.kind in kinds]


def _not_cancelled(reader) -> QuerySet[CulturalProject]:
    return culture.cultural_projects(reader).exclude(status=CulturalStatus.CANCELLED).prefetch_related(None)


def _has_begun(project: CulturalProject) -> bool:
    return project.status in (CulturalStatus.CURRENT, CulturalStatus.PAST)


@statement(
    "works-abroad",
    INFLUENCE,
    model="cooperation.culturalproject",
    definition=gettext_lazy(
        "Tours and works abroad that the City co-funds, of the years of the period or under way without a known year; those that "
        "were cancelled are left out."
    ),
)
def works_abroad(reader, period: Period) -> Iterator[Stated]:
    found = [
        project
        for project in _projects(reader, period, *ROTATING)
        if project.year in period.years or (project.year is None and _has_begun(project))
    ]

    def text(count: int) -> str:
        return _("Tours and works supported abroad: %(count)s") % {"count": number(count)}

    yield counted(found, text, called=_called)


@statement(
    "rotation-repeats",
    INFLUENCE,
    model="cooperation.culturalproject",
    definition=gettext_lazy(
        "How often, in the years of the period, a recipient or a discipline came back right after the year before. Works of which "
        "the year is not known are not judged; the figure is not known where no work has a year."
    ),
)
def rotation(reader, period: Period) -> Iterator[Stated]:
    taken = registered()["rotation-repeats"].take(reader, *period.days)
    known = any(project.year for project in _projects(reader, period, *ROTATING))
    yield Stated(
        lambda: _("Recipients or disciplines supported in consecutive years"),
        taken.value if known else None,
        Unit.COUNT,
        note=None if known else (lambda: _("No work has a known year: whether turns are taken cannot be judged.")),
        records=taken.records[0] if known and taken.records else (),
    )


def _states_culture(
    key: str, kind: CulturalKind, sentences: dict[str, str | Promise], definition: str | Promise
) -> None:
    """Registers the statement of a kind of cultural project: of the period, of no known year, and to come; `sentences` take
    their `count`."""

    @statement(key, INFLUENCE, model="cooperation.culturalproject", definition=definition)
    def cultural(reader, period: Period) -> Iterator[Stated]:
        found = _projects(reader, period, kind)
        begun = [project for project in found if _has_begun(project)]
        groups = {
            "": [project for project in begun if project.year in period.years],
            "undated": [project for project in begun if project.year is None],
            "ahead": sorted(
                (project for project in found if not _has_begun(project)), key=lambda row: row.year or 9999
            ),
        }
        for part, group in groups.items():
            stated = counted(group, numbered(sentences[part]), called=_called, part=part)
            yield from if_any(stated) if part else iter([stated])


_states_culture(
    "tandems",
    CulturalKind.TANDEM,
    {
        "": gettext_lazy("Tandems between two cities, of the period: %(count)s"),
        "undated": gettext_lazy("Tandems of which no record gives the year: %(count)s"),
        "ahead": gettext_lazy("Tandems to come: %(count)s"),
    },
    gettext_lazy(
        "Tandems under way or past, of the years of the period. One whose year no record gives counts in none and is told apart, "
        "as are those that are planned."
    ),
)
_states_culture(
    "seasons",
    CulturalKind.SEASON,
    {
        "": gettext_lazy("Seasons of a country, of the period: %(count)s"),
        "undated": gettext_lazy("Seasons of which no record gives the year: %(count)s"),
        "ahead": gettext_lazy("Seasons to come that the City supports: %(count)s"),
    },
    gettext_lazy(
        "Cultural seasons organised by institutions of the State with the City's support, under way or past, of the years of the "
        "period; those that are planned are told apart."
    ),
)
_states_culture(
    "centres",
    CulturalKind.CENTRE,
    {
        "": gettext_lazy("Foreign cultural centres supported, of the period: %(count)s"),
        "undated": gettext_lazy("Foreign cultural centres supported, of no known year: %(count)s"),
        "ahead": gettext_lazy("Foreign cultural centres to be supported: %(count)s"),
    },
    gettext_lazy(
        "Records of the support to foreign cultural centres; one record may stand for several centres that no document names."
    ),
)

# --- artists ---

states_residencies("residencies", INFLUENCE, [ResidencyKind.ARTISTS, ResidencyKind.REFUGE])
states_events("forums", INFLUENCE, [EventKind.FORUM], gettext_lazy("Forums and symposiums"))
