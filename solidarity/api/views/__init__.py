from solidarity.api.views.crises import (
    Crises,
    CrisisPlaces,
    HealthIndicators,
)
from solidarity.api.views.funds import (
    DeclaredAid,
    Envelopes,
    FundParameters,
    Funds,
    FundServices,
    LegalThresholds,
    ResourceBases,
)
from solidarity.api.views.grants import (
    Allocations,
    GrantPlaces,
    Grants,
    Pieces,
)
from solidarity.api.views.honours import (
    CommissionOpinions,
    Honours,
    ProgrammeHosts,
    Residencies,
    ResidencyProgrammes,
)
from solidarity.api.views.payments import (
    FinancialReports,
    GrantAgreements,
    Instalments,
    Payments,
    PublicAccounts,
    ReportLines,
)

__all__ = [
    "Allocations",
    "CommissionOpinions",
    "Crises",
    "CrisisPlaces",
    "DeclaredAid",
    "Envelopes",
    "FinancialReports",
    "FundParameters",
    "FundServices",
    "Funds",
    "GrantAgreements",
    "GrantPlaces",
    "Grants",
    "HealthIndicators",
    "Honours",
    "Instalments",
    "LegalThresholds",
    "Payments",
    "Pieces",
    "ProgrammeHosts",
    "PublicAccounts",
    "ReportLines",
    "Residencies",
    "ResidencyProgrammes",
    "ResourceBases",
]
