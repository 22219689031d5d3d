"""What a system needs that keeps a copy: cursors, what counts as a change of a row, tombstones, and nothing of what is hidden."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pgtrigger
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.enums import Audience
from core.models.attached import attachable
from core.roles import Role
from core.settled import settled
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, messages, signed_in
from tests.api.resources import RESOURCES
from tests.mandate.accounts import adopt
from tests.past import ago, at_noon, move_events, written_on

pytestmark = pytest.mark.django_db

LONG_AGO = "2000-01-01T00:00:00Z"


def ids(response) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def gone(api, resource: str, since: str | datetime = LONG_AGO) -> list[int]:
    text = since if isinstance(since, str) else since.isoformat()
    return ids(api.get(f"/api/v1/{resource}/deletions/", {"since": text}))


def changed(api, resource: str, since: datetime) -> list[int]:
    return ids(api.get(f"/api/v1/{resource}/", {"paging": "cursor", "updated_since": since.isoformat()}))


# --- cursors ---


def test_cursors_lead_through_a_list_by_number_without_a_count(api):
    cities = factories.CityFactory.create_batch(3)
    first = api.get("/api/v1/cities/?paging=cursor&page_size=2&fields=slug").json()
    following = first.pop("next")
    assert first == {
        "count": None,
        "is_more": None,
        "previous": None,
        "settled_at": settled().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "results": [{"id": city.pk, "slug": city.slug} for city in cities[:2]],
    }
    second = api.get(following).json()
    assert second["results"] == [{"id": cities[2].pk, "slug": cities[2].slug}]
    assert (second["next"], second["settled_at"]) == (None, first["settled_at"])


def test_a_run_tells_each_record_once_whatever_is_written_meanwhile(api):
    cities = factories.CityFactory.create_batch(6)
    page = api.get("/api/v1/cities/?paging=cursor&page_size=2").json()
    keys = [city.pk for city in cities]
    cities[0].delete()
    cities[1].delete()
    added = factories.CityFactory(slug="aaa", name_fr="Aaa", name_en="Aaa")
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = api.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == [*keys, added.pk]


def test_a_cursor_keeps_the_filters_of_its_list(api):
    wanted = factories.CityFactory.create_batch(2, kind="memorial-site")
    factories.CityFactory()
    page = api.get(
        "/api/v1/cities/?paging=cursor&page_size=1&kind=memorial-site&updated_since=2000-01-01T00:00:00Z"
    ).json()
    assert ids(api.get(page["next"])) == [wanted[1].pk]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("paging=cursor&page=1", "page", "Cursors have no numbered pages: leave it out."),
        ("paging=cursor&ordering=slug", "ordering", "Cursors go by number: leave it out."),
        ("paging=numbers", "paging", "The one other way of paging is “cursor”."),
        ("paging=", "paging", "The one other way of paging is “cursor”."),
        ("cursor=abc", "cursor", "A cursor is read with “paging=cursor” only."),
        ("paging=cursor&page_size=0", "page_size", "This is not a number from 1 on."),
    ],
)
def test_cursors_are_not_mixed_with_other_paging(api, query, field, sentence):
    response = api.get(f"/api/v1/cities/?{query}")
    assert (response.status_code, messages(response)) == (400, {field: sentence})


def altered(cursor: str) -> list[str]:
    body, signature = cursor.rsplit(".", 1)
    forged = base64.urlsafe_b64encode(b'[0,"2100-01-01T00:00:00Z"]').decode().strip("=")
    return [
        "",
        "abc",
        "%00",
        "é.é",
        ".",
        "a.b.c",
        body,
        f"{forged}.{signature}",
        f"{body}.{signature[:-1]}",
        cursor + "A",
        "9" * 5000,
    ]


def test_a_cursor_that_was_altered_or_comes_from_elsewhere_is_refused(api):
    factories.CityFactory.create_batch(2)
    following = api.get("/api/v1/cities/?paging=cursor&page_size=1").json()["next"]
    cursor = dict(parse_qsl(urlsplit(following).query))["cursor"]
    places = [("/api/v1/cities/", {"cursor": wrong}) for wrong in altered(cursor)]
    places += [
        ("/api/v1/countries/", {"cursor": cursor}),
        ("/api/v1/cities/", {"cursor": cursor, "kind": "city"}),
        ("/api/v1/cities/deletions/", {"cursor": cursor, "since": LONG_AGO}),
    ]
    for address, query in places:
        given = query if "since" in query else query | {"paging": "cursor"}
        response = api.get(address, given)
        assert response.status_code == 400, (address, query)
        assert messages(response) == {"cursor": "This is no cursor of this list: take it from “next”."}
    assert api.get(following).status_code == 200


@pytest.mark.parametrize("address", ["deadlines/", "figures/", "search/?q=paris", "agenda/", "notifications/"])
def test_what_is_computed_has_no_cursors(api, address):
    sign = "&" if "?" in address else "?"
    response = api.get(f"/api/v1/{address}{sign}paging=cursor")
    assert (response.status_code, messages(response)) == (400, {"paging": "There is no such parameter."})


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_list_has_cursors_and_asks_the_database_no_more_often_than_numbered(api, resource):
    def asked(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            response = api.get(f"/api/v1/{resource}/{query}")
        assert response.status_code == 200, response.content
        return len(captured)

    ContentType.objects.get_for_models(*attachable())
    plain = asked("?page_size=10")
    assert asked("?paging=cursor") <= plain + 1  # and up to when all is told
    assert asked(f"?paging=cursor&updated_since={LONG_AGO}") <= plain + 1
    assert asked(f"deletions/?since={LONG_AGO}") <= 4  # the token, the moment, the page and what came after it


# --- what counts as a change ---


@pytest.fixture
def moment() -> datetime:
    """Yesterday noon; what a test has written before, `quiet` moves to the day before yesterday."""
    return at_noon(ago(1))


def quiet(*models, days: int = 2) -> None:
    """All that was written since the last time was written so many days ago, as the rows of these models tell too."""
    earlier = at_noon(ago(days))
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for model in models:
            rows, events = model._meta.db_table, model.pgh_event_model._meta.db_table
            cursor.execute(f"UPDATE {rows} SET updated_at = %s WHERE updated_at >= now()", [earlier])
            cursor.execute(f"UPDATE {events} SET updated_at = %s WHERE pgh_created_at = now()", [earlier])
    move_events(earlier, "pgh_created_at = now()")


def added(make, part, name):
    """A part is added to a record."""

    def case():
        record = make()
        return record, lambda: part(**{name: record})

    return case


def rewritten(make, way, **values):
    """A record that it names, or that names it, is written past the models."""

    def case():
        record = make()
        found = record
        for name in way.split("."):
            found = getattr(found, name)
            found = found.get() if hasattr(found, "get") else found
        return record, lambda: type(found).objects.filter(pk=found.pk).update(**values)

    return case


def moved():
    link, other = factories.CityAreaFactory(), factories.CityFactory()
    return link.city, lambda: type(link).objects.filter(pk=link.pk).update(city=other)


def taken_away():
    relation = factories.RelationFactory()
    return relation.city, relation.delete


def renewed():
    agreement = factories.AgreementFactory(signed=True)
    return agreement, lambda: factories.AgreementFactory(renews=agreement)


def paid_for_a_part():
    part = factories.ProjectFactory(parent=factories.ProjectFactory())
    line = factories.FundingLineFactory(project=part)
    return part.parent, lambda: factories.MovementFactory(line=line)


def drawn():
    framework = factories.FrameworkFactory()
    line = factories.FundingLineFactory(kind="foundation", framework=framework, organisation=framework.funder)
    return framework, lambda: factories.MovementFactory(line=line)


def needed():
    objective = factories.ObjectiveFactory()
    other = factories.ObjectiveFactory(mandate=objective.mandate)
    row = factories.ObjectivePreconditionFactory(objective=objective, needs=other, words_fr="", words_en="")
    return row, lambda: type(other).objects.filter(pk=other.pk).update(wording_fr="Autre")


def shown_to_all():
    note = factories.MeetingNoteFactory(audience=Audience.STAFF)
    return note.meeting, lambda: type(note).objects.filter(pk=note.pk).update(audience=Audience.CITY)


def a_city():
    return factories.AgreementPartyFactory(agreement__signed=True).city


def a_decision():
    return factories.RenewalDecisionFactory(decided_by=factories.UserFactory())


WORDS = {"title_fr": "Autrement"}
CHANGES = {
    "a standing": ("countries", added(factories.CountryFactory, factories.CountryStatusFactory, "country")),
    "an area": ("cities", added(factories.CityFactory, factories.CityAreaFactory, "city")),
    "an area of another city": ("cities", moved),
    "a relation that ends": ("cities", taken_away),
    "the words of an area": ("cities", rewritten(lambda: factories.CityAreaFactory().city, "city_areas.area", name_fr="Autre")),
    "an agreement with the city": ("cities", rewritten(a_city, "parties.agreement", **WORDS)),
    "a function": ("people", added(factories.PersonFactory, factories.PersonRoleFactory, "person")),
    "a party": ("agreements", added(factories.AgreementFactory, factories.AgreementPartyFactory, "agreement")),
    "a renewal": ("agreements", renewed),
    "a city of the network": ("networks", added(factories.NetworkFactory, factories.NetworkCityFactory, "network")),
    "the name of who decided": (
        "renewal-decisions", rewritten(a_decision, "decided_by", first_name="Autre")
    ),
    "a place": ("projects", added(factories.ProjectFactory, factories.ProjectCityFactory, "project")),
    "euros of a part": ("projects", paid_for_a_part),
    "euros of a line": ("funding-lines", added(factories.FundingLineFactory, factories.MovementFactory, "line")),
    "euros drawn": ("frameworks", drawn),
    "a payment": ("grants", rewritten(lives.paid, "payments", reference="AUTRE-1")),
    "a payment of the year": (
        "envelopes", rewritten(lambda: lives.paid().allocations.get().envelope, "allocations.payments", reference="AUTRE-1")
    ),
    "a note for all": ("meetings", shown_to_all),
    "evidence": ("objectives", added(factories.ObjectiveFactory, factories.EvidenceFactory, "objective")),
    "what is needed": ("objective-preconditions", needed),
    "a milestone": ("mandates", added(factories.MandateFactory, factories.MilestoneDecisionFactory, "mandate")),
    "a reading": ("indicators", added(factories.IndicatorFactory, factories.IndicatorReadingFactory, "indicator")),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_what_a_row_tells_of_others_counts_as_its_change(api, moment, case):
    resource, begin = CHANGES[case]
    record, change = begin()
    quiet(type(record))
    assert changed(api, resource, moment) == []
    change()
    assert record.pk in changed(api, resource, moment)


@pytest.mark.parametrize("resource", [name for name, view in RESOURCES.items() if view.told_of])
def test_every_path_to_what_a_row_tells_of_has_its_case(resource):
    assert resource in {named for named, _case in CHANGES.values()} | {"legs", "reminder-rules"}


def test_a_hidden_note_changes_nothing_for_those_who_never_saw_it(api, moment):
    note = factories.MeetingNoteFactory(audience=Audience.STAFF)
    quiet(type(note.meeting))
    type(note).objects.update(text="Autrement.")
    assert changed(api, "meetings", moment) == []
    assert changed(signed_in(Role.OFFICER), "meetings", moment) == [note.meeting_id]


def test_the_texts_of_a_report_change_when_it_is_adopted(api, moment):
    text = factories.ReportBlockFactory()
    quiet(type(text))
    assert changed(api, "report-blocks", moment) == []
    adopt(text.report, {"value": 7, "unit": "count"})
    assert changed(api, "report-blocks", moment) == [text.pk]


# --- tombstones ---


def test_a_deleted_record_is_told_with_its_moment_whoever_deleted_it(api):
    by_model, by_bulk, by_sql, kept = factories.SourceFactory.create_batch(4)
    keys = [by_model.pk, by_bulk.pk, by_sql.pk]
    by_model.delete()
    type(kept).objects.filter(pk=by_bulk.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_source WHERE id = %s", [by_sql.pk])
        cursor.execute("SELECT now()")
        now = cursor.fetchone()[0]
    answer = api.get("/api/v1/sources/deletions/", {"since": LONG_AGO}).json()
    at = now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert answer.pop("settled_at") < at
    assert answer == {
        "count": None,
        "is_more": None,
        "next": None,
        "previous": None,
        "results": [{"id": key, "deleted_at": at} for key in keys],
    }


def test_tombstones_are_read_by_cursors(api):
    sources = factories.SourceFactory.create_batch(3)
    keys = [source.pk for source in sources]
    for source in sources:
        source.delete()
    page = api.get("/api/v1/sources/deletions/", {"since": LONG_AGO, "page_size": 2}).json()
    assert [row["id"] for row in page["results"]] == keys[:2]
    assert ids(api.get(page["next"])) == keys[2:]


def test_what_was_gone_before_is_not_told_again(api, moment):
    source, later = factories.SourceFactory.create_batch(2)
    note = factories.WatchNoteFactory(audience=Audience.CITY)
    with written_on(ago(2)):
        note.audience = Audience.STAFF
        note.save()
        keys = source.pk, later.pk
        source.delete()
    later.delete()
    assert gone(api, "sources", moment) == [keys[1]]
    note.text = "Changed out of sight."
    note.save()
    assert gone(api, "watch-notes", moment) == []
    assert gone(api, "watch-notes", at_noon(ago(3))) == [note.pk]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Say since when."),
        ("since=", "Say since when."),
        ("since=yesterday", "Enter a valid date/time."),
        ("since=0001-01-01T00:00:00%2B23:00", "Enter a valid date/time."),
    ],
)
def test_tombstones_are_asked_for_since_a_moment(api, query, sentence):
    response = api.get(f"/api/v1/cities/deletions/?{query}")
    assert (response.status_code, messages(response)) == (400, {"since": sentence})


def test_other_parameters_of_tombstones_are_refused(api):
    response = api.get(f"/api/v1/cities/deletions/?since={LONG_AGO}&kind=city&page=1")
    sentence = "There is no such parameter."
    assert (response.status_code, messages(response)) == (400, {"kind": sentence, "page": sentence})


def test_tombstones_need_the_scope_of_the_records():
    assert bearer("solidarity:read").get(f"/api/v1/cities/deletions/?since={LONG_AGO}").status_code == 403


# --- what is hidden ---


def test_a_note_that_is_withdrawn_is_gone_with_what_is_attached_to_it(api, moment):
    note = factories.WatchNoteFactory(audience=Audience.CITY)
    attached, cited = factories.DocumentFactory(record=note), factories.CitationFactory(record=note)
    factories.DocumentFactory(record=note.city)
    quiet(type(note), type(attached), type(cited))
    note.audience = Audience.STAFF
    note.save()
    assert gone(api, "watch-notes", moment) == [note.pk]
    answer = api.get("/api/v1/documents/deletions/", {"since": moment.isoformat()}).json()
    assert answer["results"] == [{"id": attached.pk, "deleted_at": None}]
    assert gone(api, "citations", moment) == [cited.pk]
    note.audience = Audience.CITY
    note.save()
    assert (gone(api, "watch-notes", moment), gone(api, "documents", moment)) == ([], [])
    assert changed(api, "documents", moment) == [attached.pk]


def test_a_note_that_is_deleted_takes_what_is_attached_along(api, moment):
    note = factories.WatchNoteFactory(audience=Audience.CITY)
    attached = factories.DocumentFactory(record=note)
    on_city = factories.CitationFactory(record=note.city)
    quiet(type(note))
    keys = note.pk, attached.pk, on_city.pk
    note.city.delete()
    told = gone(api, "watch-notes", moment), gone(api, "documents", moment), gone(api, "citations", moment)
    assert told == ([keys[0]], [keys[1]], [keys[2]])


def test_of_a_note_that_was_never_shown_nothing_is_told(api):
    note = factories.WatchNoteFactory(audience=Audience.STAFF)
    attached, cited = factories.DocumentFactory(record=note), factories.CitationFactory(record=note)
    meeting_note = factories.MeetingNoteFactory(audience=Audience.DEPUTIES)
    attached.title = "Changed"
    attached.save()
    for record in (attached, cited, note, meeting_note):
        record.delete()
    for resource in ("watch-notes", "documents", "citations", "meeting-notes"):
        assert gone(api, resource) == []


def test_what_was_attached_to_a_note_only_while_it_was_hidden_is_not_told(api):
    """Neither before it was shown, nor after it was withdrawn."""
    note = factories.WatchNoteFactory(audience=Audience.STAFF)
    early = factories.CitationFactory(record=note)
    models = type(note), type(early)
    quiet(*models, days=5)
    early.delete()
    quiet(*models, days=4)
    show(note, Audience.CITY, days=3)
    show(note, Audience.STAFF, days=2)
    late = factories.CitationFactory(record=note)
    quiet(*models, days=1)
    late.delete()
    assert gone(api, "watch-notes") == [note.pk]
    assert gone(api, "citations") == []


def show(note, audience: str, *, days: int) -> None:
    note.audience = audience
    note.save()
    quiet(type(note), days=days)


def test_a_draft_of_a_report_leaves_nothing_behind(api):
    text = factories.ReportBlockFactory()
    factories.DocumentFactory(record=text.report).delete()
    report = text.report
    text.delete()
    report.delete()
    for resource in ("reports", "report-blocks", "documents"):
        assert gone(api, resource) == []
    assert gone(signed_in(Role.ADMINISTRATOR), "report-blocks") != []


def test_evidence_is_gone_with_the_document_that_it_names(api, moment):
    note = factories.WatchNoteFactory(audience=Audience.CITY)
    document = factories.DocumentFactory(record=note)
    evidence = factories.EvidenceFactory(mission=None, document=document)
    quiet(type(evidence.objective))
    note.audience = Audience.STAFF
    note.save()
    assert gone(api, "evidence", moment) == [evidence.pk]
    assert changed(api, "objectives", moment) == [evidence.objective_id]
