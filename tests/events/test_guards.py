"""What each verb of the lives needs: every guard with its reasons, each beside its field."""

from datetime import date

import pytest

from core.access import ApiClient
from events import rules, services
from events.enums import MEETING_LIFE, MISSION_LIFE
from events.models import Destination
from tests import factories as make
from tests.cooperation.lives import refuses
from tests.events.lives import LEAVES, LIVES, PLANNED_DAYS, RETURNS, TODAY, WHY, at, bare, given, voted

pytestmark = pytest.mark.django_db

FUTURE = ("This has not happened yet: the date is in the future.",)
NO_DAY = ("The day of the beginning is missing.", "planned_start")
NOT_BEGUN = ("The day on which it began is missing.", "actual_start")
UNMET = ("A precondition is not met: Climat.", "preconditions")
NO_DATE = ("The date is missing.", "closed_on")
BEEN_THERE = ("Places where it went are recorded: record that it took place, or take them away.", "destinations")


# --- what each verb needs ---


def travelling(**traveller):
    """A planned mission with its days and its destination, and one traveller."""
    mission = make.MissionFactory(planned=True, **PLANNED_DAYS)
    make.DestinationFactory(mission=mission)
    make.ParticipantFactory(mission=mission, person__name="Ada", **traveller)
    return mission


def elected(day, precision="day"):
    return lambda: travelling(quality="elected", mandate=voted(day, precision))


def with_precondition():
    event = make.EventFactory(**PLANNED_DAYS)
    make.PreconditionFactory(event=event, what_fr="Climat", what_en="")
    return event


def been_somewhere():
    mission = at("mission", "confirmed")
    make.DestinationFactory(mission=mission, stage="actual")
    return mission


def left_uncovered():
    mission = at("mission", "done")
    make.ParticipantFactory(mission=mission, person__name="Bob", quality="elected", uncovered_reason="invented")
    return mission


def about_to_leave():
    mission = make.MissionFactory(confirmed=True)
    make.ParticipantFactory(mission=mission, person__name="Ada", elected=True)
    return mission


def moved(state, status_of_meeting="planned"):
    """A mission of 6 to 9 July with rows of other days, and rows that lie well."""
    mission = at("mission", state)
    rome = {"city__name_fr": "Rome", "city__name_en": "Rome"}
    was = make.MissionFactory(planned=True)
    place = make.DestinationFactory(mission=was, arrives_on=date(2015, 7, 5), **rome)
    Destination.objects.filter(pk=place.pk).update(mission=mission)
    make.LegFactory(mission=mission, origin="A", destination="B", leaves_on=date(2015, 7, 10))
    make.ProgrammeItemFactory(mission=mission, what_fr="Visite", day=date(2015, 7, 5))
    cancelled = {"status": "cancelled", "cancelled_reason": WHY, "day": date(2014, 1, 1), "day_precision": "day"}
    make.MeetingFactory(mission=mission, **cancelled)
    if status_of_meeting == "held":
        days = {"day": date(2015, 5, 3), "day_precision": "day"}
    else:
        days = {"day": date(2015, 6, 1), "day_precision": "month"}
        make.LegFactory(mission=mission, leaves_on=RETURNS)
        make.ProgrammeItemFactory(mission=mission, day=LEAVES)
        make.ProgrammeItemFactory(mission=mission)
        make.MeetingFactory(mission=mission, day=date(2015, 7, 1), day_precision="month")
    make.MeetingFactory(mission=mission, title_en="Talk", status=status_of_meeting, **days)
    return mission


def unsettled():
    mission = make.MissionFactory(confirmed=True, planned_start=date(2015, 5, 4), planned_end=TODAY)
    make.MeetingFactory(mission=mission, title_en="Talk")
    make.MeetingFactory(mission=mission, held=True, day=TODAY)
    make.MeetingFactory(mission=mission, status="cancelled", cancelled_reason=WHY)
    return mission


def fruitful(kind, state):
    record = at(kind, state)
    of_it = {"mission": None} | {kind: record}
    make.OutcomeFactory(**of_it)
    meeting = make.MeetingFactory(held=True, title_en="Talk", **{kind: record})
    make.MeetingFactory(**{kind: record})
    make.PromiseFactory(reference=f"PRM-{kind.upper()}-1", what_en="Bread", **of_it)
    make.PromiseFactory(reference=f"PRM-{kind.upper()}-2", what_en="Wine", mission=None, meeting=meeting)
    return record


def said_there():
    meeting = at("meeting", "held")
    make.PromiseFactory(reference="PRM-MEETING-1", what_en="Bread", mission=None, meeting=meeting)
    return meeting


def noted_there():
    meeting = at("meeting", "held")
    make.MeetingNoteFactory(meeting=meeting)
    return meeting


NO_RETURN = ("The day of the return is missing.", "planned_end")
NO_MANDATE = ("Bob has no special mandate (voted before the departure).", "participants")
TOO_SOON = ("The special mandate of Ada is not voted before the departure of 9 February 2015.", "participants")
SAID = (
    "If somebody did leave so, say why in the row of that traveller: the lack stays shown, with the reason.",
    "participants",
)
OUTSIDE = "“%s” of %s lies outside the days of the mission."
NOTED = ("What was said is noted: take the notes away first.", "notes")


def promised(kind, number, what):
    return (f"It was promised there: PRM-{kind.upper()}-{number} — {what}.", "promises")


def came(kind):
    return [
        ("What came out of it is recorded: take it away first.", "outcomes"),
        ("“Talk” was held.", "meetings"),
        promised(kind, 1, "Bread"),
        promised(kind, 2, "Wine"),
    ]


LATE = ("The special mandate of Ada is not voted before the departure of 6 July 2015.", "participants")
# guard, kind, verb, the record, what is said besides, the reason
GUARDS = [
    (
        "says_where_and_why",
        "mission",
        "plan",
        lambda: bare("mission", "idea", purpose_fr=" "),
        {},
        [("The purpose is missing.", "purpose_fr"), ("No destination is named.", "destinations")],
    ),
    (
        "says_where_and_why",
        "mission",
        "confirm",
        lambda: at("mission", "planned", purpose_fr=""),
        {},
        [("The purpose is missing.", "purpose_fr")],
    ),
    (
        "has_its_days",
        "mission",
        "confirm",
        lambda: at("mission", "planned", planned_start=date(2015, 7, 1), planned_start_precision="month"),
        {},
        [NO_DAY],
    ),
    (
        "has_its_return",
        "mission",
        "confirm",
        lambda: at("mission", "planned", planned_end=None, planned_end_precision="unknown"),
        {},
        [NO_RETURN],
    ),
    (
        "somebody_travels",
        "mission",
        "confirm",
        lambda: (
            make.DestinationFactory(
                mission__planned=True,
                mission__planned_start=LEAVES,
                **{f"mission__{name}": value for name, value in PLANNED_DAYS.items() if name != "planned_start"},
            ).mission
        ),
        {},
        [("Nobody travels yet.", "participants")],
    ),
    (
        "travellers_are_covered",
        "mission",
        "confirm",
        lambda: travelling(quality="elected"),
        {},
        [("Ada has no special mandate (voted before the departure).", "participants")],
    ),
    (
        "travellers_are_covered",
        "mission",
        "confirm",
        lambda: travelling(quality="staff"),
        {},
        [("Ada has no mission order.", "participants")],
    ),
    (
        "travellers_are_covered",
        "mission",
        "confirm",
        elected(None),
        {},
        [("The special mandate of Ada has no date of vote.", "participants")],
    ),
    (
        "travellers_are_covered",
        "mission",
        "confirm",
        elected(date(2015, 6, 2)),
        {},
        [("The special mandate of Ada has not been voted yet.", "participants")],
    ),
    ("travellers_are_covered", "mission", "confirm", elected(date(2015, 1, 1), "year"), {}, [LATE]),
    ("travellers_are_covered", "mission", "confirm", elected(date(2015, 6, 1), "season"), {}, [LATE]),
    (
        "travellers_are_covered",
        "mission",
        "confirm",
        elected(date(2015, 5, 4)),
        {"planned_start": date(2015, 5, 4)},
        [(LATE[0].replace("6 July", "4 May"), "participants")],
    ),
    (
        "has_its_days",
        "mission",
        "reopen",
        lambda: bare("mission", "done", actual_start_precision="unknown"),
        {"reason": WHY},
        [NO_DAY, NO_RETURN],
    ),
    (
        "has_its_return",
        "mission",
        "reopen",
        lambda: at("mission", "done", planned_end=None, planned_end_precision=""),
        {"reason": WHY},
        [NO_RETURN],
    ),
    ("travellers_are_covered", "mission", "reopen", left_uncovered, {"reason": WHY}, [NO_MANDATE]),
    (
        "travellers_were_covered",
        "mission",
        "complete",
        about_to_leave,
        {"actual_start": date(2015, 2, 9)},
        [TOO_SOON, SAID],
    ),
    (
        "rows_lie_within_its_days",
        "mission",
        "confirm",
        lambda: moved("planned"),
        {},
        [
            (OUTSIDE % ("Rome", "5 July 2015"), "destinations"),
            (OUTSIDE % ("A – B", "10 July 2015"), "legs"),
            (OUTSIDE % ("Visite", "5 July 2015"), "programmeitems"),
            (OUTSIDE % ("Talk", "June 2015"), "meetings"),
        ],
    ),
    (
        "rows_lie_within_its_days",
        "mission",
        "complete",
        lambda: moved("confirmed", status_of_meeting="held"),
        {"actual_start": date(2015, 5, 4), "actual_end": date(2015, 5, 6)},
        [
            (OUTSIDE % ("A – B", "10 July 2015"), "legs"),
            (OUTSIDE % ("Visite", "5 July 2015"), "programmeitems"),
            (OUTSIDE % ("Talk", "3 May 2015"), "meetings"),
        ],
    ),
    (
        "its_meetings_are_settled",
        "mission",
        "complete",
        unsettled,
        {"actual_start": date(2015, 5, 4)},
        [("“Talk” is neither held nor cancelled.", "meetings")],
    ),
    *(
        ("nothing_came_of_it", kind, "reopen", lambda k=kind, s=state: fruitful(k, s), {"reason": WHY}, came(kind))
        for kind, state in (("mission", "done"), ("delegation", "received"), ("event", "held"))
    ),
    (
        "has_its_days",
        "delegation",
        "reopen",
        lambda: bare("delegation", "received", actual_start_precision="unknown"),
        {"reason": WHY},
        [NO_DAY],
    ),
    ("nothing_was_promised_there", "meeting", "reopen", said_there, {"reason": WHY}, [promised("meeting", 1, "Bread")]),
    ("nothing_was_said", "meeting", "reopen", noted_there, {"reason": WHY}, [NOTED]),
    ("has_been_nowhere", "mission", "replan", been_somewhere, {"reason": WHY}, [BEEN_THERE]),
    ("has_been_nowhere", "mission", "cancel", been_somewhere, {"reason": WHY}, [BEEN_THERE]),
    *(
        ("says_when_it_was", kind, verb, lambda k=kind: at(k, "confirmed"), {}, [NOT_BEGUN])
        for kind, verb in (("mission", "complete"), ("delegation", "receive"), ("event", "hold"))
    ),
    *(
        (
            "says_when_it_was",
            kind,
            verb,
            lambda k=kind: at(k, "confirmed"),
            {"actual_start": date(2015, 6, 2), "actual_end": date(2015, 6, 3)},
            [(*FUTURE, "actual_start"), (*FUTURE, "actual_end")],
        )
        for kind, verb in (("mission", "complete"), ("delegation", "receive"), ("event", "hold"))
    ),
    (
        "has_its_days",
        "delegation",
        "confirm",
        lambda: at("delegation", "planned", planned_start=None, planned_start_precision=""),
        {},
        [NO_DAY],
    ),
    (
        "has_a_host",
        "delegation",
        "confirm",
        lambda: bare("delegation", "planned", **PLANNED_DAYS),
        {},
        [("No host is named.", "participants")],
    ),
    ("has_its_days", "event", "confirm", lambda: bare("event", "planned"), {}, [NO_DAY]),
    ("preconditions_are_met", "event", "confirm", with_precondition, {}, [UNMET]),
    ("preconditions_are_met", "event", "hold", with_precondition, {"actual_start": date(2015, 5, 4)}, [UNMET]),
    ("has_a_day", "meeting", "hold", lambda: bare("meeting", "planned"), {}, [("The date is missing.", "day")]),
    (
        "has_a_day",
        "meeting",
        "hold",
        lambda: bare("meeting", "planned"),
        {"day": date(2015, 6, 2)},
        [(*FUTURE, "day")],
    ),
    *(
        ("says_when_settled", "promise", verb, lambda: at("promise", "open"), {"closed_on": None}, [NO_DATE])
        for verb in ("keep", "break_off", "release")
    ),
    (
        "says_when_settled",
        "promise",
        "keep",
        lambda: at("promise", "open"),
        {"closed_on": date(2015, 6, 2)},
        [(*FUTURE, "closed_on")],
    ),
    (
        "says_when_settled",
        "promise",
        "release",
        lambda: at("promise", "open", made_on=date(2015, 5, 5), made_on_precision="day"),
        {},
        [("It cannot be settled before it was made.", "closed_on")],
    ),
    (
        "is_proved",
        "promise",
        "keep",
        lambda: at("promise", "open"),
        {"proof_fr": "  "},
        [("Say what proves it, or attach a document.", "proof_fr")],
    ),
]


class TestGuards:
    def test_it_is_refused_with_every_reason_and_its_field(self, officer):
        for guard, kind, verb, made, said, reasons in GUARDS:
            values = said if "actual_start" in LIVES[kind].transition(verb).fields else given(kind, verb) | said
            assert refuses(LIVES[kind], made(), verb, officer, **values) == reasons, (guard, kind, verb)

    def test_no_guard_is_left_without_a_case(self):
        declared = {
            (guard.__name__, kind, verb)
            for kind, life in LIVES.items()
            for guards in (life.guards, life.actor_guards)
            for verb, found in guards.items()
            for guard in found
        }
        assert declared == {(guard, kind, verb) for guard, kind, verb, *_ in GUARDS}

    @pytest.mark.parametrize("audience", ["staff", "deputies", "city"])
    def test_whoever_may_not_read_every_note_does_not_learn_whether_there_are_any(self, audience):
        system = ApiClient("invented", "Invented system", frozenset({"events:read", "events:write"}))
        without, noted = at("meeting", "held"), at("meeting", "held")
        make.MeetingNoteFactory(meeting=noted, audience=audience)
        told = [MEETING_LIFE.missing(meeting, "reopen", system) for meeting in (without, noted)]
        only = "Only somebody who may read every note of a meeting sets it back."
        assert told == [(rules.Reason(only, "notes"),)] * 2
        assert refuses(MEETING_LIFE, noted, "reopen", system, reason=WHY) == [(only, "notes")]

    def test_stopping_going_back_and_not_keeping_need_a_reason(self, officer):
        for kind, life in LIVES.items():
            for step in life.transitions:
                if step.needs_reason:
                    values = given(kind, step.verb) | {"reason": "  "}
                    refused = refuses(life, at(kind, step.sources[0]), step.verb, officer, **values)
                    assert refused == [("Say why.", "reason")], (kind, step.verb)

    def test_a_mandate_voted_the_day_before_is_in_time(self, officer):
        mission = elected(date(2015, 5, 31))()
        assert services.confirm_mission(mission, actor=officer, planned_start=TODAY).status == "confirmed"

    def test_before_the_departure_no_meeting_has_to_be_settled(self):
        mission = at("mission", "confirmed")
        make.MeetingFactory(mission=mission)
        assert MISSION_LIFE.missing(mission, "complete") == (rules.Reason(*NOT_BEGUN),)

    def test_a_document_proves_as_well_as_words(self, officer):
        promise = at("promise", "open")
        make.DocumentFactory(record=promise)
        kept = services.keep_promise(promise, actor=officer, closed_on=TODAY)
        assert (kept.status, kept.closed_on, kept.proof_fr) == ("kept", TODAY, "")

    def test_from_45_days_before_the_departure_what_is_missing_is_told(self):
        for days, told in ((46, False), (45, True), (0, True), (-1, False)):
            mission = travelling(quality="elected")
            mission.planned_start = date.fromordinal(TODAY.toordinal() + days)
            mission.planned_start_precision = "day"
            assert bool(rules.mandate_warnings(mission)) is told, days
        mission.planned_start, mission.planned_start_precision = TODAY.replace(day=1), "month"
        assert rules.mandate_warnings(mission) == []
        assert rules.mandate_warnings(at("mission", "confirmed")) == []
        assert rules.mandate_warnings(make.MissionFactory()) == []
