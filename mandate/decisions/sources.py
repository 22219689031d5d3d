"""What waits: agreements that end, grants before the proposal, the vote and the signature, missions, calls for the Council, late objectives,
dormant partnerships."""

from collections.abc import Iterator

from dateutil.relativedelta import relativedelta
from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cooperation.enums import LIVE as LIVE_PROJECTS
from cooperation.models import Application, CallTheme, CouncilLeadTime, FundingCall, ProjectTheme
from cooperation.selectors.calls import Advice, started_by, unanswered_calls, why_now
from core import clock, dates, written
from core.templatetags.parvis import day, euros
from core.translated import fallback_language, order
from events.models import Mission
from mandate.decisions.registry import Act, Decision, listed, source
from mandate.enums import OPEN, ObjectiveStatus
from mandate.models import Objective
from mandate.presentation import is_late
from mandate.selectors.dormant import dormant, waiting
from mandate.selectors.objectives import objectives
from mandate.selectors.synthesis import missions_to_confirm, months, next_sitting_day
from partnerships.models import Agreement, City, RenewalDecision
from partnerships.selectors import live_agreements
from solidarity.enums import GrantStage
from solidarity.models import Grant
from solidarity.selectors.grants import to_sign

# So long before its day a decision is asked for.
AGREEMENTS_AHEAD = relativedelta(months=6)
MISSIONS_AHEAD = relativedelta(months=3)
CALLS_AHEAD = relativedelta(months=2)


# --- agreements ---


def ending_agreements(reader) -> QuerySet[Agreement]:
    """Live agreements whose renewal nobody prepares, from six months before the last day to give notice on; once that has
    passed (or where there is none), before their own last day. One that renews itself is asked about only while notice can
    still be given."""
    today = clock.today()
    # Neither parties nor clauses are said in a decision, nor what it rests on.
    live = live_agreements(reader).select_related(None).prefetch_related(None)
    ended = live.filter(expires_on__isnull=False, renewed_by=None)
    dated = ended.annotate(notice=Cast(F("expires_on") - months(F("notice_months")), DateField()))
    timed = dated.annotate(due=Case(When(notice__gte=today, then=F("notice")), default=F("expires_on")))
    asked = Q(tacit_renewal=False) | Q(notice__gte=today) | Q(notice=None, expires_on__gte=today)
    return timed.filter(asked, due__lte=today + AGREEMENTS_AHEAD).order_by("due", "reference")


@listed(
    "agreement-renewal",
    gettext_lazy("Agreement to renew or to end"),
    Agreement,
    ending_agreements,
    verbs=("prepare_renewal", "enter_into_force", "end"),
)
def agreement_to_renew(reader, agreement) -> Decision:
    ends, today = day(agreement.expires_on), clock.today()
    if agreement.notice and agreement.notice >= today:
        said = _("Notice is given by %(notice)s at the latest; it ends on %(end)s")
        if agreement.tacit_renewal:
            said = _("It renews itself on %(end)s unless notice is given by %(notice)s")
        why = said % {"notice": day(agreement.notice), "end": ends}
    elif agreement.expires_on < today:
        why = _("Its last day was %(end)s, and nobody has noted what becomes of it") % {"end": ends}
    else:
        why = _("It ends on %(end)s") % {"end": ends}
    return _decision("agreement-renewal", agreement, "title", why, agreement.due)


# --- grants ---


def _before_the_council(reader, stage: GrantStage) -> QuerySet[Grant]:
    # Of a grant its body and its amounts are said: neither its places and envelopes nor what was paid.
    found = Grant.objects.visible_to(reader).filter(stage=stage).select_related("beneficiary")
    return found.annotate(due=next_sitting_day(reader)).order_by("received_on", order("beneficiary__name"), "pk")


def grants_to_propose(reader) -> QuerySet[Grant]:
    """Files under review, the oldest application first; the next sitting of the Council is the day."""
    return _before_the_council(reader, GrantStage.UNDER_REVIEW)


def grants_to_vote(reader) -> QuerySet[Grant]:
    """Grants proposed, of which no vote is recorded."""
    return _before_the_council(reader, GrantStage.PROPOSED)


@listed(
    "grant-proposal",
    gettext_lazy("Grant to propose to the Council"),
    Grant,
    grants_to_propose,
    verbs=("propose", "reject"),
)
def grant_to_propose(reader, grant) -> Decision:
    values = {"body": grant.beneficiary, "amount": euros(grant.amount_asked), "day": day(grant.received_on)}
    why = _("%(body)s asks for %(amount)s; application received on %(day)s") % values
    return _decision("grant-proposal", grant, "title", why, grant.due)


@listed(
    "grant-vote", gettext_lazy("Grant before the Council"), Grant, grants_to_vote, verbs=("vote", "return_to_review")
)
def grant_to_vote(reader, grant) -> Decision:
    values = {"body": grant.beneficiary, "amount": euros(grant.amount_granted)}
    why = _("%(amount)s is proposed for %(body)s; no vote is recorded") % values
    return _decision("grant-vote", grant, "title", why, grant.due)


def grants_to_sign(reader) -> QuerySet[Grant]:
    """Voted grants that are not paid before their agreement is signed, the oldest vote first; no day is set for it."""
    found = to_sign(reader).select_related(None).select_related("beneficiary").prefetch_related(None)
    return found.annotate(due=Value(None, DateField()))


@listed(
    "grant-signature",
    gettext_lazy("Grant agreement to sign"),
    Grant,
    grants_to_sign,
    verbs=("sign", "withdraw"),
)
def grant_to_sign(reader, grant) -> Decision:
    values = {"body": grant.beneficiary, "amount": euros(grant.amount_granted)}
    why = _("%(amount)s is voted for %(body)s; nothing is paid before the agreement is signed") % values
    return _decision("grant-signature", grant, "title", why, grant.due)


# --- missions ---


def unconfirmed_missions(reader) -> QuerySet[Mission]:
    """Ideas and plans that leave within three months. What should be over by now is not asked about: nothing is left to
    confirm."""
    return missions_to_confirm(reader, clock.today() + MISSIONS_AHEAD).prefetch_related(None)


@listed(
    "mission-confirmation",
    gettext_lazy("Mission to confirm"),
    Mission,
    unconfirmed_missions,
    verbs=("confirm", "plan", "cancel"),
)
def mission_to_confirm(reader, mission) -> Decision:
    when = dates.display(mission.planned_start, mission.planned_start_precision)
    why = pgettext("mission", "Departure: %(when)s; it is not confirmed") % {"when": when}
    return _decision("mission-confirmation", mission, "title", why, mission.due)


# --- calls ---


@source(
    "call-council",
    gettext_lazy("Funding call whose file the Council must still see"),
    FundingCall,
    right=("add", Application),
)
def calls_for_the_council(reader) -> Iterator[Decision]:
    """Open calls in a field in which a project of ours is live, to which none applies yet: within two months of the last day to
    start the Council's file (of the deadline, where no lead time is recorded), and never after it."""
    today, lead = clock.today(), CouncilLeadTime.on()
    address = reverse("admin:cooperation_application_add")
    for call in written.rows(_calls_in_our_fields, reader):
        deadline = call.next_deadline()
        if deadline is None:
            continue
        by = started_by(deadline, lead)
        if today <= (by or deadline) <= today + CALLS_AHEAD:
            why = why_now(Advice(call, deadline, by, ()))
            way = Act(gettext_lazy("Apply with a project"), f"{address}?call={call.pk}")
            yield _decision("call-council", call, "title", why, by or deadline, (way,))


def _calls_in_our_fields(reader) -> QuerySet[FundingCall]:
    live = ProjectTheme.objects.visible_to(reader).filter(project__stage__in=LIVE_PROJECTS)
    shared = CallTheme.objects.visible_to(reader).filter(call=OuterRef("pk"), theme__in=live.order_by().values("theme"))
    # What stands around a call is said nowhere in a decision.
    return unanswered_calls(reader).filter(Exists(shared)).select_related(None).prefetch_related(None)


# --- objectives ---


@source(
    "objective-late",
    gettext_lazy("Objective that is late"),
    Objective,
    verbs=("meet", "recover", "delay", "drop"),
)
def late_objectives(reader) -> Iterator[Decision]:
    """Of the mandates that run: what is noted as late, or is open after its last day."""
    for objective in written.rows(_perhaps_late, reader):
        if not is_late(objective):
            continue
        due = dates.last_day(objective.due_on, objective.due_on_precision) if objective.due_on else None
        if objective.status == ObjectiveStatus.LATE:
            why = _("Noted as late: %(reason)s") % {"reason": objective.status_reason}
        else:
            asked = dates.display(objective.due_on, objective.due_on_precision)
            why = _("Due %(day)s, and nobody has recorded that it is met") % {"day": asked}
        yield _decision("objective-late", objective, "wording", why, due)


def _perhaps_late(reader) -> QuerySet[Objective]:
    today = clock.today()
    running = objectives(reader).filter(status__in=OPEN, mandate__starts_on__lte=today, mandate__ends_on__gte=today)
    # None is late before the first day that its due date may mean.
    return running.filter(Q(status=ObjectiveStatus.LATE) | Q(due_on__lt=today)).prefetch_related(None)


# --- partnerships that sleep ---


@source(
    "dormant-partnership",
    gettext_lazy("Dormant partnership"),
    City,
    right=("add", RenewalDecision),
)
def dormant_partnerships(reader) -> Iterator[Decision]:
    """Partnerships in which nothing has happened for long, and of which nobody has decided what becomes of them. Where that was
    put off to a day, it is that day."""
    for row in waiting(dormant(reader)):
        if row.last is None:
            why = _("Nothing is recorded with this city")
        else:
            said = {"what": row.last.kind.label, "when": row.last.when}
            why = _("The last that is recorded: %(what)s, %(when)s") % said
        ways = (Act(gettext_lazy("Renew, pause or end"), reverse("mandate:partnership", args=[row.city.slug])),)
        due = row.decision.until if row.decision else None
        yield _decision("dormant-partnership", row.city, "name", why, due, ways)


def _decision(kind: str, record, name: str, why: str, due, acts: tuple[Act, ...] = ()) -> Decision:
    """`name` is the text, in two languages, by which the record is known."""
    language = fallback_language(record, name) or ""
    return Decision(kind, record, getattr(record, name), why, due, record.get_absolute_url(), language, acts)
