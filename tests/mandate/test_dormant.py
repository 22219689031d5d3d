"""Which partnerships sleep: every sign of life wakes one, on the day from which it counts, and a decision silences it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from core.access import ApiClient
from core.roles import Role
from mandate.decisions import told
from mandate.decisions import waiting as waiting_decisions
from mandate.enums import SignKind
from mandate.selectors.dormant import dormant, partnership_cities, waiting
from mandate.selectors.signs import FINDERS, last_signs
from partnerships.models import Deliberation
from solidarity.models import Grant
from tests import factories as make
from tests.solidarity.lives import grant_in, pay

pytestmark = pytest.mark.django_db

# It is 1 June 2015, and 18 months ago it was 1 December 2013.
LAST, BEFORE = date(2013, 12, 1), date(2013, 11, 30)
OPEN = {"mission": None}


@pytest.fixture
def partner():
    return make.RelationFactory(city__name_en="Example City").city


def found(reader, **asked) -> list[tuple]:
    """Of each dormant partnership the city, and what happened last."""
    return [(row.city, row.last.kind if row.last else None) for row in dormant(reader, **asked)]


def on(day: date | None, name: str, precision: str = "day") -> dict:
    return {name: day, f"{name}_precision": precision}


# --- what a partnership is ---


def test_a_relation_of_partnership_or_a_live_agreement_with_a_city_makes_one(officer):
    partner = make.RelationFactory(kind="strengthening").city
    twin = make.AgreementPartyFactory(agreement__signed=True, agreement__kind="twinning", city=make.CityFactory()).city
    for kind in ("comparator", "promising", "project-city"):
        make.RelationFactory(kind=kind)
    make.RelationFactory(until=date(2015, 5, 31), until_precision="day")
    make.RelationFactory(since=date(2015, 7, 1), since_precision="month")
    make.AgreementPartyFactory(agreement__signed=True, agreement__kind="cofunding", city=make.CityFactory())
    make.AgreementPartyFactory(agreement__kind="friendship", city=make.CityFactory())
    make.AgreementPartyFactory(agreement__signed=True, role="beneficiary", city=make.CityFactory())
    assert set(partnership_cities(officer)) == {partner, twin}


# --- signs of life ---


def _mission(city, day):
    mission = make.MissionFactory(done=True, **on(day, "actual_start"), **on(day, "actual_end"))
    make.DestinationFactory(mission=mission, city=city)


def _tied(city, day):
    mission = make.MissionFactory(done=True, **on(day, "actual_start"), **on(None, "actual_end", ""))
    make.TieFactory(mission=mission, city=city)


def _delegation(city, day):
    make.DelegationFactory(received=True, city=city, **on(day, "actual_start"))


def _held(city, day):
    make.EventFactory(held=True, held_city=city, **on(day, "actual_start"))


def _planned_there(city, day):
    make.EventFactory(held=True, planned_city=city, **on(day, "actual_start"))


def _takes_part(city, day):
    event = make.EventFactory(held=True, **on(day, "actual_start"))
    make.ParticipantFactory(**OPEN, event=event, city=city, person=None, quality="")


def _meeting(city, day):
    make.MeetingFactory(held=True, city=city, **on(day, "day"))


def _project(city, day):
    project = make.ProjectFactory(
        stage="completed",
        deliberation=make.DeliberationFactory(),
        **on(day.replace(year=2010), "actual_start"),
        **on(day, "actual_end"),
    )
    make.ProjectCityFactory(project=project, city=city)


def _culture(city, day):
    project = make.CulturalProjectFactory(status="past", **on(day, "ends_on"))
    make.CulturalDestinationFactory(project=project, city=city)


def _exchange(city, day):
    make.EditionFactory(city=city, year=day.year, **on(day, "starts_on"))


def _grant(city, day):
    grant = grant_in("proposed")
    make.GrantPlaceFactory(grant=grant, city=city)
    vote = make.DeliberationFactory(**on(day, "voted_on"))
    type(grant).objects.filter(pk=grant.pk).update(stage="voted", deliberation=vote)


def _funding(city, day):
    line = make.FundingLineFactory(project=make.ProjectCityFactory(city=city).project)
    make.MovementFactory(line=line, on=day)


def _funding_of_part(city, day):
    whole = make.ProjectCityFactory(city=city).project
    make.MovementFactory(line=make.FundingLineFactory(project=make.ProjectFactory(parent=whole)), on=day)


def _paid_by_city(city, day):
    line = make.FundingLineFactory(kind="partner-city", city=city)
    make.MovementFactory(line=line, on=day)


def _agreement(city, day):
    kind = "friendship" if city.parties.exists() else "cooperation"
    make.AgreementPartyFactory(agreement__signed=True, agreement__signed_on=day, agreement__kind=kind, city=city)


def _relation(city, day):
    make.RelationFactory(city=city, **on(day, "since"))


SIGNS = {
    _mission: SignKind.MISSION,
    _tied: SignKind.MISSION,
    _delegation: SignKind.DELEGATION,
    _held: SignKind.EVENT,
    _planned_there: SignKind.EVENT,
    _takes_part: SignKind.EVENT,
    _meeting: SignKind.MEETING,
    _project: SignKind.PROJECT,
    _culture: SignKind.CULTURE,
    _exchange: SignKind.EXCHANGE,
    _grant: SignKind.GRANT,
    _funding: SignKind.FUNDING,
    _funding_of_part: SignKind.FUNDING,
    _paid_by_city: SignKind.FUNDING,
    _agreement: SignKind.AGREEMENT,
    _relation: SignKind.RELATION,
}


@pytest.mark.parametrize(("happens", "kind"), SIGNS.items(), ids=lambda case: getattr(case, "__name__", ""))
def test_what_happened_counts_from_the_very_day(officer, partner, happens, kind):
    assert found(officer) == [(partner, None)]
    happens(partner, BEFORE)
    assert found(officer) == [(partner, kind)]
    row = dormant(officer)[0]
    assert (row.last.when, row.last.latest, row.months) == ("30 November 2013", BEFORE, 18)
    happens(partner, LAST)
    assert found(officer) == []


def test_a_payment_counts_by_its_day_and_leads_to_the_grants_of_the_city(officer, partner):
    grant = grant_in("in-payment", year=2013)
    make.GrantPlaceFactory(grant=grant, city=partner)
    Deliberation.objects.filter(pk=grant.deliberation_id).update(voted_on=BEFORE)
    pay(Grant.objects.get(pk=grant.pk), 1000, paid_on=date(2013, 12, 2))
    assert found(officer) == []
    [row] = dormant(officer, months=17)
    assert (row.last.kind, row.last.when, row.last.title) == (SignKind.PAYMENT, "2 December 2013", "")
    assert row.last.link == f"/grants/?city={partner.slug}"


def test_every_kind_of_sign_is_tried_here():
    assert {*SIGNS.values(), SignKind.PAYMENT} == set(SignKind)


def test_what_happened_with_another_city_counts_for_none_other(officer, partner):
    other = make.CityFactory()
    for happens in SIGNS:
        happens(other, LAST)
    assert found(officer) == [(partner, None)]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (on(date(2013, 1, 1), "actual_start", "year"), True),
        (on(date(2012, 1, 1), "actual_start", "year"), False),
        (on(date(2013, 12, 1), "actual_start", "season"), True),
        (on(date(2013, 9, 1), "actual_start", "season"), False),
        (on(date(2013, 12, 1), "actual_start", "month"), True),
        (on(date(2013, 11, 1), "actual_start", "month"), False),
    ],
)
def test_a_vague_date_counts_until_the_last_day_that_it_may_mean(officer, partner, values, counts):
    make.EventFactory(status="held", held_city=partner, **on(date(2009, 5, 5), "actual_start") | values)
    make.EventFactory(held=True, held_city=partner, **on(date(2012, 6, 6), "actual_start"))
    assert bool(found(officer)) is not counts


def test_what_happened_nobody_knows_when_is_no_life_and_not_nothing_either(officer, partner):
    event = make.EventFactory(status="held", held_city=partner, **on(None, "actual_start", "unknown"))
    [row] = dormant(officer)
    assert (row.last.record, row.last.when, row.months) == (event, "date not known", None)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"status": "idea"}, False),
        ({"status": "idea"} | on(date(2015, 9, 1), "planned_start"), False),
        ({"planned": True}, True),
        ({"planned": True} | on(date(2015, 9, 1), "planned_start"), True),
        ({"planned": True} | on(LAST, "planned_start"), True),
        ({"planned": True} | on(BEFORE, "planned_start"), False),
        ({"planned": True} | on(BEFORE, "planned_start") | on(LAST, "planned_end"), True),
        ({"cancelled": True} | on(date(2015, 9, 1), "planned_start"), False),
    ],
)
def test_a_plan_counts_while_its_day_has_not_long_gone_by(officer, partner, values, counts):
    make.DestinationFactory(mission=make.MissionFactory(**values), city=partner)
    assert found(officer) == ([] if counts else [(partner, None)])


def test_a_mission_counts_where_it_went_and_not_where_it_meant_to_go(officer, partner):
    mission = make.MissionFactory(done=True)
    make.DestinationFactory(mission=mission, city=partner)
    assert found(officer) == []
    make.DestinationFactory(mission=mission, stage="actual")
    assert found(officer) == [(partner, None)]
    make.DestinationFactory(mission=mission, stage="actual", city=partner)
    assert found(officer) == []


def test_an_event_counts_where_it_was_held_and_not_where_it_was_planned(officer, partner):
    make.EventFactory(held=True, planned_city=partner, held_city=make.CityFactory())
    make.EventFactory(held=True, planned_city=partner, held_venue_fr="Ici")
    assert found(officer) == [(partner, None)]


@pytest.mark.parametrize(
    ("values", "place", "counts"),
    [
        ({"under_way": True, "actual_start": date(2009, 1, 5)}, {}, True),
        ({"under_way": True}, on(date(2015, 5, 31), "until"), True),
        ({"under_way": True, "actual_start": date(2009, 1, 5)}, on(date(2010, 5, 31), "until"), False),
        ({"in_preparation": True}, {}, True),
        ({"adopted": True} | on(date(2012, 1, 1), "planned_end", "year"), {}, False),
        ({}, {}, False),
        ({"stage": "abandoned", "stopped_reason": "Raison inventée."}, {}, False),
    ],
)
def test_a_project_counts_while_it_runs_with_the_city_or_is_prepared(officer, partner, values, place, counts):
    make.ProjectCityFactory(project=make.ProjectFactory(**values), city=partner, **place)
    assert (found(officer) == []) is counts


def test_culture_that_goes_on_counts_and_one_without_a_day_by_its_year(officer, partner):
    for year in (2012, 2013):
        make.CulturalDestinationFactory(
            project=make.CulturalProjectFactory(status="past", year=year), city=make.RelationFactory().city
        )
    make.CulturalDestinationFactory(project=make.CulturalProjectFactory(status="current", year=2009), city=partner)
    assert [kind for _city, kind in found(officer)] == [SignKind.CULTURE]


def test_what_the_reader_may_not_see_is_no_life_for_her(officer, partner):
    _mission(partner, LAST)
    narrow = ApiClient("id", "Invented system", frozenset({"partnerships:read"}))
    assert found(narrow) == [(partner, None)]
    assert found(make.UserFactory()) == []


# --- for how long ---


def test_it_is_the_department_that_says_for_how_long_unless_another_is_asked(officer, partner):
    _held(partner, date(2014, 11, 30))
    assert found(officer) == []
    assert found(officer, months=6) == [(partner, SignKind.EVENT)]
    with override_settings(DORMANT_MONTHS=6):
        assert found(officer) == [(partner, SignKind.EVENT)]


def test_the_longest_asleep_come_first_and_what_nobody_knows_last(officer):
    nothing, unknown, long, longest = (make.RelationFactory().city for _number in range(4))
    make.EventFactory(status="held", held_city=unknown, **on(None, "actual_start", "unknown"))
    _held(long, date(2013, 1, 1))
    _held(longest, date(2011, 1, 1))
    rows = dormant(officer)
    assert [row.city for row in rows] == [longest, long, unknown, nothing]
    assert [row.months for row in rows] == [53, 29, None, None]


# --- decisions ---


@pytest.mark.parametrize(
    ("decided", "waits"),
    [
        ([("renew", date(2015, 6, 2))], False),
        ([("pause", date(2016, 6, 2))], False),
        ([("renew", date(2015, 6, 1))], True),
        ([("pause", date(2015, 5, 31))], True),
        ([("renew", date(2016, 6, 2)), ("pause", date(2015, 5, 31))], True),
        ([("pause", date(2015, 5, 31)), ("renew", date(2016, 6, 2))], False),
        ([("end", None)], False),
    ],
)
def test_a_decision_silences_until_its_day_and_the_latest_one_rules(officer, partner, decided, waits):
    for number, (verdict, until) in enumerate(decided):
        last = make.RenewalDecisionFactory(
            city=partner, verdict=verdict, until=until, decided_on=date(2015, 4, 1 + number)
        )
    [row] = dormant(officer)
    assert (row.decision, row.waits) == (last, waits)
    assert waiting([row]) == ([row] if waits else [])


def test_what_began_after_an_end_is_another_partnership(officer, partner):
    make.RenewalDecisionFactory(city=partner, verdict="end", until=None, decided_on=date(2012, 5, 4))
    assert waiting(dormant(officer)) == []
    make.RelationFactory(city=partner, **on(date(2013, 1, 1), "since"))
    assert [row.city for row in waiting(dormant(officer))] == [partner]


def test_dormant_partnerships_wait_among_the_decisions(officer, deputy, partner):
    other = make.RelationFactory(city__name_en="Other City").city
    _held(other, BEFORE)
    make.RenewalDecisionFactory(city=other, until=date(2015, 5, 20))
    make.RenewalDecisionFactory(until=date(2016, 5, 20), city=make.RelationFactory().city)
    rows = waiting_decisions(deputy, only=["dormant-partnership"])
    assert [(row.what, row.why, row.due) for row in told(deputy, rows)] == [
        ("Other City", "The last that is recorded: event, 30 November 2013", date(2015, 5, 20)),
        ("Example City", "Nothing is recorded with this city", None),
    ]


# --- queries ---


def test_as_many_queries_are_asked_whatever_is_found(officer, partner):
    dormant(officer)  # what the reader may do is read once
    counted = []
    for _step in range(3):
        with CaptureQueriesContext(connection) as captured:
            dormant(officer)
        counted.append(len(captured))
        for happens in SIGNS:
            happens(make.RelationFactory().city, LAST)
            happens(make.RelationFactory().city, BEFORE)
        make.RenewalDecisionFactory(city=make.RelationFactory().city)
    assert counted[0] == counted[1] == counted[2], counted
    assert counted[0] < len(FINDERS) + 10


def test_no_sign_is_read_where_every_partnership_lives(officer, partner):
    dormant(officer)  # what the reader may do is read once
    make.ProjectCityFactory(project=make.ProjectFactory(under_way=True), city=partner)
    with CaptureQueriesContext(connection) as captured:
        assert dormant(officer) == []
    assert len(captured) == 1


def test_the_cheap_questions_say_no_more_than_the_signs_themselves(officer, monkeypatch):
    for happens in SIGNS:
        happens(make.RelationFactory().city, LAST)
        happens(make.RelationFactory().city, BEFORE)
    make.ProjectCityFactory(project=make.ProjectFactory(under_way=True), city=make.RelationFactory().city)
    cheaply = found(officer)
    monkeypatch.setattr("mandate.selectors.dormant.without_fresh_ones", lambda reader, cities, since: cities)
    assert found(officer) == cheaply
    assert len(cheaply) == len(SIGNS)


def test_the_last_sign_of_a_city_that_lives_is_the_last_of_all(officer, partner):
    _agreement(partner, date(2015, 1, 5))
    _held(partner, date(2015, 5, 5))
    reader = make.UserFactory(role=Role.DEPUTY)
    sign = last_signs(reader, {partner.pk: partner.slug}, LAST)[partner.pk]
    assert (sign.kind, sign.when) == (SignKind.EVENT, "5 May 2015")
    make.ProjectCityFactory(project=make.ProjectFactory(under_way=True), city=partner)
    sign = last_signs(reader, {partner.pk: partner.slug}, LAST)[partner.pk]
    assert (sign.kind, sign.when) == (SignKind.PROJECT, "going on, or planned")
