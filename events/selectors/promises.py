"""The ledger of promises: what was promised, by whom, what is due, what comes back before the next meeting."""

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core import clock, dates
from core.enums import Precision
from core.figures import Share
from events.enums import PromiseSide, PromiseStatus
from events.models import Delegation, Destination, Event, Meeting, Mission, Participant, Promise, Tie
from partnerships.models import City, PersonRole

# What brings our City together with others.
MET = ("mission", "delegation", "event", "meeting")


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


def open_with_each(reader, cities: Collection[int]) -> dict[int, set[int]]:
    """The keys of the promises that are still open with each of these cities, by its key; no key where there are none."""
    found = Promise.objects.visible_to(reader).filter(about_city(cities), status=PromiseStatus.OPEN)
    still_open: dict[int, set[int]] = {}
    for promise, *named in found.order_by().values_list("pk", "city", "ties__city"):
        for city in set(cities).intersection(named):
            still_open.setdefault(city, set()).add(promise)
    return still_open


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


Subject = Mission | Delegation | Event | Meeting


def cities_of(subject: Subject) -> set[int]:
    """The keys of the cities that an occasion brings together: where it goes or takes place, who comes, what it is tied to."""
    return cities_of_each([subject])[subject]


def cities_of_each(subjects: Collection[Subject]) -> dict[Subject, set[int]]:
    """The same of several; a meeting also brings together those of its trip, visit or event. Four queries at most."""
    wholes = {subject: subject.subject for subject in subjects if isinstance(subject, Meeting) and subject.subject}
    known = {_key(record): record for record in (*wholes.values(), *subjects)}
    found: dict[tuple[str, int], set[int | None]] = {key: _takes_place_in(record) for key, record in known.items()}
    missions = [pk for kind, pk in known if kind == "mission"]
    if missions:
        places = Destination.objects.filter(mission__in=missions)
        for mission, city in places.order_by().values_list("mission", "city"):
            found["mission", mission].add(city)
    for tie in Tie.objects.filter(_of_any(known)).order_by():
        found[_key_of_row(tie)].add(tie.city_id)
    officials: dict[int, list[tuple[str, int]]] = {}
    for taking in Participant.objects.filter(_of_any(known)).order_by():
        key = _key_of_row(taking)
        found[key].add(taking.city_id)
        if taking.meeting_id and taking.person_id and not taking.quality:
            officials.setdefault(taking.person_id, []).append(key)
    if officials:
        held = PersonRole.objects.holding_on(clock.today()).filter(person__in=officials)
        for person, city in held.order_by().values_list("person", "city"):
            for key in officials[person]:
                found[key].add(city)
    for meeting, whole in wholes.items():
        found[_key(meeting)] |= found[_key(whole)]
    return {subject: {city for city in found[_key(subject)] if city is not None} for subject in subjects}


def _key(record: Subject) -> tuple[str, int]:
    return str(record._meta.model_name), record.pk


def _key_of_row(row: Tie | Participant) -> tuple[str, int]:
    return next((kind, key) for kind in MET if (key := getattr(row, f"{kind}_id")))


def _of_any(known: Collection[tuple[str, int]]) -> Q:
    condition = Q(pk__in=[])
    for kind in MET:
        keys = [pk for of, pk in known if of == kind]
        if keys:
            condition |= Q(**{f"{kind}__in": keys})
    return condition


def _takes_place_in(subject: Subject) -> set[int | None]:
    if isinstance(subject, Event):
        return {subject.planned_city_id, subject.held_city_id}
    return set() if isinstance(subject, Mission) else {subject.city_id}


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
