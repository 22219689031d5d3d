"""What every resource does with a body that cannot be: 4xx problem details that name the field, in the caller's language."""

import gzip
import json

import pytest
from django.utils.translation import gettext, override

from config.api_urls import router
from core.api.resources import ListedView
from tests.api.conftest import messages
from tests.api.resources import RESOURCES

pytestmark = pytest.mark.django_db
WRITTEN = [name for name, view in RESOURCES.items() if "post" in view.http_method_names and name != "documents"]
UNKNOWN = "There is no such field."
READ_ONLY = "This field cannot be written."
# Nothing at all, as no field of any resource takes it.
WRONG = [[{"": []}]]


def fields(name: str) -> tuple[list[str], list[str]]:
    """The fields of a resource that are written, and those that are only read."""
    view = RESOURCES[name]
    found = (view.detail_class or view.serializer_class)().fields
    read_only = [field for field, known in found.items() if known.read_only]
    return [field for field in found if field not in read_only], read_only


def raw(api, name: str, body: bytes, media_type: str = "application/json", **headers):
    return api.generic("POST", f"/api/v1/{name}/", body, content_type=media_type, headers=headers)


def is_problem(response, status: int) -> bool:
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    return (response.status_code, response.json()["status"]) == (status, status)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_fields_that_are_unknown_or_only_read_are_named(administrator, name, language):
    _written, read_only = fields(name)
    body = json.dumps(dict.fromkeys(["no_such_field", *read_only], 1)).encode()
    response = raw(administrator, name, body, **{"Accept-Language": language})
    assert is_problem(response, 400)
    with override(language):
        expected = {"no_such_field": gettext(UNKNOWN)} | dict.fromkeys(read_only, gettext(READ_ONLY))
    assert expected.items() <= messages(response).items()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_value_of_a_wrong_type_is_named_by_its_field(administrator, name):
    written, _read_only = fields(name)
    response = raw(administrator, name, json.dumps(dict.fromkeys(written, WRONG)).encode())
    assert is_problem(response, 400)
    assert {field.split(".")[0] for field in messages(response)} == set(written)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_body_that_is_no_json_object_changes_nothing(administrator, name):
    for body, status in ((b"{", 400), (b'"text"', 400), (b'{"a": "\xff"}', 400), (b'{"a": 1, "a": 2}', 400)):
        assert is_problem(raw(administrator, name, body), status), body
    assert is_problem(raw(administrator, name, b"a=b", "application/x-www-form-urlencoded"), 415)
    assert is_problem(raw(administrator, name, gzip.compress(b"{}"), **{"Content-Encoding": "gzip"}), 415)
    assert not RESOURCES[name].model._default_manager.exists()


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b'{"slug": "a", "name_fr": "b", "slug": "c"}', {"slug"}),
        (b'{"areas": [{"x": 1, "x": 1, "y": 1, "y": 1}]}', {"x", "y"}),
        (b'{"\\u0061": 1, "a": 2}', {"a"}),
    ],
)
def test_a_name_that_stands_twice_is_refused(api, body, names):
    response = raw(api, "areas", body)
    assert is_problem(response, 400)
    assert messages(response) == dict.fromkeys(names, "This name stands twice in one object.")


def test_a_packed_body_is_refused_with_what_would_be_read(api):
    response = raw(api, "areas", gzip.compress(b"{}" * 100), **{"Content-Encoding": "gzip"})
    assert is_problem(response, 415)
    assert response.headers["Accept-Encoding"] == "identity"
    assert response.json()["detail"] == "The body is packed (Content-Encoding): send it as it is."


def test_a_body_that_is_not_packed_may_say_so(api):
    body = json.dumps({"slug": "a", "name_fr": "b", "name_en": "c"}).encode()
    assert raw(api, "areas", body, **{"Content-Encoding": "identity"}).status_code == 201


def test_every_view_of_the_api_reads_bodies_in_the_one_way():
    """The checks of bodies and the keys of requests stand in ListedView: what is built on something else lacks them."""
    assert [prefix for prefix, view, _name in router.registry if not issubclass(view, ListedView)] == []
