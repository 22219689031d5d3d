"""What solidarity refuses over the API, by its field, with nothing written; a grant's life by two people; a session's vote."""

from datetime import date

import pytest

from core.roles import Role
from partnerships.models import Deliberation, Organisation
from solidarity import models, services
from tests import factories
from tests.api import lives
from tests.api.conftest import messages, signed_in

pytestmark = pytest.mark.django_db
ANY = {"If-Match": "*"}
FUTURE = "This has not happened yet: the date is in the future."
DIGITS = "Ensure that there are no more than 14 digits in total."
NUMBER = "A valid number is required."
YEAR = "A year lies between 1990 and 2100."
SETTLED = "What was proposed to the Council stays: send the file back to review to change it."
WRONG_STATE = "A payment is recorded while the grant is in payment: not before, not after."


def refused(response, expected: dict, code: int = 400) -> None:
    assert (response.status_code, messages(response)) == (code, expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount_asked": 0}, {"amount_asked": "An amount asked is above 0."}),
        ({"amount_asked": -5}, {"amount_asked": "An amount asked is above 0."}),
        ({"amount_asked": 10**12}, {"amount_asked": "Ensure that there are no more than 12 digits before the decimal point."}),
        ({"amount_asked": "1.001"}, {"amount_asked": "Ensure that there are no more than 2 decimal places."}),
        ({"amount_asked": "NaN"}, {"amount_asked": NUMBER}),
        ({"amount_asked": "a lot"}, {"amount_asked": NUMBER}),
        ({"amount_asked": 10, "amount_granted": 11}, {"amount_granted": "No more is granted than was asked."}),
        ({"in_kind_value": -1}, {"in_kind_value": "An amount cannot be negative."}),
        ({"year": 1815}, {"year": YEAR}),
        ({"year": 2101}, {"year": YEAR}),
        ({"year": 99999}, {"year": "Ensure this value is less than or equal to 32767."}),
        ({"year": -2015}, {"year": "Ensure this value is greater than or equal to 0."}),
        ({"year": "2015.5"}, {"year": "A valid integer is required."}),
        ({"until_year": 2014}, {"until_year": "The last year is the first one or one of the five that follow."}),
        ({"received_on": "2015-06-02"}, {"received_on": FUTURE}),
        ({"received_on": "12/01/2015"}, {"received_on": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}),
        ({"reference": "gra 1"}, {"reference": "A reference is written in capital letters and digits, with single hyphens between them."}),
        ({"beneficiary": 10**6}, {"beneficiary": "There is no such record: 1000000."}),
        ({"beneficiary": None}, {"beneficiary": "This field may not be null."}),
        ({"stage": "voted"}, {"stage": "This field cannot be written."}),
        ({"instructed_by": 1}, {"instructed_by": "This field cannot be written."}),
        ({"paid": "1"}, {"paid": "This field cannot be written."}),
        ({"colour": "red"}, {"colour": "There is no such field."}),
    ],
)  # fmt: skip
def test_a_grant_that_cannot_be_is_refused_by_its_field(api, change, expected):
    body = {"title_fr": "Eau", "beneficiary": factories.OrganisationFactory().pk, "year": 2015}
    refused(api.post("/api/v1/grants/", body | change), expected)
    assert not models.Grant.objects.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount": 0}, {"amount": "A payment is above 0."}),
        ({"amount": -100}, {"amount": "A payment is above 0."}),
        ({"amount": "20000.01"}, {"amount": "The payments of this allocation would exceed its amount."}),
        ({"amount": 10**14}, {"amount": DIGITS}),
        ({"amount": None}, {"amount": "This field may not be null."}),
        ({"paid_on": "2015-06-02"}, {"paid_on": FUTURE}),
        ({"paid_on": "2014-12-31"}, {"paid_on": "Nothing is paid before the Council's vote."}),
        ({"paid_on": None}, {"paid_on": "This field may not be null."}),
        ({"reference": ""}, {"reference": "This field may not be blank."}),
        ({"reference": "PAY-TAKEN"}, {"reference": "Payment with this Reference of the payment order already exists."}),
        ({"instalment": None}, {"instalment": "The grant has an agreement: say which of its instalments is paid."}),
    ],
)  # fmt: skip
def test_a_payment_that_cannot_be_is_refused_by_its_field(api, change, expected):
    taken = lives.paid().payments.get()
    taken.reference = "PAY-TAKEN"
    taken.save()
    grant = lives.grant_at("in-payment")
    body = {
        "grant": grant.pk,
        "allocation": grant.allocations.get().pk,
        "instalment": grant.agreement.instalments.first().pk,
        "paid_on": "2015-04-01",
        "amount": "100",
        "reference": "PAY-NEW",
    }
    refused(api.post("/api/v1/payments/", body | change), expected)
    assert models.Payment.objects.get() == taken
    assert api.post("/api/v1/payments/", body).status_code == 201


def test_a_payment_names_parts_of_its_own_grant(api):
    grant, other = lives.grant_at("in-payment"), lives.grant_at("in-payment")
    body = {
        "grant": grant.pk,
        "allocation": other.allocations.get().pk,
        "instalment": other.agreement.instalments.first().pk,
        "paid_on": "2015-04-01",
        "amount": "100",
        "reference": "PAY-NEW",
    }
    refused(
        api.post("/api/v1/payments/", body),
        dict.fromkeys(("allocation", "instalment"), "This belongs to another grant."),
    )
    assert not models.Payment.objects.exists()


def test_nothing_is_paid_in_another_stage(api):
    grant = lives.grant_at("proposed")
    body = {"grant": grant.pk, "allocation": grant.allocations.get().pk, "paid_on": "2015-04-01", "amount": "100"}
    refused(api.post("/api/v1/payments/", body | {"reference": "PAY-EARLY"}), {"grant": WRONG_STATE})
    paid = lives.paid()
    payment = paid.payments.get()
    for report in paid.reports.all():
        report.received_on = date(2015, 5, 4)
        report.save()
    services.report_grant(paid, actor=factories.UserFactory(role=Role.SOLIDARITY_OFFICER))
    address = f"/api/v1/payments/{payment.pk}/"
    refused(api.patch(address, {"amount": "999"}, headers=ANY), {"grant": WRONG_STATE})
    refused(api.delete(address, headers=ANY), {"": WRONG_STATE})
    assert models.Payment.objects.get().amount == 1000


def test_what_is_paid_stays_within_the_credits_of_the_year(api):
    envelope = factories.EnvelopeFactory(payment_credits=150)
    grant = lives.grant_at("in-payment", envelope=envelope)
    body = {"grant": grant.pk, "allocation": grant.allocations.get().pk, "paid_on": "2015-04-01", "amount": "100"}
    body["instalment"] = grant.agreement.instalments.first().pk
    assert api.post("/api/v1/payments/", body | {"reference": "PAY-1"}).status_code == 201
    over = api.post("/api/v1/payments/", body | {"reference": "PAY-2"})
    refused(over, {"": "The payment credits (CP) of the fund for that year are exceeded."})
    lowered = api.patch(f"/api/v1/envelopes/{envelope.pk}/", {"payment_credits": "99.99"}, headers=ANY)
    refused(lowered, {"": "The payment credits (CP) of the fund for that year are exceeded."})
    assert models.Payment.objects.count() == 1


def test_a_year_without_an_envelope_pays_nothing(api):
    envelope = factories.EnvelopeFactory(year=2014)
    grant = lives.grant_at("in-payment", envelope=envelope, year=2014)
    body = {"grant": grant.pk, "allocation": grant.allocations.get().pk, "paid_on": "2015-04-01", "amount": "100"}
    body |= {"instalment": grant.agreement.instalments.first().pk, "reference": "PAY-1"}
    refused(api.post("/api/v1/payments/", body), {"": "The fund has no envelope for the year of the payment."})
    assert not models.Payment.objects.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"commitment_authorised": -1}, {"commitment_authorised": "An amount cannot be negative."}),
        ({"payment_credits": -1}, {"payment_credits": "An amount cannot be negative."}),
        ({"year": 1900}, {"year": YEAR}),
        ({"year": 2014}, {"": "The fund already has an envelope for that year."}),
        ({"left_to_pay": 1}, {"left_to_pay": "This field cannot be written."}),
    ],
)
def test_an_envelope_that_cannot_be_is_refused(api, change, expected):
    fund = factories.EnvelopeFactory(year=2014).fund
    body = {"fund": fund.pk, "year": 2015, "commitment_authorised": 10, "payment_credits": 10}
    refused(api.post("/api/v1/envelopes/", body | change), expected)
    assert models.Envelope.objects.count() == 1


def test_an_envelope_is_not_lowered_under_what_is_committed_nor_moved(api):
    envelope = factories.EnvelopeFactory()
    lives.grant_at("in-payment", envelope=envelope)
    address = f"/api/v1/envelopes/{envelope.pk}/"
    lowered = api.patch(address, {"commitment_authorised": "19999.99"}, headers=ANY)
    refused(lowered, {"": "The authorised commitment (AE) of the envelope is exceeded."})
    moved = api.patch(address, {"year": 2016}, headers=ANY)
    refused(moved, {"": "The envelope carries grants or payments: its fund and year stay."})
    assert api.delete(address, headers=ANY).status_code == 409
    kept = models.Envelope.objects.get()
    assert (kept.commitment_authorised, kept.year) == (100000, 2015)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount": 0}, {"amount": "An allocation is above 0."}),
        ({"amount": "-1"}, {"amount": "An allocation is above 0."}),
        ({"service": None}, {"service": "Say which service's resources bear it: each ceiling is judged apart."}),
        ({"service": "foreign"}, {"service": "This service does not feed the fund of the envelope."}),
        ({"envelope": "of 2016"}, {"envelope": "The envelope is of another year than the grant."}),
        ({"grant": "proposed"}, {"": SETTLED}),
    ],
)
def test_an_allocation_that_cannot_be_is_refused(api, change, expected):
    base = factories.ResourceBaseFactory()
    next_year = factories.EnvelopeFactory(fund=base.envelope.fund, year=2016)
    named = {
        "foreign": factories.FundServiceFactory,
        "of 2016": lambda: next_year,
        "proposed": lambda: lives.grant_at("proposed"),
    }
    change = {name: named[value]().pk if value in named else value for name, value in change.items()}
    before = models.Allocation.objects.count()
    body = {"grant": factories.GrantFactory().pk, "envelope": base.envelope_id, "service": base.service_id}
    refused(api.post("/api/v1/allocations/", body | {"amount": "100"} | change), expected)
    assert models.Allocation.objects.count() == before


@pytest.mark.parametrize(
    ("resource", "make", "change", "expected"),
    [
        ("instalments", factories.InstalmentFactory, {"amount": "20000.01"},
         {"amount": "The instalments never exceed the amount granted."}),
        ("instalments", factories.InstalmentFactory, {"amount": 0}, {"amount": "An instalment is above 0."}),
        ("resource-bases", factories.ResourceBaseFactory, {"own_resources": -1}, {"own_resources": "An amount cannot be negative."}),
        ("fund-parameters", factories.FundParameterFactory, {"value": 101}, {"value": "A ceiling is a percentage."}),
        ("health-indicators", factories.HealthIndicatorFactory, {"actual": "100.01"}, {"actual": "A percentage lies between 0 and 100."}),
        ("health-indicators", factories.HealthIndicatorFactory, {"year": 2016},
         {"actual": "This has not happened yet: the year is in the future."}),
        ("financial-reports", factories.FinancialReportFactory, {"accepted_on": "2015-05-04"},
         {"received_on": "A report that is accepted was received."}),
        ("financial-reports", factories.FinancialReportFactory, {"received_on": "2015-06-02"}, {"received_on": FUTURE}),
        ("report-lines", factories.ReportLineFactory, {"actual": -1}, {"actual": "An amount cannot be negative."}),
        ("report-lines", factories.ReportLineFactory, {"variance": 0}, {"variance": "This field cannot be written."}),
        ("grant-agreements", factories.GrantAgreementFactory, {"signed_on": "2015-06-02"}, {"signed_on": FUTURE}),
        ("crisis-places", factories.CrisisPlaceFactory, {"country": None}, {"": "A place is a city or a country, not both."}),
        ("declared-aid", factories.DeclaredAidFactory, {"amount": -1}, {"amount": "An amount cannot be negative."}),
        ("public-accounts", factories.PublicAccountsFactory, {"published_on": "2015-06-02"}, {"published_on": FUTURE}),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(api, resource, make, change, expected):
    record = make()
    record.refresh_from_db()
    refused(api.patch(f"/api/v1/{resource}/{record.pk}/", change, headers=ANY), expected)
    version = record.version
    record.refresh_from_db()
    assert record.version == version


@pytest.mark.parametrize("number", ["DGRI 2015 12", "2015-DGRI-12", "15 DGRI 12", "2015 DGRI", "2015 dgri 12"])
def test_a_malformed_number_of_deliberation_is_refused(api, number):
    body = {"number": number, "title_fr": "Eau", "voted_on": "2015-02-09", "voted_on_precision": "day"}
    sentence = "A deliberation is numbered as in “2015 DGRI 12”, “2017 DGRI 48 - DPE” or “2015 DASCO 36 G”."
    refused(api.post("/api/v1/deliberations/", body), {"number": sentence})
    assert not Deliberation.objects.exists()


@pytest.mark.parametrize("siret", ["21750001600018", "2175000160001", "217 500 016 00019", "abcdefghijklmn"])
def test_a_beneficiary_with_a_wrong_siret_is_refused(api, siret):
    body = {"slug": "body", "name_fr": "Association inventée", "kind": "association", "siret": siret}
    response = api.post("/api/v1/organisations/", body)
    assert (response.status_code, set(messages(response))) == (400, {"siret"})
    assert "check digit" in messages(response)["siret"] or len(siret) > 14
    assert not Organisation.objects.exists()


# --- a life, by two people ---


def move(person, grant: int, verb: str, **body):
    return person.post(f"/api/v1/grants/{grant}/{verb}/", body)


def add(person, resource: str, **body) -> int:
    response = person.post(f"/api/v1/{resource}/", body)
    assert response.status_code == 201, response.content
    return response.json()["id"]


def lacking(person, grant: int) -> dict[str, list[str]]:
    """The fields that each gate of the checklist still lacks."""
    gates = person.get(f"/api/v1/grants/{grant}/checklist/").json()
    return {gate["verb"]: [reason["field"] for reason in gate["missing"]] for gate in gates}


@pytest.fixture
def water() -> models.ResourceBase:
    """1 % of 7 million; the law asks for a convention above 23,000 EUR and for a report after six months."""
    factories.LegalThresholdFactory()
    factories.LegalThresholdFactory(kind="report-months", value=6)
    base = factories.ResourceBaseFactory(own_resources=7000000)
    factories.FundParameterFactory(fund=base.envelope.fund)
    return base


def test_a_grant_lives_from_the_application_to_the_closing_by_two_people(water):
    officer, other = signed_in(Role.SOLIDARITY_OFFICER), signed_in(Role.SOLIDARITY_OFFICER)
    body = factories.OrganisationFactory()
    grant = add(officer, "grants", title_fr="Eau", beneficiary=body.pk, year=2015)
    address = f"/api/v1/grants/{grant}/"
    refused(
        move(officer, grant, "submit"),
        {
            "received_on": "The day of the application's reception is missing.",
            "amount_asked": "The amount asked is missing.",
        },
        409,
    )
    assert officer.patch(address, {"amount_asked": "60000"}, headers=ANY).status_code == 200
    assert move(officer, grant, "submit", received_on="2015-01-12").json()["stage"] == "submitted"
    assert move(officer, grant, "review").json()["instructed_by"].startswith("Example Person")
    refused(
        move(officer, grant, "propose"),
        {
            "pieces": "A piece of the file is missing: application form.; A piece of the file is missing: budget of the action.",
            "opinion": "The opinion of the review is missing.",
            "amount_granted": "The amount proposed is missing.",
            "": "You instructed this file: somebody else proposes it.",
        },
        409,
    )
    assert lacking(officer, grant)["propose"] == ["pieces", "pieces", "opinion", "amount_granted"]

    for kind in ("form", "budget"):
        add(officer, "pieces", grant=grant, kind=kind, received_on="2015-01-12")
    borne = {"grant": grant, "envelope": water.envelope_id, "service": water.service_id}
    allocation = add(officer, "allocations", **borne, amount="60000")
    proposal = {"amount_granted": "60000", "opinion": "Invented."}
    own = {"": "You instructed this file: somebody else proposes it."}
    refused(move(officer, grant, "propose", **proposal), own, 409)
    assert officer.get(address).json()["stage"] == "under-review"
    proposed = move(other, grant, "propose", **proposal).json()
    assert (proposed["stage"], proposed["approved_by"] != proposed["instructed_by"]) == ("proposed", True)
    settled = officer.patch(f"/api/v1/allocations/{allocation}/", {"amount": "59999"}, headers=ANY)
    refused(settled, {"": SETTLED})

    refused(move(other, grant, "vote"), {"deliberation": "The Council's deliberation is missing."}, 409)
    voted = move(other, grant, "vote", deliberation=factories.DeliberationFactory().pk)
    assert voted.json()["stage"] == "voted", voted.content
    early = move(other, grant, "open-payment")
    assert (early.status_code, list(messages(early))) == (409, ["agreement"])
    assert "above €23,000" in messages(early)["agreement"]

    agreement = add(other, "grant-agreements", grant=grant, conditions="Terms.", signed_on="2015-03-02")
    instalments = [
        add(other, "instalments", agreement=agreement, number=number, amount=amount)
        for number, amount in ((1, "40000"), (2, "20000"))
    ]
    assert move(other, grant, "sign").json()["stage"] == "signed"
    opened = move(other, grant, "open-payment").json()
    assert [(row["year"], row["due_on"]) for row in opened["reports"]] == [(2015, "2016-06-30")]
    assert lacking(other, grant) == {"close": ["reports"]}

    paid = {"grant": grant, "allocation": allocation, "paid_on": "2015-04-01"}
    add(other, "payments", **paid, instalment=instalments[0], amount="40000", reference="PAY-1")
    over = other.post(
        "/api/v1/payments/", paid | {"instalment": instalments[1], "amount": "20000.01", "reference": "PAY-2"}
    )
    assert (over.status_code, list(messages(over))) == (400, ["amount"])
    add(other, "payments", **paid, instalment=instalments[1], amount="20000", reference="PAY-2")

    missing = {"reports": "The financial report 2015 has not been received."}
    refused(move(other, grant, "report"), missing, 409)
    report = f"/api/v1/financial-reports/{opened['reports'][0]['id']}/"
    assert officer.patch(report, {"received_on": "2015-05-04"}, headers=ANY).status_code == 200
    assert move(other, grant, "report").json()["stage"] == "reported"
    refused(move(other, grant, "close"), {"reports": "The financial report 2015 has not been accepted."}, 409)
    assert officer.patch(report, {"accepted_on": "2015-05-18"}, headers=ANY).status_code == 200
    closed = move(other, grant, "close").json()
    assert (closed["stage"], closed["paid"]) == ("closed", "60000.00")
    assert (lacking(other, grant), other.get(f"{address}steps/").json()) == ({}, [])


def test_a_grant_is_rejected_withdrawn_or_sent_back_with_a_reason(api):
    proposed = lives.grant_at("proposed")
    for verb in ("return-to-review", "reject", "withdraw"):
        refused(move(api, proposed.pk, verb), {"reason": "Say why."}, 409)
    back = move(api, proposed.pk, "return-to-review", reason="Anew.").json()
    assert (back["stage"], back["approved_by"], back["stopped_reason"]) == ("under-review", None, "")
    stopped = move(api, proposed.pk, "reject", reason="Invented.").json()
    assert (stopped["stage"], stopped["stopped_reason"]) == ("rejected", "Invented.")
    refused(
        move(api, proposed.pk, "vote"), {"": "“Record the vote” is not possible now: the state is “rejected”."}, 409
    )


# --- the vote of a session ---


def vote(person, *grants, **body):
    given = {"deliberation": factories.DeliberationFactory().pk, "grants": [grant.pk for grant in grants]}
    return person.post("/api/v1/grants/vote-session/", given | body)


def stages() -> list[str]:
    return list(models.Grant.objects.order_by("pk").values_list("stage", flat=True))


def test_a_session_votes_all_its_grants(api):
    envelope = factories.EnvelopeFactory(commitment_authorised=40000)
    found = [lives.grant_at("proposed", envelope=envelope) for _ in range(2)]
    response = vote(api, *found, found[0])
    assert response.status_code == 200, response.content
    assert [(row["id"], row["stage"]) for row in response.json()] == [(grant.pk, "voted") for grant in reversed(found)]
    assert set(response.json()[0]) == set(api.get("/api/v1/grants/").json()["results"][0])
    assert len({row["deliberation"] for row in response.json()}) == 1


def test_a_session_that_cannot_vote_one_votes_none_and_names_every_reason_by_grant(api):
    envelope = factories.EnvelopeFactory(commitment_authorised=30000)
    first = lives.grant_at("proposed", envelope=envelope, reference="GRA-2015-1")
    second = lives.grant_at("proposed", envelope=envelope, reference="GRA-2015-2")
    third = lives.grant_at("under-review", reference="GRA-2015-3")
    response = vote(api, third, second, first)
    refused(
        response,
        {
            "GRA-2015-2.allocations": f"GRA-2015-2: {envelope.fund.name_en} 2015 has €10,000 left to commit; "
            "the grant takes €20,000.",
            "GRA-2015-3": "GRA-2015-3: “Record the vote” is not possible now: the state is “under review”.",
        },
        409,
    )
    assert stages() == ["proposed", "proposed", "under-review"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"grants": []}, {"grants": "This list may not be empty."}),
        ({"grants": [10**6]}, {"grants": "There is no such record: 1000000."}),
        ({"grants": 1}, {"grants": 'Expected a list of items but got type "int".'}),
        ({"deliberation": None}, {"deliberation": "This field may not be null."}),
        ({"deliberation": 10**6}, {"deliberation": "There is no such record: 1000000."}),
        ({"vote": True}, {"vote": "There is no such field."}),
    ],
)
def test_a_session_that_is_not_well_said_is_refused(api, change, expected):
    refused(vote(api, lives.grant_at("proposed"), **change), expected)
    assert stages() == ["proposed"]


def test_a_session_that_has_not_been_held_votes_nothing(api):
    ahead = factories.DeliberationFactory(voted_on=None, voted_on_precision="")
    grant = lives.grant_at("proposed", reference="GRA-2015-1")
    sentence = "GRA-2015-1: The deliberation has no date of vote."
    refused(vote(api, grant, deliberation=ahead.pk), {"GRA-2015-1.deliberation": sentence}, 409)
    assert stages() == ["proposed"]
