"""Honours and residencies as the public knows them; nothing here knows of anybody who is protected."""

from django.db.models import Count, Prefetch, QuerySet

from core.figures import Row
from core.translated import order
from solidarity.enums import HonourStage
from solidarity.models import CommissionOpinion, Honour, ProgrammeHost, Residency, ResidencyProgramme


def honours(reader) -> QuerySet[Honour]:
    """Every honour with the opinions of the Council groups, the latest year first."""
    opinions = CommissionOpinion.objects.visible_to(reader).select_related("group")
    return (
        Honour.objects.visible_to(reader)
        .select_related("organisation", "deliberation")
        .prefetch_related(Prefetch("opinions", opinions))
    )


def programmes(reader) -> QuerySet[ResidencyProgramme]:
    """Every residency programme with its host institutions."""
    hosts = ProgrammeHost.objects.visible_to(reader).select_related("organisation")
    return (
        ResidencyProgramme.objects.visible_to(reader)
        .select_related("network")
        .prefetch_related(Prefetch("hosts", hosts))
        .order_by(order("name"))
    )


def residencies(reader) -> QuerySet[Residency]:
    """Every public residency, the latest first."""
    return Residency.objects.visible_to(reader).select_related("programme", "host")


def awarded(reader) -> QuerySet[Honour]:
    """The honours that were awarded, whether or not the documents name who received them."""
    return honours(reader).filter(stage=HonourStage.AWARDED)


def open_honours(reader) -> QuerySet[Honour]:
    """Those that are still on their way, the oldest nomination first."""
    ahead = [HonourStage.NOMINATED, HonourStage.EXAMINED, HonourStage.VOTED]
    return honours(reader).filter(stage__in=ahead).order_by("nominated_on", "pk")


def awarded_by_year(reader) -> list[Row]:
    """How many were awarded in each year; those of an unknown year are left out."""
    found = awarded(reader).exclude(year=None).order_by().values_list("year").annotate(Count("pk")).order_by("year")
    return [Row(str(year), str(year), number) for year, number in found]
