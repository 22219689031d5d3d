"""Every operation of the OpenAPI document with generated requests, right and wrong ones, by whoever may ask: no fault, and no
answer that is not described.

A bounded run: a few examples an operation, half of them on a record that exists; and each record that can be added, through
what the links of the document lead to.
"""

import os
from functools import cache
from pathlib import Path

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.db.models import ForeignKey
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    use_after_free,
)

from core.api.again import Again
from core.api.scopes import declared
from core.roles import Role
from tests.api.conftest import token_for
from tests.api.resources import RESOURCES, factory_of, written
from tests.api.test_lists import WHOLE
from tests.factories import UserFactory

DOCUMENT = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text())
# A few of each operation in `make walks`, the same ones each time; `make fuzz` asks for many, and for others each time.
ASKED_FOR = int(os.environ.get("FUZZ_EXAMPLES") or 0)
BOUNDS = bounds(
    max_examples=ASKED_FOR or 2,
    derandomize=not ASKED_FOR,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.walk
# How far the life of a record goes.
STEPS = 8
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item]
LINKED = [
    path.split("/")[3]
    for path, item in DOCUMENT["paths"].items()
    if any("links" in answer for answer in item.get("post", {"responses": {}})["responses"].values())
]
# What every request may be refused for stands as `4XX`, but 401, since whoever asks here is signed in; 404 where something is
# named, 413 and 415 where something is sent.
ALWAYS = {400, 403, 404, 406, 429}
WITH_BODY = {413, 415}


def refused_as_described(context, response, case) -> None:
    """`4XX` lets every refusal pass: here it is these, and those that the operation names itself."""
    code = response.status_code
    named = {int(name) for name in case.operation.definition.raw["responses"] if name.isdigit()}
    sends = WITH_BODY if case.method in ("POST", "PUT", "PATCH") else set()
    assert code not in range(400, 500) or code in ALWAYS | sends | named, f"{code} is not described"


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, refused_as_described]


@pytest.fixture(scope="module")
def schema():
    loaded = schemathesis.openapi.from_dict(DOCUMENT)
    loaded.app = Again(get_wsgi_application())
    loaded.config.update(base_url="http://localhost/")
    # Who asks is said by `callers` alone.
    loaded.config.generation.update(with_security_parameters=False)
    # The links of the document are followed, and no others that could be guessed.
    loaded.config.phases.stateful.inference.algorithms = []
    # Else each request would close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield loaded
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


Caller = Role | tuple[str, ...]  # a person's role, or a client's scopes
EVERY = tuple(declared())
READS = tuple(scope for scope in EVERY if scope.endswith(":read"))
# Who may do nearly everything: what the others ask is often refused before it comes to anything.
mighty: st.SearchStrategy[Caller] = st.sampled_from([EVERY, Role.ADMINISTRATOR])


def callers(operation) -> st.SearchStrategy[Caller]:
    """Half of the time anybody: each role, and clients with every scope, with those that read, with the one that is described."""
    described = tuple(operation.definition.raw["security"][0]["oauth2"])
    return st.one_of(mighty, st.sampled_from([*Role, EVERY, READS, described]))


def sent_by(caller: Caller) -> dict[str, dict[str, str]]:
    """What says who asks: the session of a person's own browser, or the token of a client."""
    if isinstance(caller, tuple):
        return {"headers": {"Authorization": f"Bearer {token_for(*caller)}"}}
    browser = Client()
    browser.force_login(UserFactory(role=caller))
    csrf = "a" * 32
    cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": csrf}
    return {"headers": {"X-CSRFToken": csrf}, "cookies": cookies}


def existing(path: str):
    """A record of the operation's resource, whole, or None where it has no records."""
    view = RESOURCES.get(path.removeprefix("/api/v1/").split("/")[0])
    if view is None:
        return None
    (WHOLE.get(path.split("/")[3]) or factory_of(view))()
    return view.model.objects.last()


def aim(case, record) -> None:
    """Spares the request what is refused before anything else: a version of the past, unknown fields, records that are not there."""
    if case.method in ("PUT", "PATCH", "DELETE"):
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict):
        known = next(iter(case.operation.body)).resolved_schema.get("properties", case.body)
        case.body = {name: value for name, value in case.body.items() if name in known}
        for field in type(record)._meta.concrete_fields:
            if isinstance(field, ForeignKey) and isinstance(case.body.get(field.name), int):
                case.body[field.name] = getattr(record, field.attname) or case.body[field.name]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part.replace("/api/v1", ""))
def test_an_operation_answers_as_described(schema, method, path):
    operation = schema[path][method]
    record = existing(path)
    sender = cache(sent_by)
    requests = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @BOUNDS
    @given(case=requests, caller=callers(operation), aimed=st.booleans())
    def answers(case, caller, aimed):
        if aimed and record is not None:
            if "id" in case.path_parameters:
                case.path_parameters["id"] = record.pk
            aim(case, record)
        whole = not (case.query or {}).get("fields")
        checks = [*CHECKS, response_schema_conformance] if whole else CHECKS
        case.call_and_validate(**sender(caller), checks=checks)

    answers()


def gone(schema, resource: str):
    """A record that was deleted, where that is allowed, and what to send for another one like it."""
    view, item = RESOURCES[resource], schema[f"/api/v1/{resource}/{{id}}/"]
    # A payment stands with its grant alone.
    (WHOLE[resource] if resource == "payments" else factory_of(view))()
    record, sender = view.model.objects.last(), sent_by(Role.ADMINISTRATOR)
    read = item["get"].Case(path_parameters={"id": record.pk}).call(**sender)
    if "delete" in view.http_method_names:
        item["delete"].Case(path_parameters={"id": record.pk}, headers={"If-Match": "*"}).call(**sender)
    return record, written(view, read.json())


@pytest.mark.django_db
@pytest.mark.parametrize("resource", LINKED)
def test_a_record_lives_as_described(schema, resource):
    """Added, then read, changed, taken through its life and deleted, in any order and by anybody."""
    record, body = gone(schema, resource) if resource in RESOURCES else (None, None)

    class Life(schema.include(path_regex=rf"^/api/v1/{resource}/").as_state_machine()):
        @initialize(data=st.data())
        def begin(self, data):
            self.data = data

        def setup(self):
            self.sender = cache(sent_by)
            self.before = transaction.savepoint()

        def teardown(self):
            transaction.savepoint_rollback(self.before)

        def before_call(self, case):
            if record is None or case.meta.generation.mode.is_negative:
                return
            if not case.path_parameters:
                case.body = body
            elif self.data.draw(st.booleans()):
                aim(case, record)
                case.query = {}

        def get_call_kwargs(self, case):
            return self.sender(self.data.draw(callers(case.operation) if case.path_parameters else mighty))

        def validate_response(self, response, case, **kwargs):
            case.validate_response(
                response, checks=[*CHECKS, use_after_free], transport_kwargs=kwargs, recorder=self.recorder
            )

    Life.run(settings=bounds(BOUNDS, stateful_step_count=STEPS, phases=[Phase.generate]))
