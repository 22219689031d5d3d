"""The verbs of protected files. Each checks the actor by name, writes what happened first, and says what to do when it refuses."""

from datetime import date, datetime
from functools import partial

import pgtrigger
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.deletion import OUT_OF_REACH, whole
from core.exceptions import Reason, Refused
from core.history import event_model
from core.models import Document, User
from core.sealing import seal, unseal
from core.workflow import check_version
from solidarity.enums import AccessOrigin, FileKind
from solidarity.models import Honour, Residency, ResidencyProgramme
from solidarity.models.protected import Erasure, FileAccess, FileRead, ProtectedFile, Publication
from solidarity.protection import rules, selectors

# What a file says of somebody; `hold_reason` is written with the hold.
TEXTS = ("pseudonym", "identity", "whereabouts", "situation", "host", "support", "follow_up", "notes")
TEXTS_SET = frozenset(TEXTS)
DATES = ("begins_on", "ends_on")


def _visible(file: ProtectedFile, actor, *, lock: bool = False) -> ProtectedFile:
    """The file as the actor may have it; PermissionDenied is never raised here, because it would tell that it exists."""
    files = ProtectedFile.objects.visible_to(actor)
    return (files.select_for_update(of=("self",)) if lock else files).get(pk=file.pk)


def _refuse(reasons) -> None:
    found = list(reasons)
    if found:
        raise Refused(found)


@transaction.atomic
def open_file(
    *, actor, kind: str, level: str, erase_on: date | None, pseudonym: str, reason: str, **values
) -> ProtectedFile:
    """A new file, which its opener may read for 90 days. Refused without pseudonym, reason and a day of erasure within ten
    years; PermissionDenied for whoever is no protection officer."""
    rules.protection_officers_only(actor)
    reasons = [*rules.erasure_day_is_right(erase_on), *rules.reason_is_said(reason)]
    if not pseudonym.strip():
        reasons.append(Reason(_("Give a pseudonym: it is what is shown."), "pseudonym"))
    _refuse(reasons)
    assert erase_on
    texts = {name: seal(values.pop(name, "").strip()) for name in TEXTS if name != "pseudonym"}
    file = ProtectedFile(
        kind=kind, level=level, erase_on=erase_on, opened_by=actor, pseudonym=seal(pseudonym.strip()), **texts, **values
    )
    file.save()
    FileAccess(
        file=file,
        user=actor,
        origin=AccessOrigin.OPENED,
        until=clock.now() + rules.ACCESS_OF_OPENER,
        reason=seal(reason.strip()),
    ).save()
    return file


def pseudonym(file: ProtectedFile, actor) -> str:
    """What the file is called. It is shown wherever the file is, to those who may open it, and is not noted as a reading."""
    return unseal(_visible(file, actor).pseudonym)


def read(file: ProtectedFile, field: str, *, actor) -> str:
    """One text of the file. Who read what and when is written first: what cannot be noted is not read.

    Refused (LostKey) where no key opens it. ProtectedFile.DoesNotExist for whoever has no access now.
    """
    if field not in (*TEXTS, "hold_reason"):
        raise ValueError(field)
    with transaction.atomic():
        found = _visible(file, actor, lock=True)
        FileRead(file=found, user=actor, field=field).save()
    return unseal(getattr(found, field))


def read_reasons(file: ProtectedFile, *, actor) -> dict[int | None, str]:
    """Why each access was given, by its key, and (by None) why there is a legal hold. Noted like any reading."""
    with transaction.atomic():
        found = _visible(file, actor, lock=True)
        FileRead(file=found, user=actor, field="reasons").save()
    accesses = FileAccess.objects.visible_to(actor).filter(file=found)
    return {access.pk: unseal(access.reason) for access in accesses} | {None: unseal(found.hold_reason)}


@transaction.atomic
def write(file: ProtectedFile, *, actor, version: int | None = None, **values) -> ProtectedFile:
    """Replaces texts, dates or the level; a text left out stays as it is. A changed file is one that somebody else may have
    changed meanwhile (LostEdit). Refused without pseudonym."""
    locked = _visible(file, actor, lock=True)
    check_version(locked, version)
    if "pseudonym" in values and not values["pseudonym"].strip():
        raise Refused([Reason(_("Give a pseudonym: it is what is shown."), "pseudonym")])
    if "erase_on" in values:
        _refuse(rules.erasure_day_is_right(values["erase_on"]))
    if "level" in values and not rules.is_protection_officer(actor):
        raise PermissionDenied
    for name, value in values.items():
        if name in TEXTS:
            setattr(locked, name, seal(value.strip()))
        elif name in (*DATES, "erase_on", "level"):
            setattr(locked, name, value)
        else:
            raise TypeError(name)
    if TEXTS_SET & values.keys():
        # History keeps no text: it keeps that there was a change, and so the version counts it.
        locked.texts_changed_at = clock.now()
    locked.save()
    return locked


@transaction.atomic
def grant_access(file: ProtectedFile, *, actor, user: User, until: datetime | None, reason: str) -> FileAccess:
    """Somebody else may open the file until then. Refused for oneself, without an end (a year at most), without a reason,
    and to somebody whose role opens no file; PermissionDenied for whoever is no protection officer."""
    rules.protection_officers_only(actor)
    locked = _visible(file, actor, lock=True)
    _refuse(rules.access_may_be_given(user, until, reason, actor))
    assert until
    access = FileAccess(
        file=locked,
        user=user,
        origin=AccessOrigin.GRANTED,
        granted_by=actor,
        until=until,
        reason=seal(reason.strip()),
    )
    access.save()
    return access


@transaction.atomic
def revoke_access(access: FileAccess, *, actor) -> FileAccess:
    """The access ends now. PermissionDenied for whoever is no protection officer, save for one's own; an emergency access
    can be ended by each of those who were told of it, without seeing the file."""
    if access.user_id != actor.pk:
        rules.protection_officers_only(actor)
    reached = FileAccess.objects.visible_to(actor)
    if rules.is_protection_officer(actor):
        reached = reached | FileAccess.objects.filter(origin=AccessOrigin.BREAK_GLASS)
    locked = reached.select_for_update(of=("self",)).get(pk=access.pk)
    if locked.revoked_at is None:
        locked.revoked_at = clock.now()
        locked.save()
    return locked


@transaction.atomic
def break_glass(*, actor, code: str, reason: str) -> ProtectedFile:
    """Opens a file for 24 hours in an emergency, and tells every protection officer at once.

    Refused without a reason, and where no file has the code. PermissionDenied for whoever is no protection officer.
    """
    from solidarity.protection.tasks import tell_protection_officers

    rules.protection_officers_only(actor)
    _refuse(rules.reason_is_said(reason))
    # Held, so that a file that somebody is erasing is refused like one that is gone.
    file = ProtectedFile.objects.select_for_update(of=("self",)).filter(code=code.strip().upper()).first()
    if file is None:
        raise Refused([Reason(_("There is no file of this code."), "code")])
    FileAccess(
        file=file,
        user=actor,
        origin=AccessOrigin.BREAK_GLASS,
        until=clock.now() + rules.EMERGENCY_ACCESS,
        reason=seal(reason.strip()),
    ).save()
    # A broker that is down takes no access back: the calendar of tasks tells them later.
    transaction.on_commit(tell_protection_officers.delay, robust=True)
    return file


@transaction.atomic
def hold(file: ProtectedFile, *, actor, until: date | None, reason: str) -> ProtectedFile:
    """A legal hold until a day, or its end (`until` None). Refused without a reason while it lasts, and on a past day."""
    rules.protection_officers_only(actor)
    locked = _visible(file, actor, lock=True)
    if until is not None:
        _refuse(rules.hold_may_last(until, reason))
    locked.hold_until = until
    locked.hold_reason = seal(reason.strip()) if until else ""
    locked.save()
    return locked


# --- publication ---


@transaction.atomic
def ask_publication(file: ProtectedFile, *, actor, name: str, wording: str, consent_on: date | None) -> Publication:
    """Asks that something be said in public. Refused without the day of the consent and the name to be used."""
    rules.protection_officers_only(actor)
    locked = _visible(file, actor, lock=True)
    reasons = []
    if consent_on is None:
        reasons.append(Reason(_("Without her dated consent nothing is published."), "consent_on"))
    elif consent_on > clock.today():
        reasons.append(Reason(_("This has not happened yet: the date is in the future."), "consent_on"))
    if not name.strip():
        reasons.append(Reason(_("Say under what name."), "name"))
    if Publication.objects.filter(file=locked).exists():
        reasons.append(Reason(_("A publication has been asked for already: withdraw it first.")))
    _refuse(reasons)
    assert consent_on
    publication = Publication(
        file=locked, asked_by=actor, consent_on=consent_on, name=seal(name.strip()), wording=seal(wording.strip())
    )
    publication.save()
    return publication


@transaction.atomic
def clear_publication(publication: Publication, *, actor, programme: ResidencyProgramme | None = None) -> Publication:
    """A second person says that it does not endanger: the public record is made. Refused for whoever asked for it, and
    without a programme where a residency is to be published."""
    rules.protection_officers_only(actor)
    locked = (
        Publication.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("file")
        .get(pk=publication.pk)
    )
    reasons = list(rules.publication_may_be_cleared(locked, actor))
    if locked.file.kind != FileKind.HONOUR and programme is None:
        reasons.append(Reason(_("Choose the residency programme that it is published under."), "programme"))
    _refuse(reasons)
    record = _public_record(locked, programme)
    record.save()
    locked.cleared_by, locked.cleared_at = actor, clock.now()
    locked.public_kind, locked.public_key = record._meta.model_name or "", record.pk
    locked.save()
    return locked


def read_publication(publication: Publication, *, actor) -> tuple[str, str]:
    """The name and the wording that are asked for: whoever clears them must read them. Noted like any reading."""
    with transaction.atomic():
        found = Publication.objects.visible_to(actor).get(pk=publication.pk)
        FileRead(file=found.file, user=actor, field="publication").save()
    return unseal(found.name), unseal(found.wording)


def _public_record(publication: Publication, programme: ResidencyProgramme | None) -> Honour | Residency:
    name, wording = unseal(publication.name), unseal(publication.wording)
    if publication.file.kind == FileKind.HONOUR:
        return Honour(recipient=name, why_fr=wording)
    return Residency(programme=programme, resident=name, support_fr=wording)


@transaction.atomic
def withdraw_publication(publication: Publication, *, actor) -> None:
    """The consent is withdrawn: the public record goes, with its history. Refused where others lean on it by now."""
    rules.protection_officers_only(actor)
    locked = Publication.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=publication.pk)
    _unpublish(locked)
    with pgtrigger.ignore():
        event_model(Publication).objects.filter(pgh_obj_id=locked.pk).delete()
        locked.delete()
        event_model(Publication).objects.filter(pgh_obj_id=locked.pk).delete()


def _unpublish(publication: Publication) -> None:
    """The public record with all that was attached to it since, documents' files and history included. Refused where other
    records hold it."""
    models: dict[str, type[Honour] | type[Residency]] = {"honour": Honour, "residency": Residency}
    if not publication.public_kind:
        return
    model = models[publication.public_kind]
    gone = whole(model.objects.filter(pk=publication.public_key), model)
    if gone.protected:
        raise Refused([Reason(OUT_OF_REACH)])
    rows = [row for found in gone.model_objs.values() for row in found]
    files = [row.file for row in rows if isinstance(row, Document)]
    with pgtrigger.ignore():
        model.objects.filter(pk=publication.public_key).delete()
        for row in rows:
            event_model(type(row)).objects.filter(pgh_obj_id=row.pk).delete()
        # Somebody may have deleted the record before: its history goes all the same.
        event_model(model).objects.filter(pgh_obj_id=publication.public_key).delete()
    for file in files:
        transaction.on_commit(partial(file.storage.delete, str(file.name)))


# --- erasure ---

_OF_FILE = (FileRead, FileAccess, Publication)


@transaction.atomic
def erase(file: ProtectedFile, *, actor, confirmation: str) -> Erasure:
    """Erases the file for good: its texts, accesses, readings, publication, and the history of all of them. Only that it
    happened remains, by whom, and the year that the yearly count needs.

    A file that nobody may open any more, or whose day has come, is erased by any protection officer, unread. Refused during
    a legal hold and without its code, typed to confirm; PermissionDenied for whoever is no protection officer.
    """
    rules.protection_officers_only(actor)
    locked = selectors.erasable(actor).select_for_update(of=("self",)).get(pk=file.pk)
    _refuse(rules.may_be_erased(locked, confirmation))
    erasure = Erasure(kind=locked.kind, year=locked.begins_on.year if locked.begins_on else None, erased_by=actor)
    erasure.save()
    for publication in Publication.objects.filter(file=locked):
        _unpublish(publication)
    gone = {model: list(model.objects.filter(file=locked).values_list("pk", flat=True)) for model in _OF_FILE}
    key = locked.pk
    with pgtrigger.ignore():
        locked.delete()
        for model, keys in gone.items():
            event_model(model).objects.filter(pgh_obj_id__in=keys).delete()
        event_model(ProtectedFile).objects.filter(pgh_obj_id=key).delete()
    return erasure
