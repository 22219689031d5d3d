"""Search, saved views, autocompletes and exports."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from tablib import Dataset

from core.models import User
from tests.factories import (
    AgreementFactory,
    CityFactory,
    DuesFactory,
    OrganisationFactory,
    RelationFactory,
    WatchNoteFactory,
)

CITIES = "admin:partnerships_city_changelist"


def shown(response) -> set[str]:
    assert response.status_code == 200
    return {str(record) for record in response.context["cl"].result_list}


def test_a_search_of_more_words_than_are_looked_for_says_so(officer):
    sentence = "This is long: only its first words were looked for."
    words = "un deux trois quatre cinq six sept huit"
    address = reverse("admin:partnerships_city_changelist")
    assert sentence not in officer.get(address, {"q": words}).content.decode()
    assert sentence in officer.get(address, {"q": f"{words} neuf"}).content.decode()


def test_search_ignores_accents_and_completes_the_last_word(officer):
    CityFactory(name_fr="Québec inventée", name_en="Quebec invented")
    CityFactory(name_fr="Autre", name_en="Other")
    assert shown(officer.get(reverse(CITIES) + "?q=quebec+inv")) == {"Quebec invented"}
    assert shown(officer.get(reverse(CITIES) + "?q=%27%22%5C")) == set()


def test_saved_views_of_cities(officer):
    RelationFactory(city=CityFactory(name_en="Partner"), kind="partner")
    RelationFactory(city=CityFactory(name_en="Model"), kind="comparator")
    assert shown(officer.get(reverse(CITIES) + "?view=partners")) == {"Partner"}
    assert shown(officer.get(reverse(CITIES) + "?view=comparators")) == {"Model"}
    assert shown(officer.get(reverse(CITIES) + "?view=nonsense")) == set()
    assert len(shown(officer.get(reverse(CITIES)))) == 2


def test_saved_views_of_agreements_and_dues(officer):
    draft = AgreementFactory()
    signed = AgreementFactory(signed=True)
    expiring = AgreementFactory(in_force=True, expires_on=date(2015, 9, 1))
    address = reverse("admin:partnerships_agreement_changelist")
    assert shown(officer.get(f"{address}?view=drafts")) == {str(draft)}
    assert shown(officer.get(f"{address}?view=signed-without-effect")) == {str(signed)}
    assert shown(officer.get(f"{address}?view=expiring")) == {str(expiring)}
    unpaid = DuesFactory()
    DuesFactory(amount_paid=10, amount_due=10, paid_on=date(2015, 5, 1))
    assert shown(officer.get(reverse("admin:partnerships_dues_changelist") + "?view=unpaid")) == {str(unpaid)}


def test_the_start_page_links_to_the_records(officer):
    signed = AgreementFactory(signed=True)
    DuesFactory(due_on=date(2015, 6, 30))
    page = officer.get(reverse("admin:index"))
    assert reverse("admin:partnerships_agreement_change", args=[signed.pk]) in page.content.decode()
    assert len(page.context["deadlines"]) == 1
    assert {card.title: card.count for card in page.context["cards"]}["Signed, effect not established"] == 1


def test_autocompletes_show_what_the_reader_may_see(officer, deputy):
    bay = CityFactory(name_en="Éxample Bay", name_fr="Baie")
    query = {"term": "example b", "app_label": "partnerships", "model_name": "agreementparty", "field_name": "city"}
    answer = officer.get(reverse("admin:autocomplete"), query)
    assert [result["text"] for result in answer.json()["results"]] == [f"Éxample Bay ({bay.country})"]
    assert deputy.get(reverse("admin:autocomplete"), query, follow=True).status_code == 403


def export(client, address: str, number: int):
    response = client.post(address, {"resource": "0", "format": str(number)})
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return response.content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_exports_escape_formulas(officer, start):
    OrganisationFactory(name_fr=f"{start}cmd|' /C calc'!A1", website="")
    content = export(officer, reverse("admin:partnerships_organisation_export"), 0).decode()
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert any("cmd|" in cell for cell in cells)


def test_exports_leave_numbers_alone(officer):
    CityFactory(name_fr="-17.4000", latitude="14.6928", longitude="-17.4000")
    content = export(officer, reverse("admin:partnerships_city_export"), 0).decode()
    _titles, cells = csv.reader(io.StringIO(content))
    assert {"14.6928", "-17.4000", "'-17.4000"} <= set(cells)


@pytest.mark.parametrize(("number", "kind"), [(0, "csv"), (1, "ods"), (2, "xlsx")])
def test_exports_open_in_each_format(officer, number, kind):
    agreement = AgreementFactory(in_force=True)
    content = export(officer, reverse("admin:partnerships_agreement_export"), number)
    rows = Dataset().load(content.decode() if kind == "csv" else content, format=kind)
    assert rows["Reference"] == [agreement.reference]
    assert rows["Deliberation"] == [str(agreement.deliberation)]


def test_exports_hold_no_more_than_the_list(auditor, administrator):
    WatchNoteFactory(title="Hidden title", audience="staff")
    assert "Hidden title" not in export(auditor, reverse("admin:partnerships_watchnote_export"), 0).decode()
    users = export(administrator, reverse("admin:core_user_export"), 0).decode()
    assert administrator.user.email in users
    assert "password" not in users
    assert User.objects.get(pk=administrator.user.pk).password not in users


def test_saved_views_are_one_click_away_in_the_sidebar(officer):
    page = officer.get(reverse("admin:index"))
    groups = {group["title"]: [item["link"] for item in group["items"]] for group in page.context["sidebar_navigation"]}
    assert reverse(CITIES) + "?view=partners" in groups["Saved views"]
    for link in groups["Saved views"]:
        assert officer.get(link).status_code == 200
