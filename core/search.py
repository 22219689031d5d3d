"""Full-text search: accents ignored, French and English words alike, the last word completed, misspelling forgiven.

The configuration `parvis` (unaccent, then plain words) and the function `parvis_plain` are made by a migration. A model
that is searched holds a stored `search` column over its own words, made by `column()`, and an index by `index()`; where
misspelt names are to be found too, an index by `alike()`.
"""

import re
from collections.abc import Collection, Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import connection, models
from django.db.models import F, Func, Q

CONFIGURATION = "parvis"
# What names a record, by how its column is called: a word found there weighs more than one in a description.
NAMING = (
    "reference",
    "number",
    "code",
    "identifier",
    "acronym",
    "alias",
    "name",
    "title",
    "wording",
    "what",
    "recipient",
    "resident",
)


class Plain(Func):
    """The texts in one, in small letters and without accents: `parvis_plain` is immutable, so that an index can hold it."""

    function = "parvis_plain"
    output_field = models.TextField()


def column(*fields: str) -> models.GeneratedField:
    """A stored, generated vector over the model's own text columns: those that name it weigh A, the others D."""
    naming = [field for field in fields if field.startswith(NAMING)]
    others = [field for field in fields if field not in naming]
    parts = [
        SearchVector(*some, config=CONFIGURATION, weight=weight)
        for some, weight in ((naming, "A"), (others, "D"))
        if some
    ]
    vector = parts[0] if len(parts) == 1 else parts[0] + parts[1]
    return models.GeneratedField(expression=vector, output_field=SearchVectorField(), db_persist=True)


def index(prefix: str, *narrowed_by: str) -> GinIndex:
    """The index of the words of the records, and of the columns by which a search among very many is narrowed."""
    return GinIndex(name=f"{prefix}_search", fields=["search", *narrowed_by])


class AlikeIndex(GinIndex):
    """An index of groups of three letters, of whose texts the planner keeps few samples: it compares every word that is asked
    with each of them, and that of a hundred took longer than the search itself."""

    samples = 10

    def create_sql(self, model, schema_editor, using="", **kwargs):
        statement = super().create_sql(model, schema_editor, using=using, **kwargs)
        statement.template += f"; ALTER INDEX %(name)s ALTER COLUMN 1 SET STATISTICS {self.samples}"
        return statement


def alike(prefix: str, *fields: str) -> AlikeIndex:
    """The index by which these texts are found from words that are spelt nearly so."""
    return AlikeIndex(OpClass(Plain(*fields), name="gin_trgm_ops"), name=f"{prefix}_alike")


def words_of(text: str) -> list[str]:
    """The words of a text that somebody typed, in their order."""
    return re.findall(r"\w+", text.replace("\x00", " "))


def query(text: str) -> SearchQuery | None:
    """Every word must be found, the last one as a prefix; None where the text holds no word."""
    words = words_of(text)
    return all_of(words, begun=words[-1:]) if words else None


def all_of(words: Sequence[str], begun: Collection[str] = ()) -> SearchQuery:
    """Every one of these words, at least one, must be found; of those that are `begun`, a word that begins so."""
    raw = " & ".join(_term(word, ":*" if word in begun else "") for word in words)
    return SearchQuery(raw, search_type="raw", config=CONFIGURATION)


class Settled(SearchQuery):
    """A query as PostgreSQL has understood it already: where many tables are asked at once, the planner works no word out again
    for each of them."""

    def __init__(self, text: str):
        super().__init__(text, search_type="raw")
        self.text = text

    def as_sql(self, compiler, connection, function=None, template=None, arg_joiner=None, **extra_context):
        return "%s::tsquery", [self.text]


def settled(*queries: SearchQuery) -> list[str]:
    """The texts of these queries as PostgreSQL understands them (`Settled`), in one statement."""
    asked = [query.source_expressions[-1].value for query in queries]  # type: ignore[attr-defined]  # the text of the query is a Value
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsquery(%s::regconfig, asked)::text FROM unnest(%s::text[]) WITH ORDINALITY AS rows (asked, place)"
            " ORDER BY place",
            [CONFIGURATION, asked],
        )
        return [text for (text,) in cursor.fetchall()]


def _term(word: str, suffix: str = "") -> str:
    """One word of the query. PostgreSQL reads the 2015 of `AGR-2015-0007` as a negative number, so digits match both ways."""
    return f"('{word}'{suffix} | '-{word}'{suffix})" if word.isdigit() else f"'{word}'{suffix}"


class OneOf(Func):
    """Whether a key is one of an array: beside another condition, an index can be asked for both, as it cannot for `IN`."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


def matches(queryset, text: str, reader):
    """The records whose own words match, or those of a record that they name (`search_through`) and that the reader may see;
    nothing matches a text without words."""
    if not text.strip():
        return queryset
    wanted = query(text)
    if wanted is None:
        return queryset.none()
    condition = Q(search=wanted)
    for relation in queryset.model.search_through:
        named = queryset.model._meta.get_field(relation).related_model._default_manager.visible_to(reader)
        keys = named.filter(search=wanted).order_by().values("pk")
        condition |= Q(OneOf(F(queryset.model._meta.get_field(relation).attname), ArraySubquery(keys)))
    return queryset.filter(condition)
