"""What production refuses to start with, each in one sentence that names the variable."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from django.conf import settings

from core.embedded import MARK
from tests.test_embedded import OURS, PROJECT

KEY = "Nw4-qGmZ7yTj2xVbR9cLd0sKf8hPa3uE5iJo6QtWr1XzYvBnMlC"
FERNET = "aW52ZW50ZWQtZm9yLXRoaXMtdGVzdC0zMi1ieXRlcyE="
FINE = {
    "PARVIS_MODE": "production",
    "SECRET_KEY": KEY,
    "PARVIS_SEALING_KEYS": FERNET,
    "ALLOWED_HOSTS": "parvis.example",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example:587",
    "DATABASE_URL": "postgresql://parvis:secret@database.example/parvis",
    "REDIS_URL": "redis://valkey.example/0",
}


def last_line(**changes: str) -> str:
    """How reading the settings ends with these variables; empty where nothing is wrong."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS and "PARVIS" not in name}
    read = [sys.executable, "-c", "import config.settings"]
    ended = subprocess.run(
        read, env=inherited | FINE | changes, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return ended.stderr.strip().rpartition("\n")[2]


def test_production_starts_when_everything_is_named():
    assert last_line() == ""
    assert last_line(CORS_ALLOWED_ORIGINS="https://map.example,https://map.example:8443") == ""


def listed() -> dict[str, str]:
    """The variables of .env.example, with the values that they have there."""
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_production_starts_with_a_copy_of_the_example_that_is_filled_in():
    assert last_line(**listed() | FINE) == ""
    said = "from config import settings; print(settings.SITE_URL)"
    asked = subprocess.run(
        [sys.executable, "-c", said],
        env=os.environ | listed() | FINE,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "https://parvis.example"


def test_every_variable_is_explained_in_the_readme_and_reaches_the_containers():
    readme = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (PROJECT / "README.md").read_text()))
    assert listed().keys() - readme == set()
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    reaching = compose["x-parvis"]["environment"].keys() | set(re.findall(r"\$\{(\w+)", str(compose["services"])))
    of_others = {"PARVIS_EMBEDDED", "DEMO_PASSWORD", "DEMO_HOST", "DEBUG", "PARVIS_TODAY"}
    # Its folder is a volume, and nobody shares its Valkey.
    of_the_image = {"PARVIS_DATA", "REDIS_PREFIX"}
    assert listed().keys() - reaching == of_others | of_the_image


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", "k" * 64),
        ("SECRET_KEY", f"django-insecure-{KEY}"),
        ("SECRET_KEY", f"{settings.INSECURE_SECRET}-{KEY}"),
        ("SECRET_KEY", KEY[:49]),
        ("PARVIS_SEALING_KEYS", ""),
        ("PARVIS_SEALING_KEYS", "not-a-key"),
        ("PARVIS_SEALING_KEYS", settings.INSECURE_SEALING_KEY),
        ("PARVIS_SEALING_KEYS", f"{FERNET},{settings.INSECURE_SEALING_KEY}"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "parvis.example,*"),
        ("ALLOWED_HOSTS", ""),
        ("EMAIL_URL", "consolemail://"),
        ("PARVIS_TODAY", "x"),
        ("PARVIS_DORMANT_MONTHS", "5"),
        ("PARVIS_DORMANT_MONTHS", "many"),
        ("DATABASE_POOL", "many"),
        ("TRUSTED_PROXIES", "one"),
        ("API_REQUESTS_PER_MINUTE", "0"),
        ("API_TOKENS_PER_MINUTE", "many"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "map.example"),
        ("CORS_ALLOWED_ORIGINS", "https://map.example/"),
        ("CORS_ALLOWED_ORIGINS", "https://map.example,http://map.example"),
    ],
)
def test_production_refuses(variable, value):
    line = last_line(**{variable: value})
    assert line.startswith(f"django.core.exceptions.ImproperlyConfigured: {variable} must "), line


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://parvis@:5432/parvis?host={quoted}"),
        ("DATABASE_URL", "postgresql://parvis@{quoted}/parvis"),
        ("REDIS_URL", "redis+socket://{plain}/valkey.sock?virtual_host=0"),
        ("REDIS_URL", "unix://{plain}/valkey.sock?db=0"),
    ],
)
def test_production_refuses_the_socket_of_an_embedded_server(tmp_path: Path, variable, url):
    address = url.format(plain=tmp_path, quoted=quote(str(tmp_path), safe=""))
    assert last_line(**{variable: address}) == ""
    (tmp_path / MARK).touch()
    assert "Production needs its own servers" in last_line(**{variable: address})
