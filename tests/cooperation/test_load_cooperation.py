"""The cooperation of Paris as the documents tell it, the invented samples apart from it, and bad input in the files."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils.translation import override

from cooperation import loaders, models
from cooperation.models import (
    Application,
    CouncilLeadTime,
    CulturalProject,
    ExchangeProgramme,
    Forecast,
    Framework,
    FundingCall,
    FundingLine,
    FundingProgramme,
    GoodPractice,
    Movement,
    Project,
    PurposeCode,
    Theme,
)
from cooperation.selectors.calls import advices, worth_applying_to
from cooperation.selectors.culture import rotation
from cooperation.selectors.money import external_per_city_euro
from core import loading
from core.access import Parvis
from core.history import event_model
from core.loading import Rows, Unloadable, load
from core.models import BaseModel, Citation, Source
from partnerships.enums import PARTNERSHIP
from partnerships.models import City, Deliberation, Organisation

COMPARED = {"mumbai", "new-york", "beijing", "sao-paulo", "nairobi", "goteborg", "stockholm", "malaga"}
UNDER_WAY = [
    *(f"PRJ-2015-{number:04d}" for number in (*range(1, 12), 18, 19, 22)),
    "PRJ-2014-0001",
]
IN_PREPARATION = [f"PRJ-2015-{number:04d}" for number in (*range(12, 18), 20, 21)]
COUNTS = {
    Project: 24,
    Theme: 36,
    PurposeCode: 20,
    Framework: 2,
    CulturalProject: 12,
    ExchangeProgramme: 8,
    FundingProgramme: 7,
    GoodPractice: 14,
    CouncilLeadTime: 1,
    Movement: 0,
    FundingCall: 0,
    Application: 0,
}


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    with override("en"):
        call_command(command, *arguments, stdout=out)
    return out.getvalue()


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


@pytest.fixture
def samples() -> None:
    run("load_samples")


def models_of(files: list[tuple[Path, Rows]]) -> set[type[BaseModel]]:
    def within(rows: Rows) -> set[type[BaseModel]]:
        return {rows.model}.union(*(within(child) for child in rows.children.values()))

    return set().union(*(within(rows) for _path, rows in files))


def state(of: set[type[BaseModel]]) -> dict:
    return {
        model: (event_model(model).objects.count(), list(model.objects.order_by("pk").values_list("pk", "version")))
        for model in of
    }


def references(**narrowed) -> set[str]:
    return set(Project.objects.filter(**narrowed).values_list("reference", flat=True))


def of_city(slug: str) -> Project:
    return Project.objects.get(places__city__slug=slug, reference__startswith="PRJ-2015-00", places__role="place")


# --- what the documents say ---


def test_everything_that_the_documents_name_is_there_and_no_more():
    assert {model: model.objects.count() for model in COUNTS} == COUNTS


def test_a_second_run_changes_nothing():
    cooperation = models_of(loading.registered()) | {Citation}
    before = state(cooperation)
    said = run("load_paris")
    assert state(cooperation) == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}


def test_every_loaded_row_says_where_it_comes_from():
    uncited = [
        record
        for model in models_of(loading.registered()) - {Source}
        if model.has_attachments
        for record in model.objects.all()
        if not record.citations.exists()
    ]
    assert uncited == []


def test_projects_stand_where_the_documents_leave_them():
    assert references(stage="under-way") == set(UNDER_WAY)
    assert references(stage="in-preparation") == set(IN_PREPARATION)
    assert references(stage="idea") == {"PRJ-2015-0023"}
    assert references(stage="under-way", actual_start=None, actual_start_precision="unknown") == set(UNDER_WAY)


def test_every_project_says_where_and_reads_in_both_languages():
    assert not Project.objects.filter(title_en="").exists()
    assert not Project.objects.filter(region_fr="", places__isnull=True).exists()
    assert references(places__isnull=True) == {"PRJ-2015-0021", "PRJ-2015-0022", "PRJ-2015-0023"}


@pytest.mark.parametrize("slug", ["jericho", "bethlehem"])
def test_no_sector_is_invented(slug):
    project = of_city(slug)
    assert (project.purposes, project.object_fr, project.object_en, project.modes) == ({}, "", "", [])
    assert not project.fields.exists()
    assert not project.funding_lines.exists()


def test_what_the_documents_do_not_tell_stays_empty():
    assert not Project.objects.exclude(deliberation=None, agreement=None, parent=None).exists()
    assert not FundingLine.objects.filter(project__isnull=False).exists()
    assert not Framework.objects.filter(amount__isnull=False).exists()
    assert references(gender__isnull=False) == set()
    assert set(Project.objects.filter(bodies__isnull=False).values_list("reference", "bodies__organisation__slug")) == {
        ("PRJ-2015-0021", "gates-foundation"),
        ("PRJ-2015-0022", "aphp"),
    }


def test_purpose_codes_are_marked_as_read_by_the_department():
    coded = Project.objects.exclude(purposes={})
    assert {project.reference: project.purposes for project in coded if project.reference.endswith("0003")} == {
        "PRJ-2015-0003": {"21012": "100"}
    }
    assert coded.count() == 10
    for project in coded:
        citation = project.citations.get(fact="purposes", source__slug="oecd-dac-crs")
        assert "direction" in citation.note_fr
    assert of_city("phnom-penh").purposes == {}


def test_the_exchange_of_innovation_begins_with_new_york_in_autumn():
    project = Project.objects.get(reference="PRJ-2015-0020")
    assert (project.planned_start, project.planned_start_precision) == (date(2015, 9, 1), "season")
    since = {place.city.slug: (place.role, place.since) for place in project.places.select_related("city")}
    assert since.pop("new-york") == ("partner", date(2015, 9, 1))
    assert since == dict.fromkeys(("tel-aviv", "mexico-city", "london", "seoul", "dakar", "rome"), ("partner", None))


def test_fields_are_classed_as_the_documents_class_them():
    by_kind = {kind: Theme.objects.filter(kind=kind).count() for kind in ("traditional", "new", "opening", "")}
    assert by_kind == {"traditional": 11, "new": 6, "opening": 3, "": 16}
    assert set(Theme.objects.filter(is_priority=True).values_list("slug", flat=True)) == {
        "digital",
        "sustainable-development",
    }


def test_tandems_seasons_and_recipients():
    tandems = CulturalProject.objects.filter(kind="tandem")
    assert set(tandems.values_list("destinations__city__slug", "status", "year")) == {
        ("berlin", "past", None),
        ("dakar", "past", None),
        ("rome", "past", None),
        ("london", "current", 2015),
        ("new-york", "planned", 2016),
    }
    seasons = CulturalProject.objects.filter(kind="season")
    assert set(seasons.values_list("destinations__country__code", "year", "ends_on__year")) == {
        ("KR", 2015, 2016),
        ("CO", 2017, None),
    }
    supported = CulturalProject.objects.filter(kind__in=["tour", "work"])
    assert set(supported.values_list("recipient__slug", "kind", "discipline", "year")) == {
        ("theatre-de-la-ville", "tour", "", None),
        ("institute-islamic-cultures", "work", "", None),
        ("european-photography-centre", "work", "", None),
        ("centquatre", "work", "", None),
    }
    assert rotation(Parvis()).warnings == []
    lines = FundingLine.objects.filter(framework__agreement__reference="AGR-INSTITUT-FR")
    assert {line.cultural_project for line in lines} == set(supported)


def test_exchange_programmes_have_only_the_edition_that_is_dated():
    edition = models.Edition.objects.get()
    assert (edition.programme.slug, edition.year, edition.city.slug) == ("start-up-exchange", 2015, "new-york")
    assert (edition.starts_on_precision, edition.places, edition.planned_cost) == ("season", None, None)
    assert ExchangeProgramme.objects.get(kind="label").slug == "paris-europe"


def test_practices_say_nothing_of_what_is_not_described():
    compared = GoodPractice.objects.filter(kind="inclusive")
    assert not compared.exclude(practice_fr="", evidence_fr="").exists()
    assert set(compared.values_list("city__slug", flat=True)) == COMPARED
    partners = City.objects.filter(good_practices__isnull=False, relations__kind__in=PARTNERSHIP)
    assert set(partners.values_list("slug", flat=True)) == {"new-york"}
    assert GoodPractice.objects.filter(kind="smart", city=None).count() == 6
    assert not models.PracticeUptake.objects.exists()


def test_funding_programmes_have_their_conditions():
    ficol = FundingProgramme.objects.get(slug="afd-ficol")
    assert (ficol.min_contribution, ficol.max_contribution, ficol.min_partners_share) == (200000, 1500000, 30)
    assert FundingProgramme.objects.get(slug="ministry-calls").gates == ["aid-return", "reports", "commitment"]


def test_the_lead_time_is_marked_as_a_working_value():
    lead_time = CouncilLeadTime.objects.get()
    assert (lead_time.days, lead_time.since) == (60, date(2014, 4, 5))
    assert lead_time.citations.get().source.is_outside


# --- the samples ---


def test_the_reference_data_bring_no_sample():
    assert not Source.objects.filter(kind="sample").exists()
    assert not Project.objects.filter(reference__contains="EXEMPLE").exists()
    paths = {path for path, _rows in loading.registered()}
    assert paths.isdisjoint(path for path, _rows in loading.registered(samples=True))


def test_every_sample_says_that_it_is_invented():
    before = {
        model: set(model.objects.values_list("pk", flat=True)) for model in models_of(loading.registered(samples=True))
    }
    run("load_samples")
    named = 0
    for model, known in before.items():
        for record in model.objects.exclude(pk__in=known):
            if model is not Source and model.has_attachments:
                assert {citation.source.kind for citation in record.citations.all()} == {"sample"}, record
            for name, start in (("fr", "Exemple inventé — "), ("en", "Invented sample — ")):
                for field in (f"title_{name}", f"name_{name}", *(["title", "task"] if name == "fr" else [])):
                    given = record.__dict__.get(field)
                    if given is not None:
                        assert given.startswith(start), record
                        named += 1
    assert named > 40


def test_a_second_run_of_the_samples_changes_nothing(samples):
    everything = models_of(loading.registered(samples=True)) | {Citation}
    before = state(everything)
    said = run("load_samples")
    assert state(everything) == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}


def test_samples_touch_no_real_city_and_no_real_payer(samples):
    project = Project.objects.get(reference="PRJ-EXEMPLE-1")
    assert not project.places.exists()
    assert Movement.objects.exclude(line__project=project).count() == 0
    bodies = {body.organisation for body in project.bodies.all()}
    bodies |= {line.organisation for line in project.funding_lines.exclude(kind="own")}
    bodies |= {application.directorate for application in Application.objects.all()}
    assert {body.citations.get().source.kind for body in bodies} == {"sample"}
    assert set(Application.objects.values_list("project__reference", flat=True)) == {"PRJ-EXEMPLE-1"}
    assert Project().reference == "PRJ-2015-0024"


def test_the_samples_show_what_the_funding_watch_is_for(samples):
    advised = {advice.call.identifier: advice for advice in advices(Parvis())}
    assert advised["EXEMPLE-2015-EAU"].is_too_late
    assert {match.project.reference for match in advised["EXEMPLE-2015-SANTE"].matches} == {
        "PRJ-2015-0006",
        "PRJ-2015-0007",
        "PRJ-2015-0021",
        "PRJ-2015-0022",
    }
    assert len(worth_applying_to(Parvis())) == 3
    assert external_per_city_euro(Parvis()).value > 1
    assert {turn.name: turn.repeated for turn in rotation(Parvis()).recipients if turn.repeated} == {
        str(Organisation.objects.get(slug="sample-company")): [2015]
    }
    dollars = Movement.objects.get(currency="USD", kind="committed")
    assert (dollars.amount, dollars.rate, dollars.amount_eur) == (62500, 1.25, 50000)
    assert Forecast.objects.filter(deliberation__isnull=False).count() == 3


def test_production_has_no_samples(settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="invented"):
        run("load_samples")
    assert not Source.objects.filter(kind="sample").exists()


# --- bad input ---


Refuses = Callable[[str, Rows, str], list[str]]
CITED = "citations: [{source: seed-0}]"
LINE = f"""
rows:
- reference: PRJ-2015-0900
  title_fr: Un projet
  funding_lines:
    - kind: other
      organisation: afd
      nature: cash
      currency: EUR
      movements:
        - {{kind: committed, on: 2015-01-12, amount: 100, {CITED}}}
        - {{kind: disbursed, on: 2015-02-12, amount: 60, {CITED}}}
      {CITED}
  {CITED}
"""
A_CALL = f"""
rows:
- identifier: CALL-1
  title_fr: Un appel
  programme: afd-ficol
  deadlines: [2015-09-30]
  {CITED}
"""


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


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def test_the_files_of_these_tests_are_right_before_they_are_spoilt(tmp_path):
    for name, rows, text in (("projects.yaml", loaders.PROJECT, LINE), ("calls.yaml", loaders.CALL, A_CALL)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        tallies = load("test_load", files=[(tmp_path / name, rows)])
        assert tallies[rows.model].created == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("amount: 60", "amount: 100.01", 11, "amount: What is disbursed would exceed what is committed by that day"),
        ("2015-02-12", "2015-01-11", 11, "amount: What is disbursed would exceed what is committed by that day"),
        ("2015-02-12", "2015-06-02", 11, "on: This has not happened yet: the date is in the future."),
        ("amount: 60", "amount: 60, rate: 1.1", 11, "rate: An amount in euros has no rate."),
        ("currency: EUR", "currency: XQZ", 8, "currency: There is no currency XQZ."),
        ("amount: 60", "amount: many", 11, "amount: “many” value must be a decimal number."),
        ("organisation: afd", "organisation: nobody", 6, "organisation: There is no organisation “nobody”."),
    ],
)
def test_bad_money_is_named_with_file_line_and_field(refuses, old, new, line, said):
    faults = refuses("projects.yaml", loaders.PROJECT, changed(LINE, old, new))
    place = f"example/data/projects.yaml:{line}: PRJ-2015-0900 › "
    assert any(fault.startswith(place) and f": {said}" in fault for fault in faults), faults


def test_a_currency_without_a_rate_is_refused(refuses):
    faults = refuses("projects.yaml", loaders.PROJECT, changed(LINE, "currency: EUR", "currency: USD"))
    assert [fault.split(": ", 2)[0] for fault in faults] == ["example/data/projects.yaml:10"] * 2 + [
        "example/data/projects.yaml:11"
    ] * 2
    assert any("rate: An amount in another currency needs its rate" in fault for fault in faults)
    assert any("rate_on: A rate needs its day." in fault for fault in faults)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("purposes: {14031: 60, 14022: 30}", "purposes: The percentages sum to 90, not to 100."),
        ("purposes: {14031: 60, 14022: 50}", "purposes: The percentages sum to 110, not to 100."),
        ("purposes: {14031: 100.001}", "purposes: “100.001” is no percentage of 14031"),
        ("purposes: {14031: all}", "purposes: “all” is no percentage of 14031"),
        ("purposes: [14031]", "purposes: Write codes with their percentages here."),
        ("purposes: {99999: 100}", "purposes: There is no DAC purpose code 99999."),
        ("sdg_targets: [18.1]", "sdg_targets: "),
        ("modes: [telepathy]", "modes: "),
        ("gender: 3", "gender: "),
        ("stage: completed", "A completed project has an actual end"),
        ("actual_start: 2015-06-02", "actual_start: This has not happened yet: the date is in the future."),
    ],
)
def test_bad_projects_are_named_with_file_line_and_field(refuses, line, said):
    text = f"rows:\n- reference: PRJ-2015-0900\n  title_fr: Un projet\n  {line}\n  {CITED}\n"
    faults = refuses("projects.yaml", loaders.PROJECT, text)
    assert all(fault.startswith("example/data/projects.yaml:") for fault in faults)
    assert any(": PRJ-2015-0900: " in fault and said in fault for fault in faults), faults
    if ": " in said:
        assert any(fault.startswith("example/data/projects.yaml:4: ") for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("  deadlines: [2015-09-30]\n", "", 2, "deadlines: A call has at least one deadline."),
        ("[2015-09-30]", "[]", 5, "deadlines: A call has at least one deadline."),
        ("[2015-09-30]", "2015-09-30", 5, "deadlines: Write a list of values here."),
        ("[2015-09-30]", "[2015-13-30]", 5, "deadlines: "),
        ("[2015-09-30]", "[2015-09-30]\n  opens_on: 2015-10-01", 6, "opens_on: A call does not open after"),
        ("[2015-09-30]", "[2015-09-30]\n  gates: [sesame]", 6, "gates: "),
        ("afd-ficol", "nowhere", 4, "programme: There is no funding programme “nowhere”."),
    ],
)
def test_bad_calls_are_named_with_file_line_and_field(refuses, old, new, line, said):
    faults = refuses("calls.yaml", loaders.CALL, changed(A_CALL, old, new))
    assert any(fault.startswith(f"example/data/calls.yaml:{line}: CALL-1: {said}") for fault in faults), faults


def test_a_forecast_that_left_its_file_cannot_be_taken_back(refuses, tmp_path):
    forecast = f"      forecasts: [{{year: 2015, made_on: 2015-01-12, amount_eur: 5, {CITED}}}]\n      movements:\n"
    (tmp_path / "projects.yaml").write_text(changed(LINE, "      movements:\n", forecast), encoding="utf-8")
    load("test_load", files=[(tmp_path / "projects.yaml", loaders.PROJECT)])
    faults = refuses("projects.yaml", loaders.PROJECT, LINE)
    assert len(faults) == 1
    assert "forecasts: What has left this list cannot be taken back: " in faults[0]
    assert Forecast.objects.get().amount_eur == 5


def test_a_line_draws_on_the_framework_that_its_agreement_names(refuses):
    wrong = changed(LINE, "organisation: afd\n", "organisation: afd\n      framework: AGR-MEXICO\n")
    faults = refuses("projects.yaml", loaders.PROJECT, wrong)
    assert any("framework: There is no framework agreement “AGR-MEXICO”." in fault for fault in faults), faults


def test_deliberations_of_the_samples_have_no_number(samples):
    invented = Deliberation.objects.filter(citations__source__kind="sample")
    assert set(invented.values_list("number", flat=True)) == {None}
