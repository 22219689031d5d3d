"""Every registered page, for every kind of reader, whatever app it comes from."""

from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import BaseModel, User, WebhookSubscription
from mandate.models import Report
from partnerships.models import WatchNote
from solidarity.models import LegalThreshold, Payment
from tests import factories
from tests.mandate.accounts import adopted
from tests.solidarity import lives

# Rows that are only ever read and written on the page of the record that they belong to.
ROWS = {
    "cooperation.CallCountry",
    "cooperation.CallTheme",
    "cooperation.CulturalDestination",
    "cooperation.ExpertAssignment",
    "cooperation.Forecast",
    "cooperation.Movement",
    "cooperation.PracticeUptake",
    "cooperation.ProjectCity",
    "cooperation.ProjectOrganisation",
    "cooperation.ProjectTheme",
    "cooperation.ResultPeriod",
    "core.ClientAccess",
    "events.BidStage",
    "events.Destination",
    "events.Expertise",
    "events.Leg",
    "events.MeetingNote",
    "events.Outcome",
    "events.Participant",
    "events.Precondition",
    "events.ProgrammeItem",
    "events.Tie",
    "mandate.Evidence",
    "mandate.MilestoneDecision",
    "mandate.ObjectiveAssociate",
    "mandate.ObjectivePrecondition",
    "mandate.ReportBlock",
    "mandate.ReportEntry",
    "partnerships.AgreementClause",
    "partnerships.AgreementParty",
    "partnerships.Amendment",
    "partnerships.CityArea",
    "partnerships.CountryStatus",
    "partnerships.NetworkCity",
    "partnerships.NetworkSeat",
    "partnerships.PersonRole",
    "partnerships.RenewalDecision",
    "solidarity.Allocation",
    "solidarity.CommissionOpinion",
    "solidarity.CrisisPlace",
    "solidarity.FundParameter",
    "solidarity.FundService",
    "solidarity.GrantPlace",
    "solidarity.Instalment",
    "solidarity.Piece",
    "solidarity.ProgrammeHost",
    "solidarity.ReportLine",
    "solidarity.ResourceBase",
}
# Each person's own business, on a page of her own: nobody administers the calendars that another one reads.
PRIVATE = {"events.CalendarSubscription"}
# Files of people under threat: reached only through their own pages.
PROTECTED = {f"solidarity.{name}" for name in ("Erasure", "FileAccess", "FileRead", "ProtectedFile", "Publication")}
# What Parvis alone writes: read in the admin, and no record.
LEDGERS = {"core.Message", "core.Notification", "core.ReminderRun", "core.WebhookDelivery"}
# Records of solidarity that international relations keep.
HONOURS = {"honour", "residency", "residencyprogramme"}
ADMINISTRATORS = [User, WebhookSubscription]
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
RECORDS = [model for model in PAGES if issubclass(model, BaseModel)]
ids = {"ids": lambda model: model._meta.label}


def address(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def threshold() -> LegalThreshold:
    """One of a year of its own: two of a kind do not hold at once."""
    year = 1991 + LegalThreshold.objects.count()
    return factories.LegalThresholdFactory(since=date(year, 1, 1), until=date(year, 12, 31))


def payment() -> Payment:
    return lives.pay(lives.grant_in("in-payment"), 1000)


# What a factory does not make by itself.
MADE = {LegalThreshold: threshold, Payment: payment}


def make(model, **values):
    if model in MADE:
        return MADE[model](**values)
    factory = next(
        factory
        for factory in vars(factories).values()
        if isinstance(factory, type) and getattr(getattr(factory, "_meta", None), "model", None) is model
    )
    return factory(**values)


def test_every_record_has_a_page_or_is_a_row_of_one():
    records = {
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, BaseModel) and not model._meta.proxy and model not in admin.site._registry
    }
    assert records == ROWS | PRIVATE | PROTECTED


def test_other_packages_bring_no_page():
    strangers = {model._meta.label for model in PAGES if not issubclass(model, BaseModel)}
    assert strangers == {"oauth2_provider.Application"} | LEDGERS


@pytest.mark.parametrize("model", PAGES, **ids)
def test_every_list_is_searched_and_every_list_is_filtered_by_views(administrator, model):
    page = admin.site._registry[model]
    assert administrator.get(address(model, "changelist") + "?q=invented").status_code == 200
    for view in getattr(page, "views", ()):
        assert administrator.get(address(model, "changelist") + f"?view={view.name}").status_code == 200


@pytest.mark.parametrize("model", RECORDS, **ids)
def test_pages_answer_for_the_administrator(administrator, model):
    record = make(model)
    for page, *args in (
        ("changelist",),
        ("change", record.pk),
        ("history", record.pk),
        ("export",),
        ("delete", record.pk),
    ):
        response = administrator.get(address(model, page, *args))
        assert response.status_code == 200, (page, response)
    adding = admin.site._registry[model].has_add_permission(_request(administrator.user))
    assert administrator.get(address(model, "add")).status_code == (200 if adding else 403)


@pytest.mark.parametrize("model", [model for model in RECORDS if model not in ADMINISTRATORS], **ids)
def test_pages_answer_for_the_officer_who_may_change_them(officer, solidarity_officer, model):
    record = make(model)
    if model._meta.app_label == "solidarity" and model._meta.model_name not in HONOURS:
        officer = solidarity_officer
    assert officer.get(address(model, "changelist")).status_code == 200
    page = officer.get(address(model, "change", record.pk))
    assert page.status_code == 200
    assert page.context["has_change_permission"] is True


@pytest.mark.parametrize("model", ADMINISTRATORS, **ids)
def test_accounts_and_webhooks_are_for_administrators_only(officer, auditor, model):
    record = make(model)
    for client in (officer, auditor):
        assert client.get(address(model, "changelist")).status_code == 403
        assert client.get(address(model, "change", record.pk)).status_code == 403


@pytest.mark.parametrize("model", PAGES, **ids)
def test_deputies_cannot_enter(deputy, model):
    for page in ("changelist", "add"):
        response = deputy.get(address(model, page), follow=True)
        assert response.status_code == 403


def test_the_door_follows_the_roles_and_not_a_flag(deputy, officer):
    deputy.user.is_staff = True
    deputy.user.save()
    officer.user.is_staff = False
    officer.user.save()
    assert deputy.get(reverse("admin:index"), follow=True).status_code == 403
    assert officer.get(reverse("admin:index")).status_code == 200


def test_strangers_are_sent_to_the_one_sign_in(client, db):
    response = client.get(reverse("admin:index"), follow=True)
    address, _status = response.redirect_chain[-1]
    assert address.startswith(reverse("account_login"))


@pytest.mark.parametrize("model", [model for model in RECORDS if model not in ADMINISTRATORS], **ids)
def test_auditors_read_everything_and_change_nothing(auditor, model):
    # Of reports they read those that were adopted.
    record = adopted() if model is Report else make(model, **({"audience": "city"} if model is WatchNote else {}))
    assert auditor.get(address(model, "changelist")).status_code == 200
    page = auditor.get(address(model, "change", record.pk))
    assert page.status_code == 200
    assert page.context["has_change_permission"] is False
    assert "_save" not in page.content.decode()
    assert auditor.get(address(model, "history", record.pk)).status_code == 200
    assert auditor.get(address(model, "add")).status_code == 403
    assert auditor.post(address(model, "change", record.pk), {}).status_code == 403
    assert auditor.post(address(model, "delete", record.pk), {"post": "yes"}).status_code == 403
    assert type(record)._base_manager.filter(pk=record.pk).exists()


@pytest.mark.parametrize("model", RECORDS, **ids)
def test_a_list_asks_as_often_for_twelve_rows_as_for_three(administrator, model):
    counts = []
    for more in (3, 9):
        for _number in range(more):
            make(model)
        administrator.get(address(model, "changelist"))
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(address(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Whoever reads the list of users is on it.
@pytest.mark.parametrize("model", [model for model in RECORDS if model not in ADMINISTRATORS], **ids)
def test_an_empty_list_says_so(administrator, model):
    page = administrator.get(address(model, "changelist"))
    assert page.status_code == 200
    assert page.context["cl"].result_count == 0


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_start_page_answers_in_both_languages(officer, language):
    officer.user.language = language
    officer.user.save()
    response = officer.get(reverse("admin:index"))
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def _request(user):
    class Request:
        pass

    request = Request()
    request.user = user
    return request
