"""Reference data: each app owns YAML files, and one mechanism brings the database in line with them.

An app's `loaders.py` registers its files in order; a row may refer to rows of earlier files, and so of lower floors.
A file is a mapping: `rows`, `citations` that hold for every row, and `not_loaded` (what was left out on purpose, and
why). The keys of a row are the fields of its model, the children that its `Rows` names, and `citations`.

Samples invented for the demonstration are registered apart and loaded apart: the reference data never bring them.
Those that have a life are made by services (`register_samples`), since no file gives a record that is further along.

Loading is all or nothing and writes only what differs: a second run leaves no version and no line of history. What a
person has changed since it was loaded stays as she left it, and what she removed stays removed: history tells her
writes from the loader's. A row that leaves a file stays in the database; a child or citation that leaves its row goes.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pghistory
from django.db import connection, transaction

from core.apps import discover
from core.loading.loader import Loader
from core.loading.rows import Fault, Rows, Tally, Unloadable
from core.models import BaseModel

__all__ = ["Fault", "Rows", "Tallies", "Tally", "Unloadable", "load", "register", "register_samples", "registered"]

LOCK = 7_271_748  # any number, the same in every replica

_files: list[tuple[Path, Rows]] = []
_samples: list[tuple[Path, Rows]] = []
Tallies = dict[type[BaseModel], Tally]
_makers: list[Callable[[str, Tallies], None]] = []


def register(folder: Path, files: Mapping[str, Rows], *, samples: bool = False) -> None:
    """For an app's `loaders.py`: its files, in the order of loading; invented `samples` apart from reference data."""
    (_samples if samples else _files).extend((folder / name, rows) for name, rows in files.items())


def register_samples(make: Callable[[str, Tallies], None]) -> None:
    """For an app's `loaders.py`: samples that no file can give, since they have a life that only services lead.

    `make(reason, tallies)` runs after the files of the samples. It writes what is not there yet, tells history the reason
    of each write itself, counts in the tallies what it did, and raises Unloadable where it cannot.
    """
    _makers.append(make)


def registered(*, samples: bool = False) -> list[tuple[Path, Rows]]:
    """The files of every app, those of lower floors first: the reference data, or the invented samples."""
    discover("loaders")
    return list(_samples if samples else _files)


@transaction.atomic
def load(
    reason: str,
    *,
    check: bool = False,
    samples: bool = False,
    files: Iterable[tuple[Path, Rows]] | None = None,
) -> Tallies:
    """Brings the database in line with the files (all reference data, or all samples, unless told which files); says
    what it did.

    History keeps `reason`, and the next run knows its own writes by it. With `check` nothing is written. Raises
    Unloadable with every fault; then nothing is written either.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    with pghistory.context(client="Parvis", reason=reason):
        chosen = registered(samples=samples) if files is None else list(files)
        loader = Loader(reason, chosen, [*registered(), *registered(samples=True)])
        loader.run()
    if loader.faults:
        raise Unloadable(loader.faults)
    tallies = loader.stored.tallies
    if samples and files is None:
        for make in _makers:
            make(reason, tallies)
    transaction.set_rollback(check)
    return dict(tallies)
