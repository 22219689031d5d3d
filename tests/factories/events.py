from datetime import date

import factory
from factory.django import DjangoModelFactory

from events import models as events
from events.enums import EventKind, ParticipantRole, PromiseSide, Quality, TravelMode
from tests.factories.core import SourceFactory, UserFactory
from tests.factories.partnerships import CityFactory, DeliberationFactory, PersonFactory, beyond


class MissionFactory(DjangoModelFactory):
    """An idea; `planned`, `confirmed` and `done` make it further along, without its gates having been passed."""

    class Meta:
        model = events.Mission

    class Params:
        planned = factory.Trait(status="planned")
        confirmed = factory.Trait(
            status="confirmed",
            planned_start=date(2015, 7, 6),
            planned_start_precision="day",
            planned_end=date(2015, 7, 9),
            planned_end_precision="day",
        )
        done = factory.Trait(
            status="done",
            actual_start=date(2015, 3, 2),
            actual_start_precision="day",
            actual_end=date(2015, 3, 5),
            actual_end_precision="day",
        )
        cancelled = factory.Trait(status="cancelled", cancelled_reason="Raison inventée.")

    reference = beyond("MIS-2015-{}")
    title_fr = factory.Sequence("Mission inventée {:05}".format)
    title_en = factory.Sequence("Invented mission {:05}".format)
    purpose_fr = "But inventé."


class DestinationFactory(DjangoModelFactory):
    class Meta:
        model = events.Destination

    mission = factory.SubFactory(MissionFactory)
    city = factory.SubFactory(CityFactory)


class EmissionFactorFactory(DjangoModelFactory):
    class Meta:
        model = events.EmissionFactor

    mode = TravelMode.TRAIN
    label_fr = factory.Sequence("Facteur inventé {:05}".format)
    label_en = factory.Sequence("Invented factor {:05}".format)
    kg_per_km = "0.01000"
    valid_from = date(2010, 1, 1)
    source = factory.SubFactory(SourceFactory)


class LegFactory(DjangoModelFactory):
    class Meta:
        model = events.Leg

    mission = factory.SubFactory(MissionFactory)
    mode = TravelMode.TRAIN
    origin = "Ici"
    destination = factory.Sequence("Ailleurs {:05}".format)


class DelegationFactory(DjangoModelFactory):
    """A visit that is planned; `confirmed` and `received` make it further along."""

    class Meta:
        model = events.Delegation

    class Params:
        confirmed = factory.Trait(status="confirmed", planned_start=date(2015, 7, 6), planned_start_precision="day")
        received = factory.Trait(status="received", actual_start=date(2015, 3, 2), actual_start_precision="day")

    reference = beyond("DEL-2015-{}")
    title_fr = factory.Sequence("Délégation inventée {:05}".format)
    title_en = factory.Sequence("Invented delegation {:05}".format)
    city = factory.SubFactory(CityFactory)


class ExpertiseFactory(DjangoModelFactory):
    class Meta:
        model = events.Expertise

    delegation = factory.SubFactory(DelegationFactory)
    what_fr = factory.Sequence("Savoir-faire inventé {:05}".format)


class EventFactory(DjangoModelFactory):
    """An event that is planned; `confirmed` and `held` make it further along."""

    class Meta:
        model = events.Event

    class Params:
        confirmed = factory.Trait(status="confirmed", planned_start=date(2015, 7, 6), planned_start_precision="day")
        held = factory.Trait(status="held", actual_start=date(2015, 3, 2), actual_start_precision="day")

    reference = beyond("EVT-2015-{}")
    title_fr = factory.Sequence("Événement inventé {:05}".format)
    title_en = factory.Sequence("Invented event {:05}".format)
    kind = EventKind.FORUM


class PreconditionFactory(DjangoModelFactory):
    class Meta:
        model = events.Precondition

    event = factory.SubFactory(EventFactory)
    what_fr = factory.Sequence("Préalable inventé {:05}".format)


class BidStageFactory(DjangoModelFactory):
    class Meta:
        model = events.BidStage

    event = factory.SubFactory(EventFactory, kind=EventKind.BID)
    title_fr = factory.Sequence("Étape inventée {:05}".format)


class CouncilSittingFactory(DjangoModelFactory):
    class Meta:
        model = events.CouncilSitting

    starts_on = factory.Sequence(lambda n: date(2000 + n % 150, 1 + n // 150 % 12, 15))
    ends_on = factory.LazyAttribute(lambda sitting: sitting.starts_on.replace(day=17))


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = events.Meeting

    class Params:
        held = factory.Trait(status="held", day=date(2015, 3, 3), day_precision="day")

    title_fr = factory.Sequence("Rencontre inventée {:05}".format)
    title_en = factory.Sequence("Invented meeting {:05}".format)


class MeetingNoteFactory(DjangoModelFactory):
    """A note for the department alone."""

    class Meta:
        model = events.MeetingNote

    meeting = factory.SubFactory(MeetingFactory)
    noted_on = date(2015, 3, 3)
    text = factory.Sequence("Note inventée {:05}.".format)


class ParticipantFactory(DjangoModelFactory):
    """Somebody of the civil society on a mission; `elected` with a mandate, `staff` with a mission order."""

    class Meta:
        model = events.Participant

    class Params:
        elected = factory.Trait(
            quality=Quality.ELECTED,
            mandate=factory.SubFactory(DeliberationFactory, voted_on=date(2015, 2, 9), voted_on_precision="day"),
        )
        staff = factory.Trait(quality=Quality.STAFF, order_number="OM-2015-1", ordered_on=date(2015, 2, 9))

    mission = factory.SubFactory(MissionFactory)
    role = ParticipantRole.MEMBER
    quality = Quality.CIVIL_SOCIETY
    person = factory.SubFactory(PersonFactory)


class ProgrammeItemFactory(DjangoModelFactory):
    class Meta:
        model = events.ProgrammeItem

    mission = factory.SubFactory(MissionFactory)
    what_fr = factory.Sequence("Visite inventée {:05}".format)


class TieFactory(DjangoModelFactory):
    class Meta:
        model = events.Tie

    mission = factory.SubFactory(MissionFactory)
    city = factory.SubFactory(CityFactory)


class OutcomeFactory(DjangoModelFactory):
    class Meta:
        model = events.Outcome

    mission = factory.SubFactory(MissionFactory)
    what_fr = factory.Sequence("Suite inventée {:05}.".format)


class PromiseFactory(DjangoModelFactory):
    """An open promise of our City, made on a mission; `kept` and `not_kept` settle it."""

    class Meta:
        model = events.Promise

    class Params:
        kept = factory.Trait(status="kept", closed_on=date(2015, 5, 4), proof_fr="Preuve inventée.")
        not_kept = factory.Trait(status="not-kept", closed_on=date(2015, 5, 4), closed_reason="Raison inventée.")

    reference = beyond("PRM-2015-{}")
    mission = factory.SubFactory(MissionFactory)
    side = PromiseSide.OURS
    what_fr = factory.Sequence("Promesse inventée {:05}".format)
    what_en = factory.Sequence("Invented promise {:05}".format)
    city = factory.SubFactory(CityFactory)


class CalendarSubscriptionFactory(DjangoModelFactory):
    class Meta:
        model = events.CalendarSubscription

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence("Tablette {:05}".format)
    token_digest = factory.Sequence("{:064x}".format)
