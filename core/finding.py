"""Search across every kind of record at once: each app registers its kinds in `searched.py`, this looks through them.

Three ways of looking, each tried only where those before found little: the words as they stand, words that begin so, and
names that are spelt nearly so. Each is one statement for all kinds, and each kind gives a bounded number of candidates, so
that neither the number of statements nor their work grows with the tables (docs/decisions/27-search.md).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchRank, TrigramWordSimilarity
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.models import F, Q, Value
from django.utils.text import capfirst

from core import written
from core.access import may
from core.filters import has_field
from core.models import BaseModel
from core.search import Settled, all_of, may_begin, query, settled, typed, without_weight
from core.translated import Translated, fallback_language

# How many records of a kind are counted; above it the page says "more than 100".
COUNTED = 100
# How many are weighed against each other: of more than that, any.
WEIGHED = 120
SHOWN = 5
# Where fewer than this hold the words, of all kinds, one is perhaps misspelt: names spelt nearly so are looked for too.
FEW = 3
# A shorter word has its neighbours in half of all texts.
MISSPELT = 4
# A word is spelt nearly so where half of its groups of three letters are found in order.
NEARLY = 0.5


@dataclass(frozen=True)
class Kind:
    """A kind of record that is found. Lowest `order` first.

    `name` is the attribute that it is called by; `says` are the attributes, of the record itself or of one that it names
    (`country.name`), that the second line is made of. `listing` names the page that lists them and takes `?q=`.
    """

    model: type[BaseModel]
    name: str
    says: tuple[str, ...] = ()
    listing: str = ""
    order: int = 0

    @property
    def label(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    @property
    def related(self) -> list[str]:
        """The records that the second line names."""
        columns = {column.name for column in self.model._meta.concrete_fields if column.is_relation}
        return [name for name in (path.partition(".")[0] for path in self.says) if name in columns]

    @property
    def alike(self):
        """What the index of misspelt names is made of (`core.search.alike`); None where there is none."""
        for index in self.model._meta.indexes:
            if index.name.endswith("_alike"):
                return index.expressions[0].source_expressions[0]
        return None

    def second_line(self, record: BaseModel, reader) -> tuple[str, ...]:
        """What is said of the record besides its name; nothing of another record that the reader may not see."""
        shown = [path for path in self.says if self._is_for(reader, path)]
        return tuple(str(text) for text in (_read(record, path) for path in shown) if text not in (None, ""))

    def _is_for(self, reader, path: str) -> bool:
        name, dot, _rest = path.partition(".")
        return not dot or may(reader, "view", self.model._meta.get_field(name).related_model)


def _read(record: Any, path: str):
    for name in path.split("."):
        record = getattr(record, name, None)
    return record() if callable(record) else record


_kinds: dict[type[BaseModel], Kind] = {}


def register(*kinds: Kind) -> None:
    """Adds kinds to those that are found; refuses a second one of a model, and a model without a search column."""
    for kind in kinds:
        if kind.model in _kinds:
            raise ImproperlyConfigured(f"{kind.model._meta.label} is registered twice.")
        if not has_field(kind.model, "search"):
            raise ImproperlyConfigured(f"{kind.model._meta.label} has no words to search.")
        _kinds[kind.model] = kind


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.order)


@dataclass(frozen=True)
class Row:
    """A record that was found: `alike` where only its spelling is near."""

    kind: Kind
    record: BaseModel
    second_line: tuple[str, ...]
    alike: bool

    @property
    def label(self) -> str:
        return str(getattr(self.record, self.kind.name))

    @property
    def language(self) -> str:
        """The language that its name is read in where that is not the reader's; otherwise empty."""
        is_translated = isinstance(getattr(self.kind.model, self.kind.name, None), Translated)
        return fallback_language(self.record, self.kind.name) if is_translated else ""


@dataclass(frozen=True)
class Group:
    """What was found of a kind: `count` of the records that hold the words, at most `COUNTED`, `is_more` where there are
    more; `nearly` of those whose names are spelt nearly so. The first rows are the likeliest."""

    kind: Kind
    count: int
    is_more: bool
    nearly: int
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        return self.count + self.nearly


@dataclass(frozen=True)
class Asked:
    """What somebody typed, as it is looked for.

    `cut` where only its beginning is; `common` are the words left out because they stand in almost every text.
    """

    text: str
    words: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    cut: bool = False
    only_common: bool = False

    @property
    def is_too_short(self) -> bool:
        """One letter alone would find almost everything."""
        return not any(len(word) > 1 for word in self.words)

    @property
    def of_lists(self) -> str:
        """What a list is asked for to find the same: it refuses what is longer than is looked for."""
        return " ".join(self.words) if self.cut else self.text

    @property
    def begun(self) -> list[str]:
        return [] if self.only_common else [word for word in self.words if may_begin(word)]

    @property
    def misspelt(self) -> list[str]:
        """The words that may be misspelt: those of letters, not too short, in a question that says something."""
        return [] if self.only_common else [word for word in self.words if len(word) >= MISSPELT and word.isalpha()]


@dataclass(frozen=True)
class Finding:
    asked: Asked
    groups: tuple[Group, ...] = ()

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def is_more(self) -> bool:
        return any(group.is_more for group in self.groups)


@dataclass
class _Candidates:
    """The candidates of a kind, by their key, with how likely each is: first what was found first."""

    kind: Kind
    held: dict[int, float] = field(default_factory=dict)
    near: dict[int, float] = field(default_factory=dict)

    def best(self) -> list[int]:
        ways = (self.held, self.near)
        return [key for way in ways for key in sorted(way, key=lambda key: (-way[key], -key))][:SHOWN]


def ask(text: str) -> Asked:
    """What is looked for of a text: its first words without those of no weight ("de", "the"), unless there are only such."""
    read = typed(text)
    common = without_weight(read.words)
    telling = tuple(word for word in read.telling if word not in common)
    if telling:
        left_out = tuple(word for word in read.words if word in common)
        return Asked(read.text, telling, left_out, read.cut)
    return Asked(read.text, read.words, cut=read.cut, only_common=bool(read.words))


def find(reader, text: str) -> Finding:
    """What the reader may see that holds the words of the text, or is called nearly so, the likeliest first of each kind.

    Kinds that hold the words come before those that are only spelt alike. A text of one letter, or of none, finds nothing.
    """
    asked = ask(text)
    if asked.is_too_short:
        return Finding(asked)
    found = [_Candidates(kind) for kind in kinds()]
    exact = [word for word in asked.words if word not in asked.misspelt]
    # `typed` has found words: a text without any is too short.
    asked_for: Any = (query(text, unfinished=False), query(text))
    whole, begun, *others = settled(
        *asked_for,
        *(all_of([word], begun=asked.begun) for word in asked.misspelt),
        *([all_of(exact)] if exact else ()),
    )
    with transaction.atomic():
        _look(found, reader, _held, whole, name="held", bonus=1)
        if asked.begun:
            short = [wanted for wanted in found if len(wanted.held) <= COUNTED]
            _look(short, reader, _held, begun, name="held")
        if asked.misspelt and sum(len(wanted.held) for wanted in found) < FEW:
            plain = _set_nearness(asked.misspelt)
            named = [wanted for wanted in found if wanted.kind.alike is not None]
            _look(named, reader, _near, *plain, *others, name="near")
    groups = [_group(wanted, reader) for wanted in found if wanted.held or wanted.near]
    return Finding(asked, tuple(sorted(groups, key=lambda group: not group.count)))


def _look(
    found: list[_Candidates], reader, build: Callable[..., models.QuerySet], *texts: str, name: str, bonus: int = 0
) -> None:
    """Looks through these kinds in one statement, the same for whatever is looked for; what was found before keeps its weight."""
    if not found:
        return
    models_of = tuple(wanted.kind.model for wanted in found)
    for place, key, weight in written.rows(build, reader, models_of, *(text and written.Text(text) for text in texts)):
        wanted = found[place]
        if key not in wanted.held:
            getattr(wanted, name).setdefault(key, weight + bonus)


def _together(parts: Iterable[tuple[int, models.QuerySet]]) -> models.QuerySet:
    """The place of each part's kind, the key and the weight: a bounded number of each, in one statement."""
    first, *others = (
        rows.annotate(found_of=Value(place)).order_by().values_list("found_of", "pk", "found_weight")[:WEIGHED]
        for place, rows in parts
    )
    return first.union(*others, all=True)


def _held(reader, found: tuple[type[BaseModel], ...], text: str) -> models.QuerySet:
    """The records that hold every word, whole or begun, then those that name such a record which the reader may see."""
    wanted = Settled(text)
    parts: list[tuple[int, models.QuerySet]] = []
    for place, model in enumerate(found):
        rows = model._default_manager.visible_to(reader)
        parts.append((place, rows.filter(search=wanted).annotate(found_weight=_rank(wanted))))
        for name in model.search_through:
            named: Any = model._meta.get_field(name).related_model
            keys = named._default_manager.visible_to(reader).filter(search=wanted).order_by().values("pk")
            weight = Value(0.0, models.FloatField())
            parts.append((place, rows.filter(**{f"{name}__in": keys}).annotate(found_weight=weight)))
    return _together(parts)


def _near(reader, found: tuple[type[BaseModel], ...], *texts: str) -> models.QuerySet:
    """The records of which every word is spelt nearly so in the name, or found as it is in any of their words.

    The texts are the words that may be misspelt, then the same as they are looked for otherwise; where one is left over, it is
    of the words too short for it, which are found as they are.
    """
    words = len(texts) // 2
    plain, held, exact = texts[:words], texts[words : 2 * words], texts[2 * words :]
    parts = []
    for place, model in enumerate(found):
        spelt = _kinds[model].alike
        condition = Q(search=Settled(exact[0])) if exact else Q()
        weight: Any = Value(0.0, models.FloatField())
        for word, as_it_is in zip(plain, held, strict=True):
            condition &= Q(found_alike__trigram_word_similar=word) | Q(search=Settled(as_it_is))
            weight = weight + TrigramWordSimilarity(word, spelt)
        rows = model._default_manager.visible_to(reader).alias(found_alike=spelt)
        parts.append((place, rows.filter(condition).annotate(found_weight=weight)))
    return _together(parts)


def _rank(wanted):
    # Normalised by the length of the text: a name of one word comes before a description that holds it too.
    return SearchRank(F("search"), wanted, normalization=Value(1))


def _set_nearness(words: list[str]) -> list[str]:
    """Until the end of the transaction: an index can use this setting alone, no number in a query.

    Answers the words as names are compared: the planner would work it out for every kind anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true), ARRAY(SELECT parvis_plain(word)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, place) ORDER BY place)",
            [str(NEARLY), words],
        )
        return cursor.fetchone()[1]


def _group(wanted: _Candidates, reader) -> Group:
    kind, best, count = wanted.kind, wanted.best(), len(wanted.held)
    records = (
        kind.model._default_manager.visible_to(reader)
        .filter(pk__in=best)
        .select_related(*kind.related)
        .defer("search")
        .in_bulk()
    )
    shown = tuple(
        Row(kind, records[key], kind.second_line(records[key], reader), key in wanted.near)
        for key in best
        if key in records
    )
    return Group(kind, min(count, COUNTED), count > COUNTED, min(len(wanted.near), COUNTED), shown)
