"""Every operation of the OpenAPI document with generated requests, right and wrong ones: no fault, and no answer that is not described.

A bounded run: a few examples an operation, half of them on a record that exists.
"""

import os
from pathlib import Path

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.db.models import ForeignKey
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.api.again import Again
from core.api.scopes import declared
from core.roles import Role
from tests.api.conftest import token_for
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import WHOLE
from tests.factories import UserFactory

DOCUMENT = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text())
# A few of each operation in `make walks`; `make fuzz` asks for many.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 2)
pytestmark = pytest.mark.walk
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item]
# What every request may be refused for stands as `4XX`; 404 where something is named, 413 and 415 where something is sent.
ALWAYS = {400, 401, 403, 404, 406, 429}
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
    # Else each request would close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield loaded
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def callers() -> list[dict[str, str]]:
    """The headers of a client with every scope, and of an administrator's own browser."""
    browser = Client()
    browser.force_login(UserFactory(role=Role.ADMINISTRATOR))
    csrf = "a" * 32
    cookies = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={csrf}"
    return [{"Authorization": f"Bearer {token_for(*declared())}"}, {"Cookie": cookies, "X-CSRFToken": csrf}]


def existing(path: str):
    """A record of the operation's resource, whole, or None where it has no records."""
    view = RESOURCES.get(path.removeprefix("/api/v1/").split("/")[0])
    if view is None:
        return None
    (WHOLE.get(path.split("/")[3]) or factory_of(view))()
    return view.model.objects.last()


def aim(case, record) -> None:
    """Lets the request reach the record, and name records that exist."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = record.pk
    if case.method in ("PUT", "PATCH", "DELETE"):
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict):
        for field in type(record)._meta.concrete_fields:
            if isinstance(field, ForeignKey) and isinstance(case.body.get(field.name), int):
                case.body[field.name] = getattr(record, field.attname) or case.body[field.name]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part.replace("/api/v1", ""))
def test_an_operation_answers_as_described(schema, method, path):
    operation = schema[path][method]
    record = existing(path)
    senders = callers()
    requests = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @bounds(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=requests, sender=st.sampled_from(senders), aimed=st.booleans())
    def answers(case, sender, aimed):
        if aimed and record is not None:
            aim(case, record)
        whole = not (case.query or {}).get("fields")
        case.call_and_validate(headers=sender, checks=[*CHECKS, response_schema_conformance] if whole else CHECKS)

    answers()
