"""The reference data of cooperation, in the order in which they lean on each other; and the samples of the demonstration."""

from pathlib import Path

from cooperation import models
from core.loading import Rows, register
from partnerships.loaders import DELIBERATION, ORGANISATION, SOURCE  # and so its files are registered before these

_LINE = ("kind", "organisation", "city", "nature", "currency", "label")
_MONEY = {
    "movements": Rows(models.Movement, ("kind", "on", "reference"), parent="line"),
    # Forecasts are append-only: a row is never changed, and the vote that froze it is given with it.
    "forecasts": Rows(models.Forecast, ("year", "made_on", "deliberation"), parent="line", also=("deliberation",)),
}
THEME = Rows(models.Theme, ("slug",))
PROJECT = Rows(
    models.Project,
    ("reference",),
    also=("stage", "stopped_reason"),  # the data give the state as it was; after that the workflow alone moves it
    children={
        "places": Rows(models.ProjectCity, ("city",), parent="project"),
        "bodies": Rows(models.ProjectOrganisation, ("organisation",), parent="project"),
        "fields": Rows(models.ProjectTheme, ("theme",), parent="project"),
        "funding_lines": Rows(models.FundingLine, _LINE, parent="project", children=_MONEY),
        "steps": Rows(models.ProjectStep, ("title",), parent="project"),
        "assignments": Rows(models.ExpertAssignment, ("organisation", "person", "task"), parent="project"),
        "indicators": Rows(
            models.ResultIndicator,
            ("title_fr",),
            parent="project",
            children={"periods": Rows(models.ResultPeriod, ("starts_on",), parent="indicator")},
        ),
    },
)
CULTURE = Rows(
    models.CulturalProject,
    ("slug",),
    children={
        "destinations": Rows(models.CulturalDestination, ("city", "country"), parent="project"),
        "funding_lines": Rows(models.FundingLine, _LINE, parent="cultural_project", children=_MONEY),
    },
)
EXCHANGE = Rows(
    models.ExchangeProgramme,
    ("slug",),
    children={"editions": Rows(models.Edition, ("year", "city"), parent="programme")},
)
LABEL = Rows(models.Label, ("programme", "applicant", "title_fr", "received_on"), also=("stage", "decision_reason"))
FUNDER = Rows(models.FundingProgramme, ("slug",))
CALL = Rows(
    models.FundingCall,
    ("identifier",),
    children={
        "fields": Rows(models.CallTheme, ("theme",), parent="call"),
        "places": Rows(models.CallCountry, ("country",), parent="call"),
    },
)
PRACTICE = Rows(
    models.GoodPractice,
    ("slug",),
    children={"uptakes": Rows(models.PracticeUptake, ("city", "organisation"), parent="practice")},
)

DATA = Path(__file__).parent / "data"

register(
    DATA,
    {
        "themes.yaml": THEME,
        "purpose_codes.yaml": Rows(models.PurposeCode, ("code",)),
        "council_lead_times.yaml": Rows(models.CouncilLeadTime, ("since",)),
        "frameworks.yaml": Rows(models.Framework, ("agreement",)),
        "projects.yaml": PROJECT,
        "culture.yaml": CULTURE,
        "exchange_programmes.yaml": EXCHANGE,
        "funding_programmes.yaml": FUNDER,
        "good_practices.yaml": PRACTICE,
    },
)
register(
    DATA / "samples",
    {
        "sources.yaml": SOURCE,
        "organisations.yaml": ORGANISATION,
        "deliberations.yaml": DELIBERATION,
        "projects.yaml": PROJECT,
        "funding_programmes.yaml": FUNDER,
        "funding_calls.yaml": CALL,
        "filings.yaml": Rows(models.Filing, ("gate", "year", "funder")),
        "applications.yaml": Rows(models.Application, ("call", "project"), also=("stage", "decision_reason")),
        "culture.yaml": CULTURE,
        "labels.yaml": LABEL,
    },
    samples=True,
)
