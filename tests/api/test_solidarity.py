"""Grants with their file, envelopes with what is left: what they look like, what they ask the database, who reads them."""

import pytest

from core.roles import Role
from solidarity import models
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, signed_in
from tests.api.test_lists import queries
from tests.api.test_representation import kept, page

pytestmark = pytest.mark.django_db


def officer(first: str, last: str):
    return factories.UserFactory(role=Role.SOLIDARITY_OFFICER, first_name=first, last_name=last)


@pytest.fixture
def grant() -> models.Grant:
    """In payment, 1,000 of its 20,000 EUR paid, a line of its report 10 % under the budget."""
    return lives.paid(actor=officer("Jean", "Fictif"), approver=officer("Ada", "Inventée"), reference="GRA-2015-0042")


def row_json(grant) -> dict:
    """The grant as the list has it."""
    place, allocation = grant.places.get(), grant.allocations.get()
    return {
        "id": grant.pk,
        "reference": "GRA-2015-0042",
        "title_fr": grant.title_fr,
        "title_en": grant.title_en,
        "description": "",
        "stage": "in-payment",
        "stopped_reason": "",
        "beneficiary": grant.beneficiary_id,
        "year": 2015,
        "until_year": None,
        "project": None,
        "crisis": None,
        "theme": None,
        "received_on": "2015-01-12",
        "amount_asked": "20000.00",
        "amount_granted": "20000.00",
        "in_kind_value": "0.00",
        "earmarked": True,
        "opinion": "Invented opinion.",
        "deliberation": grant.deliberation_id,
        "instructed_by": "Jean Fictif",
        "approved_by": "Ada Inventée",
        "places": [{"id": place.pk, "grant": grant.pk, "city": place.city_id, "country": None, **kept(place)}],
        "allocations": [
            {
                "id": allocation.pk,
                "grant": grant.pk,
                "envelope": allocation.envelope_id,
                "service": None,
                "amount": "20000.00",
                **kept(allocation),
            }
        ],
        "paid": "1000.00",
        **kept(grant),
    }


def report_json(report) -> dict:
    line = report.lines.get()
    return {
        "id": report.pk,
        "grant": report.grant_id,
        "year": 2014,
        "due_on": "2015-06-30",
        "received_on": None,
        "accepted_on": None,
        "note": "",
        "lines": [
            {
                "id": line.pk,
                "report": report.pk,
                "label": line.label,
                "budget": "1000.00",
                "actual": "900.00",
                "variance": "-100.00",
                "variance_percent": "-10.0",
                **kept(line),
            }
        ],
        **kept(report),
    }


def whole_json(grant) -> dict:
    """The grant read alone."""
    agreement, payment = grant.agreement, grant.payments.get()
    return row_json(grant) | {
        "pieces": [
            {"id": piece.pk, "grant": grant.pk, "kind": piece.kind, "received_on": "2015-01-12", **kept(piece)}
            for piece in grant.pieces.order_by("kind")
        ],
        "agreement": {
            "id": agreement.pk,
            "grant": grant.pk,
            "number": "",
            "signed_on": "2015-03-02",
            "conditions": "Invented terms.",
            "allows_regranting": False,
            "instalments": [
                {
                    "id": instalment.pk,
                    "agreement": agreement.pk,
                    "number": instalment.number,
                    "amount": amount,
                    "due_on": None,
                    "condition": "",
                    **kept(instalment),
                }
                for instalment, amount in zip(agreement.instalments.all(), ("13333.33", "6666.67"), strict=True)
            ],
            **kept(agreement),
        },
        "payments": [
            {
                "id": payment.pk,
                "grant": grant.pk,
                "allocation": payment.allocation_id,
                "instalment": payment.instalment_id,
                "paid_on": "2015-04-01",
                "amount": "1000.00",
                "reference": payment.reference,
                **kept(payment),
            }
        ],
        "reports": [report_json(report) for report in grant.reports.all()],
    }


def test_a_grant_alone_and_in_the_list(api, grant):
    assert api.get(f"/api/v1/grants/{grant.pk}/").json() == whole_json(grant)
    assert api.get("/api/v1/grants/").json() == page(row_json(grant))


def test_a_draft_has_no_agreement_and_nobody_who_judged_it(api):
    draft = factories.GrantFactory()
    read = api.get(f"/api/v1/grants/{draft.pk}/").json()
    assert [read[name] for name in ("agreement", "instructed_by", "approved_by")] == [None, None, None]
    assert (read["paid"], read["payments"], read["reports"]) == ("0.00", [], [])


def test_a_grant_takes_as_many_queries_however_long_its_file_is(grant):
    """The token, and the grant with its places, allocations, pieces, agreement, instalments, payments, reports and lines."""
    address = f"/api/v1/grants/{grant.pk}/"
    assert len(queries(bearer(), address)) == 2
    factories.GrantPlaceFactory.create_batch(2, grant=grant)
    factories.PaymentFactory.create_batch(3, grant=grant, instalment=grant.agreement.instalments.first())
    for year in (2012, 2013):
        report = factories.FinancialReportFactory(grant=grant, year=year)
        factories.ReportLineFactory.create_batch(2, report=report)
    long = queries(bearer(), address)
    assert len(long) == 2, "\n".join(long)


def test_a_line_of_which_nothing_was_budgeted_varies_by_no_percentage(api):
    line = factories.ReportLineFactory(budget=0, actual=50)
    read = api.get(f"/api/v1/report-lines/{line.pk}/").json()
    assert (read["variance"], read["variance_percent"]) == ("50.00", None)


# --- envelopes and funds ---


@pytest.fixture
def envelope() -> models.Envelope:
    """1 % of 5 million for water; of sanitation the resources are not recorded."""
    fund = factories.FundFactory(ceiling=True)
    factories.FundParameterFactory(fund=fund)
    envelope = factories.EnvelopeFactory(fund=fund, commitment_authorised=70000, payment_credits=40000)
    water = factories.FundServiceFactory(fund=fund, slug="water")
    factories.FundServiceFactory(fund=fund, slug="sewers")
    factories.ResourceBaseFactory(envelope=envelope, service=water, own_resources=5000000)
    return envelope


def service_json(service) -> dict:
    return {
        "id": service.pk,
        "fund": service.fund_id,
        "slug": service.slug,
        "name_fr": service.name_fr,
        "name_en": service.name_en,
        **kept(service),
    }


def envelope_json(envelope, **sums) -> dict:
    untouched = {
        "committed": "0.00",
        "proposed": "0.00",
        "paid": "0.00",
        "left_to_commit": "70000.00",
        "left_to_pay": "40000.00",
    }
    return {
        "id": envelope.pk,
        "fund": envelope.fund_id,
        "year": 2015,
        "commitment_authorised": "70000.00",
        "payment_credits": "40000.00",
        "deliberation": None,
        "note": "",
        **untouched,
        **sums,
        **kept(envelope),
    }


def test_an_envelope_says_what_is_left_and_the_headroom_of_each_service_apart(api, envelope):
    sewers, water = envelope.fund.services.order_by("slug")
    assert api.get("/api/v1/envelopes/").json() == page(envelope_json(envelope))
    assert api.get(f"/api/v1/envelopes/{envelope.pk}/").json() == envelope_json(envelope) | {
        "headroom": [
            {
                "service": service_json(sewers),
                "own_resources": None,
                "rate": "1.00",
                "ceiling": None,
                "committed": "0.00",
                "left": None,
            },
            {
                "service": service_json(water),
                "own_resources": "5000000.00",
                "rate": "1.00",
                "ceiling": "50000.00",
                "committed": "0.00",
                "left": "50000.00",
            },
        ]
    }


def test_an_envelope_counts_what_is_proposed_committed_and_paid(api):
    envelope = factories.EnvelopeFactory(commitment_authorised=70000, payment_credits=40000)
    lives.paid(envelope=envelope)
    lives.grant_at("proposed", envelope=envelope)
    lives.grant_at("under-review", envelope=envelope)
    sums = {"committed": "20000.00", "proposed": "20000.00", "paid": "1000.00"}
    left = {"left_to_commit": "50000.00", "left_to_pay": "39000.00"}
    assert api.get("/api/v1/envelopes/").json() == page(envelope_json(envelope, **sums, **left))
    assert api.get(f"/api/v1/envelopes/{envelope.pk}/").json()["headroom"] == []


def test_an_envelope_takes_as_many_queries_however_many_services_feed_its_fund(api, envelope):
    """Token, envelope with its fund, services, resources, what is committed on each, the rate."""
    address = f"/api/v1/envelopes/{envelope.pk}/"
    assert len(queries(api, address)) == 6
    factories.FundServiceFactory.create_batch(3, fund=envelope.fund)
    lives.paid()
    assert len(queries(api, address)) == 6


def test_a_fund_read_alone_has_its_envelopes_and_its_path(api, envelope):
    fund = envelope.fund
    for year, target in ((2015, 800000), (2016, 1000000)):
        factories.FundParameterFactory(
            fund=fund, kind="yearly-target", value=target, since=f"{year}-01-01", until=f"{year}-12-31"
        )
    address = f"/api/v1/funds/{fund.pk}/"
    read = api.get(address).json()
    assert read["envelopes"] == [envelope_json(envelope)]
    assert [row["slug"] for row in read["services"]] == ["sewers", "water"]
    assert [(row["kind"], row["value"]) for row in read["parameters"]] == [
        ("ceiling-rate", "1.00"),
        ("yearly-target", "1000000.00"),
        ("yearly-target", "800000.00"),
    ]
    assert api.get(f"{address}path/").json() == [
        {"year": 2015, "target": "800000.00", "committed": "0.00", "paid": "0.00"},
        {"year": 2016, "target": "1000000.00", "committed": None, "paid": None},
    ]
    assert len(queries(api, address)) == 5  # token, fund, services, parameters, envelopes
    factories.EnvelopeFactory(fund=fund, year=2014)
    assert len(queries(api, address)) == 5


def test_a_crisis_says_how_fast_its_aid_was_paid(api):
    crisis = factories.CrisisFactory()
    done = lives.paid(crisis=crisis)
    waiting = factories.GrantFactory(crisis=crisis, received_on="2015-05-30", reference="GRA-2015-WAITS")
    lives.paid()
    address = f"/api/v1/crises/{crisis.pk}/fast-track/"
    assert api.get(address).json() == [
        {
            "grant": waiting.pk,
            "reference": "GRA-2015-WAITS",
            "requested_on": "2015-05-30",
            "voted_on": None,
            "paid_on": None,
            "days": 2,
        },
        {
            "grant": done.pk,
            "reference": done.reference,
            "requested_on": "2015-01-12",
            "voted_on": done.deliberation.voted_on.isoformat(),
            "paid_on": "2015-04-01",
            "days": 79,
        },
    ]


# --- what a caller may not read ---


def test_expanded_records_are_those_that_the_caller_may_see(grant):
    address = f"/api/v1/grants/{grant.pk}/?expand=beneficiary,places.city,agreement.instalments.agreement"
    blind, seeing = bearer("solidarity:read"), bearer("solidarity:read", "partnerships:read")
    for api, seen in ((blind, False), (seeing, True)):
        read = api.get(address).json()
        assert (read["expanded"]["beneficiary"] is not None) is seen
        assert (read["places"][0]["expanded"]["city"] is not None) is seen
        assert read["agreement"]["instalments"][0]["expanded"]["agreement"]["id"] == grant.agreement.pk


@pytest.mark.parametrize("address", ["grants/{grant}/checklist", "crises/{crisis}/fast-track"])
def test_what_names_organisations_and_votes_needs_their_scope(address):
    grant = factories.GrantFactory(crisis=factories.CrisisFactory())
    path = address.format(grant=grant.pk, crisis=grant.crisis_id)
    response = bearer("solidarity:read").get(f"/api/v1/{path}/")
    assert response.status_code == 403
    assert response.json()["detail"] == "The access token lacks the scope “partnerships:read”."


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.OFFICER, Role.PROTECTION_OFFICER])
def test_who_only_reads_grants_writes_none(grant, role):
    reader = signed_in(role)
    assert reader.get(f"/api/v1/grants/{grant.pk}/").json() == whole_json(grant)
    assert reader.get(f"/api/v1/grants/{grant.pk}/checklist/").status_code == 200
    assert reader.get(f"/api/v1/grants/{grant.pk}/steps/").json() == []
    for address in ("grants/", f"grants/{grant.pk}/report/", "grants/vote-session/", "payments/"):
        assert reader.post(f"/api/v1/{address}", {}).status_code == 403
    assert models.Payment.objects.count() == 1


def test_no_account_is_read_or_written_with_a_grant(api, grant):
    text = api.get(f"/api/v1/grants/{grant.pk}/").content.decode()
    assert "@" not in text
    response = api.patch(f"/api/v1/grants/{grant.pk}/", {"approved_by": "Me"}, headers={"If-Match": "*"})
    assert response.json()["errors"] == [{"field": "approved_by", "message": "This field cannot be written."}]


def test_a_person_without_a_name_is_not_shown_by_an_address(api):
    grant = lives.grant_at("under-review", actor=officer("", ""))
    assert api.get(f"/api/v1/grants/{grant.pk}/").json()["instructed_by"] == ""
