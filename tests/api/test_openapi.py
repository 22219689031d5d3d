"""The committed description of the API is what the code does, and is served to whoever writes a client."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from core.api.problems import KINDS
from core.api.schema import ANY, ParvisGenerator

pytestmark = pytest.mark.walk
COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict:
    return yaml.safe_load(COMMITTED.read_text())


def operations(document):
    return [
        (path, method, item[method]) for path, item in document["paths"].items() for method in METHODS if method in item
    ]


def test_the_committed_document_is_the_generated_one(tmp_path):
    generated = tmp_path / "openapi.yaml"
    call_command("openapi", "--validate", "--fail-on-warn", file=str(generated))
    assert generated.read_text() == COMMITTED.read_text(), "the API has changed: make openapi"


def test_every_operation_has_a_summary_a_scope_and_its_problems(document):
    assert document["openapi"] == "3.1.0"
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["security"][0]["oauth2"], (path, method)
        problems = {"4XX"} | (
            # Each row of a bulk change says which version it changes.
            {"412"} | (set() if path.endswith("/bulk/") else {"428"}) if method in ("put", "patch", "delete") else set()
        )
        assert problems <= operation["responses"].keys(), (path, method)


def test_what_is_added_is_linked_to_all_that_is_done_with_it(document):
    shared = document["components"]["parameters"]
    found = {operation["operationId"]: (path, operation) for path, _method, operation in operations(document)}
    linked = set()
    for path, _method, operation in operations(document):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                other, target = found[link["operationId"]]
                assert other.startswith(f"{path}{{id}}/")
                parameters = [
                    shared.get(each.get("$ref", "").rpartition("/")[2], each) for each in target["parameters"]
                ]
                assert link["parameters"].keys() == {each["name"] for each in parameters if each.get("required")}
                linked.add(link["operationId"])
    assert linked == {
        name
        for name, (path, _operation) in found.items()
        if "{id}/" in path and "post" in document["paths"][path.partition("{id}/")[0]]
    }


def test_whatever_is_refused_is_described_as_a_problem(document):
    refused = document["components"]["responses"]["Refused"]
    assert refused["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    told = {int(code) for code in re.findall(r"\* (\d+): ", refused["description"])}
    named = {
        int(code)
        for _path, _method, operation in operations(document)
        for code in operation["responses"]
        if code.startswith("4") and code.isdigit()
    }
    assert told == set(ANY)
    assert told | named == {code for code in KINDS if code < 500} - {405}


def test_every_parameter_says_what_it_is(document):
    shared = document["components"]["parameters"]
    found = {
        (path, parameter["name"]): parameter.get("description", "")
        for path, _method, operation in operations(document)
        for parameter in (
            shared.get(each.get("$ref", "").rpartition("/")[2], each) for each in operation.get("parameters", ())
        )
    }
    assert [place for place, said in found.items() if not said or "[invalid name]" in said] == []
    assert found["/api/v1/grants/", "beneficiary"] == "Beneficiary: by its id or slug"
    assert found["/api/v1/agreement-clauses/", "agreement"] == "Agreement: by its id or reference"
    assert found["/api/v1/agreements/", "status"] == "Status: repeat it for several"


def test_what_operations_say_alike_is_written_once(document):
    """Else it grows by ten kilobytes with each resource: 2 MB for a hundred of them."""
    assert COMMITTED.stat().st_size < 2_100_000
    said = Counter(
        yaml.safe_dump(parameter)
        for _path, _method, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if "$ref" not in parameter
    )
    assert not [text for text, times in said.items() if times > 1 and len(text) > 160]


def test_no_reference_leads_nowhere_and_nothing_shared_is_unused(document):
    text = COMMITTED.read_text()
    used = set(re.findall(r"#/components/([A-Za-z]+)/([\w.-]+)", text))
    held = {(place, name) for place, section in document["components"].items() for name in section}
    assert used - held == set()
    assert {(place, name) for place, name in held - used if place != "securitySchemes"} == set()


def test_every_operation_tells_of_its_limits(document):
    limits = {"RateLimit-Policy", "RateLimit", "Retry-After"}
    assert document["components"]["responses"]["Refused"]["headers"].keys() == limits
    for path, method, operation in operations(document):
        for code, answer in operation["responses"].items():
            place, _, name = answer.get("$ref", "").rpartition("/")
            said = document["components"]["responses"][name] if place else answer
            told = {"RateLimit-Policy", "RateLimit"} if code.startswith("2") else set()
            assert told <= said.get("headers", {}).keys(), (path, method, code)


def test_no_choice_is_named_by_a_number(document):
    assert not [name for name in document["components"]["schemas"] if re.search(r"[0-9a-f]{3}Enum$|\d", name)]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_served_document_is_the_committed_one_in_any_language(client, document, language):
    response = client.get("/api/v1/schema/", headers={"Accept-Language": language})
    assert yaml.safe_load(response.content) == document


def test_the_generator_finds_every_resource(document):
    assert ParvisGenerator().get_schema(public=True)["paths"].keys() == document["paths"].keys()


@pytest.mark.django_db
def test_the_page_of_the_api_has_no_script_or_style_within(client):
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"<style|style=|onload=|<script>|https?://", text)
    script = re.findall(r'<script src="([^"]+)"', text)[-1]
    answer = client.get(script.replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/javascript")
    assert b"/api/v1/schema/" in answer.content
