# Imported for Django to know its models; the rooms of `solidarity.protection` alone import from it.
from solidarity.models import protected as _protected  # noqa: F401
from solidarity.models.crises import Crisis, CrisisPlace
from solidarity.models.funds import (
    Balance,
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
from solidarity.models.honours import CommissionOpinion, Honour, ProgrammeHost, Residency, ResidencyProgramme
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
    "Balance",
    "CommissionOpinion",
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
    "Honour",
    "Instalment",
    "LegalThreshold",
    "Payment",
    "Piece",
    "ProgrammeHost",
    "PublicAccounts",
    "ReportLine",
    "Residency",
    "ResidencyProgramme",
    "ResourceBase",
]
