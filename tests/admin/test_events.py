"""Missions and events in the admin: a trip on one page, what is refused in its row, the ledger, what nobody may see."""

from datetime import date

import pytest
from django.urls import reverse

from core.roles import Role
from events.models import MeetingNote, Mission, Promise
from tests import factories as make
from tests.admin.conftest import _client
from tests.admin.forms import body, done, errors, filled, page, perform, queries, row_errors, rows

pytestmark = pytest.mark.django_db


def add(name: str) -> str:
    return reverse(f"admin:events_{name}_add")


def listed(name: str, question: str = "") -> str:
    return reverse(f"admin:events_{name}_changelist") + question


def elected(name: str, group=None):
    return make.PersonFactory(name=name, council_group=group)


# --- a trip ---


def test_an_officer_takes_a_trip_from_idea_to_done_and_records_two_promises(officer, settings):
    city, group = make.CityFactory(name_en="New Harbour"), make.CouncilGroupFactory(name="Group A")
    make.CouncilGroupFactory(name="Group B")
    mayor, agent = elected("Anne Invented", group), make.PersonFactory(name="Paul Invented")
    start = {
        "title_fr": "Voyage inventé",
        "purpose_fr": "Rencontrer la ville.",
        "emblematic": "on",
        **rows("destinations", {"stage": "planned", "city": city.pk}),
        **rows(
            "participants",
            {"person": mayor.pk, "quality": "elected", "role": "head"},
            {"person": agent.pk, "quality": "staff", "role": "member"},
        ),
        **rows("legs", {"mode": "train", "origin": "Here", "destination": "There"}),
        **rows("programmeitems", {"day": "2015-07-07", "starts_at": "10:00", "what_fr": "Visite"}),
        **rows("meetings", {"title_fr": "Rencontre", "kind": "bilateral", "city": city.pk, "agenda_fr": "Ordre"}),
        **rows("ties", {"city": city.pk}),
    }
    done(officer.post(add("mission"), filled(officer, add("mission"), **start)))
    mission = Mission.objects.get(title_fr="Voyage inventé")
    assert mission.status == "idea"
    parts = ("destinations", "participants", "legs", "programmeitems", "meetings", "ties")
    assert [getattr(mission, name).count() for name in parts] == [1, 2, 1, 1, 1, 1]
    done(perform(officer, mission, "plan"))
    days = {"planned_start": "2015-07-06", "planned_end": "2015-07-09"}

    refused = perform(officer, mission, "confirm", **days)
    told = str(refused.context["form"].errors)
    assert "Anne Invented has no special mandate (voted before the departure)." in told
    assert "Paul Invented has no mission order." in told
    done(officer.post(page(mission), filled(officer, page(mission), **days)))
    shown = officer.get(page(mission)).context["preparation"]
    assert [str(reason) for reason in shown.warnings] == [
        "Anne Invented has no special mandate (voted before the departure).",
        "Paul Invented has no mission order.",
    ]
    assert (
        [str(one) for one in shown.trip.coverage.represented],
        [str(one) for one in shown.trip.coverage.missing],
    ) == (
        ["Group A"],
        ["Group B"],
    )

    vote = make.DeliberationFactory(voted_on=date(2015, 5, 26), voted_on_precision="day")
    order = {"participants-0-mandate": vote.pk, "participants-1-order_number": "OM-7"}
    done(officer.post(page(mission), filled(officer, page(mission), **order)))
    assert officer.get(page(mission)).context["preparation"].warnings == []
    done(perform(officer, mission, "confirm", **days))

    settings.TODAY = date(2015, 7, 20)
    took_place = {"actual_start": "2015-07-06", "actual_end": "2015-07-09", "actual_cost": "18000"}
    unsettled = perform(officer, mission, "complete", **took_place)
    assert "“Rencontre” is neither held nor cancelled." in str(unsettled.context["form"].errors)
    done(perform(officer, mission.meetings.get(), "hold", day="2015-07-07"))
    done(perform(officer, mission, "complete", **took_place))
    promised = rows(
        "promises",
        {"side": "ours", "what_fr": "Envoyer un dossier", "city": city.pk, "made_on": "2015-07-07"},
        {"side": "theirs", "what_fr": "Prêter une œuvre", "city": city.pk, "due_on": "2016-03-01"},
    )
    done(officer.post(page(mission), filled(officer, page(mission), **promised)))
    ledger = officer.get(listed("promise", f"?city={city.slug}"))
    assert [(promise.reference, promise.side) for promise in ledger.context["cl"].result_list] == [
        ("PRM-2015-0002", "theirs"),
        ("PRM-2015-0001", "ours"),
    ]
    mission.refresh_from_db()
    assert (mission.status, mission.actual_cost, mission.destinations.filter(stage="actual").count()) == (
        "done",
        18000,
        1,
    )


def test_what_a_row_of_a_trip_may_not_say_is_refused_beside_its_field(officer):
    mission = make.MissionFactory(confirmed=True)
    city, person, group = make.CityFactory(), make.PersonFactory(), make.CouncilGroupFactory()
    factor = make.EmissionFactorFactory(mode="plane")
    opened = filled(officer, page(mission))
    for prefix, row, field, sentence in (
        ("participants", {"person": person.pk, "quality": "elected", "role": "member"}, "mandate", "special mandate"),
        ("participants", {"person": person.pk, "quality": "staff", "role": "member"}, "order_number", "mission order"),
        ("participants", {"person": person.pk, "role": "member"}, "quality", "in what quality each traveller goes"),
        (
            "participants",
            {"person": person.pk, "quality": "civil-society", "council_group": group.pk, "role": "member"},
            "council_group",
            "Only elected members represent a group",
        ),
        (
            "destinations",
            {"stage": "planned", "arrives_on": "2015-07-06"},
            "__all__",
            "A destination is a city, a country or an area.",
        ),
        (
            "destinations",
            {"stage": "planned", "city": city.pk, "arrives_on": "2015-07-01"},
            "arrives_on",
            "outside the dates of the mission",
        ),
        ("ties", {"city": city.pk, "network": make.NetworkFactory().pk}, "__all__", "one record"),
        ("outcomes", {"what_fr": "Suite", "led_to_mission": mission.pk}, "__all__", "cannot lead back to it"),
        ("promises", {"side": "ours", "what_fr": "Promesse"}, "city", "Say with whom"),
        ("programmeitems", {"what_fr": "Visite", "starts_at": "10:00"}, "day", "A time needs its day."),
        (
            "legs",
            {
                "mode": "train",
                "origin": "A",
                "destination": "B",
                "factor": factor.pk,
                "distance_km": "9",
                "passengers": "1",
            },
            "factor",
            "another means of transport",
        ),
    ):
        already = getattr(mission, prefix).count()
        answer = officer.post(page(mission), opened | rows(prefix, row, already=already))
        assert sentence in str(row_errors(answer, prefix, already)[field]), (prefix, field)
        assert getattr(mission, prefix).count() == already


def test_a_new_row_is_called_by_its_number_as_every_language_writes_it(officer):
    shown = body(officer, add("mission"))
    assert 'Traveller <span class="stacked-counter">' in shown
    assert ": #" not in shown


def test_the_same_is_refused_of_a_trip_that_is_being_added(officer):
    traveller = rows("participants", {"person": make.PersonFactory().pk, "role": "member"})
    answer = officer.post(add("mission"), filled(officer, add("mission"), title_fr="Voyage", **traveller))
    assert "in what quality each traveller goes" in str(row_errors(answer, "participants", 0)["quality"])
    assert not Mission.objects.exists()


def test_a_trip_knows_who_is_expected_elsewhere_what_it_emits_and_what_is_still_promised(officer):
    city, person = make.CityFactory(), make.PersonFactory(name="Anne Invented")
    dates = {"planned_start": date(2015, 7, 6), "planned_start_precision": "day"}
    trip = make.MissionFactory(planned=True, title_en="Trip", **dates)
    make.DestinationFactory(mission=trip, city=city)
    elsewhere = make.EventFactory(title_en="Summit elsewhere", planned_city=make.CityFactory(), **dates)
    make.ParticipantFactory(mission=trip, person=person)
    make.ParticipantFactory(mission=None, event=elsewhere, person=person)
    factor = make.EmissionFactorFactory(mode="plane", kg_per_km="0.15200")
    make.LegFactory(mission=trip, mode="plane", distance_km=5837, passengers=6, factor=factor)
    make.LegFactory(mission=trip)
    earlier = make.MissionFactory(done=True)
    make.OutcomeFactory(mission=earlier, led_to_mission=trip, what_fr="Un retour", what_en="A return")
    promise = make.PromiseFactory(mission=earlier, city=city)
    answer = officer.get(page(trip))
    cards = {
        str(part.title): [(line.link, line.note) for line in part.lines] for part in answer.context["preparation"].cards
    }
    assert cards == {
        "Expected in two places": [(page(elsewhere), "Anne Invented, on 6 July 2015")],
        "Open promises with these cities": [(page(promise), "our City promised")],
        "What led to it": [(page(earlier), "A return")],
    }
    shown = answer.content.decode()
    assert "5,323 kg CO2e" in shown
    assert "1 leg without emission factor is not counted." in shown


# --- delegations, events, meetings ---


def test_a_delegation_needs_a_host_and_shows_who_receives_it(officer):
    delegation = make.DelegationFactory(planned_start=date(2015, 5, 18), planned_start_precision="day")
    assert "No host is named." in body(officer, page(delegation))
    inside = rows("participants", {"role": "host", "quality": "staff", "person": make.PersonFactory().pk}) | rows(
        "expertise", {"what_fr": "Eau"}
    )
    done(officer.post(page(delegation), filled(officer, page(delegation), **inside)))
    done(perform(officer, delegation, "confirm", planned_start="2015-05-18"))
    done(perform(officer, delegation, "receive", actual_start="2015-05-18"))
    assert officer.get(page(delegation, "delete")).status_code == 403
    lacking = officer.post(add("delegation"), filled(officer, add("delegation"), title_fr="Sans origine"))
    assert "Say where the delegation comes from" in errors(lacking)


def test_sessions_are_added_from_their_working_group(officer):
    group, bid = make.EventFactory(kind="working-group", title_en="The group"), make.EventFactory(kind="bid")
    assert "add-part" in body(officer, page(group))
    assert "add-part" not in body(officer, page(bid))
    address = officer.get(reverse("admin:events_event_add_part", args=[group.pk]))["Location"]
    typed = filled(officer, address, title_fr="Séance")
    assert (typed["part_of"], typed["kind"]) == (str(group.pk), "session")
    for kind, sentence in (("", "required"), ("forum", "A session is part of a working group")):
        assert sentence in errors(officer.post(address, typed | {"kind": kind}))
    done(officer.post(address, typed))
    assert [line.text for line in officer.get(page(group)).context["preparation"].cards[0].lines] == [
        str(group.parts.get())
    ]


def test_only_a_bid_has_stages_and_a_precondition_bars_the_way(officer):
    bid, forum = make.EventFactory(kind="bid"), make.EventFactory()
    prefixes = [
        {inline.formset.prefix for inline in officer.get(page(event)).context["inline_admin_formsets"]}
        for event in (bid, forum)
    ]
    assert ["stages" in found for found in prefixes] == [True, False]
    typed = rows("preconditions", {"what_fr": "Vote du Conseil"}) | rows("stages", {"title_fr": "Lettre"})
    done(officer.post(page(bid), filled(officer, page(bid), **typed)))
    refused = perform(officer, bid, "confirm", planned_start="2015-09-01")
    assert "A precondition is not met: Vote du Conseil." in str(refused.context["form"].errors)


def test_a_meeting_is_reached_from_its_trip_and_leads_back_to_it(officer):
    meeting = make.MeetingFactory(mission=make.MissionFactory())
    note = {"noted_on": "2015-05-20", "audience": "staff", "text": "They hesitate."}
    answer = officer.post(page(meeting), filled(officer, page(meeting), **rows("notes", note)))
    assert answer["Location"] == page(meeting.mission) + "#meetings"
    assert page(meeting) in body(officer, page(meeting.mission))
    alone = make.MeetingFactory()
    answer = officer.post(page(alone), filled(officer, page(alone)))
    assert answer["Location"] == listed("meeting")
    assert officer.get(page(make.MeetingFactory(held=True), "delete")).status_code == 403
    twice = filled(officer, page(meeting), event=make.EventFactory().pk)
    assert "one mission, delegation or event, or to none" in errors(officer.post(page(meeting), twice))


def test_notes_of_a_meeting_outside_the_audience_are_nowhere(officer, auditor):
    meeting = make.MeetingFactory()
    make.MeetingNoteFactory(meeting=meeting, text="Hidden words", audience="staff")
    make.MeetingNoteFactory(meeting=meeting, text="Open words", audience="city")
    for address in (page(meeting), page(meeting, "history")):
        assert "Hidden words" in body(officer, address)
        assert "Open words" in body(auditor, address)
        assert "Hidden words" not in body(auditor, address)
    MeetingNote.objects.filter(text="Hidden words").delete()
    assert "Hidden words" not in body(auditor, page(meeting, "history"))
    for question in ("?notes__text__startswith=H", "?notes__isnull=False"):
        assert auditor.get(listed("meeting", question)).status_code == 302


# --- the ledger ---


VIEWS = ("open", "overdue", "ours", "theirs")


def test_a_promise_is_kept_with_its_proof_and_stays_in_the_ledger(officer):
    promise = make.PromiseFactory(due_on=date(2015, 4, 1), due_on_precision="month")
    other = make.PromiseFactory(side="theirs")
    shown = {name: set(officer.get(listed("promise", f"?view={name}")).context["cl"].result_list) for name in VIEWS}
    assert shown == {"open": {promise, other}, "overdue": {promise}, "ours": {promise}, "theirs": {other}}
    refused = perform(officer, promise, "keep", closed_on="2015-05-20")
    assert "Say what proves it" in str(refused.context["form"].errors["proof_fr"])
    done(perform(officer, promise, "keep", closed_on="2015-05-20", proof_fr="Lettre du 20 mai"))
    assert officer.get(page(promise, "delete")).status_code == 403
    refused = perform(officer, other, "release", closed_on="2015-05-20")
    assert refused.context["form"].errors["reason"] == ["Say why."]
    done(perform(officer, other, "release", closed_on="2015-05-20", reason="No longer needed"))
    assert "No longer needed" in body(officer, page(other))
    assert officer.get(listed("promise", "?status__exact=kept")).context["cl"].result_count == 1


def test_whoever_instructs_grants_notes_promises_and_changes_no_trip():
    client, promise = _client(Role.SOLIDARITY_OFFICER), make.PromiseFactory()
    done(client.post(page(promise), filled(client, page(promise), what_fr="Autrement")))
    assert client.post(page(promise.mission), {}).status_code == 403
    assert client.get(page(promise, "delete")).status_code == 403
    assert Promise.objects.get().what_fr == "Autrement"


# --- lists, the start page, and how often is asked ---


def test_lists_are_narrowed_by_city_and_by_year(officer):
    city, other = make.CityFactory(), make.CityFactory()
    dates = {"planned_start": date(2015, 7, 6), "planned_start_precision": "day"}
    trip = make.DestinationFactory(city=city, mission=make.MissionFactory(**dates)).mission
    make.DestinationFactory(city=other, mission=make.MissionFactory(done=True, actual_start=date(2014, 3, 2)))
    delegation, event = make.DelegationFactory(city=city), make.EventFactory(planned_city=city)
    meeting = make.MeetingFactory(city=city)
    make.DelegationFactory(), make.EventFactory(planned_city=other), make.MeetingFactory(city=other)
    for name, record in (("mission", trip), ("delegation", delegation), ("event", event), ("meeting", meeting)):
        assert list(officer.get(listed(name, f"?city={city.slug}")).context["cl"].result_list) == [record]
        assert officer.get(listed(name, "?city=no-such-city")).context["cl"].result_count == 0
    assert list(officer.get(listed("mission", "?year=2015")).context["cl"].result_list) == [trip]
    assert officer.get(listed("mission", "?year=nonsense")).context["cl"].result_count == 0


def test_the_start_page_says_who_leaves_without_a_mandate_and_what_is_overdue(officer):
    soon = make.MissionFactory(planned=True, planned_start=date(2015, 7, 6), planned_start_precision="day")
    make.ParticipantFactory(mission=soon, quality="elected", person=elected("Anne Invented"))
    past = make.MissionFactory(planned_start=date(2014, 1, 1), planned_start_precision="year")
    make.ParticipantFactory(mission=past, quality="elected", person=elected("Paul Invented"))
    make.PromiseFactory(mission=past, due_on=date(2015, 5, 4), due_on_precision="day")
    cards = {card.title: card for card in officer.get(reverse("admin:index")).context["cards"]}
    late = cards["Missions that leave soon: mandates and orders that are missing"]
    assert [line.link for line in late.lines] == [page(soon)]
    counted = {"Missions ahead": 2, "Overdue promises": 1}
    assert {title: cards[title].count for title in counted} == counted


def test_lists_ask_a_fixed_number_of_times(officer):
    def fill() -> None:
        city = make.CityFactory()
        trip = make.DestinationFactory(city=city, mission__planned=True).mission
        make.ParticipantFactory(mission=trip, elected=True)
        make.PromiseFactory(city=city)
        for kind, record in (("event", make.EventFactory(planned_city=city)), ("delegation", make.DelegationFactory())):
            make.ParticipantFactory(mission=None, **{kind: record}, role="host", person__name="Somebody")
        make.MeetingFactory(event=make.EventFactory(network=make.NetworkFactory()), city=city)

    fill()
    names = ("mission", "delegation", "event", "meeting", "promise")
    few = [queries(officer, listed(name)) for name in names]
    for _number in range(3):
        fill()
    assert [queries(officer, listed(name)) for name in names] == few == [11, 11, 11, 10, 9]
