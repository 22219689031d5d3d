"""The resources of cooperation. Each is rooted in `visible_to`; those with sums or parts are built by a selector."""

from cooperation.api.views.calls import (
    Applications,
    CallCountries,
    CallThemes,
    Filings,
    FundingCalls,
    FundingProgrammes,
)
from cooperation.api.views.culture import (
    CulturalDestinations,
    CulturalProjects,
    Editions,
    ExchangeProgrammes,
    GoodPractices,
    Labels,
    PracticeUptakes,
)
from cooperation.api.views.money import (
    Forecasts,
    Frameworks,
    FundingLines,
    Movements,
)
from cooperation.api.views.projects import (
    CouncilLeadTimes,
    ExpertAssignments,
    ProjectCities,
    ProjectOrganisations,
    Projects,
    ProjectSteps,
    ProjectThemes,
    PurposeCodes,
    ResultIndicators,
    ResultPeriods,
    Themes,
)

__all__ = [
    "Applications",
    "CallCountries",
    "CallThemes",
    "CouncilLeadTimes",
    "CulturalDestinations",
    "CulturalProjects",
    "Editions",
    "ExchangeProgrammes",
    "ExpertAssignments",
    "Filings",
    "Forecasts",
    "Frameworks",
    "FundingCalls",
    "FundingLines",
    "FundingProgrammes",
    "GoodPractices",
    "Labels",
    "Movements",
    "PracticeUptakes",
    "ProjectCities",
    "ProjectOrganisations",
    "ProjectSteps",
    "ProjectThemes",
    "Projects",
    "PurposeCodes",
    "ResultIndicators",
    "ResultPeriods",
    "Themes",
]
