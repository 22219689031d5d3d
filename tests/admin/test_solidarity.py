"""Solidarity in the admin: a grant from its draft to its closing, its money, a session of the Council, who may do what."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.roles import Role
from solidarity.models import Grant
from tests import factories as make
from tests.admin.forms import body, done, errors, filled, page, perform, queries, row_errors, rows
from tests.solidarity import lives

LIST = "admin:solidarity_grant_changelist"


@pytest.fixture
def officer(solidarity_officer) -> Client:
    return solidarity_officer


@pytest.fixture
def colleague(db) -> Client:
    client = Client()
    client.user = make.UserFactory(role=Role.SOLIDARITY_OFFICER, language="en")
    client.force_login(client.user)
    return client


@pytest.fixture
def law(db):
    lives.law_in_force()


# --- the life of a grant ---


def test_two_officers_take_a_water_grant_of_60_000_euros_from_draft_to_closed(officer, colleague, law):
    envelope, water, sanitation = lives.water()
    association = make.OrganisationFactory(kind="association")
    add = reverse("admin:solidarity_grant_add")
    request = {"title_fr": "Puits", "beneficiary": association.pk, "received_on": "2015-01-12", "amount_asked": "70000"}
    done(officer.post(add, filled(officer, add, **request)))
    grant = Grant.objects.get(title_fr="Puits")
    assert (grant.stage, grant.year) == ("draft", 2015)
    done(perform(officer, grant, "submit", received_on="2015-01-12"))
    done(perform(officer, grant, "review"))

    shown = body(officer, page(grant))
    assert "A piece of the file is missing: application form." in shown
    assert "The amount proposed is missing." in shown
    assert page(grant, "life", "propose") not in shown
    file = {
        "opinion": "Favourable.",
        "amount_granted": "60000",
        **rows("pieces", *({"kind": kind, "received_on": "2015-01-12"} for kind in ("form", "budget"))),
        **rows(
            "allocations",
            {"envelope": envelope.pk, "service": water.pk, "amount": "45000"},
            {"envelope": envelope.pk, "service": sanitation.pk, "amount": "15000"},
        ),
    }
    done(officer.post(page(grant), filled(officer, page(grant), **file)))
    refused = perform(officer, grant, "propose", amount_granted="60000", opinion="Favourable.")
    assert "You instructed this file: somebody else proposes it." in str(refused.context["form"].errors)
    done(perform(colleague, grant, "propose", amount_granted="60000", opinion="Favourable."))
    assert "amount_granted" not in officer.get(page(grant)).context["adminform"].form.fields

    vote = make.DeliberationFactory(voted_on=date(2015, 2, 10))
    done(perform(officer, grant, "vote", deliberation=vote.pk))
    shown = body(officer, page(grant))
    assert "Above €23,000: a signed agreement comes before the payment." in shown
    early = perform(officer, grant, "open_payment")
    assert "a signed agreement comes first" in str(early.context["form"].errors)

    agreement = rows("agreement", {"number": "CV-1", "signed_on": "2015-03-02", "conditions": "In two parts."})
    done(officer.post(page(grant), filled(officer, page(grant), **agreement)))
    own = page(grant.agreement)
    parts = rows("instalments", {"number": "1", "amount": "40000"}, {"number": "2", "amount": "20000"})
    answer = officer.post(own, filled(officer, own, **parts))
    assert answer["Location"] == page(grant) + "#agreement"
    assert "€60,000" in body(officer, own)  # the running total
    done(perform(officer, grant, "sign"))
    done(perform(officer, grant, "open_payment"))

    allocations, instalments = list(grant.allocations.order_by("-amount")), list(grant.agreement.instalments.all())
    payments = rows(
        "payments",
        *(
            {
                "allocation": allocation.pk,
                "instalment": instalment.pk,
                "paid_on": "2015-04-01",
                "amount": amount,
                "reference": f"ORDER-A{place}",
            }
            for place, (allocation, instalment, amount) in enumerate(
                [
                    (allocations[0], instalments[0], "40000"),
                    (allocations[0], instalments[1], "5000"),
                    (allocations[1], instalments[1], "15000"),
                ]
            )
        ),
    )
    done(officer.post(page(grant), filled(officer, page(grant), **payments)))
    balance = officer.get(page(grant)).context["dossier"]["balance"]
    assert (balance.paid, balance.left, balance.allocated) == (60000, 0, 60000)

    report = grant.reports.get()
    assert report.due_on == date(2016, 6, 30)
    lines = {"received_on": "2015-05-04"} | rows("lines", {"label": "Wells", "budget": "50000", "actual": "55000"})
    done(officer.post(page(report), filled(officer, page(report), **lines)))
    shown = body(officer, page(report))
    assert "€5,000" in shown
    assert "10.0 %" in shown or "10 %" in shown
    done(perform(officer, grant, "report"))
    assert "has not been accepted" in str(perform(officer, grant, "close").context["form"].errors)
    done(officer.post(page(report), filled(officer, page(report), accepted_on="2015-05-18")))
    done(perform(colleague, grant, "close"))
    grant.refresh_from_db()
    assert grant.stage == "closed"
    assert "No step is ahead of this file." in body(officer, page(grant))


def test_only_drafts_are_deleted(officer):
    assert officer.get(page(make.GrantFactory(), "delete")).status_code == 200
    assert officer.get(page(lives.grant_in("submitted"), "delete")).status_code == 403


def test_a_service_is_named_where_the_fund_has_a_ceiling(officer):
    envelope, *_services = lives.water()
    grant = make.GrantFactory()
    typed = rows("allocations", {"envelope": envelope.pk, "amount": "100"})
    answer = officer.post(page(grant), filled(officer, page(grant), **typed))
    assert "each ceiling is judged apart" in str(row_errors(answer, "allocations", 0)["service"])
    assert not grant.allocations.exists()


def test_what_the_envelope_has_not_left_is_told_by_the_allocations_and_refused(officer, colleague):
    envelope = make.EnvelopeFactory(commitment_authorised=50000)
    lives.grant_in("voted", (envelope, 30000))
    grant = lives.grant_in("under-review", (envelope, 30000), actor=officer.user)
    grant.amount_granted = 30000
    grant.save()
    sentence = f"{envelope} has €20,000 left to commit; the grant takes €30,000."
    told = colleague.get(page(grant)).context["dossier"]["about_allocations"]
    assert [words.replace(str(envelope.fund.name_fr), envelope.fund.name_en) for words in told] == [
        sentence.replace(str(envelope.fund.name_fr), envelope.fund.name_en)
    ]
    refused = perform(colleague, grant, "propose", amount_granted="30000", opinion="Favourable.")
    assert "left to commit" in str(refused.context["form"].errors)
    grant.refresh_from_db()
    assert grant.stage == "under-review"


def test_payments_are_refused_in_their_row(officer, law):
    envelope = make.EnvelopeFactory(payment_credits=5000)
    grant = lives.grant_in("in-payment", (envelope, 20000))
    allocation = grant.allocations.get()
    row = {"allocation": allocation.pk, "paid_on": "2015-04-01", "amount": "20000.01", "reference": "ORDER-B1"}
    for amount, field, sentence in (
        ("20000.01", "amount", "The payments of this allocation would exceed its amount."),
        ("5000.01", "__all__", "The payment credits (CP) of the fund for that year are exceeded."),
        ("0", "amount", "A payment is above 0."),
    ):
        typed = rows("payments", row | {"amount": amount})
        answer = officer.post(page(grant), filled(officer, page(grant), **typed))
        assert sentence in str(row_errors(answer, "payments", 0)[field])
    assert not grant.payments.exists()
    done(officer.post(page(grant), filled(officer, page(grant), **rows("payments", row | {"amount": "5000"}))))
    again = rows("payments", row | {"amount": "1"}, already=1)
    answer = officer.post(page(grant), filled(officer, page(grant), **again))
    assert "reference" in row_errors(answer, "payments", 1)


def test_payments_are_only_read_outside_the_payment(officer):
    grant = lives.grant_in("voted")
    inline = next(
        found
        for found in officer.get(page(grant)).context["inline_admin_formsets"]
        if found.formset.prefix == "payments"
    )
    assert not inline.has_add_permission
    row = {"allocation": grant.allocations.get().pk, "paid_on": "2015-04-01", "amount": "1", "reference": "X"}
    done(officer.post(page(grant), filled(officer, page(grant), **rows("payments", row))))
    assert not grant.payments.exists()


def test_a_payment_is_offered_only_parts_of_its_own_grant(officer):
    grant, other = lives.grant_in("in-payment"), lives.grant_in("in-payment")
    row = {"allocation": other.allocations.get().pk, "paid_on": "2015-04-01", "amount": "1", "reference": "X"}
    answer = officer.post(page(grant), filled(officer, page(grant), **rows("payments", row)))
    assert "allocation" in row_errors(answer, "payments", 0)


def test_an_envelope_shows_its_balance_and_never_goes_below_what_is_committed(officer):
    envelope, water, _sanitation = lives.water(commitment_authorised=100000)
    lives.grant_in("voted", (envelope, 30000, water))
    lives.grant_in("voted", (envelope, 20000, water))
    lives.grant_in("proposed", (envelope, 10000, water))
    answer = officer.get(page(envelope))
    found = answer.context["envelope_balance"]["envelope"]
    assert (found.committed, found.proposed, found.left_to_commit) == (50000, 10000, 50000)
    assert [room.left for room in answer.context["envelope_balance"]["rooms"] if room.service == water] == [50000]
    shown = answer.content.decode()
    assert "€70,000" in shown  # left after the first vote
    refused = officer.post(page(envelope), filled(officer, page(envelope), commitment_authorised="49999.99"))
    assert "The authorised commitment (AE) of the envelope is exceeded." in errors(refused)
    envelope.refresh_from_db()
    assert envelope.commitment_authorised == 100000


# --- a session of the Council ---


def act(client, action: str, grants, **values):
    chosen = {"action": action, "_selected_action": [grant.pk for grant in grants], "index": "0"}
    return client.post(reverse(LIST) + "?view=proposed", chosen | values)


def test_one_vote_is_recorded_for_all_or_none(officer):
    envelope = make.EnvelopeFactory(commitment_authorised=50000)
    grants = [lives.grant_in("proposed", (envelope, amount)) for amount in (20000, 25000)]
    vote = make.DeliberationFactory()
    envelope.commitment_authorised = 40000
    envelope.save()
    asked = act(officer, "vote_session", grants)
    assert [row.grant for row, _envelopes in asked.context["rows"]] == sorted(grants, key=lambda g: str(g.beneficiary))
    refused = act(officer, "vote_session", grants, confirmed="1", deliberation=vote.pk)
    told = refused.context["form"].non_field_errors()
    assert any(sentence.startswith(f"{grants[1].reference}: ") for sentence in told)
    assert {grant.stage for grant in Grant.objects.all()} == {"proposed"}
    envelope.commitment_authorised = 50000
    envelope.save()
    missing = act(officer, "vote_session", grants, confirmed="1")
    assert "deliberation" in missing.context["form"].errors
    answer = act(officer, "vote_session", grants, confirmed="1", deliberation=vote.pk)
    assert answer.status_code == 302
    assert set(Grant.objects.values_list("stage", "deliberation")) == {("voted", vote.pk)}


def test_a_vote_on_what_is_not_proposed_any_more_is_refused_whole(officer):
    grants = [lives.grant_in("proposed"), lives.grant_in("under-review")]
    vote = make.DeliberationFactory()
    refused = act(officer, "vote_session", grants, confirmed="1", deliberation=vote.pk)
    assert f"{grants[1].reference}: “Record the vote” is not possible now" in str(
        refused.context["form"].non_field_errors()
    )
    assert not Grant.objects.filter(stage="voted").exists()


@pytest.mark.parametrize(("place", "ending"), [("0", "csv"), ("1", "ods"), ("2", "xlsx")])
def test_the_list_for_the_deliberation_is_a_table(officer, place, ending):
    body_ = make.OrganisationFactory(name_fr="=Corps", name_en="=Body", rna="W751234567")
    envelope, water, _sanitation = lives.water()
    lives.grant_in("voted", (envelope, 10000, water), beneficiary=body_, in_kind_value=500)
    grants = [lives.grant_in("proposed", (envelope, amount, water), beneficiary=body_) for amount in (20000, 5000)]
    assert act(officer, "export_session", grants).context["total"] == 25000
    answer = act(officer, "export_session", grants, confirmed="1", format=place)
    assert answer["Content-Disposition"].endswith(f'.{ending}"')
    if ending != "csv":
        assert answer.content[:2] == b"PK"
        return
    head, *found = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:3] == ["Number", "Body", "SIRET or RNA"]
    assert [row[0] for row in found] == [grant.reference for grant in grants]
    assert found[0][1:3] == ["'=Body", "W751234567"]
    assert "€20,000" in found[0][5]
    assert [Decimal(row[4]) for row in found] == [20000, 5000]
    assert {Decimal(row[6]) for row in found} == {Decimal(35500)}


def test_only_what_is_proposed_goes_on_the_list(officer):
    grants = [lives.grant_in("proposed"), lives.grant_in("under-review")]
    answer = officer.post(
        reverse(LIST),
        {"action": "export_session", "_selected_action": [grant.pk for grant in grants], "index": "0"},
        follow=True,
    )
    told = [str(message) for message in answer.context["messages"]]
    assert told == [f"Not proposed to the Council: {grants[1].reference}."]


# --- who may do what ---


def test_a_solidarity_officer_writes_and_an_officer_reads(officer, db):
    reader = Client()
    reader.force_login(make.UserFactory(role=Role.OFFICER, language="en"))
    grant = lives.grant_in("proposed")
    assert officer.get(page(grant)).context["has_change_permission"] is True
    assert reader.get(page(grant)).context["has_change_permission"] is False
    assert reader.post(page(grant), {}).status_code == 403
    assert reader.post(page(grant, "life", "reject"), {}).status_code == 403
    vote = make.DeliberationFactory()
    act(reader, "vote_session", [grant], confirmed="1", deliberation=vote.pk)
    grant.refresh_from_db()
    assert grant.stage == "proposed"
    assert act(reader, "export_session", [grant], confirmed="1", format="0").status_code == 200


# --- the start page, and how often is asked ---


def test_the_start_page_says_what_waits(officer, law):
    envelope = make.EnvelopeFactory(commitment_authorised=20000)
    lives.grant_in("voted", (envelope, 19000))
    lives.grant_in("submitted")
    lives.grant_in("proposed")
    make.FinancialReportFactory(grant=lives.grant_in("in-payment", earmarked=False), due_on=date(2015, 3, 31))
    big = lives.grant_in("voted", (make.EnvelopeFactory(commitment_authorised=10**6, year=2014), 160000), year=2014)
    make.PublicAccountsFactory(organisation=big.beneficiary, year=2014, approved_on=date(2015, 1, 5))
    cards = {card.title: card for card in officer.get(reverse("admin:index")).context["cards"]}
    counted = {
        "Grant files that wait for the department": 2,
        "Grants ready for the Council": 1,
        "Grants voted and not wholly paid": 3,
        "Overdue financial reports": 1,
        "Envelopes almost used": 1,
        "Accounts to be published: late, or not recorded": 1,
    }
    assert {title: cards[title].count for title in counted} == counted


def test_lists_and_pages_ask_a_fixed_number_of_times(officer):
    envelope = make.EnvelopeFactory(commitment_authorised=10**6)
    grant = lives.grant_in("voted", (envelope, 1000))
    few = [queries(officer, address) for address in (reverse(LIST), page(envelope), page(grant))]
    for _number in range(3):
        lives.grant_in("voted", (envelope, 1000))
    many = [queries(officer, address) for address in (reverse(LIST), page(envelope), page(grant))]
    assert few == many == [12, 11, 40]
