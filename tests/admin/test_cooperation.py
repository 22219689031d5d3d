"""Cooperation in the admin: a project's life, its money, culture's turns, calls and their import."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperation.models import Forecast, FundingCall, FundingLine, Movement, Project
from tests.admin.forms import errors, filled
from tests.factories import (
    ApplicationFactory,
    CityFactory,
    CountryFactory,
    CulturalProjectFactory,
    DeliberationFactory,
    FundingCallFactory,
    FundingLineFactory,
    FundingProgrammeFactory,
    MovementFactory,
    OrganisationFactory,
    ProjectCityFactory,
    ProjectFactory,
    ProjectOrganisationFactory,
    ProjectStepFactory,
    PurposeCodeFactory,
    ResultIndicatorFactory,
    ThemeFactory,
)

FILES = Path(__file__).parent / "files"
IMPORT = "admin:cooperation_fundingcall_import"


def page(record, name: str = "change", *args) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk, *args])


def body(client, address: str) -> str:
    return client.get(address).content.decode()


def perform(client, record, verb: str, **values):
    """Sends the form of a verb as it stands, with these values."""
    form = client.get(page(record, "life", verb)).context["form"]
    return client.post(page(record, "life", verb), {"version": form["version"].value(), **values})


# --- the life of a project ---


def test_an_officer_takes_a_project_from_idea_to_completed(officer):
    city, code = CityFactory(), PurposeCodeFactory()
    directorate = ProjectOrganisationFactory(directorate=True).organisation
    add = reverse("admin:cooperation_project_add")
    answer = officer.post(add, filled(officer, add, title_fr="Projet", title_en="Project", _continue="1"))
    assert answer.status_code == 302, errors(answer)
    project = Project.objects.get(title_fr="Projet")
    assert "No city is named" in body(officer, page(project))

    row = {"places-TOTAL_FORMS": "1", "places-0-city": city.pk, "places-0-role": "place"}
    assert officer.post(page(project), filled(officer, page(project), **row)).status_code == 302
    assert perform(officer, project, "prepare").status_code == 302

    shown = body(officer, page(project))
    for sentence in (
        "The object is missing (CGCT L1115-1).",
        "No lead directorate is named.",
        "No DAC purpose code is given.",
        "No funding line says who is to pay.",
    ):
        assert sentence in shown
    assert page(project, "life", "adopt") not in shown
    more = {
        "object_fr": "Objet.",
        "purposes-code": [code.code],
        "purposes-share": ["100"],
        "bodies-TOTAL_FORMS": "1",
        "bodies-0-organisation": directorate.pk,
        "bodies-0-role": "lead",
        "funding_lines-TOTAL_FORMS": "1",
        "funding_lines-0-kind": "own",
        "funding_lines-0-nature": "cash",
        "funding_lines-0-currency": "EUR",
    }
    answer = officer.post(page(project), filled(officer, page(project), **more))
    assert answer.status_code == 302, errors(answer)
    assert "No forecast is recorded: the vote freezes it." in body(officer, page(project))
    line = project.funding_lines.get()
    row = {"forecasts-TOTAL_FORMS": "1", "forecasts-0-year": "2015", "forecasts-0-amount_eur": "1000"}
    row |= {"forecasts-0-made_on": "2015-02-01"}
    answer = officer.post(page(line), filled(officer, page(line), **row))
    assert answer["Location"] == page(project) + "#funding_lines"

    assert "deliberation is missing" in str(perform(officer, project, "adopt").context["form"].errors)
    vote = DeliberationFactory(voted_on=date(2015, 2, 10))
    assert perform(officer, project, "adopt", deliberation=vote.pk).status_code == 302
    assert Forecast.objects.get(deliberation=vote).amount_eur == 1000
    assert vote.number in body(officer, page(line))

    early = perform(officer, project, "start", actual_start="2015-02-09")
    assert "before the Council" in str(early.context["form"].errors["actual_start"])
    assert perform(officer, project, "start", actual_start="2015-03-02").status_code == 302

    step = ProjectStepFactory(project=project, due_on=date(2015, 5, 1))
    indicator = ResultIndicatorFactory(project=project)
    shown = body(officer, page(project))
    assert f"A step is not done: {step.title}." in shown
    assert str(indicator.title) in shown
    assert page(project, "life", "complete") not in shown
    officer.post(page(step), filled(officer, page(step), done_on="2015-05-20"))
    row = {"periods-TOTAL_FORMS": "1", "periods-0-starts_on": "2015-03-01", "periods-0-ends_on": "2015-05-31"}
    officer.post(page(indicator), filled(officer, page(indicator), **row, **{"periods-0-actual": "12"}))
    future = perform(officer, project, "complete", actual_end="2016-01-01")
    assert "the date is in the future" in str(future.context["form"].errors)
    assert perform(officer, project, "complete", actual_end="2015-05-31").status_code == 302
    project.refresh_from_db()
    assert project.stage == "completed"
    assert "actual_end" in officer.get(page(project)).context["adminform"].form.fields


def test_only_an_idea_is_deleted(officer):
    assert officer.get(page(ProjectFactory(), "delete")).status_code == 200
    assert officer.get(page(ProjectFactory(under_way=True), "delete")).status_code == 403


# --- what is refused, beside its field ---


def test_percentages_that_do_not_sum_are_refused_and_kept_as_typed(officer):
    project, first, second = ProjectFactory(), PurposeCodeFactory(), PurposeCodeFactory()
    typed = {"purposes-code": [first.code, second.code], "purposes-share": ["60", "30,5"]}
    answer = officer.post(page(project), filled(officer, page(project), **typed))
    assert answer.context["adminform"].form.errors["purposes"] == ["The percentages sum to 90.5, not to 100."]
    shown = answer.content.decode()
    assert 'value="30,5"' in shown
    assert "Sum: 90.5" in shown
    right = typed | {"purposes-share": ["60", "40"]}
    assert officer.post(page(project), filled(officer, page(project), **right)).status_code == 302
    project.refresh_from_db()
    assert project.purposes == {first.code: "60", second.code: "40"}
    assert officer.post(page(project), filled(officer, page(project))).status_code == 302
    project.refresh_from_db()
    assert project.purposes == {first.code: "60", second.code: "40"}


@pytest.mark.parametrize(
    ("codes", "shares", "sentence"),
    [
        (["91111"], [""], "Write the percentage of 91111."),
        ([""], ["100"], "Name the code that has 100 %."),
        (["91111", "91111"], ["50", "50"], "91111 is named twice."),
        (["91111"], ["a lot"], "is no percentage of 91111"),
        (["00000"], ["100"], "There is no DAC purpose code 00000."),
    ],
)
def test_shares_that_say_nothing_whole_are_refused(officer, codes, shares, sentence):
    PurposeCodeFactory(code="91111")
    project = ProjectFactory()
    typed = {"purposes-code": codes, "purposes-share": shares}
    answer = officer.post(page(project), filled(officer, page(project), **typed))
    assert sentence in str(answer.context["adminform"].form.errors["purposes"])


def test_modes_and_targets_are_kept(officer):
    project = ProjectFactory()
    opened = filled(officer, page(project), modes=["training", "equipment"], sdg_targets="6.1, 6.2,")
    assert officer.post(page(project), opened).status_code == 302
    project.refresh_from_db()
    assert (project.modes, project.sdg_targets) == (["training", "equipment"], ["6.1", "6.2"])
    wrong = officer.post(page(project), filled(officer, page(project), sdg_targets="18.1", modes=["magic"]))
    assert {"modes", "sdg_targets"} == set(wrong.context["adminform"].form.errors)


def test_an_actual_date_in_the_future_is_refused_in_its_field(officer):
    project = ProjectFactory(under_way=True)
    answer = officer.post(page(project), filled(officer, page(project), actual_start="2016-01-01"))
    assert "the date is in the future" in str(answer.context["adminform"].form.errors["actual_start"])


def test_a_call_has_a_deadline(officer):
    call = FundingCallFactory()
    answer = officer.post(page(call), filled(officer, page(call), deadlines=["", ""]))
    assert answer.context["adminform"].form.errors["deadlines"] == ["A call has at least one deadline."]
    answer = officer.post(page(call), filled(officer, page(call), deadlines=["soon", "2015-09-15"]))
    assert "soon" in str(answer.context["adminform"].form.errors["deadlines"])
    assert 'value="soon"' in answer.content.decode()
    opened = filled(officer, page(call), deadlines=["2016-02-15", "", "2015-09-15"], keywords="water, training")
    assert officer.post(page(call), opened).status_code == 302
    call.refresh_from_db()
    assert call.deadlines == [date(2015, 9, 15), date(2016, 2, 15)]
    assert call.keywords == ["water", "training"]


# --- money ---


def movement(place: int, **values) -> dict:
    return {f"movements-{place}-{name}": value for name, value in values.items()}


def refused_row(answer, place: int) -> dict:
    errors(answer)
    return answer.context["inline_admin_formsets"][0].formset.forms[place].errors


def test_money_is_entered_on_its_line_and_summed_on_the_project(officer):
    project = ProjectFactory()
    ours = FundingLineFactory(project=project)
    theirs = FundingLineFactory(project=project, kind="foundation", organisation=OrganisationFactory())
    MovementFactory(line=theirs, kind="committed", amount=300, on=date(2015, 1, 10))
    rows = {
        "movements-TOTAL_FORMS": "2",
        # The payment stands before the commitment that makes room for it.
        **movement(0, kind="disbursed", on="2015-03-01", amount="40"),
        **movement(1, kind="committed", on="2015-02-01", amount="150"),
    }
    answer = officer.post(page(ours), filled(officer, page(ours), **rows))
    assert answer.status_code == 302, errors(answer)
    shown = body(officer, page(ours))
    assert "€110" in shown  # committed, not yet disbursed
    totals = officer.get(page(project)).context["ledger"].totals
    assert (totals.all.committed, totals.all.disbursed) == (450, 40)
    assert totals.per_city_euro.value == 2
    shown = body(officer, page(project))
    assert "€450" in shown
    assert page(ours) in shown


def test_a_disbursement_above_its_commitment_is_refused_in_its_row(officer):
    line = FundingLineFactory()
    MovementFactory(line=line, kind="committed", amount=100, on=date(2015, 2, 1))
    rows = {"movements-TOTAL_FORMS": "2", **movement(1, kind="disbursed", on="2015-03-01", amount="130")}
    answer = officer.post(page(line), filled(officer, page(line), **rows))
    assert "would exceed what is committed by that day by 30" in str(refused_row(answer, 1)["amount"])
    assert line.movements.count() == 1


@pytest.mark.parametrize(
    ("currency", "row", "field", "sentence"),
    [
        ("USD", {}, "rate", "needs its rate"),
        ("USD", {"rate": "1.1"}, "rate_on", "A rate needs its day."),
        ("EUR", {"on": "2016-01-01"}, "on", "the date is in the future"),
    ],
)
def test_a_movement_that_says_too_little_is_refused_in_its_row(officer, currency, row, field, sentence):
    line = FundingLineFactory(currency=currency)
    given = {"kind": "committed", "on": "2015-03-01", "amount": "100"} | row
    rows = {"movements-TOTAL_FORMS": "1", **movement(0, **given)}
    answer = officer.post(page(line), filled(officer, page(line), **rows))
    assert sentence in str(refused_row(answer, 0)[field])
    assert not Movement.objects.exists()


def test_a_line_in_another_currency_shows_both(officer):
    line = FundingLineFactory(currency="USD")
    MovementFactory(
        line=line, kind="committed", amount=220, on=date(2015, 3, 2), rate=Decimal("1.1"), rate_on=date(2015, 3, 2)
    )
    for address in (page(line), page(line.project)):
        shown = body(officer, address)
        assert "US$220" in shown
        assert "€200" in shown


def test_a_currency_that_does_not_exist_is_refused(officer):
    line = FundingLineFactory()
    answer = officer.post(page(line), filled(officer, page(line), currency="XYZ"))
    assert "There is no currency XYZ." in str(answer.context["adminform"].form.errors["currency"])


def test_forecasts_are_only_added(officer):
    line = FundingLineFactory()
    Forecast(line=line, year=2015, amount_eur=500, made_on=date(2015, 1, 5)).save()
    rows = {
        "forecasts-TOTAL_FORMS": "2",
        "forecasts-0-amount_eur": "1",
        "forecasts-0-DELETE": "on",
        "forecasts-1-year": "2015",
        "forecasts-1-amount_eur": "700",
        "forecasts-1-made_on": "2015-05-01",
    }
    assert officer.post(page(line), filled(officer, page(line), **rows)).status_code == 302
    assert list(line.forecasts.values_list("amount_eur", flat=True)) == [500, 700]


def test_money_that_seems_counted_twice_is_pointed_out_on_the_project_and_on_the_start_page(officer):
    project = ProjectFactory(under_way=True)
    for _number in range(2):
        line = FundingLineFactory(project=project, kind="foundation", organisation=OrganisationFactory())
        MovementFactory(line=line, kind="committed", amount=300, on=date(2015, 1, 10))
    assert "Is the same money counted twice?" in body(officer, page(project))
    cards = {card.title: card for card in officer.get(reverse("admin:index")).context["cards"]}
    assert cards["Money that may be counted twice"].count == 1
    officer.post(page(line), filled(officer, page(line), counted_apart="Two grants, one amount."))
    assert "Is the same money counted twice?" not in body(officer, page(project))


# --- culture ---


def test_a_recipient_that_comes_back_at_once_is_told(officer):
    recipient = OrganisationFactory()
    CulturalProjectFactory(kind="tour", year=2014, recipient=recipient, discipline="dance")
    project = CulturalProjectFactory(kind="tour", year=2015, recipient=recipient, discipline="dance")
    answer = officer.post(page(project), filled(officer, page(project)), follow=True)
    told = [str(message) for message in answer.context["messages"]]
    assert f"{recipient} is supported in consecutive years: recipients take turns." in told
    assert any("disciplines take turns" in sentence for sentence in told)
    project.year = 2016
    project.save()
    answer = officer.post(page(project), filled(officer, page(project)), follow=True)
    assert not any("turns" in str(message) for message in answer.context["messages"])


# --- importing calls ---


@pytest.fixture
def ready(db):
    """What the example files name."""
    FundingProgrammeFactory(slug="invented-programme")
    for slug in ("water", "waste"):
        ThemeFactory(slug=slug)
    for code in ("XA", "XB"):
        CountryFactory(code=code)


def read_in(client, name: str, content: bytes):
    kind = "0" if name.endswith(".csv") else "1"
    file = SimpleUploadedFile(name, content)
    return client.post(reverse(IMPORT), {"resource": "0", "format": kind, "import_file": file})


def confirm(client, preview):
    assert preview.context["problems"] == []
    form = preview.context["confirm_form"]
    return client.post(reverse("admin:cooperation_fundingcall_process_import"), dict(form.initial), follow=True)


@pytest.mark.parametrize(("name", "second"), [("calls.csv", "INV-2015-02"), ("calls.json", "INV-2015-03")])
def test_calls_are_imported_after_a_look_and_again_changed_nothing(officer, ready, name, second):
    content = (FILES / name).read_bytes()
    preview = read_in(officer, name, content)
    assert [change.kind for change in preview.context["changes"]] == ["new", "new"]
    assert not FundingCall.objects.exists()
    confirm(officer, preview)
    call = FundingCall.objects.get(identifier="INV-2015-01")
    assert call.deadlines == [date(2015, 9, 15), date(2016, 2, 15)]
    assert call.last_deadline == date(2016, 2, 15)
    assert sorted(call.themes.values_list("slug", flat=True)) == ["waste", "water"]
    assert (call.gates, call.keywords, call.max_contribution) == (["aid-return"], ["water", "training"], 300000)
    assert FundingCall.objects.filter(identifier=second).exists()
    assert str(officer.user) in body(officer, page(call, "history"))
    again = read_in(officer, name, content)
    assert [change.kind for change in again.context["changes"]] == ["skip", "skip"]


def test_importing_again_changes_what_the_file_says_and_leaves_the_rest(officer, ready):
    confirm(officer, read_in(officer, "calls.csv", (FILES / "calls.csv").read_bytes()))
    rows = [{"identifier": "INV-2015-01", "themes": ["water"], "deadlines": ["2015-12-01"]}]
    confirm(officer, read_in(officer, "calls.json", json.dumps(rows).encode()))
    call = FundingCall.objects.get(identifier="INV-2015-01")
    assert [theme.slug for theme in call.themes.all()] == ["water"]
    assert call.deadlines == [date(2015, 12, 1)]
    assert call.title_en == "Invented call for water"


HEAD = "identifier,title_fr,programme,deadlines"


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (f"{HEAD}\nA,Titre,invented-programme,\n", ["Row 1 — deadlines: A call has at least one deadline."]),
        (f"{HEAD}\nA,Titre,nowhere,2015-09-15\n", ["Row 1 — programme: There is no funding programme “nowhere”."]),
        (f"{HEAD}\nA,Titre,invented-programme,soon\n", ["Row 1 — deadlines:"]),
        (
            f"{HEAD},opens_on,min_contribution,gates\nA,Titre,invented-programme,2015-09-15,2015-10-01,-5,magic\n",
            ["Row 1 — opens_on: A call does not open after its first deadline.", "Row 1 — gates:"],
        ),
        (
            f"{HEAD},themes\nA,T,invented-programme,2015-09-15,fire\n",
            ["Row 1 — themes: There is no field of cooperation"],
        ),
        (
            f"{HEAD}\nA,T,invented-programme,2015-09-15\nA,T,invented-programme,2015-09-15\n",
            ["Row 2 — identifier: “A” stands twice in the file."],
        ),
        (f"{HEAD}\n,T,invented-programme,2015-09-15\n", ["Row 1 — identifier: This field is required."]),
        (f"{HEAD},colour\nA,T,invented-programme,2015-09-15,red\n", ["There is no column “colour” to import."]),
        ("title_fr,programme\nT,invented-programme\n", ["The column “identifier” is missing"]),
    ],
)
def test_what_a_file_may_not_say_is_refused_by_row_and_column(officer, ready, content, sentences):
    answer = read_in(officer, "calls.csv", content.encode())
    found = "\n".join(answer.context["problems"])
    for sentence in sentences:
        assert sentence in found
    assert "confirm_form" not in answer.context
    assert not FundingCall.objects.exists()


@pytest.mark.parametrize("content", [b"{", b'{"identifier": "A"}', b"[1]", b"\xff\xfe", b"[]"])
def test_a_file_that_is_no_list_of_calls_is_refused(officer, ready, content):
    answer = read_in(officer, "calls.json", content)
    assert answer.context["form"].errors["import_file"]
    assert not FundingCall.objects.exists()


def test_a_file_is_imported_whole_or_not_at_all(officer, ready):
    """The programme goes between the look and the import: the first row alone could still be written."""
    other = FundingProgrammeFactory(slug="other")
    content = f"{HEAD}\nA,T,invented-programme,2015-09-15\nB,T,other,2015-09-15\n".encode()
    preview = read_in(officer, "calls.csv", content)
    other.delete()
    told = confirm(officer, preview)
    assert not FundingCall.objects.exists()
    assert "Nothing was imported." in told.content.decode()
    assert "Row 2 — programme: There is no funding programme “other”." in told.content.decode()


def test_a_file_that_is_no_longer_kept_is_asked_for_again(officer, ready):
    values = {"import_file_name": "0" * 32, "original_file_name": "calls.csv", "format": "0", "resource": "0"}
    told = officer.post(reverse("admin:cooperation_fundingcall_process_import"), values, follow=True)
    assert "The file is no longer kept: choose it again." in told.content.decode()


def test_only_those_who_may_write_calls_import_them(auditor, officer, ready):
    assert auditor.get(reverse(IMPORT)).status_code == 403
    assert auditor.post(reverse("admin:cooperation_fundingcall_process_import"), {}).status_code == 403
    calls = reverse("admin:cooperation_fundingcall_changelist")
    assert reverse(IMPORT) not in body(auditor, calls)
    assert reverse(IMPORT) in body(officer, calls)


# --- lists and roles ---


def project(number: int) -> None:
    found = ProjectFactory(under_way=True)
    ProjectCityFactory(project=found)
    ProjectOrganisationFactory(project=found, directorate=True)
    line = FundingLineFactory(project=found)
    MovementFactory(line=line, kind="committed", amount=100 + number, on=date(2015, 1, 10))


MAKERS = {
    "project": project,
    "fundingline": project,
    "fundingcall": lambda number: FundingCallFactory(),
    "application": lambda number: ApplicationFactory(),
    "culturalproject": lambda number: CulturalProjectFactory(recipient=OrganisationFactory()),
}


@pytest.mark.parametrize(
    ("name", "queries"),
    [("project", 11), ("fundingline", 8), ("fundingcall", 11), ("application", 9), ("culturalproject", 9)],
)
def test_lists_ask_as_often_for_one_row_as_for_three(officer, name, queries):
    address = reverse(f"admin:cooperation_{name}_changelist")
    for more in (1, 2):
        for number in range(more):
            MAKERS[name](number)
        officer.get(address)
        with CaptureQueriesContext(connection) as asked:
            officer.get(address)
        assert len(asked) == queries


def test_auditors_read_projects_and_their_money_and_change_nothing(auditor):
    line = FundingLineFactory()
    code = PurposeCodeFactory()
    Project.objects.filter(pk=line.project_id).update(purposes={code.code: "100"}, modes=["training"])
    shown = body(auditor, page(line.project))
    assert f"{code}: 100 %" in shown
    assert "_save" not in shown
    assert auditor.post(page(line), {}).status_code == 403
    assert FundingLine.objects.filter(pk=line.pk).exists()
