"""What docs/api.md shows is run as it stands there, by somebody who knows nothing else: commands, generated client, copy, receiver."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from core.models import Document, WebhookDelivery
from core.tasks import deliver_webhooks
from partnerships.models import Area, City
from tests import factories as make
from tests.api.served import database_of_the_test, served
from tests.drill.crew import Worker, wait_until

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
PAGE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def block(language: str, word: str) -> str:
    """The one block of the page that holds the word."""
    [found] = [text for kind, text in BLOCKS if kind == language and word in text]
    return found


COME_IN, WRITE = block("sh", "/o/token/"), block("sh", "Idempotency-Key")
SUBSCRIBE, GENERATE = block("sh", "webhook-subscriptions"), block("sh", "generate")
CLIENT, COPY, RECEIVER = block("python", "parvis_client"), block("python", "follow"), block("python", "Receiver")


@pytest.fixture
def parvis(tmp_path) -> Iterator[str]:
    """The address of Parvis in a process of its own, where the demo's client may come in."""
    make.ApiClientFactory(client_id="demo", client_secret="parvis-demo-2015")
    make.CityFactory(slug="kinshasa", name_fr="Kinshasa", name_en="Kinshasa")
    with served(tmp_path / "web.log") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def hooks() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def typed(parvis, hooks, tmp_path):
    """Types blocks into one terminal, but for the ports that are free here, and what the page installs; the variables stay."""
    bin_ = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}"}

    def run(*texts: str) -> subprocess.CompletedProcess:
        text = "\n".join(("set -e -o pipefail", *texts, "env -0 > environment"))
        text = text.replace("http://127.0.0.1:8000", parvis).replace("127.0.0.1:8080", f"127.0.0.1:{hooks}")
        text = re.sub(r"^pip install .*$", "", text, flags=re.MULTILINE)
        text = text.replace("openapi-python-client generate", "openapi-python-client generate --fail-on-warning")
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        held = (tmp_path / "environment").read_text().split("\0")
        environment.update(line.split("=", 1) for line in held if "=" in line)
        return done

    run.environment = environment
    return run


def test_one_comes_in_reads_writes_and_sends_a_file(typed):
    told = typed(COME_IN, WRITE).stdout
    assert '"count":0' in told
    assert Area.objects.get().name_en == "A third"
    assert Document.objects.get().title == "Note"
    assert told.endswith("What was decided.\n")


def test_the_generated_client_does_what_is_shown(typed):
    done = typed(COME_IN, GENERATE, f"python - <<'EOF'\n{CLIENT}EOF")
    assert done.stdout.endswith("200 Kin\n")
    assert City.objects.get().alias == "Kin"


def test_the_copy_follows(typed):
    """Twice in one life of the program: what is added, changed and deleted between them."""
    again = "\n".join(
        (
            COPY,
            "input()",
            'follow("cities")',
            'print(json.dumps({key: row["name_en"] for key, row in copies["cities"].items()}))',
        )
    )
    typed(COME_IN)
    stays, goes = City.objects.get(), make.CityFactory()
    with subprocess.Popen(
        [sys.executable, "-c", again], env=typed.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout.readline().startswith("2 cities as of 20")
        City.objects.filter(pk=stays.pk).update(name_en="Changed")
        goes.delete()
        added = make.CityFactory(name_en="Added")
        told, _errors = program.communicate("\n", timeout=60)
    assert program.returncode == 0
    assert told == f'{{"{stays.pk}": "Changed", "{added.pk}": "Added"}}\n'


@contextmanager
def listening(typed, port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, "-c", RECEIVER.replace("8080", str(port))], env=typed.environment, stdout=out, stderr=out
        )
    try:
        assert wait_until(lambda: _listens(port), 30), log.read_text()
        yield
    finally:
        program.kill()
        program.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_receiver_is_told_by_a_real_worker(typed, hooks, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_of_the_test())
    typed(COME_IN, 'AUTH="Authorization: Bearer $TOKEN" JSON="Content-Type: application/json"', SUBSCRIBE)
    area, log = make.AreaFactory(), tmp_path / "receiver.log"
    app.control.purge()
    worker = Worker(tmp_path / "worker.log", concurrency=1)

    def delivered() -> bool:
        deliver_webhooks.delay()
        return WebhookDelivery.objects.filter(delivered_at__isnull=False).exists()

    with listening(typed, hooks, log):
        worker.start()
        try:
            assert wait_until(delivered, 60), (tmp_path / "worker.log").read_text()
        finally:
            worker.kill_all()
            app.control.purge()
        assert wait_until(lambda: "areas.created" in log.read_text(), 10), log.read_text()
    assert f"'id': {area.pk}" in log.read_text()
