"""How mandates and objectives read and are written.

A `...Summary` has the record's own columns; the plain one adds its parts; a `...Detail` adds what is read of a record
alone.
"""

from mandate.api.serializers.indicators import (
    IndicatorDetailSerializer,
    IndicatorReadingSerializer,
    IndicatorSerializer,
    ReadingPeriodSerializer,
)
from mandate.api.serializers.mandates import (
    HandoverSerializer,
    MandateSerializer,
    MilestoneDecisionSerializer,
)
from mandate.api.serializers.objectives import (
    ObjectiveDetailSerializer,
    ObjectiveSerializer,
    WeighingSerializer,
)
from mandate.api.serializers.parts import (
    EvidenceSerializer,
    MilestoneSerializer,
    ObjectiveAssociateSerializer,
    ObjectivePreconditionSerializer,
)
from mandate.api.serializers.reports import (
    AccountSerializer,
    ReportBlockSerializer,
    ReportDetailSerializer,
    ReportSummarySerializer,
)

__all__ = [
    "AccountSerializer",
    "EvidenceSerializer",
    "HandoverSerializer",
    "IndicatorDetailSerializer",
    "IndicatorReadingSerializer",
    "IndicatorSerializer",
    "MandateSerializer",
    "MilestoneDecisionSerializer",
    "MilestoneSerializer",
    "ObjectiveAssociateSerializer",
    "ObjectiveDetailSerializer",
    "ObjectivePreconditionSerializer",
    "ObjectiveSerializer",
    "ReadingPeriodSerializer",
    "ReportBlockSerializer",
    "ReportDetailSerializer",
    "ReportSummarySerializer",
    "WeighingSerializer",
]
