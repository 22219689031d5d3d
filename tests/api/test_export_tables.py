"""The lines of CSV that PostgreSQL writes are those that Python would write, to the byte, of every resource."""

import csv
import io
from typing import Any

import pytest
from django.http import QueryDict

from core.api import sqljson
from core.enums import ExportFormat, Separator
from core.exports import formats, tables
from core.exports.listing import Listing
from core.models import Source
from tests import factories as make
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import READ_BY_PYTHON, WHOLE
from tests.api.test_reading import SYSTEM

pytestmark = pytest.mark.django_db


def listed(resource: str, caller: Any = SYSTEM, **parameters) -> Listing:
    query = QueryDict(mutable=True)
    query.update({"ordering": "id"} | parameters)
    return Listing(resource, caller, query)


def as_csv(resource: str, separator: str = Separator.COMMA, **parameters) -> bytes:
    return b"".join(formats.write(listed(resource, **parameters), ExportFormat.CSV, separator))


def by_python(monkeypatch) -> None:
    def cannot(*given):
        raise sqljson.OnlyInPython("invented")

    monkeypatch.setattr(tables, "csv_lines", cannot)


@pytest.mark.parametrize("resource", sorted(set(RESOURCES) - set(READ_BY_PYTHON)))
def test_every_resource_is_written_alike(resource, monkeypatch):
    whole = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    whole()
    whole()
    asked: dict[str, str] = {}
    if expand := ",".join(RESOURCES[resource].serializer_class.expansions()):
        asked["expand"] = expand
    listing = listed(resource, **asked)
    assert list(tables.csv_lines(listing, listing.columns(), ",", lambda values: "")), "nothing is compared"
    told = {separator: as_csv(resource, separator, **asked) for separator in Separator.values}
    by_python(monkeypatch)
    assert told == {separator: as_csv(resource, separator, **asked) for separator in Separator.values}


TEXTS = [
    *(f"{sign}1+2" for sign in "=+-@＝＋－＠"),
    *(f"{space}=1" for space in (" ", "\t", "\n", "\r", "\x0b", "\x1f", "\x85", "\xa0", "\u2003", "\u2028", "\u3000")),
    *(
        "\t",
        "  ",
        "a=1",
        "é à “œ” 漢字 🏛",
        'say "so", “so”',
        "one\r\ntwo\nthree",
        "50 % of %s",
        "'already",
        "{}",
        "\\n",
    ),
]


def test_every_text_is_guarded_and_quoted_alike(monkeypatch):
    assert {text[0] for text in TEXTS} >= set(tables.FORMULA)
    for number, text in enumerate(TEXTS):
        Source.objects.bulk_create([Source(slug=f"s-{number:03}", title_fr=text, kind="official")])
    told = as_csv("sources")
    lines = list(csv.reader(io.StringIO(told.decode().removeprefix(formats.BOM), newline="")))
    title = lines[0].index("title_fr")
    assert [line[title] for line in lines[1:]] == [formats.guarded(text) for text in TEXTS]
    by_python(monkeypatch)
    assert as_csv("sources") == told


def test_amounts_moments_and_lists_are_written_alike(monkeypatch, settings):
    make.GrantFactory(amount_asked="0.10", in_kind_value="1234567.80")
    make.AllocationFactory()
    for zone in ("Europe/Paris", "Pacific/Auckland"):
        settings.TIME_ZONE = zone
        told = as_csv("grants", Separator.SEMICOLON)
        assert b'"0,10"' in told
        with monkeypatch.context() as patched:
            by_python(patched)
            assert as_csv("grants", Separator.SEMICOLON) == told


def test_nothing_is_written_of_what_the_caller_may_not_see():
    make.WatchNoteFactory(audience="staff")
    seen = make.WatchNoteFactory(audience="city")
    lines = as_csv("watch-notes").split(b"\r\n")
    assert [line.split(b",")[0] for line in lines[1:-1]] == [f'"{seen.pk}"'.encode()]
