"""What protection officers see, and the counts that may leave these rooms."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from core import clock
from core.models import User
from core.roles import Role
from core.sealing import LostKey, unseal
from solidarity.enums import AccessOrigin, FileKind
from solidarity.models import Honour, Residency
from solidarity.models.protected import Erasure, FileAccess, FileRead, ProtectedFile, Publication
from solidarity.protection.rules import EMERGENCY_ACCESS, is_protection_officer

# An aggregate of fewer people is not said.
LEAST = 5


@dataclass(frozen=True)
class Shown:
    """A file as it stands in a list: by its pseudonym (empty where no key opens it), with who may open it and until when."""

    file: ProtectedFile
    pseudonym: str
    accesses: list[FileAccess]

    @property
    def to_be_erased(self) -> bool:
        return self.file.erase_on <= clock.today()


def files(reader) -> QuerySet[ProtectedFile]:
    """The files that the reader may open now, those to be erased first."""
    current = (
        FileAccess.objects.visible_to(reader)
        .filter(revoked_at=None, until__gt=clock.now())
        .select_related("user", "granted_by")
        .order_by("until")
    )
    return (
        ProtectedFile.objects.visible_to(reader)
        .select_related("opened_by", "publication__asked_by", "publication__cleared_by")
        .prefetch_related(Prefetch("accesses", current, to_attr="current_accesses"))
        .order_by("erase_on", "pk")
    )


def shown(reader) -> list[Shown]:
    return [
        Shown(file, _pseudonym(file), file.current_accesses)  # type: ignore[attr-defined]  # prefetched by files()
        for file in files(reader)
    ]


def _pseudonym(file: ProtectedFile) -> str:
    try:
        return unseal(file.pseudonym)
    except LostKey:
        # The page says so, and goes on for the files whose key is there.
        return ""


def erasable(reader) -> QuerySet[ProtectedFile]:
    """What the reader may erase: what she may open; and for a protection officer, what nobody may open any more or whose
    day of erasure has come, so that no file outlives the people who were named for it."""
    found = ProtectedFile.objects.visible_to(reader)
    if not is_protection_officer(reader):
        return found
    named = FileAccess.objects.filter(revoked_at=None, until__gt=clock.now()).values("file")
    return found | ProtectedFile.objects.filter(~Q(pk__in=named) | Q(erase_on__lte=clock.today()))


def left_alone(reader) -> QuerySet[ProtectedFile]:
    """Files that the reader may erase without being able to open them: their code and their day, nothing else."""
    return erasable(reader).exclude(pk__in=ProtectedFile.objects.visible_to(reader).values("pk")).order_by("erase_on")


def accesses(reader, file: ProtectedFile) -> QuerySet[FileAccess]:
    """Every access to the file, past ones too, the latest first."""
    return FileAccess.objects.visible_to(reader).filter(file=file).select_related("user", "granted_by")


def reads(reader, file: ProtectedFile) -> QuerySet[FileRead]:
    return FileRead.objects.visible_to(reader).filter(file=file).select_related("user")


def emergencies(reader) -> QuerySet[FileAccess]:
    """Emergency accesses, for protection officers: that they happened, by whom, when; the file only for whoever sees it."""
    if not (reader.pk and Role.PROTECTION_OFFICER in reader.role_names):
        return FileAccess.objects.none()
    return FileAccess.objects.filter(origin=AccessOrigin.BREAK_GLASS).select_related("user").order_by("-created_at")


@dataclass(frozen=True)
class Emergency:
    """An emergency access, with the code of its file where the reader sees it (empty otherwise)."""

    access: FileAccess
    code: str

    @property
    def at(self) -> datetime:
        """When it was taken, by the day that Parvis goes by."""
        return self.access.until - EMERGENCY_ACCESS


def latest_emergencies(reader, number: int) -> list[Emergency]:
    found = list(emergencies(reader)[:number])
    seen = ProtectedFile.objects.visible_to(reader).filter(pk__in={access.file_id for access in found})
    codes = dict(seen.values_list("pk", "code"))
    return [Emergency(access, codes.get(access.file_id, "")) for access in found]


def public_record(reader, publication: Publication) -> Honour | Residency | None:
    """What was made public by the publication; None before its clearance, or once somebody deleted it."""
    model = {"honour": Honour, "residency": Residency}.get(publication.public_kind)
    return model.objects.visible_to(reader).filter(pk=publication.public_key).first() if model else None


def people_to_name(reader) -> QuerySet[User]:
    """Those who can be given access: whose role opens files, other than the reader."""
    able = Q(
        groups__permissions__codename="view_protectedfile", groups__permissions__content_type__app_label="solidarity"
    )
    return User.objects.filter(able, is_active=True).exclude(pk=reader.pk).distinct()


# Where fewer are counted, nobody is told how many: a count that goes from 0 to 1 tells that somebody came.
FEWEST_TOLD = 5


def hosted_in(year: int) -> int | None:
    """How many people in refuge began their stay in the year, erased ones included: for the mandate's indicators alone.

    None where they are fewer than five, or nobody at all.
    """
    files = ProtectedFile.objects.filter(kind=FileKind.REFUGE, begins_on__year=year).count()
    counted = files + Erasure.objects.filter(kind=FileKind.REFUGE, year=year).count()
    return counted if counted >= FEWEST_TOLD else None
