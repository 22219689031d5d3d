"""City diplomacy, after its partners: trips and visits, the political watch, Europe."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cooperation.enums import ApplicationStage, ExchangeKind, FundingKind
from cooperation.models import Application, FundingProgramme
from cooperation.selectors import calls
from core.templatetags.parvis import number
from events.enums import AHEAD, DelegationStatus, EventKind, MissionStatus
from events.models import Delegation, Mission
from events.selectors import occasions
from mandate.enums import ReportSection, Unit
from mandate.measures import projects, registered
from mandate.reports import registers
from mandate.reports.account import Proof
from mandate.reports.occasions import begun, dated, page, states_events
from mandate.reports.programmes import states_programmes
from mandate.reports.statements import Asked, Period, Stated, both, counted, if_any, name_of, statement
from partnerships import selectors
from partnerships.models import WatchNote

DIPLOMACY = ReportSection.DIPLOMACY


# --- trips and visits ---


@statement(
    "trips",
    DIPLOMACY,
    model="events.mission",
    definition=gettext_lazy(
        "Missions abroad that took place and began in the period, by destination: where they went or, where nobody recorded "
        "that, where they were to go. A mission to several places counts in each."
    ),
)
def trips(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext("%(count)s mission abroad took place.", "%(count)s missions abroad took place.", count)
        return said % {"count": number(count)}

    link = page("events:missions", status=MissionStatus.DONE, **begun(period))
    records = Asked(registers.missions_done, reader, period.days)
    yield counted(records, text, called=dated, link=link, rows=registers.by_destination(reader, *period.days))


@statement(
    "trips-undated",
    DIPLOMACY,
    model="events.mission",
    definition=gettext_lazy("Missions abroad that took place, of which no record says when: they count in no period."),
)
def trips_undated(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("Missions abroad on a day that no record gives: %(count)s") % {"count": number(count)}

    link = page("events:missions", status=MissionStatus.DONE, start_recorded="false")
    yield from if_any(counted(Asked(_undated, reader), text, link=link))


def _undated(reader) -> QuerySet[Mission]:
    return occasions.missions_done(reader).filter(actual_start=None)


@statement("missions-ahead", DIPLOMACY, model="events.mission", figure="missions-ahead")
def missions_ahead(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("Missions abroad that are ideas, planned or confirmed: %(count)s") % {"count": number(count)}

    yield counted(
        Asked(occasions.upcoming_missions, reader), text, called=dated, link=page("events:missions", status=list(AHEAD))
    )


@statement(
    "delegations-received",
    DIPLOMACY,
    model="events.delegation",
    definition=gettext_lazy("Delegations that came and whose first day lies in the period. 0 = none is recorded."),
)
def delegations_received(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        if not count:
            return _("No delegation received in the period is recorded.")
        said = ngettext("%(count)s delegation was received.", "%(count)s delegations were received.", count)
        return said % {"count": number(count)}

    found = Asked(_received, reader, period.days)
    link = page("events:delegations", status=DelegationStatus.RECEIVED, **begun(period))
    yield counted(found, text, link=link)


def _received(reader, since: date, until: date) -> QuerySet[Delegation]:
    return occasions.delegations_received(reader).filter(actual_start__range=(since, until))


@statement(
    "political-watch",
    DIPLOMACY,
    model="partnerships.watchnote",
    definition=gettext_lazy(
        "Notes of the political watch on cities, of the period, that the reader of the report may read."
    ),
)
def political_watch(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext(
            "%(count)s note on the situation of a city was written.",
            "%(count)s notes on the situation of cities were written.",
            count,
        )
        return said % {"count": number(count)}

    yield from if_any(counted(Asked(_noted, reader, period.days), text, called=registers.note))


def _noted(reader, since: date, until: date) -> QuerySet[WatchNote]:
    return selectors.watch_notes(reader).filter(noted_on__range=(since, until)).order_by("noted_on", "pk")


# --- Europe ---

states_events("summits", DIPLOMACY, [EventKind.SUMMIT], gettext_lazy("Summits"))
states_events(
    "public-days",
    DIPLOMACY,
    [EventKind.PUBLIC_DAY, EventKind.FESTIVAL, EventKind.EDITION],
    gettext_lazy("Public days and festivals"),
)
states_programmes(
    "exchanges-of-cities",
    DIPLOMACY,
    [ExchangeKind.STAFF, ExchangeKind.SCHOOLS, ExchangeKind.LANGUAGES, ExchangeKind.LABEL],
    gettext_lazy("Exchanges of staff and schools, languages and labels: %(count)s programmes"),
)


@statement(
    "european-programmes",
    DIPLOMACY,
    model="cooperation.fundingprogramme",
    definition=gettext_lazy("Programmes of the European Commission whose calls the department follows."),
)
def european_programmes(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("European funding programmes followed: %(count)s") % {"count": number(count)}

    yield counted(Asked(_european_programmes, reader), text, called=_with_calls)


def _european_programmes(reader) -> QuerySet[FundingProgramme]:
    followed = FundingProgramme.objects.visible_to(reader).filter(kind=FundingKind.EUROPEAN_COMMISSION)
    return followed.order_by("name_fr")


def _with_calls(programme: FundingProgramme) -> Proof:
    """The programme with its calls: it has no page of its own."""
    return Proof(both(name_of(programme)), link=page("cooperation:calls", programme=programme.slug))


@statement(
    "european-applications",
    DIPLOMACY,
    model="cooperation.application",
    definition=gettext_lazy(
        "Applications sent to European programmes in the period, and what those that were won in the period obtained; the "
        "amount is not known while none is decided."
    ),
)
def european_applications(reader, period: Period) -> Iterator[Stated]:
    sent = registered()["european-applications"].take(reader, *period.days)

    def text() -> str:
        if not sent.value:
            return _("No application to European funds in the period is recorded.")
        return _("Applications to European funds: %(count)s") % {"count": number(sent.value)}

    records = Asked(_sent_to_europe, reader, period.days)
    yield Stated(text, sent.value, Unit.COUNT, records=records, called=registers.application)
    decided = Q(call__programme__kind=FundingKind.EUROPEAN_COMMISSION, decided_on__range=period.days)
    won = calls.applications(reader).filter(decided, stage=ApplicationStage.WON)
    obtained = won.aggregate(sum=Sum("amount_obtained"))["sum"]
    if obtained is not None:
        yield Stated(
            lambda: _("Obtained from European funds"),
            obtained,
            Unit.EUROS,
            records=registers.applications_in_short(won),
            part="obtained",
            called=registers.application,
        )


def _sent_to_europe(reader, since: date, until: date) -> QuerySet[Application]:
    return registers.applications_in_short(projects.sent_to_europe(reader, since, until))
