"""Decisions on partnerships: read, recorded by the service, never changed, and no account shown."""

from datetime import date

import pytest

from core.roles import Role
from partnerships.models import Relation, RenewalDecision
from tests import factories
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/renewal-decisions/"


@pytest.fixture
def partner():
    return factories.RelationFactory().city


def body(city, **changes) -> dict:
    return {"city": city.pk, "verdict": "renew", "until": "2016-06-01", "reason": "Raison"} | changes


def test_a_decision_is_recorded_and_reads_as_it_was_written(api, partner):
    answer = api.post(ADDRESS, body(partner))
    decision = RenewalDecision.objects.get()
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert answer.headers["Location"].endswith(f"{ADDRESS}{decision.pk}/")
    assert row == api.get(answer.headers["Location"]).json() == api.get(ADDRESS).json()["results"][0]
    assert {name: row[name] for name in row if not name.endswith("_at")} == {
        "id": decision.pk,
        "city": partner.pk,
        "verdict": "renew",
        "decided_on": "2015-06-01",
        "decided_by": None,
        "until": "2016-06-01",
        "reason": "Raison",
        "version": 1,
    }


def test_an_end_closes_the_relations_of_the_partnership(api, partner):
    answer = api.post(ADDRESS, body(partner, verdict="end", until=None, decided_on="2015-05-04"))
    assert answer.status_code == 201, answer.content
    assert Relation.objects.get().until == date(2015, 5, 4)


def test_the_person_is_read_by_name_and_nothing_of_the_account(api, partner):
    officer = signed_in(Role.OFFICER)
    assert officer.post(ADDRESS, body(partner)).json()["decided_by"].startswith("Example Person")
    text = api.get(ADDRESS).content.decode()
    assert "Example Person" in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"until": None}, {"until": "Say when it is to be looked at again; a partnership that ends has no such day."}),
        ({"until": "2015-06-01"}, {"until": "It is looked at again after the day of the decision."}),
        ({"verdict": "forget"}, {"verdict": '"forget" is not a valid choice.'}),
        ({"reason": ""}, {"reason": "This field may not be blank."}),
        ({"reason": " "}, {"reason": "This field may not be blank."}),
        ({"decided_on": "2015-06-02"}, {"decided_on": "This has not happened yet: the date is in the future."}),
        ({"city": 10**6}, {"city": "There is no such record: 1000000."}),
        ({"decided_by": "Me"}, {"decided_by": "This field cannot be written."}),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(api, partner, change, expected):
    answer = api.post(ADDRESS, body(partner) | change)
    assert (answer.status_code, messages(answer)) == (400, expected)
    assert not RenewalDecision.objects.exists()


def test_an_end_while_an_agreement_is_live_gives_every_reason(api, partner):
    agreement = factories.AgreementPartyFactory(agreement__signed=True, city=partner).agreement
    answer = api.post(ADDRESS, body(partner, verdict="end"))
    assert answer.status_code == 409
    told = messages(answer)
    assert told["until"] == "Say when it is to be looked at again; a partnership that ends has no such day."
    assert agreement.reference in told["verdict"]
    assert Relation.objects.get().until is None


def test_a_second_decision_of_one_day_is_refused(api, partner):
    assert api.post(ADDRESS, body(partner)).status_code == 201
    again = api.post(ADDRESS, body(partner, verdict="pause"))
    assert (again.status_code, messages(again)) == (
        400,
        {"decided_on": "A decision of that day is already recorded."},
    )


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_decision_is_never_changed(api, method):
    address = f"{ADDRESS}{factories.RenewalDecisionFactory().pk}/"
    assert getattr(api, method)(address, {}, headers={"If-Match": "*"}).status_code == 405


def test_who_may_not_decide_reads(partner):
    factories.RenewalDecisionFactory(city=partner)
    for caller in (signed_in(Role.DEPUTY), signed_in(Role.SOLIDARITY_OFFICER), bearer("partnerships:read")):
        assert caller.get(ADDRESS).json()["count"] == 1
        assert caller.post(ADDRESS, body(partner)).status_code == 403
    assert bearer("events:read").get(ADDRESS).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [("verdict=pause", 1), ("rules=true", 2), ("rules=false", 1), ("verdict=renew&rules=true", 1), ("city={pk}", 2)],
)
def test_decisions_are_narrowed(api, partner, query, count):
    factories.RenewalDecisionFactory(city=partner, decided_on=date(2015, 1, 5), until=date(2015, 5, 5))
    factories.RenewalDecisionFactory(city=partner, verdict="pause")
    factories.RenewalDecisionFactory()
    assert api.get(f"{ADDRESS}?{query.format(pk=partner.pk)}").json()["count"] == count
