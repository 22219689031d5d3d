"""The life of an agreement over the API: each verb, what it refuses and why."""

import pytest

from core.roles import Role
from partnerships.enums import AGREEMENT_LIFE
from partnerships.models import Agreement
from tests import factories
from tests.api.conftest import messages, signed_in

pytestmark = pytest.mark.django_db


def ready() -> Agreement:
    """A draft that lacks nothing but its vote."""
    agreement = factories.AgreementFactory()
    factories.AgreementPartyFactory(agreement=agreement)
    return agreement


def test_an_agreement_lives_from_draft_to_in_force(api):
    agreement = ready()
    address = f"/api/v1/agreements/{agreement.pk}"
    voted = api.post(f"{address}/vote/", {"deliberation": factories.DeliberationFactory().pk})
    assert (voted.status_code, voted.json()["status"]) == (200, "voted"), voted.content
    signed = api.post(f"{address}/sign/", {"signed_on": "2015-05-04"}, headers={"If-Match": voted.headers["ETag"]})
    assert (signed.json()["status"], signed.json()["signed_on_precision"]) == ("signed", "day")
    dates = {"transmitted_to_prefect_on": "2015-05-11", "in_force_on": "2015-05-12"}
    in_force = api.post(f"{address}/enter-into-force/", dates)
    assert in_force.json()["status"] == "in-force"
    assert in_force.json() == api.get(f"{address}/").json()
    renewal = api.post(f"{address}/prepare-renewal/")
    assert renewal.json()["renewed_by"] == Agreement.objects.get(renews=agreement).pk


def test_a_refused_verb_gives_every_reason(api):
    agreement = factories.AgreementFactory(object_fr="", forecast_amount=None)
    response = api.post(f"/api/v1/agreements/{agreement.pk}/vote/")
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:parvis:problem:refused"
    assert messages(response) == {
        "deliberation": "The Council's deliberation is missing.",
        "parties": "No counterpart is named.",
        "object_fr": "The object is missing (CGCT L1115-1).",
        "forecast_amount": "The forecast amount is missing; write 0 where no money is planned (CGCT L1115-1).",
    }
    assert Agreement.objects.get().status == "draft"


def test_a_verb_that_does_not_lead_on_is_refused(api):
    response = api.post(f"/api/v1/agreements/{ready().pk}/end/", {"ended_on": "2015-05-04"})
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "“End early” is not possible now: the state is “draft”.",
    )


def test_a_verb_that_needs_a_reason_says_so(api):
    agreement = factories.AgreementFactory(signed=True)
    address = f"/api/v1/agreements/{agreement.pk}/end/"
    response = api.post(address, {"ended_on": "2015-05-04"})
    assert (response.status_code, messages(response)) == (409, {"reason": "Say why."})
    assert api.post(address, {"ended_on": "2015-05-04", "reason": "Invented."}).json()["status"] == "ended"


def test_a_verb_takes_only_its_own_fields(api):
    agreement = ready()
    response = api.post(f"/api/v1/agreements/{agreement.pk}/vote/", {"signed_on": "2015-05-04", "deliberation": "x"})
    assert response.status_code == 400
    assert messages(response) == {
        "signed_on": "There is no such field.",
        "deliberation": "A record is named by its number, a whole number from 1 on.",
    }


def test_a_verb_with_a_date_to_come_is_refused_by_its_field(api):
    agreement = ready()
    api.post(f"/api/v1/agreements/{agreement.pk}/vote/", {"deliberation": factories.DeliberationFactory().pk})
    response = api.post(f"/api/v1/agreements/{agreement.pk}/sign/", {"signed_on": "2015-06-02"})
    assert response.status_code == 400
    assert messages(response) == {"signed_on": "This has not happened yet: the date is in the future."}


def test_a_verb_on_a_version_that_has_changed_is_refused(api):
    agreement = ready()
    Agreement.objects.update(title_en="changed meanwhile")
    response = api.post(f"/api/v1/agreements/{agreement.pk}/vote/", headers={"If-Match": f'"{agreement.pk}-1"'})
    assert response.status_code == 412
    assert response.json()["type"] == "urn:parvis:problem:changed-since"


def test_the_state_moves_by_verbs_only(api):
    agreement = ready()
    response = api.patch(f"/api/v1/agreements/{agreement.pk}/", {"status": "in-force"}, headers={"If-Match": "*"})
    assert (response.status_code, messages(response)) == (400, {"status": "This field cannot be written."})


@pytest.mark.parametrize("verb", [transition.verb for transition in AGREEMENT_LIFE.transitions])
def test_a_deputy_moves_nothing(verb):
    agreement = ready()
    deputy = signed_in(Role.DEPUTY)
    response = deputy.post(f"/api/v1/agreements/{agreement.pk}/{verb.replace('_', '-')}/")
    assert (response.status_code, response.json()["detail"]) == (403, "Your role does not let you change: agreements.")
    assert deputy.get(f"/api/v1/agreements/{agreement.pk}/steps/").json() == []


def test_steps_say_what_is_missing(api):
    agreement = ready()
    assert api.get(f"/api/v1/agreements/{agreement.pk}/steps/").json() == [
        {
            "verb": "vote",
            "label": "Record the vote",
            "ready": False,
            "missing": [{"field": "deliberation", "message": "The Council's deliberation is missing."}],
        }
    ]


def test_a_verb_is_not_read(api):
    assert api.get(f"/api/v1/agreements/{ready().pk}/vote/").status_code == 405


def test_no_two_agreements_of_one_kind_with_one_city_overlap(api):
    party = factories.AgreementPartyFactory(agreement__in_force=True)
    other = factories.AgreementFactory(in_force=True)
    response = api.post("/api/v1/agreement-parties/", {"agreement": other.pk, "city": party.city.pk})
    assert response.status_code == 400
    assert response.json()["detail"] == "The city already has an agreement of this kind at that time."
