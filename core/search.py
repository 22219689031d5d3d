"""Full-text search: accents ignored, French and English words alike, the last word completed.

The configuration `parvis` (unaccent, then plain words) is made by a migration. A model that is searched holds a stored
`search` column over its own words, made by `column()`, and an index by `index()`.
"""

import re

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

CONFIGURATION = "parvis"


def column(*fields: str) -> models.GeneratedField:
    """A stored, generated vector over the model's own text columns."""
    return models.GeneratedField(
        expression=SearchVector(*fields, config=CONFIGURATION), output_field=SearchVectorField(), db_persist=True
    )


def index(prefix: str) -> GinIndex:
    return GinIndex(name=f"{prefix}_search", fields=["search"])


def query(text: str) -> SearchQuery | None:
    """Every word must be found, the last one as a prefix; None where the text holds no word."""
    words = re.findall(r"\w+", text.replace("\x00", " "))
    if not words:
        return None
    raw = " & ".join([*(_term(word) for word in words[:-1]), _term(words[-1], ":*")])
    return SearchQuery(raw, search_type="raw", config=CONFIGURATION)


def _term(word: str, suffix: str = "") -> str:
    """One word of the query. PostgreSQL reads the 2015 of `AGR-2015-0007` as a negative number, so digits match both ways."""
    return f"('{word}'{suffix} | '-{word}'{suffix})" if word.isdigit() else f"'{word}'{suffix}"


def matches(queryset, text: str):
    """The records whose own words, or those of `search_through` relations, match; nothing matches a text without words."""
    if not text.strip():
        return queryset
    wanted = query(text)
    if wanted is None:
        return queryset.none()
    condition = Q(search=wanted)
    for relation in queryset.model.search_through:
        condition |= Q(**{f"{relation}__search": wanted})
    return queryset.filter(condition)
