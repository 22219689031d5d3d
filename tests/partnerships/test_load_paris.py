"""The reference data of Paris: they load, twice without change, and say only what the documents say."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils.translation import override

from core import loading
from core.history import event_model
from core.loading import Rows
from core.models import BaseModel, Citation, Source
from partnerships.enums import PARTNERSHIP
from partnerships.models import (
    Agreement,
    Area,
    City,
    Country,
    CountryStatus,
    Deliberation,
    Network,
    NetworkCity,
    Organisation,
    Person,
    Relation,
)


def words(text: str) -> set[str]:
    return set(text.split())


METROPOLISES = words("london new-york rio mexico-city seoul johannesburg shanghai abidjan bogota")
EUROPE = words("rome berlin amsterdam vienna lisbon brussels copenhagen bucharest madrid")
EUROPE |= words("goteborg stockholm malaga")
FRANCOPHONE = words("tunis brazzaville kinshasa dakar phnom-penh rabat bamako ouagadougou cotonou")
FRANCOPHONE |= words("beirut montreal")
WITHOUT_AREA = words("jericho bethlehem amman tel-aviv yerevan auschwitz srebrenica garissa")
WITHOUT_AREA |= words("mumbai beijing sao-paulo nairobi")
COMPARATORS = words("mumbai beijing sao-paulo nairobi goteborg stockholm malaga")
AREAS = words("metropolises francophone europe europe-central-eastern europe-south south-america sub-saharan-africa")
NAMED_COUNTRIES = words("IL PS HT MG VU SY IQ LB KR CO RW AM KE")
ORGANISATIONS = words(
    """
    european-commission esf eu-structural-funds afd mfa gates-foundation institut-francais
    un unaids un-women oif aimf
    apur aphp city-services paris-and-co welcome-city-lab tv5monde alliance-francaise paris-bibliotheques
    fidh amnesty house-of-europe
    cite-internationale-arts recollets house-of-journalists institute-advanced-study ciup theatre-de-la-ville
    institute-islamic-cultures european-photography-centre centquatre city-hall
    """
)
NETWORKS = words("aimf uclg c40 icorn ucue inclusive-cities gender-mayors ambassadors aids-cities")


def load_paris(*arguments: str) -> str:
    out = StringIO()
    with override("en"):
        call_command("load_paris", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_paris()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(paris, db):
    pass


def loaded_models() -> set[type[BaseModel]]:
    def within(rows: Rows) -> set[type[BaseModel]]:
        return {rows.model}.union(*(within(child) for child in rows.children.values()))

    return set().union(*(within(rows) for _path, rows in loading.registered()))


def slugs(queryset) -> set[str]:
    return set(queryset.values_list("slug", flat=True))


def sections(record: BaseModel) -> set[tuple[str, str]]:
    return {(citation.source.slug, citation.section) for citation in record.citations.select_related("source")}


def test_everything_that_the_reference_names_is_there(paris):
    assert slugs(City.objects) == METROPOLISES | EUROPE | FRANCOPHONE | WITHOUT_AREA | {"paris"}
    assert slugs(Organisation.objects) == ORGANISATIONS
    assert slugs(Network.objects) == NETWORKS
    assert slugs(Person.objects) == {"klugman", "sanches-ruivo"}
    assert slugs(Area.objects) == AREAS
    assert set(Country.objects.filter(relations__isnull=False).values_list("code", flat=True)) == NAMED_COUNTRIES
    assert "cities: 45 created\n" in paris


def test_a_second_run_changes_nothing():
    def state() -> dict:
        return {
            model: (event_model(model).objects.count(), list(model.objects.order_by("pk").values_list("pk", "version")))
            for model in {*loaded_models(), Citation}
        }

    before = state()
    said = load_paris()
    assert state() == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}


def test_every_loaded_record_says_where_it_comes_from():
    uncited = [
        record
        for model in loaded_models() - {Source}
        if model.has_attachments
        for record in model.objects.all()
        if not record.citations.exists()
    ]
    assert uncited == []


def test_outside_facts_are_marked_as_such():
    assert slugs(Source.objects.filter(kind="official")) == {"seed-0", "seed-2"}
    # The only outside source without an address is Parvis itself, for figures that the department is to set.
    assert slugs(Source.objects.filter(kind="outside", url="")) == {"parvis-working-values"}
    assert not Source.objects.filter(kind="sample").exists()
    assert {citation.source.slug for citation in Citation.objects.filter(fact="coordinates")} == {"geonames"}
    for model in (CountryStatus,):
        for status in model.objects.all():
            assert all(citation.source.is_outside for citation in status.citations.all())
    twinning = Agreement.objects.get(kind="twinning")
    assert all(citation.source.is_outside for citation in twinning.citations.all())


def test_comparators_are_not_partners():
    compared = City.objects.filter(slug__in=COMPARATORS)
    assert set(compared.values_list("relations__kind", flat=True)) == {"comparator"}
    assert not compared.filter(relations__kind__in=PARTNERSHIP).exists()
    assert not compared.filter(parties__isnull=False).exists()
    assert City.objects.get(slug="new-york").relations.filter(kind__in=PARTNERSHIP).exists()


def test_a_city_has_several_areas_and_relations():
    abidjan = City.objects.get(slug="abidjan")
    assert slugs(abidjan.areas) == {"metropolises", "francophone"}
    assert set(abidjan.relations.values_list("kind", flat=True)) == {"promising", "project-city"}
    notes = {row.area.slug: row.citations.get().note for row in abidjan.city_areas.select_related("area")}
    assert notes["metropolises"] == ""
    assert "service" in notes["francophone"]


@pytest.mark.parametrize(("area", "expected"), [("metropolises", METROPOLISES), ("europe", EUROPE)])
def test_cities_lie_in_their_areas(area, expected):
    assert slugs(City.objects.filter(areas__slug=area)) == expected


def test_a_city_without_an_area_has_none():
    assert slugs(City.objects.filter(areas__isnull=True)) == WITHOUT_AREA | {"paris"}


def test_no_sector_is_invented():
    descriptions = Relation.objects.filter(city__slug__in=["jericho", "bethlehem"]).values_list(
        "description_en", flat=True
    )
    assert len(descriptions) == 2
    assert all("does not give its sector" in description for description in descriptions)


def test_every_relation_reads_in_both_languages():
    assert not Relation.objects.filter(description_en="").exists()
    assert not Relation.objects.filter(description_fr="").exists()


def test_coordinates_are_rounded_to_two_decimals():
    for city in City.objects.exclude(slug="paris"):  # which no map of the partners shows
        assert round(city.latitude, 2) == city.latitude
        assert round(city.longitude, 2) == city.longitude


def test_kinshasa_is_signed_to_the_month_with_the_clause_and_not_in_force():
    agreement = Agreement.objects.get(parties__city__slug="kinshasa")
    assert (str(agreement.signed_on), agreement.signed_on_precision) == ("2014-10-01", "month")
    assert agreement.status == "signed"
    assert agreement.transmitted_to_prefect_on is None
    assert [clause.kind for clause in agreement.clauses.all()] == ["gender-equality"]
    assert ("seed-0", "note 9") in sections(agreement)


def test_agreements_say_no_more_than_the_documents():
    held = Agreement.objects.values_list("reference", "kind", "status", "signed_on_precision")
    assert set(held) == {
        ("AGR-MEXICO", "cooperation", "signed", "unknown"),
        ("AGR-SEOUL", "cooperation", "signed", "unknown"),
        ("AGR-KINSHASA", "cooperation", "signed", "month"),
        ("AGR-AFD", "funder", "signed", "season"),
        ("AGR-INSTITUT-FR", "cofunding", "voted", ""),
        ("AGR-AIMF-EC", "cofunding", "signed", "unknown"),
        ("AGR-ROME", "twinning", "signed", "day"),
    }
    assert not Agreement.objects.filter(forecast_amount__isnull=False).exists()
    deliberation = Deliberation.objects.get()
    assert (deliberation.number, str(deliberation.voted_on), deliberation.voted_on_precision) == (
        None,
        "2015-02-01",
        "month",
    )
    assert deliberation.agreements.get().reference == "AGR-INSTITUT-FR"
    parties = Agreement.objects.get(reference="AGR-AIMF-EC").parties
    assert {(party.organisation.slug, party.role) for party in parties.all()} == {
        ("european-commission", "counterpart"),
        ("aimf", "beneficiary"),
    }


def test_our_place_in_the_networks():
    held = Network.objects.filter(memberships__isnull=False).values_list(
        "slug", "status", "memberships__role", "memberships__since__year"
    )
    assert set(held) == {
        ("aimf", "active", "chair", None),
        ("uclg", "active", "commission-chair", 2013),
        ("c40", "active", "member", None),
        ("icorn", "active", "member", 2011),
        ("ucue", "active", "member", None),
        ("inclusive-cities", "planned", "initiator", None),
        ("gender-mayors", "planned", "initiator", None),
        ("ambassadors", "planned", "initiator", None),
        ("aids-cities", "active", "initiator", 2014),
    }
    assert Network.objects.get(slug="gender-mayors").due_on.year == 2016
    assert [(row.network.slug, row.city.slug) for row in NetworkCity.objects.all()] == [("c40", "rio")]


def test_statuses_of_countries_are_dated():
    lebanon = Country.objects.get(code="LB").statuses
    assert set(lebanon.values_list("kind", "since__year", "until__year")) == {
        ("oif-member", 1973, None),
        ("dac-umic", 2014, 2017),
    }
    for code in ("CA", "RO", "IL"):
        assert not Country.objects.get(code=code).statuses.filter(kind__startswith="dac-").exists()


def test_a_check_writes_nothing():
    City.objects.filter(slug="malaga").update(name_en="Changed")
    assert "nothing was written" in load_paris("--check")
    assert City.objects.get(slug="malaga").name_en == "Changed"


def test_a_refusal_names_each_bad_line(monkeypatch, tmp_path):
    bad = tmp_path / "partnerships" / "data" / "areas.yaml"
    bad.parent.mkdir(parents=True)
    bad.write_text("rows:\n- {slug: nowhere, nom: Nulle part, citations: [{source: seed-9}]}\n", encoding="utf-8")
    monkeypatch.setattr(loading, "_files", [*loading.registered(), (bad, Rows(Area, ("slug",)))])
    with pytest.raises(CommandError) as refused:
        load_paris()
    lines = str(refused.value).splitlines()
    assert lines[0] == "Nothing was loaded."
    assert lines[1].startswith("partnerships/data/areas.yaml:2: nowhere: nom: There is no such field here")
    assert "partnerships/data/areas.yaml:2: nowhere › seed-9: source: There is no source “seed-9”." in lines
    assert not Area.objects.filter(slug="nowhere").exists()
