"""A client that a public generator makes from docs/openapi.yaml does what the page of the API says, over HTTP."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings

from core.models import Document
from core.roles import Role
from partnerships.models import City
from tests import factories as make
from tests.api.conftest import token_for

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
DOCUMENT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
NAME = "parvis_client"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The modules of the generated package; what the generator warns of is a fault of the document."""
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT), "--meta", "none"]
    settings_file = folder / "settings.yaml"
    settings_file.write_text("post_hooks: []\n")  # the form of its code is not at stake
    run = subprocess.run(
        [*command, "--config", str(settings_file), "--output-path", str(folder / NAME), "--fail-on-warning"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "WARNING" not in run.stdout
    sys.path.insert(0, str(folder))
    yield SimpleNamespace(
        models=importlib.import_module(f"{NAME}.models"),
        package=importlib.import_module(NAME),
        of=lambda app, name: importlib.import_module(f"{NAME}.api.{app}.{name}").sync_detailed,
    )
    sys.path.remove(str(folder))


@pytest.fixture
def client(made, live_server):
    token = token_for("partnerships:read", "partnerships:write", "core:read", "core:write")
    return made.package.AuthenticatedClient(base_url=live_server.url, token=token, headers={"Accept-Language": "en"})


def city_request(made, country, slug="example-city"):
    return made.models.CityRequest(slug=slug, name_fr="Ville-Exemple", name_en="Example City", country=country.pk)


def test_it_reads_pages_cursors_and_what_is_gone(made, client):
    cities = make.CityFactory.create_batch(3)
    page = made.of("partnerships", "cities_list")(
        client=client, country=cities[0].country.code, ordering="-slug", expand="country", page_size=2
    ).parsed
    assert page.results[0].expanded.country.code == cities[0].country.code
    first = made.of("partnerships", "cities_list")(client=client, paging=made.models.Paging.CURSOR, page_size=2).parsed
    assert (first.count, len(first.results)) == (None, 2)
    assert "cursor=" in first.next_
    gone, key = first.settled_at, cities[2].pk
    cities[2].delete()
    rows = made.of("partnerships", "cities_deletions")(client=client, since=gone).parsed.results
    assert [row.id for row in rows] == [key]


def test_it_adds_once_changes_what_it_read_and_deletes(made, client):
    body, key = city_request(made, make.CountryFactory()), str(uuid4())
    add = made.of("partnerships", "cities_create")
    answers = [add(client=client, body=body, idempotency_key=key) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert City.objects.get().pk == answers[0].parsed.id == answers[1].parsed.id
    change = made.of("partnerships", "cities_partial_update")
    renamed, number = made.models.PatchedCityRequest(name_en="Another"), City.objects.get().pk
    read = made.of("partnerships", "cities_retrieve")(number, client=client)
    done = change(number, client=client, body=renamed, if_match=read.headers["ETag"])
    assert (done.status_code, done.parsed.name_en, done.parsed.version) == (200, "Another", 2)
    late = change(number, client=client, body=renamed, if_match=read.headers["ETag"])
    assert (late.status_code, late.parsed.type_) == (412, "urn:parvis:problem:changed-since")
    gone = made.of("partnerships", "cities_destroy")(number, client=client, if_match=done.headers["ETag"])
    assert (gone.status_code, City.objects.count()) == (204, 0)


def test_it_adds_and_changes_many(made, client):
    country = make.CountryFactory()
    body = [city_request(made, country, f"city-{number}") for number in range(3)]
    added = made.of("partnerships", "cities_bulk_create")(client=client, body=body).parsed
    assert [city.slug for city in added] == ["city-0", "city-1", "city-2"]
    row = made.models.CitiesBulkUpdateBodyItem
    rows = [row(id=city.id, version=city.version, alias="Changed") for city in added]
    change = made.of("partnerships", "cities_bulk_update")
    assert {city.alias for city in change(client=client, body=rows).parsed} == {"Changed"}
    late = change(client=client, body=rows)
    assert (late.status_code, late.parsed.errors[0].field) == (412, "0.version")


def test_it_reads_what_is_wrong(made, client):
    refused = made.of("partnerships", "cities_create")(
        client=client, body=city_request(made, make.CountryFactory(), "é")
    )
    assert (refused.status_code, refused.parsed.status) == (400, 400)
    assert [error.field for error in refused.parsed.errors] == ["slug"]
    client = made.package.AuthenticatedClient(base_url=client._base_url, token="none")
    nobody = made.of("partnerships", "cities_list")(client=client)
    assert (nobody.status_code, nobody.parsed.type_) == (401, "urn:parvis:problem:not-signed-in")


def test_it_sends_and_fetches_a_file(made, client, tmp_path):
    make.UserFactory(role=Role.OFFICER)
    city = make.CityFactory()
    content = "Échéance inventée\n".encode()
    file = made.package.types.File(payload=content, file_name="note.txt", mime_type="text/plain")
    body = made.models.DocumentUploadRequest(
        content_type="partnerships.city", object_id=city.pk, file=file, title="Note"
    )
    sent = made.of("core", "documents_create")(client=client, body=body)
    assert sent.status_code == 201, sent.content
    assert Document.objects.get().pk == sent.parsed.id
    fetched = made.of("core", "documents_content")(sent.parsed.id, client=client)
    assert fetched.content == content


def test_it_saves_a_list(made, client):
    city = make.CityFactory()
    kind = made.models.ExportFormat.JSONL
    saved = made.of("partnerships", "cities_export")(client=client, as_=kind, fields="slug")
    assert saved.content.decode() == f'{{"id":{city.pk},"slug":"{city.slug}"}}\n'
