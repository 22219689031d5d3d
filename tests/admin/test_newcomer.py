"""What a newcomer stumbled over: what is read only is not checked, and what is refused, done or unknown is said."""

from datetime import date

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from tablib import Dataset

from core.admin.listing import ExportedList
from partnerships.models import Agreement, AgreementParty
from tests.admin.forms import errors, filled
from tests.admin.test_life import address
from tests.admin.test_lists import export
from tests.factories import (
    AgreementFactory,
    AgreementPartyFactory,
    CityFactory,
    CountryFactory,
    DocumentFactory,
    DuesFactory,
)


def test_a_city_with_two_agreements_is_saved(officer):
    city = CityFactory()
    for kind in ("twinning", "cooperation"):
        AgreementPartyFactory(agreement=AgreementFactory(kind=kind), city=city)
    response = officer.post(address(city, "change"), filled(officer, address(city, "change"), name_fr="Ville nouvelle"))
    assert response.status_code == 302, errors(response)
    city.refresh_from_db()
    assert city.name_fr == "Ville nouvelle"
    assert AgreementParty.objects.filter(city=city).count() == 2


def test_a_refused_amendment_says_why_in_its_row(officer):
    agreement = AgreementFactory(in_force=True)
    opened = filled(officer, address(agreement, "change"), **{
        "amendments-TOTAL_FORMS": "1", "amendments-0-number": "1", "amendments-0-object": "Durée",
        "amendments-0-signed_on": "2015-05-10", "amendments-0-new_expiry": "2015-05-01",
        "amendments-0-agreement": agreement.pk,
    })  # fmt: skip
    response = officer.post(address(agreement, "change"), opened)
    assert response.status_code == 200
    row = next(
        inline.formset.forms[0]
        for inline in response.context["inline_admin_formsets"]
        if inline.formset.prefix == "amendments"
    )
    sentences = row.errors["new_expiry"]
    assert sentences
    for sentence in sentences:
        assert response.content.decode().count(sentence) == 1
    assert not agreement.amendments.exists()


def test_rows_that_are_added_stand_open(officer):
    page = officer.get(address(CityFactory(), "change")).content.decode()
    assert "openRow: true" in page
    assert "openRow: false" not in page


def test_only_drafts_have_a_button_to_delete(officer):
    assert officer.get(address(AgreementFactory(), "change")).context["has_delete_permission"] is True
    signed = AgreementFactory(signed=True)
    assert officer.get(address(signed, "change")).context["has_delete_permission"] is False
    assert officer.post(address(signed, "delete"), {"post": "yes"}).status_code == 403
    assert Agreement.objects.filter(pk=signed.pk).exists()


def test_what_must_be_justified_is_no_main_button(officer):
    page = officer.get(address(AgreementFactory(in_force=True), "change"))
    shown = {button.verb: button.secondary for button in page.context["life"]["buttons"]}
    assert shown["end"] is True
    assert shown["prepare_renewal"] is False
    assert 'class="parvis-button parvis-button-quiet"' in page.content.decode()


def test_preparing_the_renewal_leads_to_the_draft(officer):
    agreement = AgreementPartyFactory(agreement=AgreementFactory(in_force=True)).agreement
    form = officer.get(address(agreement, "life", "prepare_renewal")).context["form"]
    done = officer.post(
        address(agreement, "life", "prepare_renewal"), {"version": form["version"].value()}, follow=True
    )
    draft = Agreement.objects.get(renews=agreement)
    assert done.redirect_chain[-1][0] == address(draft, "change")
    said = [str(message) for message in done.context["messages"]]
    assert said == [f"{draft} was started from {agreement}."]
    panel = officer.get(address(agreement, "change")).content.decode()
    assert f'href="{address(draft, "change")}">{draft.reference}</a>' in panel


def test_what_was_done_says_the_state_that_it_led_to(officer):
    agreement = AgreementFactory(in_force=True)
    form = officer.get(address(agreement, "life", "end")).context["form"]
    values = {"version": form["version"].value(), "ended_on": "2015-05-20", "reason": "Invented reason"}
    done = officer.post(address(agreement, "life", "end"), values, follow=True)
    assert [str(message) for message in done.context["messages"]] == [f"{agreement}: now “ended”."]


def test_no_dues_are_not_paid_dues(officer):
    def card() -> str:
        cards = officer.get(reverse("admin:index")).context["cards"]
        return next(found.empty for found in cards if found.title == "Unpaid dues of networks")

    assert card() == "No dues are recorded."
    DuesFactory(amount_due=10, amount_paid=10, paid_on=date(2015, 5, 1))
    assert card() == "All dues are paid."


def test_a_lost_edit_says_who_changed_it_and_links_to_the_page(officer, administrator):
    city = CityFactory(name_fr="Avant")
    opened = filled(officer, address(city, "change"), name_fr="Perdu")
    theirs = filled(administrator, address(city, "change"), name_fr="Entre-temps")
    assert administrator.post(address(city, "change"), theirs).status_code == 302
    response = officer.post(address(city, "change"), opened)
    assert f"Last changed by {administrator.user}, " in errors(response)
    assert '<a class="underline" href="">Open it again</a>' in response.content.decode()


def test_a_lost_edit_in_a_step_says_who_changed_it(officer, administrator):
    agreement = AgreementFactory(in_force=True)
    form = officer.get(address(agreement, "life", "end")).context["form"]
    theirs = filled(administrator, address(agreement, "change"), title_fr="Entre-temps")
    assert administrator.post(address(agreement, "change"), theirs).status_code == 302
    values = {"version": form["version"].value(), "ended_on": "2015-05-20", "reason": "Invented reason"}
    refused = officer.post(address(agreement, "life", "end"), values)
    assert f"Last changed by {administrator.user}, " in refused.content.decode()


def test_cities_whose_own_name_begins_with_the_text_come_first(officer):
    country = CountryFactory(name_fr="Romanie inventée", name_en="Romania invented")
    CityFactory(name_fr="Bucourt", name_en="Bucourt", country=country)
    CityFactory(name_fr="Rômeville", name_en="Rômeville")
    query = {"term": "rom", "app_label": "partnerships", "model_name": "agreementparty", "field_name": "city"}
    found = [result["text"] for result in officer.get(reverse("admin:autocomplete"), query).json()["results"]]
    assert found[0].startswith("Rômeville (")
    assert found[1] == "Bucourt (Romania invented)"


def test_an_export_reads_as_a_person_does(officer):
    party = AgreementPartyFactory(agreement=AgreementFactory(in_force=True, kind="twinning"))
    AgreementPartyFactory(agreement=party.agreement, role="beneficiary")
    rows = Dataset().load(export(officer, reverse("admin:partnerships_agreement_export"), 0).decode(), format="csv")
    assert rows["Counterpart"] == [str(party.city)]
    assert rows["Kind"] == ["twinning"]
    assert rows["Status"] == ["in force"]


PAGES = [model for model, page in admin.site._registry.items() if isinstance(page, ExportedList)]


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_no_two_columns_of_an_export_have_one_header(officer, model):
    request = RequestFactory().get("/")
    request.user = officer.user
    fields = admin.site._registry[model].get_export_resource_classes(request)[0]().get_export_fields()
    headers = [field.column_name for field in fields]
    assert len(headers) == len(set(headers))


def test_the_history_leaves_out_what_the_database_keeps(officer):
    party = AgreementPartyFactory(agreement=AgreementFactory(in_force=True))
    DocumentFactory(record=party.agreement)
    entries = officer.get(address(party.agreement, "history")).context["page"].object_list
    labels = {found.label for entry in entries if entry.row for found in entry.fields}
    assert "city" in labels
    assert labels.isdisjoint({"period", "kind", "uuid", "sha256", "SHA-256"})
