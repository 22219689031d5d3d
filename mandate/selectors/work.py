"""What somebody has to look after, and who may answer for it."""

from django.db.models import Q, QuerySet

from core import clock, dates
from core.access import may
from core.enums import Precision
from core.models import User
from mandate.enums import OPEN, ObjectiveStatus
from mandate.models import Milestone, Objective
from mandate.selectors.objectives import objectives, open_milestones, with_evidence_count


def _past_due() -> Q:
    """A due date known to the month, season or year is past with the first day of the next."""
    today = clock.today()
    return (
        Q(due_on_precision=Precision.DAY, due_on__lt=today)
        | Q(due_on_precision=Precision.MONTH, due_on__lt=today.replace(day=1))
        | Q(due_on_precision=Precision.YEAR, due_on__year__lt=today.year)
        | Q(due_on_precision=Precision.SEASON, due_on__lt=dates.first_day(today, Precision.SEASON))
    )


def open_objectives(reader) -> QuerySet[Objective]:
    """What somebody still works towards."""
    return objectives(reader).filter(status__in=OPEN)


def late_objectives(reader) -> QuerySet[Objective]:
    """Open objectives that were noted as late, or whose due date has passed."""
    return open_objectives(reader).filter(Q(status=ObjectiveStatus.LATE) | _past_due())


def at_risk(reader) -> QuerySet[Objective]:
    return objectives(reader).filter(status=ObjectiveStatus.AT_RISK)


def shown_by_nothing(reader) -> QuerySet[Objective]:
    """Open objectives without a piece of evidence that the reader sees."""
    counted = with_evidence_count(open_objectives(reader), reader)
    return counted.filter(shown_by=0)  # type: ignore[misc]  # annotated by with_evidence_count()


def late_milestones(reader) -> QuerySet[Milestone]:
    """Steps that are not reached although their due date has passed, of objectives that somebody works towards."""
    return open_milestones(reader).filter(_past_due())


def owners(reader) -> QuerySet[User]:
    """The people who answer for an objective that the reader sees."""
    seen = Objective.objects.visible_to(reader).order_by().values("owner")
    return User.objects.filter(pk__in=seen)


def eligible(reader) -> QuerySet[User]:
    """The people whom whoever may change objectives may name as answering for one: accounts in use, and those named already.

    Accounts themselves stay the administrator's business: of these, a name is all that is shown.
    """
    if not may(reader, "change", Objective):
        return User.objects.none()
    return User.objects.filter(Q(is_active=True) | Q(pk__in=owners(reader).values("pk")))
