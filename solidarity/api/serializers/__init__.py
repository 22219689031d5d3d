"""How the records of solidarity read and are written.

A `...Summary` has the record's own columns; the plain one adds its parts and sums; a `...Detail` adds what is read of a
record alone.
"""

from solidarity.api.serializers.crises import (
    CrisisPlaceSerializer,
    CrisisSerializer,
    FastTrackSerializer,
    HealthIndicatorSerializer,
)
from solidarity.api.serializers.funds import (
    DeclaredAidSerializer,
    EnvelopeDetailSerializer,
    EnvelopeSerializer,
    FundDetailSerializer,
    FundParameterSerializer,
    FundSerializer,
    FundServiceSerializer,
    LegalThresholdSerializer,
    PathYearSerializer,
    ResourceBaseSerializer,
)
from solidarity.api.serializers.grants import (
    GrantDetailSerializer,
    GrantGateSerializer,
    GrantSerializer,
    VoteSessionSerializer,
)
from solidarity.api.serializers.honours import (
    CommissionOpinionSerializer,
    HonourSerializer,
    ProgrammeHostSerializer,
    ResidencyProgrammeSerializer,
    ResidencySerializer,
)
from solidarity.api.serializers.parts import (
    AllocationSerializer,
    GrantPlaceSerializer,
    PieceSerializer,
)
from solidarity.api.serializers.payments import (
    FinancialReportSerializer,
    GrantAgreementSerializer,
    InstalmentSerializer,
    PaymentSerializer,
    PublicAccountsSerializer,
    ReportLineSerializer,
)

__all__ = [
    "AllocationSerializer",
    "CommissionOpinionSerializer",
    "CrisisPlaceSerializer",
    "CrisisSerializer",
    "DeclaredAidSerializer",
    "EnvelopeDetailSerializer",
    "EnvelopeSerializer",
    "FastTrackSerializer",
    "FinancialReportSerializer",
    "FundDetailSerializer",
    "FundParameterSerializer",
    "FundSerializer",
    "FundServiceSerializer",
    "GrantAgreementSerializer",
    "GrantDetailSerializer",
    "GrantGateSerializer",
    "GrantPlaceSerializer",
    "GrantSerializer",
    "HealthIndicatorSerializer",
    "HonourSerializer",
    "InstalmentSerializer",
    "LegalThresholdSerializer",
    "PathYearSerializer",
    "PaymentSerializer",
    "PieceSerializer",
    "ProgrammeHostSerializer",
    "PublicAccountsSerializer",
    "ReportLineSerializer",
    "ResidencyProgrammeSerializer",
    "ResidencySerializer",
    "ResourceBaseSerializer",
    "VoteSessionSerializer",
]
