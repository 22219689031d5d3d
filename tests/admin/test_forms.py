"""Whatever a record refuses is said in its form, and nothing is written."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from core.models import Citation, Document
from partnerships.enums import OrganisationKind
from partnerships.models import Agreement, AgreementParty, City, Network
from tests.admin.forms import errors, filled
from tests.factories import (
    AgreementFactory,
    AgreementPartyFactory,
    CityFactory,
    DuesFactory,
    NetworkFactory,
    OrganisationFactory,
    SourceFactory,
)

ADD = "admin:partnerships_agreement_add"


def change(record) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def test_a_lost_edit_is_refused_and_nothing_is_overwritten(officer):
    city = CityFactory(name_fr="Avant")
    opened = filled(officer, change(city), name_fr="Perdu")
    City.objects.filter(pk=city.pk).update(name_fr="Entre-temps")
    response = officer.post(change(city), opened)
    assert "This record was changed since you opened it" in errors(response)
    city.refresh_from_db()
    assert city.name_fr == "Entre-temps"


def test_a_form_that_does_not_say_its_version_is_refused(officer):
    city = CityFactory()
    opened = filled(officer, change(city), name_fr="Sans version")
    del opened["opened_version"]
    assert "This record was changed" in errors(officer.post(change(city), opened))


def test_a_lost_edit_of_a_row_is_refused(officer):
    dues = DuesFactory(amount_due=100)
    opened = filled(officer, change(dues.network), **{"dues-0-amount_due": "300"})
    type(dues).objects.filter(pk=dues.pk).update(amount_due=200)
    assert "This record was changed" in errors(officer.post(change(dues.network), opened))
    dues.refresh_from_db()
    assert dues.amount_due == 200


def new_agreement(officer, **changes) -> dict[str, object]:
    return filled(
        officer,
        reverse(ADD),
        title_fr="Accord inventé",
        kind="cooperation",
        **changes,
    )


def test_a_newcomer_adds_an_agreement_from_a_citys_page(officer):
    city = CityFactory()
    button = officer.get(change(city)).context["actions_detail"][0]
    start = officer.get(officer.get(button["path"])["Location"])
    opened = filled(
        officer, start.request["PATH_INFO"] + "?" + start.request["QUERY_STRING"], title_fr="Accord", kind="twinning"
    )
    assert int(opened["parties-0-city"]) == city.pk
    response = officer.post(reverse(ADD), opened)
    assert response.status_code == 302, errors(response)
    agreement = Agreement.objects.get()
    assert [party.city for party in agreement.parties.all()] == [city]
    assert agreement.status == "draft"


def test_a_state_is_refused_as_counterpart_in_its_row(officer):
    state = OrganisationFactory(kind=OrganisationKind.STATE)
    response = officer.post(reverse(ADD), new_agreement(officer, **{"parties-0-organisation": state.pk}))
    assert "The counterpart may not be a State (CGCT L1115-5)" in errors(response)
    assert "The counterpart may not be a State" in str(
        response.context["inline_admin_formsets"][0].formset.forms[0].errors
    )
    assert not Agreement.objects.exists()
    assert not AgreementParty.objects.exists()


def test_overlapping_agreements_are_refused_in_the_row(officer):
    city = CityFactory()
    AgreementPartyFactory(agreement=AgreementFactory(in_force=True), city=city)
    other = AgreementFactory(in_force=True)
    opened = filled(officer, change(other), **{
        "parties-TOTAL_FORMS": "1", "parties-0-city": city.pk, "parties-0-role": "counterpart", "parties-0-agreement": other.pk,
    })  # fmt: skip
    assert "The city already has an agreement of this kind at that time." in errors(officer.post(change(other), opened))
    assert not other.parties.exists()


def test_a_duplicate_row_is_refused(officer):
    party = AgreementPartyFactory()
    opened = filled(officer, change(party.agreement), **{
        "parties-TOTAL_FORMS": "2", "parties-1-city": party.city.pk, "parties-1-role": "beneficiary",
        "parties-1-agreement": party.agreement.pk,
    })  # fmt: skip
    response = officer.post(change(party.agreement), opened)
    assert errors(response)
    assert party.agreement.parties.count() == 1


def test_a_rule_of_the_record_is_said_in_its_form(officer):
    agreement = AgreementFactory(in_force=True)
    opened = filled(officer, change(agreement), expires_on="2015-01-01")
    assert "The end cannot be before the beginning." in errors(officer.post(change(agreement), opened))
    agreement.refresh_from_db()
    assert agreement.expires_on is None


def test_the_status_is_never_edited_by_hand(officer):
    agreement = AgreementFactory()
    opened = filled(officer, change(agreement), status="in-force", title_fr="Autre titre")
    assert officer.post(change(agreement), opened).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.status, agreement.title_fr) == ("draft", "Autre titre")


def test_a_date_without_precision_is_known_to_the_day(officer):
    network = NetworkFactory()
    opened = filled(officer, change(network), founded_on="1979-05-01")
    assert officer.post(change(network), opened).status_code == 302
    network.refresh_from_db()
    assert (network.founded_on, network.founded_on_precision) == (date(1979, 5, 1), "day")


def upload(officer, city, name: str, content: bytes):
    prefix = "core-document-content_type-object_id"
    opened = filled(officer, change(city), **{f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-title": "Convention"})
    return officer.post(change(city), {**opened, f"{prefix}-0-file": SimpleUploadedFile(name, content)})


def test_a_document_is_attached(officer):
    city = CityFactory()
    response = upload(officer, city, "note.txt", b"Invented.")
    assert response.status_code == 302, errors(response)
    document = Document.objects.get()
    assert (document.record, document.media_type, document.size) == (city, "text/plain", 9)
    assert reverse("document", args=[document.uuid]) in officer.get(change(city)).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("contract.pdf", b"<html>not a pdf</html>", "The content of the file is not that of a pdf file."),
        ("page.html", b"<html></html>", "Only these types of file are accepted"),
        ("empty.txt", b"", "The submitted file is empty."),
    ],
)
def test_a_document_with_a_wrong_content_is_refused(officer, name, content, sentence):
    city = CityFactory()
    assert sentence in errors(upload(officer, city, name, content))
    assert not Document.objects.exists()


def test_a_citation_is_attached_once(officer):
    city, source = CityFactory(), SourceFactory()
    prefix = "core-citation-content_type-object_id"
    rows = {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-source": source.pk, f"{prefix}-0-section": "p. 3"}
    assert officer.post(change(city), filled(officer, change(city), **rows)).status_code == 302
    again = {f"{prefix}-TOTAL_FORMS": "2", f"{prefix}-1-source": source.pk, f"{prefix}-1-section": "p. 3"}
    response = officer.post(change(city), filled(officer, change(city), **again))
    assert errors(response)
    assert Citation.objects.count() == 1


def test_deleting_names_what_protects_the_record(administrator):
    dues = DuesFactory()
    address = reverse("admin:partnerships_network_delete", args=[dues.network.pk])
    with override("en"):
        assert str(dues) in administrator.get(address).content.decode()
    administrator.post(address, {"post": "yes"})
    assert Network.objects.filter(pk=dues.network.pk).exists()
