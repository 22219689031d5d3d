"""A protected file, its number and its being there show nowhere but to those who are named for it.

Everything that answers is asked, by addresses that the crawl finds by itself (crawl.py), while files in unmistakable words
lie in the database (canaries.py). Nothing may show a word, a code or a row's number. An answer that asked the database for
no protected row cannot depend on one; each that did is asked again without the files, and must be the same.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import unified_diff
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django_filters import ModelChoiceFilter, NumberFilter

from core.models import BaseModel
from tests import factories
from tests.api.conftest import bearer
from tests.api.resources import RESOURCES
from tests.pages.test_access import patterns
from tests.solidarity import canaries, crawl
from tests.solidarity.canaries import PROTECTED, SECRET, TABLES, found_in

pytestmark = pytest.mark.django_db

# Pages of one record in the admin: they are left to the administrator, who may open each.
OF_A_RECORD = ("/change/", "/history/", "/delete/", "/export/", "/add/")
UNKNOWN = "7K2Q-9FHM"
# They answer 503 to the orchestrator where nothing has run yet.
WATCHED = ("/health/reminders/",)
WORD = f"{SECRET}identity"


@pytest.fixture(autouse=True)
def _quiet():
    """What is logged is looked at in test_canary_traces.py; here it would only take time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def without_frame(monkeypatch):
    """The admin's sidebar is the same on every page, and takes most of the time: it is looked at on the lists."""

    def leave_out() -> None:
        monkeypatch.setattr(admin.site, "get_sidebar_list", lambda request: [])
        monkeypatch.setattr(admin.site, "get_app_list", lambda request, app_label=None: [])

    return leave_out


@dataclass
class Case:
    """The register with everybody in it, what is hidden while it is, and what was told of it."""

    people: canaries.People
    programme: object
    hidden: canaries.Hidden | None = None
    walks: dict[str, crawl.Walk] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def hide(self) -> canaries.Hidden:
        self.hidden = canaries.hide(self.people, self.programme)
        canaries.assert_every_text_is_written(self.hidden.file)
        return self.hidden

    def walk(self, reader: str, client: Client, addresses: Iterable[str], links: bool = True) -> None:
        walk = self.walks.setdefault(reader, crawl.Walk(client)).follow(list(addresses), links)
        patterns = self.hidden.patterns()
        for address, answer in walk.answers.items():
            self.told += [
                f"{reader}, {address}: {name}"
                for name in found_in(answer.text, self.without(reader, address, patterns))
            ]
            if answer.status >= 500 and address not in WATCHED:
                self.told.append(f"{reader}, {address}: {answer.status}")

    def without(self, reader: str, address: str, patterns: dict[str, str]) -> dict[str, str]:
        """A protection officer may open what is restricted, and her page says that there was an emergency."""
        if reader != "protection-officer":
            return patterns
        may = ("its day", "the number of a row") if address.startswith("/protection/") else ()
        return {name: pattern for name, pattern in patterns.items() if "restricted" not in name and name not in may}

    def compare(self) -> None:
        """Asks again, without the files, for each answer that had asked the database for one."""
        left = [model for model in PROTECTED if model._base_manager.exists()]
        assert left == []
        for reader, walk in self.walks.items():
            for address in sorted(walk.touched):
                if reader == "protection-officer" and address.startswith("/protection/"):
                    continue
                again, there = crawl.ask(walk.client, address), walk.answers[address]
                if (again.status, again.text) != (there.status, there.text):
                    lines = [*unified_diff(again.text.splitlines(), there.text.splitlines(), lineterm="", n=0)][2:8]
                    self.told.append(f"{reader}, {address}: another answer where there is no file: {lines}")


@pytest.fixture
def case(db) -> Case:
    people = canaries.people()
    canaries.public_world()
    return Case(people, factories.ResidencyProgrammeFactory())


def systems() -> dict[str, Client]:
    return {"a system with every scope": bearer(), "a system with none": bearer("invented:read")}


def accounts(case: Case) -> list[str]:
    """The pages of those who are named for a file."""
    users = [client.user.pk for client in (case.people.opener, case.people.second, case.people.named)]
    pages = ("change", "history", "delete")
    return [reverse(f"admin:core_user_{page}", args=[user]) for user in users for page in pages]


def is_of_a_record(address: str) -> bool:
    return address.startswith("/admin/") and address.endswith(OF_A_RECORD)


def is_a_list(address: str) -> bool:
    return address.startswith("/admin/") and not is_of_a_record(address)


@pytest.mark.walk
def test_everything_that_the_administrator_is_answered(case, without_frame):
    addresses = [address for address in [*crawl.addresses(), *accounts(case)] if not address.startswith("/api/")]
    with transaction.atomic():
        case.hide()
        client = case.people.strangers["administrator"]
        case.walk("administrator", client, [address for address in addresses if not address.startswith("/admin/")])
        case.walk("administrator", client, [address for address in addresses if is_a_list(address)], links=False)
        without_frame()
        case.walk("administrator", client, filter(is_of_a_record, addresses), links=False)
        transaction.set_rollback(True)
    case.compare()
    assert case.told == []


@pytest.mark.walk
def test_everything_that_other_readers_are_answered(case, without_frame):
    """The officers in their lists, and everybody on the pages."""
    calendars = [reverse("events:feed", args=[token]) for token in case.people.calendars]
    addresses = [a for a in [*crawl.addresses(), *calendars] if not a.startswith("/api/") and not is_of_a_record(a)]
    pages = [address for address in addresses if not address.startswith("/admin/")]
    with transaction.atomic():
        case.hide()
        for reader, client in case.people.strangers.items():
            if reader != "administrator":
                case.walk(reader, client, ["/admin/"], links=False)
        without_frame()
        for reader, client in case.people.strangers.items():
            if reader != "administrator":
                case.walk(reader, client, addresses if reader == "officer" else pages, links=False)
        transaction.set_rollback(True)
    case.compare()
    assert case.told == []


@pytest.mark.walk
def test_everything_that_systems_are_answered(case):
    addresses = [address for address in crawl.addresses() if address.startswith("/api/")]
    for prefix, view in RESOURCES.items():
        expanded = view.serializer_class.expansions()
        addresses += [f"/api/v1/{prefix}/?expand={','.join(expanded)}"] if expanded else []
    with transaction.atomic():
        case.hide()
        every, none = systems().items()
        case.walk(*every, addresses, links=False)
        case.walk(*none, [address for address in addresses if "schema" not in address], links=False)
        case.walk("administrator", case.people.strangers["administrator"], ["/api/v1/", "/api/v1/docs/"])
        transaction.set_rollback(True)
    case.compare()
    assert case.told == []


# --- questions ---


def of_systems(case: Case) -> Iterable[str]:
    for prefix, view in RESOURCES.items():
        filters = view.filterset_class.base_filters
        for name in {*filters, "q", "ordering", "expand", "fields"}:
            by_key = isinstance(filters.get(name), (ModelChoiceFilter, NumberFilter))
            yield f"/api/v1/{prefix}/?{urlencode({name: case.hidden.file.pk if by_key else WORD})}"
    yield f"/api/v1/search/?{urlencode({'q': WORD})}"


def of_the_admin() -> Iterable[str]:
    for column in crawl.foreign_keys():
        meta = column.model._meta
        asked = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": column.name, "term": WORD}
        yield f"/admin/autocomplete/?{urlencode(asked)}"
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + f"?q={WORD}"
    yield f"/admin/search/?s={WORD}"


def of_pages(walk: crawl.Walk) -> Iterable[str]:
    for path, names in walk.fields():
        if not path.startswith("/protection/"):
            yield from (f"{path}?{urlencode({name: WORD})}" for name in sorted(names))


def questions(case: Case) -> Iterable[tuple[str, Client, str]]:
    """The words, the code and the number of the file wherever something can be asked for."""
    administrator, system = case.people.strangers["administrator"], bearer()
    yield from (("a system", system, address) for address in of_systems(case))
    yield from (("administrator", administrator, address) for address in of_the_admin())
    walk = case.walks["officer"]
    yield from (("officer", walk.client, address) for address in of_pages(walk))
    for address in crawl.probes(number=case.hidden.file.pk, text=case.hidden.file.code):
        if not address.startswith("/protection/"):
            client = system if address.startswith("/api/") else administrator
            yield "whoever asks by number or code", client, address


@pytest.mark.walk
def test_no_question_is_put_to_the_files(case, without_frame):
    """Filters, searches, orders, autocompletes, exports and addresses: none of them looks at a protected row."""
    without_frame()
    case.hide()
    pages = [address for address in crawl.addresses() if not address.startswith(("/api/", "/admin/"))]
    case.walk("officer", case.people.strangers["officer"], pages, links=False)
    asked = 0
    for reader, client, address in questions(case):
        asked += 1
        client.raise_request_exception = False
        with crawl.touching(TABLES) as statements:
            answer = crawl.ask(client, address)
        if statements or (answer.status >= 500 and address not in WATCHED):
            case.told.append(f"{reader}, {address}: {answer.status}, {statements[:1]}")
    for model in (model for model in admin.site._registry if issubclass(model, BaseModel)):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_export")
        columns = dict.fromkeys((column.name for column in model._meta.concrete_fields), "on")
        with crawl.touching(TABLES) as statements:
            answer = crawl.ask(case.people.strangers["administrator"], address, "post", data={"format": "0"} | columns)
        shown = found_in(answer.text, case.hidden.patterns())
        if statements or shown or answer.status >= 500:
            case.told.append(f"administrator, {address}: {answer.status}, {statements[:1]}, {shown}")
    assert asked > 500
    assert case.told == []


# --- a file that is there and one that is not ---


def asked_of(client: Client, method: str, address: str, hide: str) -> tuple:
    """The status, the text and the number of statements of an answer, without what was asked for."""
    with CaptureQueriesContext(connection) as queries:
        answer = crawl.ask(client, address, method)
    return answer.status, answer.text.replace(hide, ""), len(queries)


@pytest.mark.walk
def test_a_hidden_file_is_answered_like_one_that_is_not_there(case):
    hidden = case.hide()
    access = hidden.file.accesses.order_by("pk").first().pk
    told = []
    views = [
        (name, e) for name, e in patterns(get_resolver()) if e.callback.__module__.startswith("solidarity.protection")
    ]
    of_a_file = [(name, entry) for name, entry in views if "code" in crawl.parameters(entry)]
    assert len(of_a_file) >= 9
    readers = case.people.strangers | systems()
    for reader, client in readers.items():
        for name, entry in of_a_file:
            rest = {"field": "identity", "pk": access}
            given = {key: rest[key] for key in crawl.parameters(entry) if key != "code"}
            for method in ("get", "post", "head", "options"):
                there, gone = (
                    asked_of(client, method, reverse(name, kwargs=given | {"code": code}), code)
                    for code in (hidden.file.code, UNKNOWN)
                )
                if there != gone:
                    told.append(f"{reader}, {method} {name}: {there[::2]} and {gone[::2]}")
                if (
                    "system" not in reader
                    and reader != "nobody"
                    and method in ("get", "post")
                    and there[0] not in (404, 405)
                ):
                    told.append(f"{reader}, {method} {name}: {there[0]}")
    assert told == []


def test_no_record_leads_to_a_protected_one():
    """Neither a column nor a relation of another model: no lookup, no deletion and no count reaches one from there."""
    inside = {*PROTECTED, *(model.pgh_event_model for model in PROTECTED)}
    from_outside = [
        f"{model._meta.label}.{relation.name}"
        for model in crawl.all_models()
        if model not in inside
        for relation in model._meta.get_fields()
        if getattr(relation, "related_model", None) in inside
    ]
    assert from_outside == []
    assert not set(admin.site._registry) & inside
    assert not {view.model for view in RESOURCES.values()} & inside
