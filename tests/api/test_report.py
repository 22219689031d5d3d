"""Reports to the Council over the API: who reads which, how drafts are written and adopted, and what each states."""

from datetime import date

import pytest

from core.roles import Role
from mandate.models import Report
from mandate.reports import writing
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.mandate.accounts import account, adopt, adopted
from tests.pages.conftest import partner_city

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/reports/"
WRITTEN = {
    "slug": "invented",
    "title_fr": "Communication inventée",
    "title_en": "Invented communication",
    "starts_on": "2014-04-05",
    "ends_on": "2015-05-31",
}


@pytest.fixture
def officer():
    return signed_in(Role.OFFICER)


@pytest.fixture
def draft():
    return factories.ReportFactory(slug="draft")


def one(record) -> str:
    return f"{ROOT}{record.pk}/"


def slugs(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["slug"] for row in answer.json()["results"]]


def test_a_draft_does_not_exist_for_systems_and_auditors(officer, draft):
    kept = adopted(slug="kept")
    block = factories.ReportBlockFactory(report=draft)
    assert set(slugs(officer.get(ROOT))) == {"draft", "kept"}
    for client in (bearer("mandate:read"), signed_in(Role.AUDITOR)):
        assert slugs(client.get(ROOT)) == ["kept"]
        assert client.get(one(kept)).status_code == 200
        for hidden in (one(draft), f"{one(draft)}account/", f"/api/v1/report-blocks/{block.pk}/"):
            assert client.get(hidden).status_code == 404
    assert bearer("events:read").get(ROOT).status_code == 403


@pytest.mark.parametrize("slug", ["draft", "free"])
def test_whoever_sees_no_draft_is_not_told_which_short_names_drafts_bear(draft, slug):
    system, kept = bearer("mandate:read", "mandate:write"), adopted(slug="kept")
    for address, body in ((ROOT, WRITTEN | {"slug": slug}), (f"{ROOT}bulk/", [WRITTEN | {"slug": slug}])):
        answer = system.post(address, body, format="json")
        assert (answer.status_code, answer.json()["detail"]) == (
            403,
            "You may not write a record that you could not read.",
        )
    etag = system.get(one(kept))["ETag"]
    changed = system.patch(one(kept), {"slug": slug}, format="json", headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["detail"]) == (
        403,
        "You may not change the record that this belongs to.",
    )
    assert Report.objects.count() == 2


def test_a_draft_is_written_changed_and_deleted(officer):
    made = officer.post(ROOT, WRITTEN, format="json")
    assert made.status_code == 201, made.content
    assert made.json() == WRITTEN | {
        "id": made.json()["id"],
        "status": "draft",
        "adopted_on": None,
        "deliberation": None,
        "blocks": [],
        "version": 1,
        "created_at": made.json()["created_at"],
        "updated_at": made.json()["updated_at"],
    }
    address = made["Location"]
    stale = officer.patch(address, {"title_en": "Other"}, format="json", headers={"If-Match": '"0-0"'})
    assert stale.status_code == 412
    changed = officer.patch(address, {"title_en": "Other"}, format="json", headers={"If-Match": made["ETag"]})
    assert changed.json()["title_en"] == "Other"
    assert officer.delete(address, headers={"If-Match": changed["ETag"]}).status_code == 204


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": "2013-01-01"}, "ends_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"status": "adopted"}, "status"),
        ({"adopted_on": "2015-05-04"}, "adopted_on"),
        ({"title_fr": ""}, "title_fr"),
    ],
)
def test_what_is_wrong_is_refused_with_its_field(officer, values, field):
    answer = officer.post(ROOT, WRITTEN | values, format="json")
    assert answer.status_code == 400
    assert field in messages(answer)


def test_texts_are_read_in_the_order_of_the_report(officer, draft):
    for section in ("values", "introduction", "diplomacy"):
        values = {"report": draft.pk, "section": section, "text_fr": "Un texte.", "position": 1}
        assert officer.post("/api/v1/report-blocks/", values, format="json").status_code == 201
    read = [block["section"] for block in officer.get(one(draft)).json()["blocks"]]
    assert read == ["introduction", "diplomacy", "values"]


def test_the_account_holds_each_statement_with_its_records(officer, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader: account())
    found = officer.get(f"{one(draft)}account/").json()
    assert {name: found[name] for name in ("title", "starts_on", "ends_on", "stands_on", "is_draft")} == {
        "title": "Invented account",
        "starts_on": "2014-04-05",
        "ends_on": "2015-05-31",
        "stands_on": "2015-06-01",
        "is_draft": True,
    }
    assert found["compared_link"] == "http://testserver/report/earlier/"
    sections = {section["section"]: section for section in found["sections"]}
    assert list(sections) == ["introduction", "diplomacy", "solidarity", "influence", "values", "conclusion"]
    cities = sections["diplomacy"]["entries"][0]
    assert len(cities.pop("records")) == 23
    assert cities == {
        "key": "cities",
        "label": {"fr": "Statement cities (fr)", "en": "Statement cities (en)"},
        "definition": {"fr": "Definition cities (fr)", "en": "Definition cities (en)"},
        "note": None,
        "unit": "count",
        "value": 3,
        "change": {"before": "2.00", "difference": "1.00"},
        "link": "http://testserver/cities/",
        "rows": [
            {"label": cities["rows"][0]["label"], "value": 9},
            {"label": {"fr": "Elsewhere (fr)", "en": "Elsewhere (en)"}, "value": None},
        ],
    }
    money, lost, _rate = sections["solidarity"]["entries"]
    assert (money["value"], lost["value"]) == ("1380000.00", None)
    words = sections["values"]["entries"][0]
    assert (words["unit"], words["change"], words["link"]) == ("", None, "")
    assert words["records"] == [{"name": {"fr": "A person (fr)", "en": "A person (en)"}, "reference": "", "link": ""}]


def test_an_adopted_account_states_what_was_kept(officer):
    report = adopted({"key": "kept", "label_en": "The City had 7 partner cities.", "value": 7, "unit": "count"})
    before = officer.get(f"{one(report)}account/").json()
    partner_city()
    assert officer.get(f"{one(report)}account/").json() == before
    assert bearer("mandate:read").get(f"{one(report)}account/", headers={"Accept-Language": "en"}).json() == before
    assert before["sections"][1]["entries"][0]["value"] == 7
    assert (before["is_draft"], before["stands_on"]) == (False, "2015-05-04")


def test_it_is_adopted_by_its_verb_once_nothing_is_missing(officer, draft):
    address = f"{one(draft)}adopt/"
    refused = officer.post(address, {"adopted_on": "2015-05-04"}, format="json")
    assert refused.status_code == 409
    assert refused.json()["errors"]
    for section in ("diplomacy", "solidarity", "influence", "values"):
        factories.ReportBlockFactory(report=draft, section=section)
    partner_city()
    answer = officer.post(address, {"adopted_on": "2015-05-04"}, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["status"], answer.json()["adopted_on"]) == ("adopted", "2015-05-04")
    assert Report.objects.get().entries.exists()


def test_readers_adopt_nothing(draft):
    for client in (signed_in(Role.DEPUTY), bearer("mandate:read")):
        assert client.post(f"{one(draft)}adopt/", {}, format="json").status_code == 403


def test_an_adopted_report_is_never_changed(officer):
    report = adopted()
    etag = officer.get(one(report))["ETag"]
    changed = officer.patch(one(report), {"title_en": "Other"}, format="json", headers={"If-Match": etag})
    assert changed.status_code in (400, 409)
    assert "An adopted report is never changed: write another one." in messages(changed).values()
    gone = officer.delete(one(report), headers={"If-Match": etag})
    assert gone.status_code in (400, 409)
    text = {"report": report.pk, "section": "values", "text_fr": "Un texte.", "position": 1}
    assert officer.post("/api/v1/report-blocks/", text, format="json").status_code in (400, 409)
    assert officer.post(f"{one(report)}adopt/", {}, format="json").status_code == 409


def test_an_adopted_report_keeps_the_sources_that_it_had(officer):
    draft = factories.ReportFactory()
    kept = factories.CitationFactory(record=draft)
    adopt(draft)
    cited = {"content_type": "mandate.report", "object_id": draft.pk, "source": kept.source.pk, "section": "1"}
    assert officer.post("/api/v1/citations/", cited, format="json").status_code == 403
    address = f"/api/v1/citations/{kept.pk}/"
    etag = officer.get(address)["ETag"]
    assert officer.delete(address, headers={"If-Match": etag}).status_code == 403
    assert list(draft.citations.all()) == [kept]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=draft", ["draft"]),
        ("status=adopted", ["kept"]),
        ("slug=kept", ["kept"]),
        ("tells_of=2014-06-01", ["kept"]),
        ("starts_after=2015-01-01", ["draft"]),
        ("ends_before=2014-12-31", ["kept"]),
        ("q=particuliere", ["draft"]),
    ],
)
def test_the_list_is_narrowed(officer, query, expected):
    adopted(slug="kept")
    values = {"starts_on": date(2015, 1, 1), "ends_on": date(2015, 5, 31), "title_fr": "Communication particulière"}
    factories.ReportFactory(slug="draft", **values)
    assert slugs(officer.get(f"{ROOT}?{query}")) == expected


def test_wrong_filters_are_refused_by_name(officer):
    answer = officer.get(f"{ROOT}?status=lost")
    assert answer.status_code == 400
    assert "status" in messages(answer)
