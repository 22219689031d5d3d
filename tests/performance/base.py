"""What the bulk is made with: what was made so far, writing in batches, names that nobody takes for real ones."""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from django.db import connection, models

BATCH = 2000
YEARS = range(2010, 2016)
LEAST = 8
PAYMENTS = 4  # of each grant in payment, of which there are three in four
PAID = 0.75
SYLLABLES = [
    "bal",
    "cor",
    "dun",
    "fer",
    "gos",
    "hel",
    "lin",
    "mar",
    "nor",
    "ost",
    "pel",
    "quin",
    "rov",
    "sal",
    "tern",
    "ulm",
    "ven",
    "wick",
    "yor",
    "zel",
]
ENDS_FR, ENDS_EN = ("ville", "-sur-Mer", "-les-Bains", "mont"), ("town", "-on-Sea", " Baths", "hill")
THEMES = [
    ("Accès à l'eau potable", "Access to drinking water"),
    ("Assainissement des quartiers", "Sanitation of districts"),
    ("Santé maternelle et infantile", "Maternal and child health"),
    ("Lutte contre le sida", "Fight against AIDS"),
    ("Gestion des déchets", "Waste management"),
    ("Mobilité et transports publics", "Mobility and public transport"),
    ("Égalité entre les femmes et les hommes", "Gender equality"),
    ("Éducation et bibliothèques", "Education and libraries"),
    ("Patrimoine et musées", "Heritage and museums"),
    ("Climat et biodiversité", "Climate and biodiversity"),
    ("Liberté de la presse", "Press freedom"),
    ("Secours aux sinistrés", "Relief of victims"),
]


@dataclass
class Bulk:
    """What was built so far, by kind; the first of each kind is the one that most of the others hang on."""

    made: dict[str, list[Any]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(2015))
    numbers: dict[str, Iterator[int]] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        return next(self.numbers.setdefault(kind, count(1)))

    def pick(self, kind: str) -> Any:
        """One of the kind; in one case of fifty the first of all, on which pages are measured."""
        rows = self.made[kind]
        return rows[0] if self.chance.random() < 0.02 else self.chance.choice(rows)

    def some(self, kind: str, most: int) -> list[Any]:
        return self.chance.sample(self.made[kind], min(most, len(self.made[kind])))

    def name(self) -> tuple[str, str]:
        stem = "".join(self.chance.choice(SYLLABLES) for _part in range(3)).capitalize()
        end = self.chance.randrange(len(ENDS_FR))
        return stem + ENDS_FR[end], stem + ENDS_EN[end]

    def title(self) -> dict[str, str]:
        french, english = self.chance.choice(THEMES)
        city = self.pick("cities")
        return {"title_fr": f"{french} à {city.name_fr}", "title_en": f"{english} in {city.name_en}"}

    def keep(self, kind: str, rows: Iterable[Any]) -> list[Any]:
        """Writes rows of one model in batches, and remembers those that others need."""
        written = store(rows)
        self.made.setdefault(kind, []).extend(written)
        return written


def store(rows: Iterable[Any]) -> list[Any]:
    written: list[Any] = []
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        written += type(batch[0])._base_manager.bulk_create(batch)
    return written


@contextmanager
def asleep(*models_of_records: type[models.Model]) -> Iterator[None]:
    """The triggers of these tables do not judge what is written within; constraints do."""
    tables = [connection.ops.quote_name(model._meta.db_table) for model in models_of_records]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        # What is still to be checked at the end of the transaction would be in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def analyse(vacuum: bool = False) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if vacuum else "ANALYZE")
        if vacuum:
            # What was written is on the disk before anything is measured.
            cursor.execute("CHECKPOINT")


def times(number: int, make_one: Callable[[], Any]) -> Iterator[Any]:
    return (make_one() for _row in range(number))
