"""Whatever is typed into an address or sent by a form that was tampered with: a sentence, never a fault."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from partnerships.models import Agreement, AgreementParty, City, CountryStatus
from tests.admin.forms import errors, filled
from tests.factories import AgreementFactory, CityFactory, CountryFactory, DeliberationFactory

ADD = "admin:partnerships_agreement_add"
NO_KEYS = ["abc", "1.5", "99999999999999999999999", "-1", "🙂"]


@pytest.mark.parametrize("key", NO_KEYS)
def test_an_address_that_names_no_record_chooses_nothing(officer, key):
    answer = officer.get(reverse(ADD), {"deliberation": key, "renews": key, "city": key, "kind": key})
    assert answer.status_code == 200


def test_an_address_that_names_a_record_chooses_it(officer):
    deliberation = DeliberationFactory(number="2015 DGRI 77")
    answer = officer.get(reverse(ADD), {"deliberation": deliberation.pk})
    assert f'<option value="{deliberation.pk}" selected' in answer.content.decode()


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_form_that_names_no_record_is_refused_in_its_field(officer, key):
    opened = filled(officer, reverse(ADD), title_fr="Accord", kind="cooperation", renews=key, deliberation=key)
    answer = officer.post(reverse(ADD), opened)
    assert errors(answer)
    assert set(answer.context["adminform"].form.errors) == {"renews", "deliberation"}
    assert not Agreement.objects.exists()


def test_a_party_without_a_role_is_refused_in_its_row(officer):
    agreement = AgreementFactory(in_force=True)
    address = reverse("admin:partnerships_agreement_change", args=[agreement.pk])
    row = {"parties-TOTAL_FORMS": "1", "parties-0-city": CityFactory().pk, "parties-0-role": ""}
    answer = officer.post(address, filled(officer, address, **row))
    assert errors(answer)
    assert "role" in answer.context["inline_admin_formsets"][0].formset.forms[0].errors
    assert not AgreementParty.objects.exists()


def test_a_status_without_a_kind_is_refused_in_its_row(administrator):
    country = CountryFactory()
    address = reverse("admin:partnerships_country_change", args=[country.pk])
    row = {"statuses-TOTAL_FORMS": "1", "statuses-0-kind": "", "statuses-0-since": "2014-01-01"}
    answer = administrator.post(address, filled(administrator, address, **row))
    assert errors(answer)
    assert not CountryStatus.objects.exists()


def shortcut(model, key) -> str:
    return f"/admin/r/{ContentType.objects.get_for_model(model).pk}/{key}/"


def test_the_shortcut_to_a_page_leads_only_to_what_the_reader_may_see(officer, monkeypatch):
    city = CityFactory()
    assert officer.get(shortcut(City, city.pk))["Location"] == city.get_absolute_url()
    monkeypatch.setattr(type(City.objects.all()), "visible_to", lambda records, reader: records.none())
    assert officer.get(shortcut(City, city.pk)).status_code == 404


def test_the_shortcut_leads_nowhere_else(officer):
    Group.objects.create(pk=77, name="invented")
    for address in (shortcut(City, 0), shortcut(City, 10**30), shortcut(Group, 77), "/admin/r/0/1/", "/admin/r/a/b/"):
        assert officer.get(address).status_code == 404, address
