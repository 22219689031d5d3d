"""Grants: the portfolio, what each waits for, what is overdue, how fast emergencies are paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from django.db.models import Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cooperation.enums import FundingKind, MovementKind, Nature, ProjectStage
from cooperation.models import ProjectCity
from core import clock
from core.exceptions import Reason
from core.translated import order
from core.written import later
from partnerships.models import Organisation
from solidarity import law
from solidarity.enums import COMMITTED, GRANT_LIFE, OPEN, OVER, GrantStage, ThresholdKind
from solidarity.models import (
    Allocation,
    Crisis,
    CrisisPlace,
    FinancialReport,
    Grant,
    GrantPlace,
    HealthIndicator,
    Instalment,
    LegalThreshold,
    Payment,
    PublicAccounts,
    ReportLine,
)
from solidarity.selectors.funds import summed


def grants(reader) -> QuerySet[Grant]:
    """Every grant with its body, places and allocations, and `paid` (EUR), in a fixed number of queries."""
    paid = Payment.objects.visible_to(reader).filter(grant=OuterRef("pk"))
    return (
        Grant.objects.visible_to(reader)
        .select_related("beneficiary", "deliberation", "project", "crisis", "theme", "instructed_by", "approved_by")
        .prefetch_related(
            later("places", lambda: GrantPlace.objects.visible_to(reader).select_related("city__country", "country")),
            later(
                "allocations", lambda: Allocation.objects.visible_to(reader).select_related("envelope__fund", "service")
            ),
        )
        .annotate(paid=summed(paid, "grant"))
        .order_by("-reference")
    )


def waiting(reader) -> QuerySet[Grant]:
    """Files that wait for the department: received, under review or proposed, the oldest first."""
    stages = [GrantStage.SUBMITTED, GrantStage.UNDER_REVIEW, GrantStage.PROPOSED]
    return grants(reader).filter(stage__in=stages).order_by("received_on", "pk")


def to_propose(reader) -> QuerySet[Grant]:
    return grants(reader).filter(stage=GrantStage.UNDER_REVIEW).order_by("received_on", "pk")


def proposed(reader) -> QuerySet[Grant]:
    """Files ready for a session of the Council, by body."""
    return grants(reader).filter(stage=GrantStage.PROPOSED).order_by(order("beneficiary__name"), "pk")


def voted(reader) -> QuerySet[Grant]:
    """Grants that the Council voted, whatever came of them after."""
    return grants(reader).filter(stage__in=COMMITTED)


def counted_places(reader) -> QuerySet[GrantPlace]:
    """The places of voted grants whose euros no project counts in the same city: what the City commits is not counted twice."""
    granted = Grant.objects.visible_to(reader).filter(stage__in=COMMITTED, amount_granted__isnull=False)
    by_project = (
        ProjectCity.objects.visible_to(reader)
        .filter(
            project=OuterRef("grant__project"),
            city=OuterRef("city"),
            project__funding_lines__kind=FundingKind.OWN,
            project__funding_lines__nature=Nature.CASH,
            project__funding_lines__movements__kind=MovementKind.COMMITTED,
        )
        .exclude(project__stage=ProjectStage.ABANDONED)
    )
    return (
        GrantPlace.objects.visible_to(reader)
        .filter(~Exists(by_project), city__isnull=False, grant__in=granted.order_by().values("pk"))
        .order_by()
    )


def to_sign(reader) -> QuerySet[Grant]:
    """Voted grants whose agreement is to be signed before any payment: the law asks for one, or one is prepared."""
    asked = law.convention_asked() | Q(agreement__isnull=False)
    return grants(reader).filter(asked, stage=GrantStage.VOTED).order_by("deliberation__voted_on", "pk")


def voted_and_unpaid(reader) -> QuerySet[Grant]:
    """Voted, and not wholly paid yet."""
    # One list of stages, without the many closed ones: what is excluded is read first.
    unpaid = grants(reader).filter(stage__in=[stage for stage in COMMITTED if stage != GrantStage.CLOSED])
    return unpaid.filter(paid__lt=F("amount_granted"))  # type: ignore[misc]  # annotated by grants()


def open_grants(reader) -> QuerySet[Grant]:
    return grants(reader).exclude(stage__in=OVER)


# --- the checklist ---


@dataclass(frozen=True)
class Gate:
    """A step ahead of the file, and what it still lacks; nothing missing = it may happen."""

    verb: str
    label: str | Promise
    missing: tuple[Reason, ...]


_BEFORE = (
    ("review", _("Before the review"), ["draft", "submitted"]),
    ("propose", _("Before the proposal to the Council"), ["draft", "submitted", "under-review"]),
    ("vote", _("Before the vote"), OPEN),
    ("open_payment", _("Before the first payment"), [*OPEN, "voted", "signed"]),
    ("close", _("Before the closing"), [*OPEN, "voted", "signed", "in-payment", "reported"]),
)


def checklist(grant: Grant) -> list[Gate]:
    """Every gate ahead of the file with what it lacks, in the words that would refuse it."""
    return [
        Gate(verb, label, GRANT_LIFE.missing(grant, verb)) for verb, label, stages in _BEFORE if grant.stage in stages
    ]


# --- reports and accounts ---


def reports(reader) -> QuerySet[FinancialReport]:
    """Every financial report with its lines, the soonest due first."""
    return (
        FinancialReport.objects.visible_to(reader)
        .select_related("grant__beneficiary")
        .prefetch_related(Prefetch("lines", ReportLine.objects.visible_to(reader)))
        .order_by("due_on", "pk")
    )


def overdue_reports(reader) -> QuerySet[FinancialReport]:
    """Reports that are due and have not come."""
    return reports(reader).filter(received_on=None, due_on__lt=clock.today())


def expected_reports(reader) -> QuerySet[FinancialReport]:
    """Reports that have not come, whether or not they are due yet."""
    return reports(reader).filter(received_on=None)


@dataclass(frozen=True)
class Owing:
    """A body above the threshold of published accounts in a year, with its accounts where they are recorded (A10)."""

    organisation: Organisation
    year: int
    granted: Decimal
    accounts: PublicAccounts | None
    due_on: date | None

    @property
    def is_late(self) -> bool:
        published = self.accounts is not None and self.accounts.published_on is not None
        return not published and self.due_on is not None and self.due_on < clock.today()


def bodies_owing_accounts(reader) -> list[Owing]:
    """The bodies that got more than the threshold (153 000 € a year today) and must publish their accounts."""
    sums = (
        Grant.objects.visible_to(reader)
        .filter(stage__in=COMMITTED)
        .order_by()
        .values("beneficiary", "year")
        .annotate(sum=Sum(F("amount_granted") + F("in_kind_value")))
    )
    kinds = (ThresholdKind.ACCOUNTS, ThresholdKind.ACCOUNTS_MONTHS)
    figures = list(LegalThreshold.objects.filter(kind__in=kinds))
    thresholds, months = ([row for row in figures if row.kind == kind] for kind in kinds)
    least = min((row.value for row in thresholds), default=None)
    if least is None:
        return []
    above = [
        row
        for row in sums.filter(sum__gt=least)
        if (limit := law.held(thresholds, date(row["year"], 12, 31))) and row["sum"] > limit
    ]
    bodies = Organisation.objects.visible_to(reader).in_bulk([row["beneficiary"] for row in above])
    held = {
        (accounts.organisation_id, accounts.year): accounts
        for accounts in PublicAccounts.objects.visible_to(reader).filter(organisation__in=bodies)
    }
    return [
        _owing(bodies[row["beneficiary"]], row["year"], row["sum"], held.get((row["beneficiary"], row["year"])), months)
        for row in above
        if row["beneficiary"] in bodies
    ]


def _owing(
    body: Organisation, year: int, granted: Decimal, accounts: PublicAccounts | None, months: list[LegalThreshold]
) -> Owing:
    approved = accounts.approved_on if accounts else None
    return Owing(body, year, granted, accounts, law.accounts_due(approved, months) if approved else None)


# --- emergencies and health ---

CAME_TO_NOTHING = ["rejected", "withdrawn"]


@dataclass(frozen=True)
class FastTrack:
    """An emergency grant from the request to the first payment; days None while a step has not come."""

    grant: Grant
    requested_on: date | None
    voted_on: date | None
    paid_on: date | None

    @property
    def days(self) -> int | None:
        """Days from the request to the first payment; to today while nothing is paid."""
        if self.requested_on is None:
            return None
        return ((self.paid_on or clock.today()) - self.requested_on).days

    @property
    def is_paid(self) -> bool:
        return self.paid_on is not None


def crises(reader) -> QuerySet[Crisis]:
    """Every crisis with its places and the grants that answer it (`answering`, with their body and vote), the latest first."""
    places = CrisisPlace.objects.visible_to(reader).select_related("city__country", "country")
    grants = Grant.objects.visible_to(reader).exclude(stage__in=CAME_TO_NOTHING).order_by("-reference")
    answering = grants.select_related("beneficiary", "deliberation").defer("description", "search")
    return (
        Crisis.objects.visible_to(reader)
        .prefetch_related(Prefetch("places", places), Prefetch("grants", answering, to_attr="answering"))
        .order_by(F("since").desc(nulls_last=True), "pk")
    )


def fast_tracks(reader, found: Iterable[Grant] | None = None) -> list[FastTrack]:
    """The emergency grants with their days, the latest request first."""
    emergencies = grants(reader).filter(crisis__isnull=False).exclude(stage__in=CAME_TO_NOTHING)
    chosen = list(emergencies.order_by("-received_on", "-pk") if found is None else found)
    first = dict(
        Payment.objects.visible_to(reader)
        .filter(grant__in=[grant.pk for grant in chosen])
        .order_by()
        .values_list("grant")
        .annotate(Min("paid_on"))
    )
    return [
        FastTrack(
            grant,
            grant.received_on,
            grant.deliberation.voted_on if grant.deliberation else None,
            first.get(grant.pk),
        )
        for grant in chosen
    ]


def median_days(reader) -> int | None:
    """The median number of days from request to first payment, over the emergency grants paid; None where none is."""
    first = Payment.objects.visible_to(reader).filter(grant=OuterRef("pk")).order_by("paid_on").values("paid_on")
    emergencies = Grant.objects.visible_to(reader).filter(crisis__isnull=False).exclude(stage__in=CAME_TO_NOTHING)
    paid = emergencies.filter(received_on__isnull=False).annotate(paid_on=Subquery(first[:1])).order_by()
    days = [(last - asked).days for asked, last in paid.values_list("received_on", "paid_on") if last is not None]
    return round(median(days)) if days else None


def health(reader) -> QuerySet[HealthIndicator]:
    return (
        HealthIndicator.objects.visible_to(reader).select_related("city").order_by("-year", "city__name_fr", "measure")
    )


# --- one file whole ---


def dossier(reader) -> QuerySet[Grant]:
    """Grants with their pieces, agreement and instalments, payments and reports, for a page of one."""
    return grants(reader).prefetch_related(
        "pieces",
        Prefetch("agreement__instalments", Instalment.objects.visible_to(reader)),
        Prefetch(
            "payments",
            Payment.objects.visible_to(reader).select_related("allocation__envelope__fund", "instalment"),
        ),
        Prefetch("reports", reports(reader)),
    )
