"""The invented grants: marked, led by their verbs, at every stage, and never a second time."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.utils.translation import override

from core import loading
from core.access import Parvis
from core.history import event_model
from core.loading import Unloadable, load
from core.models import Citation
from partnerships.models import Deliberation
from solidarity import loaders, sample_grants
from solidarity.enums import GRANT_LIFE, GrantStage
from solidarity.models import Crisis, Envelope, Fund, FundService, Grant, GrantPlace, Payment, ResourceBase
from solidarity.selectors.funds import envelopes, headroom
from solidarity.selectors.grants import fast_tracks, overdue_reports, proposed
from tests.solidarity.loaded import OF_GRANTS, models_of, run, state


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        run("load_paris")
        run("load_samples")
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(paris, db):
    pass


def grant(number: int) -> Grant:
    return Grant.objects.get(reference=f"GRA-EXEMPLE-{number}")


def missing(number: int, verb: str) -> set[str]:
    return {reason.field for reason in GRANT_LIFE.missing(grant(number), verb)}


def test_every_sample_says_that_it_is_invented():
    made = [model for model in [*OF_GRANTS, Envelope, ResourceBase] if model.objects.exists()]
    assert set(made) == {*OF_GRANTS, Envelope, ResourceBase}
    for model in made:
        for record in model.objects.all():
            assert {citation.source.kind for citation in record.citations.all()} == {"sample"}, record
    for record in Grant.objects.all():
        assert record.title_fr.startswith("Exemple inventé — ")
        assert record.title_en.startswith("Invented sample — ")
    for model in (Fund, FundService, Crisis):
        invented = model.objects.filter(citations__source__kind="sample")
        assert set(invented) == set(model.objects.filter(slug__startswith="sample"))
        assert not invented.exclude(name_fr__startswith="Exemple inventé — ").exists()
        assert not invented.exclude(name_en__startswith="Invented sample — ").exists()
    assert not Deliberation.objects.filter(grants__isnull=False).exclude(number=None).exists()


def test_samples_touch_no_real_body_place_fund_or_crisis():
    invented = {"citations__source__kind": "sample"}
    bodies = {row.beneficiary for row in Grant.objects.select_related("beneficiary")}
    assert bodies
    assert all(body.citations.get().source.kind == "sample" for body in bodies)
    assert not GrantPlace.objects.exists()
    assert not Envelope.objects.exclude(fund__in=Fund.objects.filter(**invented)).exists()
    assert not Grant.objects.exclude(crisis=None).exclude(crisis__in=Crisis.objects.filter(**invented)).exists()
    assert not Grant.objects.exclude(instructed_by=None, approved_by=None).exists()
    assert Grant().reference == "GRA-2015-0001"


def test_a_second_run_of_the_samples_changes_nothing():
    everything = {*models_of(loading.registered(samples=True)), *OF_GRANTS, Citation}
    before = state(everything)
    said = run("load_samples")
    assert state(everything) == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}
    assert f"grants: {len(sample_grants.SAMPLES)} unchanged\n" in said


def test_there_is_a_grant_at_every_stage():
    assert set(Grant.objects.values_list("stage", flat=True)) == set(GrantStage.values)
    assert Grant.objects.count() == len(sample_grants.SAMPLES) == 13


def test_each_grant_was_led_there_by_its_verbs():
    events = event_model(Grant).objects.filter(reference="GRA-EXEMPLE-1").order_by("pgh_id")
    assert [event.stage for event in events] == [
        "draft",
        "submitted",
        "under-review",
        "proposed",
        "voted",
        "in-payment",
        "reported",
        "closed",
    ]
    contexts = [event.pgh_context for event in events]
    assert [context.get("verb") for context in contexts][1:] == [
        "submit",
        "review",
        "propose",
        "vote",
        "open_payment",
        "report",
        "close",
    ]
    assert {(context["client"], context["reason"]) for context in contexts} == {("Parvis", "load_samples")}
    paid = event_model(Payment).objects.first()
    assert "verb" not in paid.pgh_context


def test_the_samples_show_what_stands_in_the_way():
    assert missing(5, "review") == {"beneficiary"}
    assert [report.grant.reference for report in overdue_reports(Parvis())] == ["GRA-EXEMPLE-4"]
    assert missing(6, "propose") == {"pieces", "opinion", "amount_granted"}
    assert missing(7, "vote") == {"deliberation"}
    assert missing(11, "open_payment") == {"agreement"}
    assert missing(3, "close") == {"reports"}
    assert [row.reference for row in proposed(Parvis())] == ["GRA-EXEMPLE-7"]
    assert "hors du champ" in grant(9).stopped_reason
    assert "renonce" in grant(10).stopped_reason


def test_a_grant_of_60_000_has_an_agreement_and_one_of_two_instalments_paid():
    large = grant(2)
    assert (large.amount_granted, large.stage, large.in_kind_value) == (60000, "in-payment", 3000)
    paid = [(row.number, row.amount, row.payments.count()) for row in large.agreement.instalments.order_by("number")]
    assert paid == [(1, 40000, 1), (2, 20000, 0)]
    assert {row.service.slug: row.amount for row in large.allocations.all()} == {
        "sample-water": 45000,
        "sample-sanitation": 15000,
    }


def test_the_emergency_draws_on_two_funds_and_shows_its_days():
    [track] = fast_tracks(Parvis())
    assert track.grant == grant(8)
    assert track.grant.allocations.values("envelope__fund").distinct().count() == 2
    assert (track.requested_on, track.voted_on, track.paid_on) == (
        date(2015, 4, 7),
        date(2015, 4, 13),
        date(2015, 4, 17),
    )
    assert track.days == 10


def test_envelopes_stay_within_their_credits_and_ceilings():
    water = envelopes(Parvis()).get(fund__slug="sample-water-fund", year=2015)
    assert (water.committed, water.proposed, water.paid) == (138000, 22000, 55000)
    assert {row.service.slug: row.left for row in headroom(Parvis(), water)} == {
        "sample-water": Decimal(45000),
        "sample-sanitation": Decimal(27000),
    }


def test_a_grant_that_a_person_changed_or_removed_stays_so():
    draft, other = grant(13), grant(6)
    draft.delete()
    other.title_fr = "Repris par une personne"
    other.save()
    said = run("load_samples")
    assert f"grants: {len(sample_grants.SAMPLES) - 1} unchanged, 1 kept as a person left them\n" in said
    assert not Grant.objects.filter(reference="GRA-EXEMPLE-13").exists()
    assert grant(6).title_fr == "Repris par une personne"


def test_a_base_of_a_service_that_does_not_feed_the_fund_is_refused(tmp_path: Path):
    cited = "citations: [{source: seed-0}]"
    (tmp_path / "envelopes.yaml").write_text(
        f"rows:\n- fund: oudin\n  year: 2015\n  commitment_authorised: 100\n  payment_credits: 90\n  {cited}\n"
        f"  bases:\n    - {{service: sample-water, own_resources: 1000, {cited}}}\n",
        encoding="utf-8",
    )
    with override("en"), pytest.raises(Unloadable) as refused:
        load("test_load", files=[(tmp_path / "envelopes.yaml", loaders.ENVELOPE)])
    [fault] = [str(fault) for fault in refused.value]
    assert "envelopes.yaml:8: oudin / 2015 › sample-water: service: This service does not feed the fund." in fault
    assert not Envelope.objects.filter(fund__slug="oudin").exists()
