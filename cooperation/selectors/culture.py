"""Culture: who was co-funded when, and where turns are not taken (seed: recipients and disciplines rotate)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import F, Prefetch, QuerySet

from cooperation.enums import ROTATING, CulturalKind, CulturalStatus
from cooperation.models import CulturalDestination, CulturalProject


def cultural_projects(reader) -> QuerySet[CulturalProject]:
    """Every cultural project, with recipient and destinations, the latest year first; last, those whose year is not known."""
    destinations = CulturalDestination.objects.visible_to(reader).select_related("city", "country")
    return (
        CulturalProject.objects.visible_to(reader)
        .select_related("recipient")
        .prefetch_related(Prefetch("destinations", destinations))
        .order_by(F("year").desc(nulls_last=True), "title_fr", "pk")
    )


def rotating(reader) -> QuerySet[CulturalProject]:
    """Works and tours of which the year is known, and that were not cancelled: what turns are judged on."""
    found = cultural_projects(reader).filter(kind__in=ROTATING, year__isnull=False)
    return found.exclude(status=CulturalStatus.CANCELLED)


def of_kind(reader, *kinds: CulturalKind) -> QuerySet[CulturalProject]:
    return cultural_projects(reader).filter(kind__in=kinds)


@dataclass(frozen=True)
class Turn:
    """A recipient or a discipline, with its cultural projects by year, and the years in which it came back at once."""

    name: str
    by_year: dict[int, list[CulturalProject]]
    repeated: list[int]


@dataclass(frozen=True)
class Rotation:
    years: list[int]
    recipients: list[Turn]
    disciplines: list[Turn]

    @property
    def warnings(self) -> list[Turn]:
        return [turn for turn in (*self.recipients, *self.disciplines) if turn.repeated]


def rotation(reader) -> Rotation:
    """The rotation table: a warning stands where a recipient or a discipline comes back in consecutive years."""
    found = list(rotating(reader))
    years = sorted({project.year for project in found if project.year is not None})
    return Rotation(
        years=years,
        recipients=_turns(found, lambda project: str(project.recipient or "")),
        disciplines=_turns(found, lambda project: str(project.get_discipline_display() or "")),
    )


def _turns(found: list[CulturalProject], name_of: Callable[[CulturalProject], str]) -> list[Turn]:
    by_name: dict[str, dict[int, list[CulturalProject]]] = {}
    for project in found:
        name = name_of(project)
        if name and project.year is not None:
            by_name.setdefault(name, {}).setdefault(project.year, []).append(project)
    return [
        Turn(name, by_year, [year for year in sorted(by_year) if year - 1 in by_year])
        for name, by_year in sorted(by_name.items())
    ]


def repeats(project: CulturalProject) -> tuple[bool, bool]:
    """Whether the recipient, and whether the discipline, was supported the year before or is the year after."""
    if project.kind not in ROTATING or project.year is None:
        return False, False
    near = CulturalProject.objects.filter(kind__in=ROTATING, year__in=[project.year - 1, project.year + 1])
    near = near.exclude(status=CulturalStatus.CANCELLED).exclude(pk=project.pk)
    recipient = bool(project.recipient_id) and near.filter(recipient=project.recipient_id).exists()
    discipline = bool(project.discipline) and near.filter(discipline=project.discipline).exists()
    return recipient, discipline
