from mandate.models.evidence import EVIDENCE, Evidence
from mandate.models.indicators import Indicator, IndicatorReading
from mandate.models.mandates import Mandate, MandateDay, MilestoneDecision
from mandate.models.objective_parts import Milestone, ObjectiveAssociate, ObjectivePrecondition
from mandate.models.objectives import Objective
from mandate.models.reports import Report, ReportBlock, ReportEntry

__all__ = [
    "EVIDENCE",
    "Evidence",
    "Indicator",
    "IndicatorReading",
    "Mandate",
    "MandateDay",
    "Milestone",
    "MilestoneDecision",
    "Objective",
    "ObjectiveAssociate",
    "ObjectivePrecondition",
    "Report",
    "ReportBlock",
    "ReportEntry",
]
