"""The mandate of Paris with its objectives, the usual reminders, and the samples of the demonstration."""

from pathlib import Path

import events.loaders  # noqa: F401  its files are registered before these
from core.loading import Rows, register, register_samples
from core.models import ReminderRule
from mandate import models, sample_report, samples
from partnerships.loaders import CITY, COUNTRY, SOURCE

MANDATE = Rows(
    models.Mandate,
    ("slug",),
    children={"decisions": Rows(models.MilestoneDecision, ("which", "decided_on"), parent="mandate")},
)
OBJECTIVE = Rows(
    models.Objective,
    ("mandate", "reference"),
    also=("status", "status_reason", "judged_on"),  # as the data say it stood; after that its verbs alone move it
    children={
        "associates": Rows(models.ObjectiveAssociate, ("person", "organisation"), parent="objective"),
        "preconditions": Rows(models.ObjectivePrecondition, ("needs", "words_fr"), parent="objective"),
        "milestones": Rows(models.Milestone, ("title_fr",), parent="objective"),
        "evidence": Rows(models.Evidence, models.EVIDENCE, parent="objective"),
        "indicators": Rows(models.Indicator, ("measure", "parameter", "title_fr"), parent="objective"),
    },
)
REPORT = Rows(
    models.Report, ("slug",), children={"blocks": Rows(models.ReportBlock, ("section", "position"), parent="report")}
)
RULE = Rows(ReminderRule, ("title_fr",))

DATA = Path(__file__).parent / "data"

register(
    DATA,
    {
        "sources.yaml": SOURCE,
        "countries.yaml": COUNTRY,
        "cities.yaml": CITY,
        "mandates.yaml": MANDATE,
        "objectives_100_days.yaml": OBJECTIVE,
        "objectives_mid_term.yaml": OBJECTIVE,
        "objectives_end_of_term.yaml": OBJECTIVE,
        "commitments.yaml": OBJECTIVE,
        "reports.yaml": REPORT,
        "reminder_rules.yaml": RULE,
    },
)
register(DATA / "samples", {"mandates.yaml": MANDATE, "objectives.yaml": OBJECTIVE}, samples=True)
register_samples(samples.make)
register_samples(sample_report.make)
