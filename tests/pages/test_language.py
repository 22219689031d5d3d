"""The language switch, and how money, numbers and days are written."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from core.templatetags.parvis import day, euros, number


@pytest.mark.django_db
def test_the_switch_keeps_the_language_with_the_account(deputy):
    response = deputy.post("/language/", {"language": "fr", "next": "/cities/?q=a"})
    assert response.status_code == 302
    assert response.url == "/cities/?q=a"
    deputy.user.refresh_from_db()
    assert deputy.user.language == "fr"
    assert '<html lang="fr"' in deputy.get("/").content.decode()


@pytest.mark.django_db
def test_the_switch_keeps_a_strangers_language_in_a_cookie(client):
    assert '<html lang="fr"' in client.get("/accounts/login/", headers={"accept-language": "fr"}).content.decode()
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en"' in client.get("/accounts/login/", headers={"accept-language": "fr"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_switch_leads_nowhere_else(deputy, elsewhere):
    assert deputy.post("/language/", {"language": "fr", "next": elsewhere}).url == "/"


@pytest.mark.django_db
def test_another_language_is_refused(deputy):
    assert deputy.post("/language/", {"language": "xx"}).status_code == 400
    assert deputy.get("/language/").status_code == 405


def test_each_language_writes_money_numbers_and_days_its_own_way():
    with translation.override("fr"):
        assert euros(1380000) == "1\u202f380\u202f000\xa0€"
        assert euros(Decimal("1380000.50")) == "1\u202f380\u202f000,50\xa0€"
        assert euros(0) == "0\xa0€"
        assert number(12345) == "12\u202f345"
        assert day(date(2015, 6, 1)) == "1er juin 2015"
        assert day(date(2015, 6, 2)) == "2 juin 2015"
    with translation.override("en"):
        assert euros(1380000) == "€1,380,000"
        assert euros(Decimal("1380000.50")) == "€1,380,000.50"
        assert number(12345) == "12,345"
        assert day(date(2015, 6, 1)) == "1 June 2015"
    assert euros(None) == number(None) == day(None) == ""
