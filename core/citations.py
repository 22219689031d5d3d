"""How the sources of a record are shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.models import Citation, Source


@dataclass
class Cited:
    """A source with the places in it that support a record, and the citations that say something more about them."""

    source: Source
    places: list[str] = field(default_factory=list)
    notes: list[Citation] = field(default_factory=list)


def by_source(citations: Iterable[Citation]) -> list[Cited]:
    """The citations of a record put together by source; several facts may rest on one place, which is named once."""
    found: dict[int, Cited] = {}
    for citation in citations:
        cited = found.setdefault(citation.source_id, Cited(citation.source))
        if citation.section and citation.section not in cited.places:
            cited.places.append(citation.section)
        if citation.note and citation.note not in [noted.note for noted in cited.notes]:
            cited.notes.append(citation)
    return list(found.values())
