"""The committed description of the API is what the code does, and is served to whoever writes a client."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from core.api.schema import ParvisGenerator

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
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(generated))
    assert generated.read_text() == COMMITTED.read_text(), "the API has changed: make openapi"


def test_every_operation_has_a_summary_a_scope_and_its_problems(document):
    assert document["openapi"] == "3.1.0"
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["security"][0]["oauth2"], (path, method)
        problems = {"400", "401", "403", "406", "429"} | (
            # Each row of a bulk change says which version it changes.
            {"412"} | (set() if path.endswith("/bulk/") else {"428"}) if method in ("put", "patch", "delete") else set()
        )
        assert problems <= operation["responses"].keys(), (path, method)


def test_every_operation_tells_of_its_limits(document):
    assert set(document["components"]["headers"]) == {"RateLimit-Policy", "RateLimit", "Retry-After"}
    refused = document["components"]["responses"]["QuotaExceededProblem"]
    assert refused["headers"].keys() == document["components"]["headers"].keys()
    for path, method, operation in operations(document):
        for code, answer in operation["responses"].items():
            told = {"RateLimit-Policy", "RateLimit"} if code.startswith("2") else set()
            assert told <= answer.get("headers", {}).keys(), (path, method, code)


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
