"""A report to the Council is written on one page, with what the records state below, and read once it is adopted."""

import pytest
from django.urls import reverse
from django.utils import translation

from mandate.models import Report
from mandate.reports import writing
from tests import factories
from tests.admin.forms import body, done, errors, filled, page, perform, queries, row_errors, rows
from tests.mandate.accounts import account, adopt, adopted
from tests.pages.conftest import partner_city

pytestmark = pytest.mark.django_db

TEXT = {
    "section": "diplomacy",
    "position": "1",
    "heading_fr": "Titre",
    "heading_en": "Heading",
    "text_fr": "Un texte.",
    "text_en": "A text.",
}


@pytest.fixture
def draft():
    return factories.ReportFactory(slug="draft", title_en="Invented draft")


def test_a_report_is_opened_with_its_period(officer):
    answer = officer.post(
        "/admin/mandate/report/add/",
        {
            "title_fr": "Communication inventée",
            "title_en": "Invented communication",
            "slug": "invented",
            "starts_on": "2014-04-05",
            "ends_on": "2015-05-31",
            **rows("blocks", TEXT),
            "blocks-INITIAL_FORMS": "0",
        },
    )
    done(answer)
    report = Report.objects.get()
    assert (report.status, report.adopted_on) == ("draft", None)
    assert report.blocks.get().text_en == "A text."


def test_texts_are_written_and_changed_on_its_page(officer, draft):
    factories.ReportBlockFactory(report=draft, position=1)
    sent = filled(officer, page(draft)) | rows("blocks", TEXT | {"position": "2"}, already=1)
    done(officer.post(page(draft), sent))
    assert draft.blocks.count() == 2


def test_what_the_rules_refuse_is_said_beside_its_field(officer, draft):
    answer = officer.post(page(draft), filled(officer, page(draft), ends_on="2013-01-01"))
    assert "The end cannot be before the beginning." in errors(answer) or "before" in errors(answer)
    sent = filled(officer, page(draft)) | rows("blocks", TEXT | {"text_fr": "", "text_en": ""})
    assert row_errors(officer.post(page(draft), sent), "blocks", 0)


def test_texts_stand_in_the_order_of_the_report(officer, draft):
    for section in ("conclusion", "diplomacy", "introduction"):
        factories.ReportBlockFactory(report=draft, section=section, position=1)
    (texts, *_others) = officer.get(page(draft)).context["inline_admin_formsets"]
    assert [form.instance.section for form in texts.formset.initial_forms] == [
        "introduction",
        "diplomacy",
        "conclusion",
    ]


def test_what_the_records_state_stands_below_with_the_records(officer, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader: account())
    said = body(officer, page(draft))
    assert "What the records state of the period" in said
    assert '<a href="/cities/invented-0/">Record 0 (en)</a>' in said
    assert "and 3 more" in said
    assert "€1,380,000" in said
    assert "not known" in said
    assert "(last adopted report: 2, difference: +1)" in said


def test_it_leads_to_the_page_and_to_the_paper_in_both_languages(officer, draft):
    said = body(officer, page(draft))
    for address in ("/report/draft/", "/report/draft/?as=pdf&amp;language=fr", "/report/draft/?as=pdf&amp;language=en"):
        assert f'href="{address}"' in said
        assert officer.get(address.replace("&amp;", "&")).status_code == 200


def test_a_draft_that_lacks_something_says_what(officer, draft):
    said = body(officer, page(draft))
    assert "Record the adoption" in said
    answer = perform(officer, draft, "adopt", adopted_on="2015-05-04")
    assert answer.status_code == 200
    assert answer.context["form"].errors
    draft.refresh_from_db()
    assert draft.is_draft


def test_it_is_adopted_by_its_verb_and_keeps_its_figures(officer, draft):
    for section in ("diplomacy", "solidarity", "influence", "values"):
        factories.ReportBlockFactory(report=draft, section=section)
    partner_city()
    done(perform(officer, draft, "adopt", adopted_on="2015-05-04"))
    draft.refresh_from_db()
    assert not draft.is_draft
    before = writing.account(draft, officer.user)
    assert before.sections[1].entries
    partner_city()
    assert writing.account(draft, officer.user) == before


def test_an_adopted_report_is_read(officer):
    report = adopted({"label_en": "The City had 7 partner cities.", "value": 7, "unit": "count"})
    answer = officer.get(page(report))
    said = answer.content.decode()
    assert answer.context["has_change_permission"] is False
    assert answer.context["has_delete_permission"] is False
    assert "The City had 7 partner cities." in said
    assert 'name="title_en"' not in said
    assert 'name="blocks-0-text_fr"' not in said
    assert 'name="_save"' not in said
    assert officer.post(page(report), {"title_en": "Another"}).status_code == 403
    assert officer.post(page(report, "delete"), {"post": "yes"}).status_code == 403
    assert officer.get(page(report, "life", "adopt")).status_code == 403


def test_auditors_read_what_was_adopted_and_no_draft(auditor, draft):
    report = adopted()
    assert auditor.get(page(report)).status_code == 200
    assert auditor.get(page(draft), follow=True).redirect_chain
    assert "Invented draft" not in body(auditor, "/admin/mandate/report/")


def test_the_start_page_names_the_drafts(officer, draft):
    adopted(title_en="Invented adopted report")
    said = body(officer, "/admin/")
    assert "Reports to the Council in preparation" in said
    assert "Invented draft" in said
    assert "Invented adopted report" not in said


def test_the_page_asks_as_much_for_one_text_as_for_three(officer, draft):
    factories.ReportBlockFactory(report=draft)
    counted = [queries(officer, page(draft))]
    factories.ReportBlockFactory(report=draft)
    factories.ReportBlockFactory(report=draft, section="values")
    counted.append(queries(officer, page(draft)))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_answers_in_both_languages(officer, draft, language):
    officer.user.language = language
    officer.user.save()
    with translation.override(language):
        assert f'<html lang="{language}"' in body(officer, page(draft))


def test_how_the_draft_was_written_is_for_those_who_read_drafts(officer, auditor):
    block = factories.ReportBlockFactory(text_fr="Mots du brouillon.")
    block.text_fr = "Mots de la fin."
    block.save()
    report = adopt(block.report)
    address = reverse("admin:mandate_report_history", args=[report.pk])
    assert "Mots du brouillon." in officer.get(address).content.decode()
    seen = auditor.get(address)
    assert seen.status_code == 200
    assert "Mots du brouillon." not in seen.content.decode()
