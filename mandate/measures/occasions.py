"""Measures of missions, meetings and events that took place.

A beginning known to the month or the year counts from its first day; one that nobody knows counts in no period.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.figures import Share
from events.enums import CivilSociety, EventKind, EventStatus, MeetingKind, MeetingStatus, PlaceStage, Quality
from events.models import Destination, Event, Meeting, Mission, Participant
from events.selectors import occasions
from mandate.measures.agreements import cities_in, lies_in
from mandate.measures.registry import Measure, counted, measure, share

# --- missions ---


def _trips(reader, since: date, until: date) -> QuerySet[Mission]:
    return occasions.missions_done(reader).filter(actual_start__range=(since, until))


def _went(reader, there: Q) -> Q:
    """The mission went there, or was planned to where nobody recorded where it went (as `occasions.places`)."""
    places = Destination.objects.visible_to(reader).filter(mission=OuterRef("pk"))
    actual = places.filter(stage=PlaceStage.ACTUAL)
    return Q(Exists(actual.filter(there))) | ~Q(Exists(actual)) & Q(Exists(places.filter(there)))


def _civil_society(reader, **of) -> QuerySet[Participant]:
    return Participant.objects.visible_to(reader).filter(quality=Quality.CIVIL_SOCIETY, **of)


@measure("trips", title=_("Trips"), unit="count", model="events.mission")
def trips(reader, since: date, until: date, parameter: str) -> Measure:
    """Missions that took place and began in the period."""
    return counted(_trips(reader, since, until))


@measure("trips-to-area", title=_("Trips to an area"), unit="count", parameter="area", model="events.mission")
def trips_to_area(reader, since: date, until: date, parameter: str) -> Measure:
    """Missions that took place, began in the period and went to a city of the area, or of one that lies in it."""
    there = Q(city__in=cities_in(reader, parameter)) | lies_in(parameter)
    return counted(_trips(reader, since, until).filter(_went(reader, there)))


@measure("trips-to-city", title=_("Trips to a city"), unit="count", parameter="city", model="events.mission")
def trips_to_city(reader, since: date, until: date, parameter: str) -> Measure:
    """Missions that took place, began in the period and went to the city."""
    return counted(_trips(reader, since, until).filter(_went(reader, Q(city__slug=parameter))))


@measure("trips-with-civil-society", title=_("Trips with civil society"), unit="count", model="events.mission")
def trips_with_civil_society(reader, since: date, until: date, parameter: str) -> Measure:
    """Missions that took place, began in the period and had somebody of civil society among the travellers."""
    with_them = Exists(_civil_society(reader, mission=OuterRef("pk")))
    return counted(_trips(reader, since, until).filter(with_them))


@measure(
    "emblematic-with-all-groups",
    title=_("Emblematic trips with every group of the Council"),
    unit="percent",
    model="events.mission",
)
def emblematic_with_all_groups(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the emblematic missions of the period whose Council groups are recorded, those with every group (whole per cent)."""
    found = occasions.emblematic_coverage(reader, actual_start__range=(since, until))
    complete = [mission.pk for mission, covered in found if covered.is_complete]
    done = _trips(reader, since, until)
    return Measure(
        Share(len(complete), len(found)).percent,
        (done.filter(pk__in=complete),),
        done.filter(pk__in=[mission.pk for mission, _covered in found]),
    )


# --- meetings ---


def _meetings(reader, since: date, until: date) -> QuerySet[Meeting]:
    return occasions.meetings(reader).filter(status=MeetingStatus.HELD, day__range=(since, until))


@measure(
    "bilateral-meetings",
    title=_("Bilateral meetings with a city"),
    unit="count",
    parameter="city",
    model="events.meeting",
)
def bilateral_meetings(reader, since: date, until: date, parameter: str) -> Measure:
    """Bilateral meetings held in the period, in the city or with somebody of it."""
    theirs = Participant.objects.visible_to(reader).filter(meeting=OuterRef("pk"), city__slug=parameter)
    with_it = Q(city__slug=parameter) | Q(Exists(theirs))
    return counted(_meetings(reader, since, until).filter(with_it, kind=MeetingKind.BILATERAL))


@measure(
    "meetings-with-organisation",
    title=_("Meetings with an organisation"),
    unit="count",
    parameter="organisation",
    model="events.meeting",
)
def meetings_with_organisation(reader, since: date, until: date, parameter: str) -> Measure:
    """Meetings held in the period in which the organisation took part."""
    theirs = Participant.objects.visible_to(reader).filter(meeting=OuterRef("pk"), organisation__slug=parameter)
    return counted(_meetings(reader, since, until).filter(Exists(theirs)))


# --- events ---


def _held(reader, since: date, until: date) -> QuerySet[Event]:
    return occasions.events(reader).filter(status=EventStatus.HELD, actual_start__range=(since, until))


@measure("events-of-kind", title=_("Events of a kind"), unit="count", parameter="event-kind", model="events.event")
def events_of_kind(reader, since: date, until: date, parameter: str) -> Measure:
    """Events of this kind that were held and began in the period."""
    return counted(_held(reader, since, until).filter(kind=parameter))


@measure("event-held", title=_("An event took place"), unit="count", parameter="event", model="events.event")
def event_held(reader, since: date, until: date, parameter: str) -> Measure:
    """1 where the event of this reference was held and began in the period, 0 where it was not."""
    return counted(_held(reader, since, until).filter(reference=parameter))


@measure(
    "sessions-held", title=_("Sessions or editions of an event"), unit="count", parameter="event", model="events.event"
)
def sessions_held(reader, since: date, until: date, parameter: str) -> Measure:
    """Sessions of the working group, or editions of the public day or festival, that were held and began in the period."""
    return counted(_held(reader, since, until).filter(part_of__reference=parameter))


@measure(
    "civil-society-at-event",
    title=_("Participants of civil society at an event"),
    unit="count",
    parameter="event",
    model="events.event",
)
def civil_society_at_event(reader, since: date, until: date, parameter: str) -> Measure:
    """The bodies and groups of civil society recorded as taking part in the event, once it was held in the period."""
    held = _held(reader, since, until).filter(reference=parameter)
    present = _civil_society(reader, event__in=held.order_by().values("pk"))
    return Measure(present.count(), (held,))


@measure("network-meetings", title=_("Statutory meetings of networks held"), unit="count", model="events.event")
def network_meetings(reader, since: date, until: date, parameter: str) -> Measure:
    """Statutory meetings of any network that were held and began in the period."""
    return counted(_held(reader, since, until).filter(kind=EventKind.STATUTORY))


@measure(
    "meetings-of-network",
    title=_("Statutory meetings of a network held"),
    unit="count",
    parameter="network",
    model="events.event",
)
def meetings_of_network(reader, since: date, until: date, parameter: str) -> Measure:
    """Statutory meetings of the network that were held and began in the period."""
    return counted(_held(reader, since, until).filter(kind=EventKind.STATUTORY, network__slug=parameter))


# --- remembrance ---


def _remembrance(reader, since: date, until: date) -> QuerySet[Event]:
    return occasions.remembrance(reader).filter(actual_start__range=(since, until))


@measure("remembrance-events", title=_("Remembrance events"), unit="count", model="events.event")
def remembrance_events(reader, since: date, until: date, parameter: str) -> Measure:
    """Commemorations and inaugurations that were held and began in the period."""
    return counted(_remembrance(reader, since, until))


@measure(
    "remembrance-with-schools-or-associations",
    title=_("Remembrance events with schools or associations"),
    unit="percent",
    model="events.event",
)
def remembrance_with_schools_or_associations(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the remembrance events of the period, those in which schools, young people or associations took part (whole per
    cent)."""
    them = Participant.objects.visible_to(reader).filter(
        event=OuterRef("pk"), category__in=[CivilSociety.YOUTH, CivilSociety.ASSOCIATION]
    )
    whole = _remembrance(reader, since, until)
    return share(whole.filter(Exists(them)), whole)
