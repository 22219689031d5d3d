"""The report on paper: tagged, in the reader's language, with bars, tables, the map, and the records behind each statement."""

import io
from datetime import date
from timeit import repeat

import pytest
from django.utils import translation
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from core.roles import Role
from mandate.reports import writing
from mandate.reports.printing import report_pdf
from tests import factories
from tests.mandate.accounts import ENTRIES, LONG, account, adopted
from tests.pages.conftest import partner_city

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    translation.activate("en")


@pytest.fixture
def deputy():
    return factories.UserFactory(role=Role.DEPUTY)


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def text(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(made).pages).split())


def tags(made: bytes) -> list[DictionaryObject]:
    """Every element of the document's structure."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                yield from walk(child)
        elif isinstance(node, DictionaryObject):
            yield node
            if "/K" in node:
                yield from walk(node["/K"])

    return [node for node in walk(read(made).trailer["/Root"]["/StructTreeRoot"]["/K"]) if "/S" in node]


def kinds(made: bytes) -> list[str]:
    return [node["/S"] for node in tags(made)]


def test_it_is_tagged_titled_and_in_the_reader_s_language(deputy):
    with translation.override("fr"):
        made = report_pdf(account(), deputy)
    found = read(made)
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "fr"
    assert found.metadata is not None
    assert found.metadata.title == "Invented account"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert "Statement cities (fr)" in text(made)
    assert "Statement cities (en)" not in text(made)


def test_headings_tables_and_the_map_are_what_their_tags_say(deputy):
    partner_city()
    found = kinds(report_pdf(account(), deputy))
    assert found.count("/H1") == 1
    # The introduction, the four parts that state facts, and the records behind the statements.
    assert found.count("/H2") == 6
    assert found.count("/H3") == 1
    assert found.count("/Table") == 2
    assert {"/THead", "/TH", "/TD", "/Figure", "/Link"} <= set(found)


def test_the_map_says_in_words_what_it_shows_and_is_left_out_of_what_was_adopted(deputy):
    partner_city(name_en="Exampleville")
    (figure,) = [node for node in tags(report_pdf(account(), deputy)) if "/Alt" in node and node["/S"] == "/Figure"]
    assert figure["/Alt"] == "The cities that the City has a tie with, as of 1 June 2015"
    assert "/Figure" not in kinds(report_pdf(account(is_draft=False), deputy))


def test_each_figure_is_told_with_its_definition_and_its_records(deputy):
    said = text(report_pdf(account(), deputy))
    for entry in ENTRIES:
        assert entry.label.en in said
        assert f"{entry.definition.en} (as of 1 June 2015)" in said
    assert "Record 0 (en) (REF-0)" in said
    assert "Record 19 (en) (REF-19); and 3 more" in said
    assert "Record 20" not in said
    assert "No record stands behind it." in said


def test_the_records_are_linked_to_their_pages(deputy, settings):
    settings.SITE_URL = "https://parvis.example.test/"
    made = read(report_pdf(account(), deputy))
    linked = {
        note.get_object()["/A"]["/URI"]
        for page in made.pages
        for note in page.get("/Annots", [])
        if "/URI" in note.get_object().get("/A", {})
    }
    assert "https://parvis.example.test/cities/invented-0/" in linked


def test_what_is_not_known_and_what_changed_is_said_in_words(deputy):
    said = text(report_pdf(account(), deputy))
    assert "not known" in said
    assert "€1,380,000" in said
    assert "last adopted report: 2, difference: +1" in said
    assert "Compared with: Invented earlier report" in said
    assert "Draft: figures as of 1 June 2015" in said


def test_code_of_the_typesetter_is_text(deputy):
    assert '#read("/manage.py") $x$ *bold* <label> <b>tag</b>' in text(report_pdf(account(), deputy))


def test_long_names_stay_on_the_paper(deputy):
    said = text(report_pdf(account(title=LONG), deputy)).replace(" ", "")
    assert LONG in said


def test_an_empty_account_says_so(deputy):
    made = report_pdf(account(entries=(), blocks={}, changes={}), deputy)
    assert "Nothing is recorded for this period, and no text is written yet." in text(made)
    assert "/Table" not in kinds(made)


def test_an_adopted_report_is_printed_as_it_was_kept(deputy):
    report = adopted({"key": "kept", "label_en": "The City had 7 partner cities.", "value": 7, "unit": "count"})
    before = text(report_pdf(writing.account(report, deputy), deputy))
    partner_city()
    assert text(report_pdf(writing.account(report, deputy), deputy)) == before
    assert "The City had 7 partner cities." in before
    assert "Adopted: figures of 4 May 2015, kept as they were that day." in before


@pytest.mark.parametrize(("asked", "language"), [("", "en"), ("&language=fr", "fr"), ("&language=en", "en")])
def test_the_page_gives_it_in_either_language(client, deputy, asked, language):
    report = factories.ReportFactory(slug="draft", starts_on=date(2015, 1, 1), ends_on=date(2015, 5, 31))
    deputy.language = "en"
    deputy.save()
    client.force_login(deputy)
    answer = client.get(f"{report.get_absolute_url()}?as=pdf{asked}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="report-draft.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert read(answer.content).trailer["/Root"]["/Lang"] == language


def test_it_is_made_in_under_two_seconds(deputy):
    partner_city()
    report_pdf(account(), deputy)  # the fonts are read once
    found = account(title="Another one")
    assert min(repeat(lambda: report_pdf(found, deputy), number=1, repeat=3)) < 2
