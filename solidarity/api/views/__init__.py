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
    "Instalments",
    "LegalThresholds",
    "Payments",
    "Pieces",
    "PublicAccounts",
    "ReportLines",
    "ResourceBases",
]
