"""Reports to the Council, as a reader may see them."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from mandate.enums import ReportSection, ReportStatus
from mandate.models import Report, ReportBlock


def reports(reader) -> QuerySet[Report]:
    """Those that the reader sees, the latest period first; with the deliberation that adopted each."""
    return Report.objects.visible_to(reader).select_related("deliberation")


def in_preparation(reader) -> QuerySet[Report]:
    """The drafts, the latest period first."""
    return reports(reader).filter(status=ReportStatus.DRAFT)


def in_reading_order(blocks: QuerySet[ReportBlock]) -> QuerySet[ReportBlock]:
    """Texts as they are read: by section in the order of the report, which is not that of the alphabet, then by position."""
    places = [When(section=section, then=Value(place)) for place, section in enumerate(ReportSection.values)]
    return blocks.order_by("report", Case(*places, output_field=IntegerField()), "position", "pk")
