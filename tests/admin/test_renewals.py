"""Decisions on partnerships on the page of their city: added by the service, read, never changed."""

from datetime import date

import pytest

from partnerships.models import Relation, RenewalDecision
from tests import factories as make
from tests.admin.forms import done, filled, row_errors, rows

pytestmark = pytest.mark.django_db

ROW = {"verdict": "renew", "until": "2016-06-01", "decided_on": "2015-06-01", "reason": "Raison"}


@pytest.fixture
def partner():
    return make.RelationFactory().city


def page(city) -> str:
    return f"/admin/partnerships/city/{city.pk}/change/"


def add(client, city, **values):
    return client.post(page(city), filled(client, page(city), **rows("renewal_decisions", ROW | values)))


def test_a_decision_is_added_on_the_page_of_the_city(officer, partner):
    done(add(officer, partner))
    decision = RenewalDecision.objects.get()
    assert (decision.city, decision.verdict, decision.until) == (partner, "renew", date(2016, 6, 1))
    assert decision.decided_by == officer.user
    assert "Raison" in officer.get(page(partner)).content.decode()


def test_an_end_does_what_the_service_does(officer, partner):
    done(add(officer, partner, verdict="end", until=""))
    assert Relation.objects.get().until == date(2015, 6, 1)


def test_an_end_is_refused_while_an_agreement_is_live(officer, partner):
    agreement = make.AgreementPartyFactory(agreement__signed=True, city=partner).agreement
    answer = add(officer, partner, verdict="end", until="")
    [sentence] = row_errors(answer, "renewal_decisions", 0)["__all__"]
    assert agreement.reference in sentence
    assert not RenewalDecision.objects.exists()
    assert Relation.objects.get().until is None


def test_what_is_wrong_stands_beside_its_field(officer, partner):
    answer = add(officer, partner, until="", reason="")
    assert set(row_errors(answer, "renewal_decisions", 0)) == {"until", "reason"}


def test_a_decision_is_never_changed_or_taken_back(administrator, partner):
    decision = make.RenewalDecisionFactory(city=partner)
    tampered = {
        "renewal_decisions-0-id": decision.pk,
        "renewal_decisions-0-reason": "Autre raison",
        "renewal_decisions-0-DELETE": "on",
    }
    for superuser in (False, True):
        administrator.user.is_superuser = superuser
        administrator.user.save()
        administrator.post(page(partner), filled(administrator, page(partner), **tampered))
        assert RenewalDecision.objects.get().reason == decision.reason


def test_who_only_reads_adds_none(auditor, partner):
    decision = make.RenewalDecisionFactory(city=partner, reason="Raison lue")
    assert "Raison lue" in auditor.get(page(partner)).content.decode()
    assert auditor.post(page(partner), {}).status_code == 403
    assert RenewalDecision.objects.get() == decision
