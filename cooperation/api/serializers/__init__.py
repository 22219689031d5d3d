"""How the records of cooperation read and are written.

A `...Summary` has the record's own columns; the plain one adds its parts and sums; a `...Detail` adds what is read of a
record alone.
"""

from cooperation.api.serializers.calls import (
    ApplicationSerializer,
    CallCountrySerializer,
    CallThemeSerializer,
    FilingSerializer,
    FundingCallSerializer,
    FundingProgrammeSerializer,
    MatchSerializer,
)
from cooperation.api.serializers.culture import (
    CulturalDestinationSerializer,
    CulturalProjectSerializer,
    EditionSerializer,
    ExchangeProgrammeSerializer,
    GoodPracticeSerializer,
    LabelSerializer,
    PracticeUptakeSerializer,
    RotationSerializer,
)
from cooperation.api.serializers.money import (
    ForecastSerializer,
    FrameworkSerializer,
    FundingLineDetailSerializer,
    FundingLineSerializer,
    MovementSerializer,
)
from cooperation.api.serializers.parts import (
    ExpertAssignmentSerializer,
    ProjectCitySerializer,
    ProjectOrganisationSerializer,
    ProjectStepSerializer,
    ProjectThemeSerializer,
    ResultIndicatorSerializer,
    ResultPeriodSerializer,
)
from cooperation.api.serializers.projects import (
    ProjectDetailSerializer,
    ProjectSerializer,
)
from cooperation.api.serializers.reference import (
    CouncilLeadTimeSerializer,
    PurposeCodeSerializer,
    ThemeSerializer,
)

__all__ = [
    "ApplicationSerializer",
    "CallCountrySerializer",
    "CallThemeSerializer",
    "CouncilLeadTimeSerializer",
    "CulturalDestinationSerializer",
    "CulturalProjectSerializer",
    "EditionSerializer",
    "ExchangeProgrammeSerializer",
    "ExpertAssignmentSerializer",
    "FilingSerializer",
    "ForecastSerializer",
    "FrameworkSerializer",
    "FundingCallSerializer",
    "FundingLineDetailSerializer",
    "FundingLineSerializer",
    "FundingProgrammeSerializer",
    "GoodPracticeSerializer",
    "LabelSerializer",
    "MatchSerializer",
    "MovementSerializer",
    "PracticeUptakeSerializer",
    "ProjectCitySerializer",
    "ProjectDetailSerializer",
    "ProjectOrganisationSerializer",
    "ProjectSerializer",
    "ProjectStepSerializer",
    "ProjectThemeSerializer",
    "PurposeCodeSerializer",
    "ResultIndicatorSerializer",
    "ResultPeriodSerializer",
    "RotationSerializer",
    "ThemeSerializer",
]
