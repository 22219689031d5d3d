"""The ledger of promises: what was promised, by whom, what is due, what comes back before the next meeting."""

from collections.abc import Collection

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from core import clock, dates
from core.enums import Precision
from core.figures import Share
from events.enums import PromiseSide, PromiseStatus
from events.models import Delegation, Destination, Event, Meeting, Mission, Participant, Promise, Tie
from partnerships.models import City, PersonRole


def promises(reader) -> QuerySet[Promise]:
    """Every promise with whom it binds and where it was made: open ones first, the earliest due first."""
    return (
        Promise.objects.visible_to(reader)
        .select_related(
            "city__country",
            "country",
            "organisation",
            "promised_by",
            "promised_to",
            "responsible",
            "mission",
            "delegation",
            "event",
            "meeting",
        )
        .annotate(is_settled=~Q(status=PromiseStatus.OPEN))
        .order_by("is_settled", F("due_on").asc(nulls_last=True), "reference")
    )


def open_promises(reader) -> QuerySet[Promise]:
    return promises(reader).filter(status=PromiseStatus.OPEN)


def open_by_city(reader, cities: Collection[int]) -> dict[int, int]:
    """How many promises are still open with each of these cities, by its key; no key where there are none."""
    found = Promise.objects.visible_to(reader).filter(status=PromiseStatus.OPEN, city__in=cities)
    return dict(found.order_by().values_list("city").annotate(Count("pk")))


def overdue_promises(reader) -> QuerySet[Promise]:
    """Open promises whose day has passed; a due date known to the month or year is past with its first day of the next."""
    today = clock.today()
    return open_promises(reader).filter(
        Q(due_on_precision="day", due_on__lt=today)
        | Q(due_on_precision="month", due_on__lt=today.replace(day=1))
        | Q(due_on_precision="year", due_on__year__lt=today.year)
        | Q(due_on_precision="season", due_on__lt=dates.first_day(today, Precision.SEASON))
    )


def overdue_of_ours(reader) -> QuerySet[Promise]:
    """Those of them that our City made; the others were made to it."""
    return overdue_promises(reader).filter(side=PromiseSide.OURS)


def about_city(city: City | Collection[int]) -> Q:
    """Promises with the city, or tied to it."""
    keys = [city.pk] if isinstance(city, City) else list(city)
    return Q(city__in=keys) | Q(Exists(Tie.objects.filter(promise=OuterRef("pk"), city__in=keys)))


def promises_with(reader, city: City) -> QuerySet[Promise]:
    return promises(reader).filter(about_city(city))


def open_promises_with(reader, cities: Collection[int]) -> QuerySet[Promise]:
    """What is still open with these cities (keys): what comes back before the next meeting with any of them."""
    return open_promises(reader).filter(about_city(cities))


def cities_of(subject: Mission | Delegation | Event | Meeting) -> set[int]:
    """The keys of the cities that an occasion brings together: where it goes or takes place, who comes, what it is tied to."""
    found: set[int | None] = set()
    if isinstance(subject, Mission):
        found |= set(Destination.objects.filter(mission=subject).values_list("city", flat=True))
        name = "mission"
    elif isinstance(subject, Delegation):
        found.add(subject.city_id)
        name = "delegation"
    elif isinstance(subject, Event):
        found |= {subject.planned_city_id, subject.held_city_id}
        name = "event"
    else:
        found |= {subject.city_id, *counterparts(subject)}
        if subject.subject:
            found |= cities_of(subject.subject)
        name = "meeting"
    found |= set(Tie.objects.filter(**{name: subject}).values_list("city", flat=True))
    found |= set(Participant.objects.filter(**{name: subject}).values_list("city", flat=True))
    return {key for key in found if key is not None}


def counterparts(meeting: Meeting) -> set[int]:
    """The keys of the cities that are met: those that take part, by themselves or by somebody who holds a function there."""
    others = [taking for taking in meeting.participants.all() if not taking.quality]
    people = [taking.person_id for taking in others if taking.person_id]
    held = PersonRole.objects.holding_on(clock.today()).filter(person__in=people, city__isnull=False)
    return {taking.city_id for taking in others if taking.city_id} | set(held.values_list("city", flat=True))


def kept_share(reader) -> Share:
    """Of the promises that our City made and that are settled, those that were kept; released ones do not count."""
    ours = Promise.objects.visible_to(reader).filter(side="ours")
    settled = ours.filter(status__in=[PromiseStatus.KEPT, PromiseStatus.NOT_KEPT])
    return Share(settled.filter(status=PromiseStatus.KEPT).count(), settled.count())
