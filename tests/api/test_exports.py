"""Lists as files: the rows and columns of the list, in formats that spreadsheet programs open rightly."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from odf import opendocument, table, text

from core.enums import Audience, ExportFormat
from core.exports import answers, formats, listing
from core.models.attached import attachable
from core.roles import Role
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, messages, signed_in
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import WHOLE

pytestmark = pytest.mark.django_db
FORMATS = ExportFormat.values


def content(response) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def exported(api, resource: str, query: str = "", *, file_format: str = "csv") -> bytes:
    return content(api.get(f"/api/v1/{resource}/export/?as={file_format}&{query}"))


def csv_rows(body: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def xlsx_rows(body: bytes) -> list[dict]:
    head, *rows = openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows()
    return [{name.value: cell for name, cell in zip(head, row, strict=True)} for row in rows]


def ods_rows(body: bytes) -> list[dict]:
    """Each row as a map of cells of odfpy, a reader that is not the writer's."""
    sheet = opendocument.load(io.BytesIO(body)).spreadsheet.getElementsByType(table.Table)[0]
    head, *rows = (row.getElementsByType(table.TableCell) for row in sheet.getElementsByType(table.TableRow))
    names = ["".join(str(part) for part in cell.getElementsByType(text.P)) for cell in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


def listed(api, resource: str, query: str = "") -> list[dict]:
    return api.get(f"/api/v1/{resource}/?{query}").json()["results"]


# --- the same rows as the list ---


@pytest.mark.parametrize("resource", RESOURCES)
def test_an_export_is_the_list_and_asks_the_database_as_often_for_three_rows_as_for_one(api, resource):
    ContentType.objects.get_for_models(*attachable())
    make = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    asked = []
    for more in (1, 2):
        for _row in range(more):
            make()
        with CaptureQueriesContext(connection) as captured:
            body = exported(api, resource, file_format="jsonl")
        asked.append(len(captured))
    assert asked[0] == asked[1], captured.captured_queries
    lines = [json.loads(line) for line in body.splitlines()]
    assert lines
    assert lines == listed(api, resource)


@pytest.fixture
def cities():
    country = factories.CountryFactory(code="AA", name_fr="Pays Inventé")
    for slug, name in (("b-ville", "Évry-l’Inventée"), ("a-ville", "Œuville"), ("c-ville", "Ailleurs")):
        factories.CityFactory(slug=slug, name_fr=name, country=country, latitude="-17.4000", longitude="14.7000")
    factories.CityFactory(slug="elsewhere")


def test_an_export_is_narrowed_ordered_and_cut_as_the_list_is(api, cities):
    body = exported(api, "cities", "country=AA&ordering=-slug&fields=slug,name_fr&expand=country")
    assert [(row["slug"], row["name_fr"], row["expanded.country.code"]) for row in csv_rows(body)] == [
        ("c-ville", "Ailleurs", "AA"),
        ("b-ville", "Évry-l’Inventée", "AA"),
        ("a-ville", "Œuville", "AA"),
    ]
    assert [row["slug"] for row in csv_rows(exported(api, "cities", "q=oeuville"))] == ["a-ville"]


def test_an_empty_list_has_its_headings(api):
    head = exported(api, "cities", "fields=slug,country").decode("utf-8-sig")
    assert head == '"id","slug","country"\r\n'
    assert xlsx_rows(exported(api, "cities", file_format="xlsx")) == []
    assert ods_rows(exported(api, "cities", file_format="ods")) == []
    assert exported(api, "cities", file_format="jsonl") == b""


def test_an_export_is_a_file_to_save(api, cities):
    response = api.get("/api/v1/cities/export/?as=csv", headers={"Accept": "text/csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="cities-2015-06-01.csv"'
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")
    content(response)
    head = api.head("/api/v1/cities/export/?as=csv")
    assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", "text/csv; charset=utf-8")


# --- what spreadsheets make of it ---

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    '=cmd|"/c calc"!A1',
]


@pytest.mark.parametrize("formula", DANGEROUS)
def test_a_formula_stays_a_text(formula):
    guarded = formats.guarded(formula)
    assert guarded == f"'{formula}"
    assert formats.guarded("a" + formula) == "a" + formula


def test_formulas_of_a_record_are_texts_in_every_spreadsheet(api):
    factories.CityFactory(
        name_fr="=HYPERLINK(A1)", name_en="@x; ,=1+1", alias="12.50", latitude="-17.4000", longitude="1"
    )
    [row] = csv_rows(exported(api, "cities"))
    assert (row["name_fr"], row["name_en"], row["latitude"]) == ("'=HYPERLINK(A1)", "'@x; ,=1+1", "-17.4000")
    [cells] = xlsx_rows(exported(api, "cities", file_format="xlsx"))
    assert [(cells[name].data_type, cells[name].value) for name in ("name_fr", "alias")] == [
        ("s", "=HYPERLINK(A1)"),
        ("s", "12.50"),
    ]
    [cells] = ods_rows(exported(api, "cities", file_format="ods"))
    assert cells["name_fr"].getAttribute("valuetype") == "string"
    assert cells["name_fr"].getAttribute("formula") is None
    assert cells["alias"].getAttribute("valuetype") == "string"


def test_another_separator_cannot_split_a_value(api):
    factories.CityFactory(name_fr="a;=1+1", name_en="b,=1+1")
    for separator, sign in (("comma", ","), ("semicolon", ";")):
        body = exported(api, "cities", f"separator={separator}&fields=name_fr,name_en")
        assert f'"a;=1+1"{sign}"b,=1+1"' in body.decode("utf-8-sig")


def test_accents_are_right_in_excel(api, cities):
    body = exported(api, "cities", "fields=name_fr&ordering=slug")
    assert body.startswith(b"\xef\xbb\xbf")
    assert [row["name_fr"] for row in csv_rows(body)][:2] == ["Œuville", "Évry-l’Inventée"]


def test_with_semicolons_numbers_have_decimal_commas(api, cities):
    rows = csv_rows(exported(api, "cities", "country=AA&separator=semicolon"), ";")
    assert {(row["latitude"], row["longitude"]) for row in rows} == {("-17,4000", "14,7000")}


def test_numbers_days_and_moments_are_such_in_spreadsheets(api):
    grant = factories.GrantFactory(
        title_fr="Été\nà Ville-Exemple", amount_asked="1234.50", received_on=date(2015, 1, 12), year=2015
    )
    query = f"year={grant.year}"
    [cells] = xlsx_rows(exported(api, "grants", query, file_format="xlsx"))
    assert cells["id"].value == grant.pk
    assert (cells["amount_asked"].value, cells["amount_asked"].data_type) == (1234.5, "n")
    assert (cells["received_on"].value, cells["received_on"].is_date) == (datetime(2015, 1, 12), True)  # noqa: DTZ001
    assert cells["created_at"].is_date
    assert cells["title_fr"].value == "Été\nà Ville-Exemple"
    assert cells["until_year"].value is None
    [cells] = ods_rows(exported(api, "grants", query, file_format="ods"))
    assert (cells["amount_asked"].getAttribute("valuetype"), cells["amount_asked"].getAttribute("value")) == (
        "float",
        "1234.50",
    )
    assert (cells["received_on"].getAttribute("valuetype"), cells["received_on"].getAttribute("datevalue")) == (
        "date",
        "2015-01-12",
    )
    assert cells["title_fr"].getAttribute("stringvalue") == "Été\nà Ville-Exemple"


def test_parts_are_json_texts_in_spreadsheets(api):
    grant = lives.paid()
    [row] = csv_rows(exported(api, "grants"))
    [told] = listed(api, "grants")
    assert told["allocations"]
    assert json.loads(row["allocations"].removeprefix("'")) == told["allocations"]
    assert Decimal(row["paid"]) == Decimal(told["paid"])
    assert row["reference"] == grant.reference


def test_moments_are_told_in_the_time_of_the_city():
    column = listing.Column("created_at", "created", "moment")
    assert column.value("2015-06-01T08:00:00.5Z") == datetime(2015, 6, 1, 10)  # noqa: DTZ001
    assert column.value("2015-01-01T08:00:00Z") == datetime(2015, 1, 1, 9)  # noqa: DTZ001


def test_a_day_before_those_that_excel_knows_is_a_text(api):
    factories.DeliberationFactory(voted_on=date(1900, 1, 28))
    name = "voted_on"
    [cells] = xlsx_rows(exported(api, "deliberations", file_format="xlsx"))
    assert (cells[name].value, cells[name].data_type) == ("1900-01-28", "s")
    [cells] = ods_rows(exported(api, "deliberations", file_format="ods"))
    assert cells[name].getAttribute("datevalue") == "1900-01-28"


def test_a_text_beyond_a_cell_is_cut_where_it_says_so(api):
    factories.WatchNoteFactory(audience=Audience.CITY, text="é" * 40_000)
    [cells] = xlsx_rows(exported(api, "watch-notes", file_format="xlsx"))
    assert len(cells["text"].value) == 32_767
    assert cells["text"].value.endswith("… (cut: a cell holds no more)")
    [row] = csv_rows(exported(api, "watch-notes"))
    assert len(row["text"]) == 40_000


def test_signs_that_xml_cannot_hold_break_no_file(api):
    factories.CityFactory(name_fr="a\x0bb\x01c")
    [cells] = ods_rows(exported(api, "cities", file_format="ods"))
    assert cells["name_fr"].getAttribute("stringvalue") == "abc"
    [cells] = xlsx_rows(exported(api, "cities", file_format="xlsx"))
    assert cells["name_fr"].value.startswith("a")


# --- refusals, before the first byte ---


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("", "as", "There is no  here; there are: csv, xlsx, ods, jsonl."),
        ("as=pdf", "as", "There is no pdf here; there are: csv, xlsx, ods, jsonl."),
        ("as=csv&separator=tab", "separator", "There is no tab here; there are: comma, semicolon."),
        ("as=csv&fields=nothing", "fields", "There is no nothing here; there are: "),
        ("as=csv&expand=nothing", "expand", "There is no nothing here; there are: country"),
        ("as=csv&country=AA", "country", "There is no record “AA”."),
        ("as=csv&ordering=nothing", "ordering", "Not possible by nothing; possible by: "),
        ("as=csv&page=2", "page", "There is no such parameter."),
        ("as=csv&unicorn=1", "unicorn", "There is no such parameter."),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_name(api, query, field, sentence):
    response = api.get(f"/api/v1/cities/export/?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert messages(response)[field].startswith(sentence)


def test_a_long_sheet_is_refused_and_the_job_is_named(api, cities, monkeypatch):
    monkeypatch.setattr(answers, "DIRECT_ROWS", 3)
    for file_format in ("xlsx", "ods"):
        response = api.get(f"/api/v1/cities/export/?as={file_format}")
        assert response.status_code == 409
        assert "POST /api/v1/exports/" in response.json()["detail"]
        assert exported(api, "cities", "country=AA", file_format=file_format)
    assert len(csv_rows(exported(api, "cities"))) == 4


def test_whoever_may_not_read_the_list_exports_nothing(client):
    assert client.get("/api/v1/cities/export/?as=csv").status_code == 401
    response = bearer("solidarity:read").get("/api/v1/cities/export/?as=csv")
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "The access token lacks the scope “partnerships:read”.",
    )


# --- what the list hides ---


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(("role", "seen"), [(Role.DEPUTY, False), (Role.OFFICER, True)])
def test_what_the_list_hides_the_export_hides(file_format, role, seen):
    factories.WatchNoteFactory(audience=Audience.STAFF, title="CANARI-7391", text="CANARI-7391")
    factories.WatchNoteFactory(audience=Audience.CITY, title="visible-2046")
    person = signed_in(role)
    body = exported(person, "watch-notes", file_format=file_format)
    if file_format in ("xlsx", "ods"):
        rows = (xlsx_rows if file_format == "xlsx" else ods_rows)(body)
        read = [
            str(row["title"].value if file_format == "xlsx" else row["title"].getAttribute("stringvalue"))
            for row in rows
        ]
    else:
        read = [body.decode()]
    assert any("visible-2046" in part for part in read)
    assert any("CANARI-7391" in part for part in read) is seen


def test_an_expanded_record_that_is_hidden_is_not_exported():
    note = factories.WatchNoteFactory(audience=Audience.STAFF, title="CANARI-7391")
    factories.CitationFactory(record=note, section="CANARI-7391")
    factories.DocumentFactory(record=note, title="CANARI-7391")
    deputy = signed_in(Role.DEPUTY)
    for resource in ("citations", "documents"):
        assert b"CANARI" not in exported(deputy, resource, file_format="jsonl")


def test_contents_of_documents_are_not_exported(api):
    factories.DocumentFactory()
    for file_format in FORMATS:
        assert b"Invented content." not in exported(api, "documents", file_format=file_format)
