"""The page of honours and residencies: what it says, to whom, and what it leaves open."""

from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from tests import factories
from tests.pages.conftest import hospitality

pytestmark = pytest.mark.django_db
PAGE = "/honours/"


def read(client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_it_asks_as_much_for_one_row_as_for_three(deputy):
    hospitality()
    deputy.get(PAGE)
    counted = []
    for _row in range(3):
        with CaptureQueriesContext(connection) as captured:
            deputy.get(PAGE)
        counted.append(len(captured))
        hospitality()
    assert counted == [15, 15, 15]


def test_an_empty_page_says_why_and_what_next(deputy):
    body = read(deputy)
    for sentence in (
        "<h1>No honour and no residency programme is recorded</h1>",
        "No honour is recorded.",
        "No residency programme is recorded.",
        "No residency has been made public.",
        "A residency stands here only when the resident wishes to be named.",
    ):
        assert sentence in body
    assert 'aria-current="page">Honours and residencies</a>' in body
    assert 'href="/honours/"' in unescape(deputy.get("/solidarity/").content.decode())


def test_a_programme_says_who_is_hosted_where_how_many_and_how_long(deputy):
    about = factories.ResidencyProgrammeFactory(
        slug="about", name_en="About Programme", volume_per_year=300, volume_is_about=True, duration_months=12
    )
    factories.ProgrammeHostFactory(programme=about, organisation__name_en="Invented House")
    factories.ResidencyFactory(programme=about, resident="Invented Resident", discipline="dance")
    body = read(deputy)
    assert "<h1>0 honours awarded, 1 residency programme</h1>" in body
    assert '<tr id="about">' in body
    for words in (
        "About Programme",
        "Invented House",
        "about 300",
        "12 months",
        "Invented Resident",
        "dates not known",
    ):
        assert words in body
    about.volume_per_year = about.duration_months = None
    about.volume_is_about = False
    about.save()
    assert read(deputy).count("not known</span>") == 4


def test_an_honour_says_where_it_stands_and_what_the_commission_thinks(deputy):
    honour = factories.HonourFactory(awarded=True, opinion_fr="Avis inventé.", examined_on=date(2015, 1, 12))
    opinion = factories.CommissionOpinionFactory(honour=honour, opinion="unfavourable")
    factories.HonourFactory(awarded=True, recipient="", year=None)
    body = read(deputy)
    assert "<h1>2 honours awarded, 0 residency programmes</h1>" in body
    assert f'<tr id="{honour.reference}">' in body
    for words in (
        honour.recipient,
        "2 March 2015",
        "Avis inventé.",
        f"{opinion.group} — unfavourable",
        "not named in the documents",
        "year not known",
    ):
        assert words in body


def test_the_legal_risk_is_shown_to_the_staff_alone(reader):
    risky = factories.HonourFactory(foreign_policy=True)
    warning = "It takes a stance on French foreign policy: record a legal opinion."
    for role in (Role.OFFICER, Role.AUDITOR):
        assert warning in read(reader(role))
    assert "foreign policy" not in read(reader(Role.DEPUTY))
    risky.legal_opinion = "Invented opinion."
    risky.save()
    body = read(reader(Role.OFFICER))
    assert warning not in body
    assert "Invented opinion." in body
    assert "Invented opinion." not in read(reader(Role.DEPUTY))
