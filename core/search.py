"""Full-text search: accents ignored, French and English words alike, unfinished words completed, misspelling forgiven.

The configurations `parvis` (unaccent, then plain words) and `parvis_asked` (the same without the words that stand in almost
every text) and the function `parvis_plain` are made by migrations. What somebody types is read by `query`, everywhere. A model
that is searched holds a stored `search` column over its own words, made by `column()`, and an index by `index()`; where
misspelt names are to be found too, an index by `alike()`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

CONFIGURATION = "parvis"
# How a text that somebody typed is read: words without weight ("de", "the") are no part of the question.
ASKED = "parvis_asked"
# What is looked at of such a text.
MOST_CHARACTERS, MOST_WORDS = 200, 8
# Shorter words are looked for as they are: a shorter beginning stands in half of all texts.
BEGINNING = 3
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


@dataclass(frozen=True)
class Typed:
    """What is looked at of a text that somebody typed: its first words, each once. `cut` where there is more."""

    text: str
    words: tuple[str, ...]
    cut: bool

    @property
    def telling(self) -> tuple[str, ...]:
        """Without the letters that stand alone, as that of an elision."""
        return tuple(word for word in self.words if len(word) > 1 or word.isdigit())


def typed(text: str) -> Typed:
    whole = text.strip()
    kept = whole[:MOST_CHARACTERS]
    words = _words(kept)
    return Typed(kept, words[:MOST_WORDS], cut=len(whole) > MOST_CHARACTERS or len(words) > MOST_WORDS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\w+", text.replace("\x00", " "))))


def refuse_many(text: str) -> None:
    """Refuses a text of which not every word would be looked for."""
    if len(_words(text)) > MOST_WORDS:
        raise ValidationError(_("Ask for at most %(number)s different words."), params={"number": MOST_WORDS})


def may_begin(word: str) -> bool:
    """Whether a longer word that begins so is found too."""
    return len(word) >= BEGINNING


class Sought(SearchQuery):
    """A query that PostgreSQL makes of texts, by this piece of SQL; a constant, so that an index can be asked for it."""

    def __init__(self, sql: str, *texts: str):
        super().__init__(texts[0], search_type="raw")
        self.sql, self.texts = sql, texts

    def as_sql(self, compiler, connection, function=None, template=None, arg_joiner=None, **extra_context):
        return self.sql, list(self.texts)


_ALL = f"to_tsquery('{CONFIGURATION}'::regconfig, %s)"
_TELLING = f"to_tsquery('{ASKED}'::regconfig, %s)"
_TELLING_OR_ALL = f"(CASE WHEN numnode({_TELLING}) > 0 THEN {_TELLING} ELSE {_ALL} END)"


def query(text: str, *, unfinished: bool = True) -> Sought | None:
    """What a text that somebody typed asks for; None where it holds no word.

    Every word must be found, and each may be `unfinished` from three letters on. Words without weight are left out, unless
    there are only such, which are looked for as they stand. The search across all kinds and every list read a text by this
    function alone: what the one counts the others show.
    """
    asked = typed(text)
    if not asked.words:
        return None
    telling = _raw(asked.telling, [word for word in asked.telling if unfinished and may_begin(word)])
    return Sought(_TELLING_OR_ALL, telling, telling, _raw(asked.words))


def all_of(words: Sequence[str], begun: Collection[str] = ()) -> Sought:
    """Every one of these words, at least one, must be found; of those that are `begun`, a word that begins so."""
    return Sought(_ALL, _raw(words, begun))


def _raw(words: Sequence[str], begun: Collection[str] = ()) -> str:
    return " & ".join(_term(word, ":*" if word in begun else "") for word in words)


class Settled(Sought):
    """A query as PostgreSQL has understood it already: where many tables are asked at once, the planner works no word out again
    for each of them."""

    def __init__(self, text: str):
        super().__init__("%s::tsquery", text)


def settled(*queries: Sought) -> list[str]:
    """The texts of these queries as PostgreSQL understands them (`Settled`), in one statement."""
    understood = ", ".join(f"{query.sql}::text" for query in queries)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {understood}", [text for query in queries for text in query.texts])
        return list(cursor.fetchone())


def without_weight(words: Sequence[str]) -> set[str]:
    """Those of these words that stand in almost every French or English text, as `query` leaves them out."""
    if not words:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) word"
            " WHERE ts_lexize('parvis_french', word) = '{}' OR ts_lexize('parvis_english', word) = '{}'",
            [list(words)],
        )
        return {word for (word,) in cursor.fetchall()}


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
