"""The mechanism of reference data: what it writes, what it leaves alone, and how it refuses."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pghistory
import pytest
from django.utils.translation import override

from cooperation.models import Forecast, Framework, FundingLine, Project, ProjectStep, PurposeCode
from core import loading
from core.history import event_model
from core.loading import Rows, Unloadable, load
from core.models import Citation, Source
from partnerships.models import (
    Agreement,
    AgreementParty,
    City,
    Country,
    CountryStatus,
    Organisation,
    Relation,
)

pytestmark = pytest.mark.django_db

RUN = "test_load"
SOURCES = Rows(Source, ("slug",))
COUNTRIES = Rows(Country, ("code",))
STATUSES = Rows(CountryStatus, ("country", "kind", "since"))
CITIES = Rows(
    City,
    ("slug",),
    children={
        "relations": Rows(Relation, ("kind", "description_fr"), parent="city"),
    },
)
ORGANISATIONS = Rows(Organisation, ("slug",))
AGREEMENTS = Rows(
    Agreement,
    ("reference",),
    also=("status",),
)

A_SOURCE = """
rows:
- {slug: example-source, title_fr: An example, kind: official}
"""
A_COUNTRY = """
rows:
- {code: XA, name_fr: Pays, name_en: Country, citations: [{source: example-source}]}
"""
A_CITY = """
rows:
- slug: example
  name_fr: Exemple
  name_en: Example
  country: XA
  latitude: 1.5
  longitude: -2.25
  relations:
    - kind: partner
      description_fr: Un lien
      since: 2014-10
      citations: [{source: example-source, section: "1"}]
  citations: [{source: example-source, section: "2", note_fr: A note}]
"""

Loads = Callable[..., dict]


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Writes files and loads them, each given as (name, rows, text); sentences in English."""

    def run(*files: tuple[str, Rows, str], check: bool = False) -> dict:
        folder = tmp_path / "example" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        for name, _rows, text in files:
            (folder / name).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        with override("en"):
            return load(RUN, check=check, files=[(folder / name, rows) for name, rows, _text in files])

    return run


def by_hand() -> pghistory.context:
    """A person's write: within the one transaction of a test the loader's context would go on."""
    return pghistory.context(reason="by hand")


def base(city: str = A_CITY, country: str = A_COUNTRY) -> list[tuple[str, Rows, str]]:
    return [("sources.yaml", SOURCES, A_SOURCE), ("countries.yaml", COUNTRIES, country), ("cities.yaml", CITIES, city)]


def refusal(loads: Loads, *files: tuple[str, Rows, str]) -> list[str]:
    """What a refused load says; and that it wrote nothing."""
    before = Source.objects.count(), Country.objects.count(), City.objects.count(), Citation.objects.count()
    with pytest.raises(Unloadable) as refused:
        loads(*files)
    assert (Source.objects.count(), Country.objects.count(), City.objects.count(), Citation.objects.count()) == before
    return [str(fault) for fault in refused.value]


def test_rows_children_and_citations_are_written(loads):
    tallies = loads(*base())
    city = City.objects.get(slug="example")
    assert (city.country.code, float(city.latitude), float(city.longitude)) == ("XA", 1.5, -2.25)
    relation = city.relations.get()
    assert (str(relation.since), relation.since_precision) == ("2014-10-01", "month")
    assert city.citations.get().note == "A note"
    assert relation.citations.get().section == "1"
    assert vars(tallies[City]) == {"created": 1, "changed": 0, "unchanged": 0, "kept": 0, "removed": 0}


def test_history_says_that_it_was_loaded(loads):
    loads(*base())
    assert {event.pgh_context["reason"] for event in event_model(City).objects.all()} == {RUN}


def test_a_second_run_writes_nothing(loads):
    loads(*base())
    models = (Source, Country, City, Relation, Citation)
    before = [
        (event_model(model).objects.count(), list(model.objects.values_list("pk", "version"))) for model in models
    ]
    tallies = loads(*base())
    assert before == [
        (event_model(model).objects.count(), list(model.objects.values_list("pk", "version"))) for model in models
    ]
    assert all(tally.created == tally.changed == tally.removed == tally.kept == 0 for tally in tallies.values())


def test_only_what_differs_is_saved(loads):
    loads(*base())
    tallies = loads(*base(A_CITY.replace("Exemple", "Autre exemple")))
    assert City.objects.get().name_fr == "Autre exemple"
    assert tallies[City].changed == 1
    assert tallies[Country].unchanged == 1
    assert event_model(Country).objects.count() == 1


def test_a_check_writes_nothing(loads):
    tallies = loads(*base(), check=True)
    assert tallies[City].created == 1
    assert not City.objects.exists()


def test_a_citation_and_a_child_that_leave_the_row_go(loads):
    loads(*base())
    without = A_CITY.split("  relations:", maxsplit=1)[0] + '  citations: [{source: example-source, section: "3"}]\n'
    tallies = loads(*base(without))
    city = City.objects.get()
    assert list(city.citations.values_list("section", flat=True)) == ["3"]
    assert not city.relations.exists()
    assert tallies[Relation].removed == 1


def test_what_a_person_changed_stays(loads):
    loads(*base())
    city = City.objects.get()
    city.name_fr = "Nom corrigé"
    with by_hand():
        city.save()
    newer = A_CITY.replace("name_en: Example", "name_en: New example")
    for tally in ("changed", "kept", "kept"):
        assert getattr(loads(*base(newer))[City], tally) == 1
        city.refresh_from_db()
        assert (city.name_fr, city.name_en) == ("Nom corrigé", "New example")


def test_what_a_person_added_stays(loads):
    loads(*base())
    city = City.objects.get()
    with by_hand():
        Relation(city=city, kind="promising", description_fr="Ajouté à la main").save()
    loads(*base())
    assert city.relations.count() == 2


def test_what_a_person_removed_is_not_loaded_again(loads):
    loads(*base())
    with by_hand():
        City.objects.get().delete()
    assert loads(*base())[City].kept == 1
    assert not City.objects.exists()
    assert not Relation.objects.exists()


def test_a_row_whose_key_a_person_changed_is_still_the_same(loads):
    loads(*base())
    city = City.objects.get()
    city.slug = "renamed"
    with by_hand():
        city.save()
    loads(*base())
    assert City.objects.get().slug == "renamed"


def test_an_unknown_field_is_named_with_its_line_and_row(loads):
    faults = refusal(loads, *base(A_CITY.replace("name_en:", "nmae_en:")))
    assert faults[0].startswith(
        "example/data/cities.yaml:4: example: nmae_en: There is no such field here; there are: "
    )
    assert "name_en" in faults[0]


def test_a_wrong_date_is_named(loads):
    faults = refusal(loads, *base(A_CITY.replace("2014-10", "octobre")))
    assert faults == [
        "example/data/cities.yaml:11: example › partner / Un lien: since: “octobre” is not a date: "
        "write 2015-06-01, 2015-06, 2015-spring, 2015 or unknown."
    ]


def test_a_vague_date_is_refused_where_the_day_is_needed(loads):
    statuses = (
        "rows:\n- {country: XA, kind: oif-member, since: 2014, until: 2014-10, citations: [{source: example-source}]}\n"
    )
    faults = refusal(loads, *base()[:2], ("statuses.yaml", STATUSES, statuses))
    assert faults == [
        "example/data/statuses.yaml:2: XA / oif-member / 2014: until: “2014-10” is not a day, "
        "and this date must be known to the day."
    ]


def test_a_reference_to_an_unknown_row_names_both(loads):
    faults = refusal(loads, *base(A_CITY.replace("country: XA", "country: XB")))
    assert faults == ["example/data/cities.yaml:5: example: country: There is no country “XB”."]


def test_a_wrong_siret_is_named(loads):
    rows = """
    rows:
    - slug: example
      name_fr: Exemple
      kind: association
      siret: "12345678901234"
      citations: [{source: example-source}]
    """
    faults = refusal(loads, base()[0], ("organisations.yaml", ORGANISATIONS, rows))
    assert len(faults) == 1
    assert faults[0].startswith("example/data/organisations.yaml:5: example: siret: A SIRET has 14 digits")


def test_a_row_says_where_it_comes_from(loads):
    without = A_COUNTRY.replace(", citations: [{source: example-source}]", "")
    assert refusal(loads, *base(country=without)) == [
        "example/data/countries.yaml:2: XA: citations: Say where this comes from: the row has no citation."
    ]
    unknown = A_COUNTRY.replace("source: example-source", "source: nowhere")
    assert refusal(loads, *base(country=unknown)) == [
        "example/data/countries.yaml:2: XA › nowhere: source: There is no source “nowhere”."
    ]


def test_every_fault_is_named_at_once_and_none_twice(loads):
    city = A_CITY.replace("2014-10", "octobre").replace("latitude: 1.5", "latitude: north")
    rows = (
        "rows:\n- {reference: AGR-EXAMPLE, title_fr: Accord, kind: marriage, citations: [{source: example-source}]}\n"
    )
    faults = refusal(loads, *base(city), ("agreements.yaml", AGREEMENTS, rows))
    assert [fault.split(": ")[:3] for fault in faults] == [
        ["example/data/cities.yaml:6", "example", "latitude"],
        ["example/data/cities.yaml:11", "example › partner / Un lien", "since"],
        ["example/data/agreements.yaml:2", "AGR-EXAMPLE", "kind"],
    ]


def test_what_nobody_filled_is_filled(loads):
    with by_hand():
        Country(code="XA", name_fr="Par une personne", name_en="By a person").save()
    loads(*base(country=A_COUNTRY.replace("name_en: Country", "name_en: Country, region_en: Region"))[:2])
    country = Country.objects.get()
    assert (country.name_en, country.region_en) == ("By a person", "Region")


def test_a_row_that_leans_on_a_faulty_one_is_not_blamed(loads):
    country = A_COUNTRY.replace("name_en: Country", "nom: Country")
    faults = refusal(loads, *base(country=country))
    assert {fault.split(":")[0] for fault in faults} == {"example/data/countries.yaml"}


def test_what_only_the_database_refuses_is_named(loads):
    rows = """
    rows:
    - reference: AGR-EXAMPLE
      title_fr: Accord
      kind: cooperation
      status: in-force
      signed_on: 2014-10
      citations: [{source: example-source}]
    """
    faults = refusal(loads, *base(), ("agreements.yaml", AGREEMENTS, rows))
    assert all(fault.startswith("example/data/agreements.yaml:2: AGR-EXAMPLE: ") for fault in faults)
    assert any("sent to the prefect" in fault for fault in faults)


def test_a_row_written_twice_is_refused(loads):
    faults = refusal(loads, *base(country=A_COUNTRY + A_COUNTRY.split("rows:\n")[1]))
    assert faults == ["example/data/countries.yaml:3: XA: This row stands already at example/data/countries.yaml:2."]


def test_text_stays_text(loads):
    country = A_COUNTRY.replace("code: XA", "code: NO").replace("name_fr: Pays", "name_fr: 2014-10-01")
    loads(*base(country=country)[:2])
    assert Country.objects.get().code == "NO"
    assert Country.objects.get().name_fr == "2014-10-01"


# --- lists, shares, names that are rows, samples ---


PURPOSES = Rows(PurposeCode, ("code",))
PROJECTS = Rows(
    Project,
    ("reference",),
    also=("stage",),
    children={
        "steps": Rows(ProjectStep, ("title",), parent="project"),
        "funding_lines": Rows(
            FundingLine,
            ("kind", "organisation", "city", "label"),
            parent="project",
            children={"forecasts": Rows(Forecast, ("year", "made_on"), parent="line")},
        ),
    },
)
FRAMEWORKS = Rows(Framework, ("agreement",))
CODES = """
rows:
- {code: 14022, name_fr: Assainissement, citations: [{source: example-source}]}
- {code: 14031, name_fr: Eau potable, citations: [{source: example-source}]}
"""
A_PROJECT = """
rows:
- reference: PRJ-EXAMPLE
  title_fr: Un projet
  purposes: {14031: 66.60, 14022: 33.4}
  modes: [training, expertise]
  sdg_targets: [6.1, 6.10]
  citations: [{source: example-source}]
"""


def project(text: str = A_PROJECT) -> list[tuple[str, Rows, str]]:
    return [("sources.yaml", SOURCES, A_SOURCE), ("codes.yaml", PURPOSES, CODES), ("projects.yaml", PROJECTS, text)]


def test_lists_and_shares_are_read_and_a_second_run_changes_nothing(loads):
    loads(*project())
    record = Project.objects.get()
    assert record.purposes == {"14022": "33.4", "14031": "66.6"}
    assert (record.modes, record.sdg_targets) == (["training", "expertise"], ["6.1", "6.10"])
    tallies = loads(*project())
    assert (tallies[Project].unchanged, tallies[Project].changed) == (1, 0)


def test_a_list_and_shares_that_leave_the_row_are_emptied(loads):
    loads(*project())
    without = A_PROJECT.replace("  purposes: {14031: 66.60, 14022: 33.4}\n", "").replace(
        "  modes: [training, expertise]\n", ""
    )
    loads(*project(without))
    record = Project.objects.get()
    assert (record.purposes, record.modes, record.sdg_targets) == ({}, [], ["6.1", "6.10"])


def test_shares_that_a_person_changed_stay(loads):
    loads(*project())
    record = Project.objects.get()
    record.purposes = {"14031": "100"}
    with by_hand():
        record.save()
    assert loads(*project())[Project].kept == 1
    assert Project.objects.get().purposes == {"14031": "100"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{14031: 66.60, 14022: 33.4}", "{14031: 60}", "4: PRJ-EXAMPLE: purposes: The percentages sum to 60"),
        ("{14031: 66.60, 14022: 33.4}", "{14031: [60]}", "4: PRJ-EXAMPLE: purposes: Write codes with their"),
        ("{14031: 66.60, 14022: 33.4}", "half", "4: PRJ-EXAMPLE: purposes: Write codes with their"),
        ("{14031: 66.60, 14022: 33.4}", "{14031: half}", "4: PRJ-EXAMPLE: purposes: “half” is no percentage"),
        ("[training, expertise]", "training", "5: PRJ-EXAMPLE: modes: Write a list of values here."),
        ("[training, expertise]", "[[training]]", "5: PRJ-EXAMPLE: modes: Write a list of values here."),
        ("[training, expertise]", "[magic]", "5: PRJ-EXAMPLE: modes: "),
        ("Un projet", "[Un projet]", "3: PRJ-EXAMPLE: title_fr: Write one value here, not a list or a mapping."),
    ],
)
def test_bad_lists_and_shares_are_named(loads, old, new, said):
    assert old in A_PROJECT
    faults = refusal(loads, *project(A_PROJECT.replace(old, new)))
    assert any(fault.startswith(f"example/data/projects.yaml:{said}") for fault in faults), faults


def test_a_row_named_by_another_row_is_found(loads):
    funder = "rows:\n- {slug: example, name_fr: Bailleur, kind: funder, citations: [{source: example-source}]}\n"
    agreement = "rows:\n- {reference: AGR-X, title_fr: Accord, kind: funder, citations: [{source: example-source}]}\n"
    agreements = Rows(
        Agreement, ("reference",), children={"parties": Rows(AgreementParty, ("organisation",), parent="agreement")}
    )
    agreement = agreement.replace(
        "kind: funder,", "kind: funder, parties: [{organisation: example, citations: [{source: example-source}]}],"
    )
    framework = "rows:\n- {agreement: AGR-X, funder: example, citations: [{source: example-source}]}\n"
    lines = """
    rows:
    - reference: PRJ-EXAMPLE
      title_fr: Un projet
      funding_lines:
        - {kind: other, organisation: example, framework: AGR-X, citations: [{source: example-source}]}
      citations: [{source: example-source}]
    """
    files = [
        ("sources.yaml", SOURCES, A_SOURCE),
        ("organisations.yaml", ORGANISATIONS, funder),
        ("agreements.yaml", agreements, agreement),
        ("frameworks.yaml", FRAMEWORKS, framework),
        ("projects.yaml", PROJECTS, textwrap.dedent(lines)),
    ]
    loads(*files)
    assert FundingLine.objects.get().framework.agreement.reference == "AGR-X"
    assert loads(*files)[FundingLine].unchanged == 1


def test_a_child_that_cannot_be_taken_back_is_named_and_nothing_is_written(loads):
    line = """  funding_lines:
    - kind: own
      forecasts: [{year: 2015, made_on: 2015-01-05, amount_eur: 1, citations: [{source: example-source}]}]
      citations: [{source: example-source}]
"""
    with_line = A_PROJECT.replace("  citations:", f"{line}  citations:", 1)
    loads(*project(with_line))
    without_forecast = with_line.replace(with_line.splitlines(keepends=True)[9], "")
    assert "forecasts" not in without_forecast
    faults = refusal(loads, *project(without_forecast))
    assert [fault.rsplit(": ", 2)[0] for fault in faults] == [
        "example/data/projects.yaml:8: PRJ-EXAMPLE › own: forecasts: What has left this list cannot be taken back"
    ]
    faults = refusal(loads, *project(A_PROJECT))
    assert len(faults) == 1
    assert "funding_lines: What has left this list cannot be taken back: " in faults[0]
    assert FundingLine.objects.get().forecasts.count() == 1


def test_samples_are_registered_and_loaded_apart(monkeypatch, tmp_path):
    folder = tmp_path / "example" / "data"
    folder.mkdir(parents=True)
    for name, slug, kind in (("real.yaml", "real", "official"), ("invented.yaml", "invented", "sample")):
        text = f"rows:\n- {{slug: {slug}, title_fr: An example, kind: {kind}}}\n"
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(loading, "_files", [])
    monkeypatch.setattr(loading, "_samples", [])
    monkeypatch.setattr(loading, "_makers", [])
    loading.register(folder, {"real.yaml": SOURCES})
    loading.register(folder, {"invented.yaml": SOURCES}, samples=True)
    load(RUN)
    assert list(Source.objects.values_list("slug", flat=True)) == ["real"]
    load("samples", samples=True)
    assert set(Source.objects.values_list("slug", flat=True)) == {"real", "invented"}
