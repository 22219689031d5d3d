"""Files of reference data that cannot be read are refused with their line."""

from pathlib import Path

import pytest
from django.utils.translation import override

from core.loading import Rows, Unloadable, load
from core.models import Source

pytestmark = pytest.mark.django_db


def refusal(path: Path) -> str:
    """The first thing that a refused load says."""
    with override("en"), pytest.raises(Unloadable) as refused:
        load("test_load", files=[(path, Rows(Source, ("slug",)))])
    assert not Source.objects.exists()
    return str(refused.value.reasons[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "example" / "data"
    folder.mkdir(parents=True)
    return folder / "sources.yaml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows: [", "1: This is not YAML: "),
        ("", "1: The file has no list of “rows”."),
        ("rows: 3", "1: rows: This must be a list."),
        ("rows: []\nother: 1", "2: other: A file has"),
        ("rows: [3]", "1: A row is a mapping of names to values."),
        ("rows: []\nnot_loaded: [{what: this}]", "2: not_loaded: Say “what” is not loaded and “why”."),
        ("rows:\n- {slug: XA, slug: XB}", "2: “slug” is written twice."),
        ("rows:\n- &a {slug: XA}\n- *a", "3: Anchors are not allowed"),
        (
            "rows:\n- {slug: !!python/name:os.system }",
            "2: “tag:yaml.org,2002:python/name:os.system” is not allowed",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(path, text, message):
    path.write_text(text, encoding="utf-8")
    assert refusal(path).startswith(f"example/data/sources.yaml:{message}")


def test_bytes_that_are_not_text_are_named(path):
    path.write_bytes(b"rows: [\xff\xfe\x00]")
    assert refusal(path).startswith("example/data/sources.yaml:1: This is not YAML: ")


def test_a_missing_file_is_named(path):
    assert refusal(path).startswith("example/data/sources.yaml:1: The file cannot be read: ")
