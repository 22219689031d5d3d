"""What is done with exports: asked for, prepared by a worker, withdrawn, cleared away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from celery import current_app
from django.core.files import File
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as NoBroker
from rest_framework.exceptions import APIException

from core.access import ApiClient
from core.api.problems import describe
from core.api.scopes import AppScopes
from core.enums import ExportStatus
from core.exceptions import Refused
from core.exports.formats import FORMATS, SHEET_ROWS, write
from core.exports.listing import Listing
from core.models import Export, User

log = structlog.get_logger(__name__)

# How long a file is kept, and how many exports one asker may have under way.
KEPT = timedelta(hours=24)
UNDER_WAY = 5
# So many workers at once prepare exports: the others stay free for reminders and messages.
AT_ONCE = 2
# How often a worker that died is followed by another one.
ATTEMPTS = 3
# The first of the two numbers of PostgreSQL's advisory locks: of an export, and of a place among the workers.
_OF_EXPORT, _OF_PLACE = 0x65787001, 0x65787002
UNFINISHED = Q(status__in=[ExportStatus.WAITING, ExportStatus.RUNNING])


class Withdrawn(Exception):
    """Whoever asked for the export no longer wants it."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: `query` is the query of the list's address, without `?`."""

    resource: str
    file_format: str
    query: str
    separator: str
    language: str
    is_readable: bool = False


@transaction.atomic
def ask(wanted: Wanted, *, actor: Any) -> Export:
    """Enters an export, which a worker prepares as soon as it can.

    Refused as the list itself would be (a resource, filters, rights), and where the asker has five under way already.
    """
    Listing(wanted.resource, actor, QueryDict(wanted.query), readable=wanted.is_readable)
    asker = _locked(actor)
    if Export.objects.filter(UNFINISHED, **asker).count() >= UNDER_WAY:
        raise Refused(
            [_("You have %(number)s exports under way: wait for one, or withdraw one.") % {"number": UNDER_WAY}]
        )
    scopes = sorted(actor.scopes) if isinstance(actor, ApiClient) else []
    export = Export(**asker, scopes=scopes, **vars(wanted))
    export.full_clean()
    export.save()
    transaction.on_commit(_wake)
    return export


def _locked(actor: Any) -> dict[str, Any]:
    """Who asks, held until the end of the transaction, so that two requests at once count one after the other."""
    if isinstance(actor, ApiClient):
        clients = Export._meta.get_field("client").related_model._default_manager
        return {"client": clients.select_for_update(no_key=True).get(client_id=actor.client_id)}
    return {"person": User.objects.select_for_update(no_key=True).get(pk=actor.pk)}


def _wake() -> None:
    """Tells a worker at once; where the broker does not answer, the calendar of tasks does it within half a minute."""
    try:
        current_app.send_task("core.tasks.write_exports", expires=60, retry=False)
    except NoBroker:
        log.warning("exports_wait_for_the_calendar", exc_info=True)


@transaction.atomic
def withdraw(export: Export, *, actor: Any) -> None:
    """Ends an export: its file goes, and a worker that prepares it stops at the next chunk. Refuses that of somebody else."""
    held = Export.objects.asked_by(actor).select_for_update(of=("self",)).filter(pk=export.pk).first()
    if held is None:
        raise Refused([_("This export is not yours, or has expired.")])
    storage, name = held.file.storage, held.file.name
    held.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def clear() -> int:
    """Takes away what has expired, files first: one that is left without its row would never go."""
    expired = list(Export.objects.filter(expires_at__lte=Now()))
    for export in expired:
        if name := export.file.name:
            export.file.storage.delete(name)
        export.delete()
    return len(expired)


# --- the work ---


def work() -> int:
    """Prepares what waits, and what a worker that died has left; returns how many exports were finished."""
    finished = 0
    for place in range(AT_ONCE):
        with _held(_OF_PLACE, place) as mine:
            if not mine:
                continue
            while _next():
                finished += 1
            break
    return finished


def _next() -> bool:
    """Whether there was one to finish. An export is its worker's as long as the worker's connection lives: one that is
    killed lets go of it at once, however it died."""
    for key in Export.objects.filter(UNFINISHED).order_by("attempts", "pk").values_list("pk", flat=True):
        with _held(_OF_EXPORT, key) as mine:
            if mine and Export.objects.filter(UNFINISHED, pk=key).exists():
                _finish(key)
                return True
    return False


@contextmanager
def _held(kind: int, number: int) -> Iterator[bool]:
    """Whether the lock was free; it is held until the end of the block, or of the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number % 2**31])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number % 2**31])


def _finish(key: int) -> None:
    export = Export.objects.select_related("person", "client").get(pk=key)
    if export.attempts >= ATTEMPTS:
        _fail(export, _("Preparing it was broken off several times. Ask for fewer rows, or for CSV."))
        return
    Export.objects.filter(pk=key).update(
        status=ExportStatus.RUNNING, attempts=export.attempts + 1, rows=None, rows_done=0
    )
    with translation.override(export.language):
        try:
            _write(export)
        except Withdrawn:
            log.info("export_withdrawn", export=key)
        except (OperationalError, InterfaceError):
            raise  # the database is gone: the next worker begins anew
        except (Refused, APIException, Http404) as refused:
            described = describe(refused)
            _fail(export, described[1] if described else str(refused))
        except Exception:
            _fail(export, _("It could not be prepared. The administrators find the reason in the logs."))
            raise


def _fail(export: Export, problem: str) -> None:
    Export.objects.filter(UNFINISHED, pk=export.pk).update(
        status=ExportStatus.FAILED, problem=problem[:500], expires_at=Now() + KEPT
    )


def reader_of(export: Export) -> Any:
    """Whoever asked, with the rights of today; a client with no more than the token that it asked with."""
    if export.person is not None:
        return export.person
    client: Any = export.client
    scopes = frozenset(AppScopes().get_available_scopes(client)) & frozenset(export.scopes)
    return ApiClient(client_id=client.client_id, name=client.name or client.client_id, scopes=scopes)


def _write(export: Export) -> None:
    listing = Listing(export.resource, reader_of(export), QueryDict(export.query), readable=export.is_readable)
    rows = listing.queryset.order_by().values("pk").count()
    if FORMATS[export.file_format].is_sheet and rows > SHEET_ROWS:
        raise Refused([_("A sheet holds no more than %(rows)s rows: take CSV or JSON lines.") % {"rows": SHEET_ROWS}])
    _tell(export, rows=rows)
    listing.on_chunk = lambda done: _tell(export, rows_done=done)
    with TemporaryFile(prefix="parvis-") as file:
        for block in write(listing, export.file_format, export.separator):
            file.write(block)
        file.seek(0)
        _keep(export, file, listing.done)


def _tell(export: Export, **progress: int) -> None:
    if not Export.objects.filter(UNFINISHED, pk=export.pk).update(**progress):
        raise Withdrawn


def _keep(export: Export, file: IO[bytes], rows: int) -> None:
    """The file in the storage, then the row that names it: a file without a row is taken away again."""
    storage, column = export.file.storage, export.file.field
    name = storage.save(column.generate_filename(export, f"{export.pk}.{export.file_format}"), File(file))
    kept = 0
    try:
        kept = Export.objects.filter(UNFINISHED, pk=export.pk).update(
            status=ExportStatus.DONE, file=name, rows=rows, rows_done=rows, expires_at=Now() + KEPT
        )
    finally:
        if not kept:
            storage.delete(name)
    if not kept:
        raise Withdrawn
