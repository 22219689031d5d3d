from cooperation.models.applications import Application
from cooperation.models.balances import Balance
from cooperation.models.calls import CallCountry, CallTheme, Filing, FundingCall, FundingProgramme
from cooperation.models.culture import CulturalDestination, CulturalProject
from cooperation.models.money import Forecast, Framework, FundingLine, Movement
from cooperation.models.practices import GoodPractice, PracticeUptake
from cooperation.models.programmes import Edition, ExchangeProgramme, Label
from cooperation.models.project_parts import (
    ExpertAssignment,
    ProjectCity,
    ProjectOrganisation,
    ProjectStep,
    ProjectTheme,
)
from cooperation.models.projects import Project
from cooperation.models.reference import CouncilLeadTime, PurposeCode, Theme
from cooperation.models.results import ResultIndicator, ResultPeriod

__all__ = [
    "Application",
    "Balance",
    "CallCountry",
    "CallTheme",
    "CouncilLeadTime",
    "CulturalDestination",
    "CulturalProject",
    "Edition",
    "ExchangeProgramme",
    "ExpertAssignment",
    "Filing",
    "Forecast",
    "Framework",
    "FundingCall",
    "FundingLine",
    "FundingProgramme",
    "GoodPractice",
    "Label",
    "Movement",
    "PracticeUptake",
    "Project",
    "ProjectCity",
    "ProjectOrganisation",
    "ProjectStep",
    "ProjectTheme",
    "PurposeCode",
    "ResultIndicator",
    "ResultPeriod",
    "Theme",
]
