"""The solidarity of Paris as the documents tell it, the invented grants apart from it, and bad input in the files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import override

from core import loading
from core.access import Parvis
from core.loading import Rows, Unloadable, load
from core.models import Citation, Source
from solidarity import loaders, sample_grants
from solidarity.enums import ThresholdKind
from solidarity.models import (
    Crisis,
    CrisisPlace,
    DeclaredAid,
    Envelope,
    Fund,
    FundParameter,
    FundService,
    Grant,
    HealthIndicator,
    LegalThreshold,
    PublicAccounts,
    ResourceBase,
)
from solidarity.selectors.funds import declared, path
from tests.solidarity.loaded import models_of, run, state

COUNTS = {
    Fund: 6,
    FundService: 3,
    FundParameter: 5,
    LegalThreshold: 5,
    DeclaredAid: 5,
    Crisis: 5,
    CrisisPlace: 6,
    HealthIndicator: 4,
    # No document states an envelope or a single grant.
    Envelope: 0,
    ResourceBase: 0,
    Grant: 0,
    PublicAccounts: 0,
}


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        run("load_paris")
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(paris, db):
    pass


# --- what the documents say ---


def test_everything_that_the_documents_name_is_there_and_no_more():
    assert {model: model.objects.count() for model in COUNTS} == COUNTS


def test_a_second_run_changes_nothing():
    loaded = models_of(loading.registered()) | {Citation}
    before = state(loaded)
    said = run("load_paris")
    assert state(loaded) == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}


def test_every_loaded_row_says_where_it_comes_from():
    uncited = [
        record
        for model in models_of(loading.registered())
        for record in model.objects.all()
        if not record.citations.exists()
    ]
    assert uncited == []


def test_figures_of_the_law_hold_from_their_texts_on():
    held = {
        (row.kind, row.value, row.since, row.until) for row in LegalThreshold.objects.filter(kind__in=ThresholdKind)
    }
    assert held == {
        ("convention", 23000, date(2001, 6, 10), None),
        ("accounts", 153000, date(2009, 5, 17), None),
        ("accounts-months", 3, date(2009, 5, 17), None),
        ("report-months", 6, date(2000, 4, 13), None),
        ("engagement", 1, date(2022, 1, 2), None),
    }
    assert LegalThreshold.on(ThresholdKind.ENGAGEMENT, date(2022, 1, 1)) is None
    assert not LegalThreshold.objects.exclude(citations__source__kind="outside").exists()


def test_funds_have_the_bounds_that_are_stated():
    services = set(FundService.objects.values_list("fund__slug", "slug"))
    assert services == {("oudin", "water"), ("oudin", "sanitation"), ("waste", "waste")}
    parameters = {(row.fund.slug, row.kind, row.value, row.since, row.until) for row in FundParameter.objects.all()}
    assert parameters == {
        ("oudin", "ceiling-rate", 1, date(2005, 2, 10), None),
        ("waste", "ceiling-rate", 1, date(2014, 7, 9), None),
        ("waste", "yearly-target", 1000000, date(2020, 1, 1), date(2020, 12, 31)),
        ("emergency", "grant-minimum", 20000, date(2014, 4, 5), None),
        ("emergency", "grant-maximum", 100000, date(2014, 4, 5), None),
    }
    kinds = dict(Fund.objects.values_list("slug", "kind"))
    assert kinds == {
        "oudin": "service-share",
        "waste": "service-share",
        "hiv-aids": "subsidy",
        "human-rights": "subsidy",
        "emergency": "emergency",
        "aimf": "contribution",
    }


def test_the_path_of_the_waste_scheme_has_its_one_stated_year():
    [year] = path(Parvis(), Fund.objects.get(slug="waste"))
    assert (year.year, year.target) == (2020, 1000000)
    assert not year.committed
    assert not year.paid


def test_declared_amounts_are_side_by_side_and_sum_to_nothing_that_is_declared():
    rows = {row.slug: (row.amount, row.basis, row.fund and row.fund.slug, row.year) for row in declared(Parvis())}
    assert rows == {
        "foreign-assistance": (6700000, "committed", None, None),
        "hiv-aids-subsidies": (2000000, "subsidies", "hiv-aids", None),
        "oudin-fund": (1000000, "fund", "oudin", None),
        "aimf-fund": (1000000, "fund", "aimf", None),
        "waste-target": (1000000, "target", "waste", 2020),
    }
    whole = DeclaredAid.objects.get(slug="foreign-assistance")
    assert whole.reference == "CNCD 2014"
    named = DeclaredAid.objects.exclude(pk=whole.pk).aggregate(sum=Sum("amount"))["sum"]
    assert named != whole.amount
    remainder = whole.amount - named
    assert not DeclaredAid.objects.filter(amount=remainder).exists()


def test_crises_have_the_places_that_are_named_and_no_day():
    places = {
        crisis.slug: (crisis.kind, {place.country.code for place in crisis.places.all()})
        for crisis in Crisis.objects.all()
    }
    assert places == {
        "ebola": ("epidemic", set()),
        "haiti": ("disaster", {"HT"}),
        "madagascar": ("disaster", {"MG"}),
        "vanuatu": ("disaster", {"VU"}),
        "syria-iraq-lebanon": ("conflict", {"SY", "IQ", "LB"}),
    }
    assert not Crisis.objects.exclude(since=None, until=None).exists()


def test_supported_is_kept_apart_from_suppressed():
    rows = set(HealthIndicator.objects.values_list("city", "year", "measure", "target", "actual"))
    assert rows == {
        (None, 2020, "diagnosed", 90, None),
        (None, 2020, "treated", 90, None),
        (None, 2020, "suppressed", 90, None),
        (None, 2014, "supported", 90, None),
    }
    suppressed = HealthIndicator.objects.get(measure="suppressed")
    assert [citation.source.kind for citation in suppressed.citations.all()] == ["outside"]
    supported = HealthIndicator.objects.get(measure="supported")
    assert [citation.source.kind for citation in supported.citations.all()] == ["official"]


# --- the samples ---


def test_the_reference_data_bring_no_sample():
    assert not Source.objects.filter(kind="sample").exists()
    assert not Fund.objects.filter(slug__startswith="sample").exists()


def test_a_check_of_the_samples_writes_nothing():
    said = run("load_samples", "--check")
    assert f"grants: {len(sample_grants.SAMPLES)} created\n" in said
    assert not Grant.objects.exists()


def test_a_grant_that_the_rules_refuse_is_named_and_nothing_is_loaded(monkeypatch):
    [first, *others] = sample_grants.SAMPLES
    spoilt = sample_grants.Sample(**{**first.__dict__, "asked": first.granted - 1})
    monkeypatch.setattr("solidarity.samples.SAMPLES", (*others, spoilt))
    with pytest.raises(CommandError) as refused:
        run("load_samples")
    lines = str(refused.value).splitlines()
    assert lines[1:] == [
        "solidarity/sample_grants.py:1: GRA-EXEMPLE-1: amount_granted: No more is granted than was asked."
    ]
    assert not Grant.objects.exists()
    assert not Source.objects.filter(kind="sample").exists()


def test_production_has_no_samples(settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="invented"):
        run("load_samples")
    assert not Grant.objects.exists()


# --- bad input ---


Refuses = Callable[[str, Rows, str], list[str]]
CITED = "citations: [{source: seed-0}]"
A_FUND = f"""
rows:
- slug: energy
  name_fr: Un fonds
  kind: service-share
  services:
    - {{slug: grid, name_fr: Un service, {CITED}}}
  parameters:
    - {{kind: ceiling-rate, value: 1, since: 2015-01-01, until: 2015-12-31, {CITED}}}
    - {{kind: ceiling-rate, value: 2, since: 2016-01-01, {CITED}}}
  {CITED}
"""
AN_ENVELOPE = f"rows:\n- fund: oudin\n  year: 2015\n  commitment_authorised: 100\n  payment_credits: 90\n  {CITED}\n"
A_THRESHOLD = (
    f"rows:\n- kind: convention\n  value: 20000\n  since: 1995-01-01\n  until: 1999-12-31\n"
    f"  legal_basis: Un texte\n  {CITED}\n"
)
AN_AMOUNT = f"rows:\n- slug: some-aid\n  label_fr: Un montant\n  amount: 1000\n  basis: fund\n  fund: aimf\n  {CITED}\n"
A_CRISIS = (
    f"rows:\n- slug: quake\n  name_fr: Un séisme\n  kind: disaster\n  places: [{{country: HT, {CITED}}}]\n  {CITED}\n"
)
AN_INDICATOR = f"rows:\n- year: 2014\n  measure: treated\n  city: kinshasa\n  target: 90\n  {CITED}\n"
FILES = {
    "funds.yaml": (loaders.FUND, A_FUND),
    "envelopes.yaml": (loaders.ENVELOPE, AN_ENVELOPE),
    "thresholds.yaml": (loaders.THRESHOLD, A_THRESHOLD),
    "declared_aid.yaml": (loaders.DECLARED, AN_AMOUNT),
    "crises.yaml": (loaders.CRISIS, A_CRISIS),
    "health.yaml": (loaders.HEALTH, AN_INDICATOR),
}


@pytest.fixture
def refuses(tmp_path: Path) -> Refuses:
    """Every fault of a file that is refused, in English; nothing of it is written."""

    def try_to_load(name: str, rows: Rows, text: str) -> list[str]:
        folder = tmp_path / "example" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
        before = rows.model.objects.count()
        with override("en"), pytest.raises(Unloadable) as refused:
            load("test_load", files=[(folder / name, rows)])
        assert rows.model.objects.count() == before
        return [str(fault) for fault in refused.value]

    return try_to_load


def test_the_files_of_these_tests_are_right_before_they_are_spoilt(tmp_path):
    for name, (rows, text) in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        tallies = load("test_load", files=[(tmp_path / name, rows)])
        assert tallies[rows.model].created == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "said"),
    [
        ("funds.yaml", "kind: service-share", "kind: piggy-bank", 4, "energy: kind: "),
        ("funds.yaml", "value: 1,", "value: 100.01,", 8, "A ceiling is a percentage."),
        ("funds.yaml", "value: 1,", "value: -1,", 8, "An amount cannot be negative."),
        ("funds.yaml", "value: 1,", "value: one,", 8, "value: “one” value must be a decimal number."),
        ("funds.yaml", "since: 2016-01-01", "since: 2015-06-01", 9, "Another value holds at that time: end it first."),
        ("funds.yaml", "until: 2015-12-31", "until: 2014-12-31", 8, ""),
        ("funds.yaml", "since: 2016-01-01", "since: 2016", 9, "since: “2016” is not a day"),
        ("envelopes.yaml", "fund: oudin", "fund: nowhere", 2, "fund: There is no fund “nowhere”."),
        ("envelopes.yaml", "year: 2015", "year: 1815", 3, "A year lies between 1990 and 2100."),
        (
            "envelopes.yaml",
            "commitment_authorised: 100",
            "commitment_authorised: -1",
            4,
            "An amount cannot be negative.",
        ),
        ("envelopes.yaml", "  payment_credits: 90\n", "", 2, "payment_credits: "),
        ("thresholds.yaml", "until: 1999-12-31", "until: 2002-01-01", 2, "Another value holds at that time"),
        ("thresholds.yaml", "kind: convention", "kind: rumour", 2, "kind: "),
        ("thresholds.yaml", "  legal_basis: Un texte\n", "", 2, "legal_basis: "),
        ("declared_aid.yaml", "amount: 1000", "amount: -1000", 4, "An amount cannot be negative."),
        ("declared_aid.yaml", "basis: fund", "basis: breakdown", 5, "basis: "),
        ("declared_aid.yaml", "fund: aimf", "fund: aimf\n  year: 20", 7, "A year lies between 1990 and 2100."),
        ("crises.yaml", "country: HT", "country: HT, city: kinshasa", 5, "A place is a city or a country, not both."),
        ("crises.yaml", "country: HT, ", "", 5, "A place is a city or a country, not both."),
        ("crises.yaml", "country: HT", "country: XZ", 5, "country: There is no country “XZ”."),
        ("crises.yaml", "kind: disaster", "kind: strike", 4, "kind: "),
        ("health.yaml", "target: 90", "target: 190", 5, "A percentage lies between 0 and 100."),
        ("health.yaml", "target: 90", "target: 90\n  actual: ninety", 6, "actual: "),
        ("health.yaml", "year: 2014", "year: 2016\n  actual: 80", 3, "actual: This has not happened yet"),
        ("health.yaml", f"  {CITED}\n", "", 2, "citations: Say where this comes from"),
    ],
)
def test_bad_rows_are_named_with_file_and_line(refuses, name, old, new, line, said):
    rows, text = FILES[name]
    assert old in text
    faults = refuses(name, rows, text.replace(old, new, 1))
    place = f"example/data/{name}:{line}: "
    assert any(fault.startswith(place) and said in fault for fault in faults), faults
