"""The funding watch: which calls are open, which live projects match them, why, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.enums import SENT, ApplicationStage, CallState, CountryScope
from cooperation.models import (
    Application,
    CallCountry,
    CallTheme,
    CouncilLeadTime,
    Filing,
    Forecast,
    FundingCall,
    Project,
    ProjectCity,
    ProjectTheme,
)
from cooperation.rules import closed_gates, least_partners_share
from cooperation.selectors import projects as portfolio
from core import clock, dates, translated, written
from core.exceptions import Reason
from core.figures import Euros, Row
from core.templatetags.parvis import euros, number
from core.translated import active_language
from partnerships.selectors import aided_countries


def calls(reader) -> QuerySet[FundingCall]:
    """Every call with its programme, funder, fields and countries, the soonest deadline first."""
    return (
        FundingCall.objects.visible_to(reader)
        .select_related("programme__funder")
        .prefetch_related(
            written.later("fields", lambda: CallTheme.objects.visible_to(reader).select_related("theme")),
            written.later("places", lambda: CallCountry.objects.visible_to(reader).select_related("country")),
        )
        .order_by("last_deadline", "identifier")
    )


def is_open(day: date | None = None) -> Q:
    """A call is open from its opening (where one is known) to its last deadline, unless the funder withdrew it."""
    day = day or clock.today()
    return Q(withdrawn_on=None, last_deadline__gte=day) & (Q(opens_on=None) | Q(opens_on__lte=day))


def is_forthcoming() -> Q:
    return Q(withdrawn_on=None, opens_on__gt=clock.today())


def with_state(found: QuerySet[FundingCall]) -> QuerySet[FundingCall]:
    """Adds `state`: where the call stands today (CallState)."""
    state = Case(
        When(withdrawn_on__isnull=False, then=Value(CallState.WITHDRAWN.value)),
        When(is_forthcoming(), then=Value(CallState.FORTHCOMING.value)),
        When(is_open(), then=Value(CallState.OPEN.value)),
        default=Value(CallState.CLOSED.value),
    )
    return found.annotate(state=state)


def open_calls(reader) -> QuerySet[FundingCall]:
    return calls(reader).filter(is_open())


def forthcoming_calls(reader) -> QuerySet[FundingCall]:
    return calls(reader).filter(is_forthcoming())


def unanswered_calls(reader) -> QuerySet[FundingCall]:
    """Open calls to which no project applies yet."""
    return open_calls(reader).filter(~Exists(Application.objects.filter(call=OuterRef("pk"))))


def council_day(deadline: date) -> date | None:
    """The last day to start the Council's file, counted back from the deadline; None where no lead time is recorded."""
    return started_by(deadline, CouncilLeadTime.on())


def started_by(deadline: date, lead_days: int | None) -> date | None:
    """`council_day` for a lead time that has been read already."""
    return None if lead_days is None else deadline - timedelta(days=lead_days)


# --- matching ---


@dataclass(frozen=True)
class Match:
    """A live project that a call could pay: why, and what is missing before it can apply."""

    call: FundingCall
    project: Project
    reasons: tuple[str, ...]
    missing: tuple[Reason, ...]


# What is read of a project that a call could pay.
TOLD_OF_A_MATCH = (
    *("reference", "title_fr", "title_en", "stage", "deliberation", "agreement__status"),
    *("version", "created_at", "updated_at"),
)


@dataclass(frozen=True)
class Advice:
    """An open call with its next deadline, the last day to start the Council's file, and the projects that it matches."""

    call: FundingCall
    deadline: date
    council_by: date | None
    matches: tuple[Match, ...]

    @property
    def days_left(self) -> int:
        return (self.deadline - clock.today()).days

    @property
    def is_too_late(self) -> bool:
        """The Council's lead time has run out: the file had to be started before today."""
        return self.council_by is not None and self.council_by < clock.today()


# The key and the name of a field or a country.
Named = tuple[int, str]


@dataclass(frozen=True)
class Desk:
    """What is read once for all the calls: live projects, their fields, countries (one per city) and calls applied to, each by
    the project's key; eligible countries, filings, forecasts (EUR), lead time (days)."""

    projects: list[Project]
    fields: dict[int, list[Named]]
    countries: dict[int, list[Named]]
    applied: frozenset[tuple[int, int]]
    aided: frozenset[int]
    filings: list[Filing]
    planned: dict[int, Decimal]
    lead_days: int | None

    @classmethod
    def read(cls, reader, asked: Iterable[FundingCall] | None = None) -> "Desk":
        """`asked` (from `calls`) where only these calls are advised on: projects that share no field with them are not read."""
        live = portfolio.live(reader).filter(parts=None)
        if asked is not None:
            wanted = {row.theme_id for call in asked for row in call.fields.all()}
            live = live.filter(Exists(ProjectTheme.objects.filter(project=OuterRef("pk"), theme__in=wanted)))
        # Of the whole portfolio: no more than what decides whether a call matches.
        plain = live.select_related(None).select_related("agreement").prefetch_related(None)
        projects = list(plain.only(*TOLD_OF_A_MATCH))
        of_these = {"project__in": [project.pk for project in projects]}
        fields = ProjectTheme.objects.visible_to(reader).filter(**of_these)
        places = ProjectCity.objects.visible_to(reader).filter(**of_these)
        applied = Application.objects.visible_to(reader).filter(**of_these).order_by()
        return cls(
            projects=projects,
            fields=_by_project(fields, "theme"),
            countries=_by_project(places, "city__country"),
            applied=frozenset(applied.values_list("call", "project")),
            aided=frozenset(aided_countries(reader).values_list("pk", flat=True)),
            filings=list(Filing.objects.visible_to(reader)),
            planned=_planned(reader, projects),
            lead_days=CouncilLeadTime.on(),
        )

    def advise(self, call: FundingCall) -> Advice | None:
        """What to make of the call; None where its deadlines have passed."""
        deadline = call.next_deadline()
        if deadline is None:
            return None
        council_by = started_by(deadline, self.lead_days)
        wanted = {row.theme_id for row in call.fields.all()}
        near = {project.pk: project for theme in wanted for project in self._by_field.get(theme, ())}
        matches = [found for project in near.values() if (found := self.match(call, project))]
        matches.sort(key=lambda found: (len(found.missing), -len(found.reasons), found.project.reference))
        return Advice(call, deadline, council_by, tuple(matches))

    @cached_property
    def _by_field(self) -> dict[int, list[Project]]:
        """Many projects work in fields of which a call asks for none: they are not looked at one by one for each call."""
        found: dict[int, list[Project]] = {}
        for project in self.projects:
            for theme, _name in self.fields.get(project.pk, ()):
                found.setdefault(theme, []).append(project)
        return found

    def match(self, call: FundingCall, project: Project) -> Match | None:
        """Why the call could pay the project; None where it works in other fields or other countries, or has applied."""
        if (call.pk, project.pk) in self.applied:
            return None
        reasons: list[str] = []
        missing: list[Reason] = []
        if not self._fields_match(call, project, reasons) or not self._places_match(call, project, reasons, missing):
            return None
        self._money_matches(call, project, reasons, missing)
        missing += closed_gates(call, project, filings=self.filings)
        return Match(call, project, tuple(reasons), tuple(missing))

    def _fields_match(self, call: FundingCall, project: Project, reasons: list[str]) -> bool:
        wanted = {row.theme_id for row in call.fields.all()}
        shared = [name for theme, name in self.fields.get(project.pk, ()) if theme in wanted]
        if shared:
            said = ngettext("Field in common: %(fields)s", "Fields in common: %(fields)s", len(shared))
            reasons.append(said % {"fields": ", ".join(shared)})
        return bool(shared)

    def _places_match(self, call: FundingCall, project: Project, reasons: list[str], missing: list[Reason]) -> bool:
        cities = self.countries.get(project.pk, ())
        if call.min_partners and len(cities) < call.min_partners:
            missing.append(
                Reason(
                    _("The call asks for %(wanted)s partner cities; the project names %(number)s.")
                    % {"wanted": number(call.min_partners), "number": number(len(cities))},
                    "places",
                )
            )
        if call.country_scope == CountryScope.ANY:
            return True
        if not cities:
            missing.append(Reason(_("The project names no city: its country cannot be checked."), "places"))
            return True
        eligible = self._eligible(call)
        countries = {country for country in cities if country[0] in eligible}
        if countries:
            names = ", ".join(sorted(name for _key, name in countries))
            reasons.append(_("Eligible country: %(countries)s") % {"countries": names})
        return bool(countries)

    def _eligible(self, call: FundingCall) -> Iterable[int]:
        if call.country_scope == CountryScope.DAC:
            return self.aided
        return {place.country_id for place in call.places.all()}

    def _money_matches(self, call: FundingCall, project: Project, reasons: list[str], missing: list[Reason]) -> None:
        planned = self.planned.get(project.pk)
        if not planned:
            missing.append(Reason(_("No forecast says what the project costs."), "funding_lines"))
            return
        share = least_partners_share(call) or Decimal(0)
        most = planned * (100 - share) / 100
        if call.smallest is not None and most < call.smallest:
            missing.append(
                Reason(
                    _("The funder could bear %(most)s of its cost, and gives at least %(least)s.")
                    % {"most": euros(round(most)), "least": euros(call.smallest)},
                    "funding_lines",
                )
            )
            return
        ask = min(most, call.largest) if call.largest is not None else most
        reasons.append(_("Could ask for up to %(amount)s") % {"amount": euros(round(ask))})


def _by_project(rows: QuerySet, named: str) -> dict[int, list[Named]]:
    """The key and the name of what each row names, by its project."""
    found: dict[int, list[Named]] = {}
    for project, key, fr, en in rows.values_list("project", named, f"{named}__name_fr", f"{named}__name_en"):
        found.setdefault(project, []).append((key, translated.read(fr, en)))
    return found


def _planned(reader, projects: Iterable[Project]) -> dict[int, Decimal]:
    """What each of the projects costs by the last forecast of each line and year (EUR)."""
    made = Forecast.objects.visible_to(reader).filter(line__project__in=[project.pk for project in projects])
    last = made.order_by("line_id", "year", "-made_on", "-pk").distinct("line_id", "year")
    planned = Forecast.objects.filter(pk__in=last.values("pk")).order_by().values_list("line__project")
    return dict(planned.annotate(Sum("amount_eur")))


def advices(reader, found: Iterable[FundingCall] | None = None, desk: Desk | None = None) -> list[Advice]:
    """What to make of each open call (or of those given), the soonest deadline first; `desk` where it is read already."""
    asked = written.rows(open_calls, reader) if found is None else list(found)
    desk = desk or Desk.read(reader, asked)
    advised = [desk.advise(call) for call in asked]
    return sorted(
        (advice for advice in advised if advice), key=lambda advice: (advice.deadline, advice.call.identifier)
    )


def worth_applying_to(reader, limit: int = 3, found: Iterable[Advice] | None = None) -> list[Advice]:
    """The open calls worth applying to now: they match a live project, and the Council can still vote in time.

    First those where the least is missing, then those with the most matches, then the soonest.
    """
    timely = [
        advice for advice in (advices(reader) if found is None else found) if advice.matches and not advice.is_too_late
    ]
    timely.sort(key=lambda advice: (len(advice.matches[0].missing), -len(advice.matches), advice.deadline))
    return timely[:limit]


def why_now(advice: Advice) -> str:
    """The advice in a sentence: its deadline, and the day by which the Council's file must be started."""
    day = dates.display(advice.deadline, "day")
    if advice.council_by is None:
        return _("Deadline on %(day)s; no lead time of the Council is recorded") % {"day": day}
    return _("Deadline on %(day)s; the Council's file to be started by %(council)s") % {
        "day": day,
        "council": dates.display(advice.council_by, "day"),
    }


# --- applications ---


def applications(reader) -> QuerySet[Application]:
    """Every application, with call, project and directorate, the latest submitted first."""
    return (
        Application.objects.visible_to(reader)
        .select_related("call__programme__funder", "project", "directorate", "deliberation", "funding_line")
        .order_by("-submitted_on", "-pk")
    )


def pending_applications(reader) -> QuerySet[Application]:
    """Drafts, and those whose answer has not come."""
    return applications(reader).filter(stage__in=[ApplicationStage.DRAFT, ApplicationStage.SUBMITTED])


def obtained(reader) -> Euros:
    """EUR won by applications so far; not known where none has been decided."""
    won = Application.objects.visible_to(reader).filter(stage=ApplicationStage.WON)
    return Euros(won.aggregate(sum=Sum("amount_obtained"))["sum"])


def obtained_by_year(reader) -> list[Row]:
    """EUR won, by the year of the decision."""
    won = Application.objects.visible_to(reader).filter(stage=ApplicationStage.WON).order_by()
    rows = won.values_list(ExtractYear("decided_on")).annotate(Sum("amount_obtained")).order_by("decided_on__year")
    return [Row(str(year), str(year), Euros(amount)) for year, amount in rows]


@dataclass(frozen=True)
class Account:
    """Applications of a year or of a directorate: how many were sent, won and lost; EUR asked and obtained."""

    label: str
    sent: int
    won: int
    lost: int
    asked: Decimal
    obtained: Decimal


def _accounts(rows: QuerySet, label: str) -> list[Account]:
    counted = rows.annotate(
        sent=Count("pk"),
        won=Count("pk", filter=Q(stage=ApplicationStage.WON)),
        lost=Count("pk", filter=Q(stage=ApplicationStage.LOST)),
        asked=Sum("amount_asked"),
        got=Sum("amount_obtained"),
    ).order_by(label)
    return [
        Account(
            str(row[label] or ""),
            row["sent"],
            row["won"],
            row["lost"],
            row["asked"] or Decimal(0),
            row["got"] or Decimal(0),
        )
        for row in counted
    ]


def by_year(reader) -> list[Account]:
    """Applications that were submitted, by the year of the submission."""
    sent = Application.objects.visible_to(reader).filter(stage__in=SENT).order_by()
    return _accounts(sent.annotate(year=ExtractYear("submitted_on")).values("year"), "year")


def by_directorate(reader) -> list[Account]:
    """Applications that were submitted, by directorate."""
    sent = Application.objects.visible_to(reader).filter(stage__in=SENT).order_by()
    name = f"directorate__name_{active_language()}"
    return _accounts(sent.values("directorate", name), name)


def obtained_by_directorate(reader) -> list[Row]:
    return [Row(row.label, row.label, Euros(row.obtained)) for row in by_directorate(reader)]
