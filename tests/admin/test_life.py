"""The buttons of a record's life, and what its history tells."""

from django.db import connection
from django.urls import reverse

from core.models import Document
from partnerships.models import Agreement, AgreementParty, City
from tests.admin.forms import filled
from tests.factories import AgreementFactory, AgreementPartyFactory, CityFactory, DeliberationFactory, WatchNoteFactory


def address(record, page: str, *args) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk, *args])


def test_a_button_says_what_is_missing_then_succeeds(officer):
    agreement = AgreementFactory(object_fr="", forecast_amount=0)
    page = officer.get(address(agreement, "change")).content.decode()
    assert "Record the vote" in page
    assert "No counterpart is named." in page
    assert "The object is missing (CGCT L1115-1)." in page
    assert address(agreement, "life", "vote") not in page

    AgreementPartyFactory(agreement=agreement)
    Agreement.objects.filter(pk=agreement.pk).update(object_fr="Objet inventé.")
    assert address(agreement, "life", "vote") in officer.get(address(agreement, "change")).content.decode()

    form = officer.get(address(agreement, "life", "vote")).context["form"]
    assert list(form.fields) == ["version", "deliberation", "reason"]
    values = {"version": form["version"].value(), "reason": "Voted in February"}
    refused = officer.post(address(agreement, "life", "vote"), values)
    assert "deliberation is missing" in str(refused.context["form"].errors)

    done = officer.post(address(agreement, "life", "vote"), values | {"deliberation": DeliberationFactory().pk})
    assert done.status_code == 302
    agreement.refresh_from_db()
    assert agreement.status == "voted"
    history = officer.get(address(agreement, "history")).content.decode()
    assert "Voted in February" in history
    assert "Record the vote" in history
    assert str(officer.user) in history


def test_it_cannot_be_in_force_until_sent_to_the_prefect(officer):
    agreement = AgreementFactory(signed=True, deliberation=DeliberationFactory())
    page = officer.get(address(agreement, "change")).content.decode()
    assert "It has not been sent to the prefect: without this it cannot take effect (CGCT L1115-1)." in page
    form = officer.get(address(agreement, "life", "enter_into_force")).context["form"]
    values = {
        "version": form["version"].value(),
        "deliberation": agreement.deliberation_id,
        "in_force_on": "2015-05-01",
    }
    refused = officer.post(address(agreement, "life", "enter_into_force"), values)
    assert "It has not been sent to the prefect" in str(refused.context["form"].errors["transmitted_to_prefect_on"])
    values["transmitted_to_prefect_on"] = "2015-04-20"
    assert officer.post(address(agreement, "life", "enter_into_force"), values).status_code == 302
    agreement.refresh_from_db()
    assert agreement.status == "in-force"


def test_a_verb_that_must_be_justified_is_refused_without_reason(officer):
    agreement = AgreementFactory(in_force=True)
    form = officer.get(address(agreement, "life", "end")).context["form"]
    values = {"version": form["version"].value(), "ended_on": "2015-05-20"}
    refused = officer.post(address(agreement, "life", "end"), values)
    assert refused.context["form"].errors["reason"] == ["Say why."]
    assert officer.post(address(agreement, "life", "end"), values | {"reason": "Invented reason"}).status_code == 302


def test_a_verb_on_a_record_that_has_changed_is_refused(officer):
    agreement = AgreementFactory(in_force=True)
    form = officer.get(address(agreement, "life", "end")).context["form"]
    Agreement.objects.filter(pk=agreement.pk).update(title_fr="Entre-temps")
    values = {"version": form["version"].value(), "ended_on": "2015-05-20", "reason": "Invented reason"}
    refused = officer.post(address(agreement, "life", "end"), values)
    assert "changed since you opened it" in str(refused.context["form"].errors)
    agreement.refresh_from_db()
    assert agreement.status == "in-force"


def test_auditors_see_the_state_and_no_button(auditor):
    agreement = AgreementFactory()
    page = auditor.get(address(agreement, "change"))
    assert page.context["life"]["buttons"] == []
    assert auditor.get(address(agreement, "life", "vote")).status_code == 403


def test_an_unknown_verb_is_not_found(officer):
    assert officer.get(address(AgreementFactory(), "life", "frobnicate")).status_code == 404


def test_the_reason_lands_in_the_history(officer):
    city = CityFactory(name_fr="Avant")
    opened = filled(officer, address(city, "change"), name_fr="Après", change_reason="A typing mistake")
    assert officer.post(address(city, "change"), opened).status_code == 302
    newest = officer.get(address(city, "history")).context["page"].object_list[0].change
    assert (newest.author, newest.reason) == (str(officer.user), "A typing mistake")
    assert [(field.before, field.after) for field in newest.fields] == [("Avant", "Après")]


def test_bulk_and_raw_changes_are_in_the_history(officer):
    city = CityFactory(name_fr="Avant")
    City.objects.filter(pk=city.pk).update(name_fr="En masse")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partnerships_city SET name_fr = 'En SQL' WHERE id = %s", [city.pk])
    response = officer.get(address(city, "history"))
    names = [field.after for entry in response.context["page"] for field in entry.change.fields if field.before]
    assert names == ["En SQL", "En masse"]
    assert "changed outside Parvis" in response.content.decode()


def test_rows_are_in_the_history_of_their_record_even_when_deleted(officer):
    party = AgreementPartyFactory()
    name = party.city.name_en
    AgreementParty.objects.filter(pk=party.pk).delete()
    page = officer.get(address(party.agreement, "history")).content.decode()
    assert name in page
    assert "deleted" in page


def test_watch_notes_outside_the_audience_are_nowhere(auditor):
    city = CityFactory(name_en="Example Harbour")
    secret = WatchNoteFactory(city=city, title="Hidden title", audience="staff")
    WatchNoteFactory(city=city, title="Open title", audience="city")
    pages = [
        reverse("admin:partnerships_watchnote_changelist"),
        reverse("admin:partnerships_watchnote_changelist") + "?q=hidden",
        address(city, "change"),
        address(city, "history"),
        reverse("admin:search") + "?s=hidden&extended=1",
        reverse("admin:index"),
    ]
    for page in pages:
        response = auditor.get(page)
        assert response.status_code == 200
        assert "Hidden title" not in response.content.decode(), page
    assert auditor.get(address(secret, "change")).status_code == 302
    assert auditor.get(address(secret, "history")).status_code == 302
    secret.delete()
    assert "Hidden title" not in auditor.get(address(city, "history")).content.decode()


def test_staff_find_the_same_note_everywhere(officer):
    note = WatchNoteFactory(title="Found title", audience="staff")
    for page in (
        reverse("admin:partnerships_watchnote_changelist") + "?q=found",
        address(note.city, "change"),
        address(note.city, "history"),
        reverse("admin:search") + "?s=found&extended=1",
        reverse("admin:index"),
    ):
        assert "Found title" in officer.get(page).content.decode(), page


def test_documents_of_a_hidden_note_are_in_no_list(auditor):
    from tests.factories import DocumentFactory

    DocumentFactory(record=WatchNoteFactory(audience="staff"), title="Hidden paper")
    assert Document.objects.count() == 1
    assert "Hidden paper" not in auditor.get(reverse("admin:core_document_changelist")).content.decode()
