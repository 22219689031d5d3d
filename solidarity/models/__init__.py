from solidarity.models.crises import Crisis, CrisisPlace
from solidarity.models.funds import (
    DeclaredAid,
    Envelope,
    Fund,
    FundParameter,
    FundService,
    LegalThreshold,
    ResourceBase,
)
from solidarity.models.grants import Allocation, Grant, GrantPlace, Piece
from solidarity.models.health import HealthIndicator
from solidarity.models.payments import (
    FinancialReport,
    GrantAgreement,
    Instalment,
    Payment,
    PublicAccounts,
    ReportLine,
)

__all__ = [
    "Allocation",
    "Crisis",
    "CrisisPlace",
    "DeclaredAid",
    "Envelope",
    "FinancialReport",
    "Fund",
    "FundParameter",
    "FundService",
    "Grant",
    "GrantAgreement",
    "GrantPlace",
    "HealthIndicator",
    "Instalment",
    "LegalThreshold",
    "Payment",
    "Piece",
    "PublicAccounts",
    "ReportLine",
    "ResourceBase",
]
