"""The reference data of solidarity, in the order in which they lean on each other; and the samples of the demonstration."""

from pathlib import Path

import cooperation.loaders  # noqa: F401  its files are registered before these
from core.loading import Rows, register, register_samples
from partnerships.loaders import DELIBERATION, ORGANISATION
from solidarity import models, sample_honours, samples
from solidarity.protection import samples as protected_samples

SERVICE = Rows(models.FundService, ("slug",), parent="fund")
PARAMETER = Rows(models.FundParameter, ("kind", "since"), parent="fund")
FUND = Rows(models.Fund, ("slug",), children={"services": SERVICE, "parameters": PARAMETER})
THRESHOLD = Rows(models.LegalThreshold, ("kind", "since"))
DECLARED = Rows(models.DeclaredAid, ("slug",))
CRISIS = Rows(
    models.Crisis, ("slug",), children={"places": Rows(models.CrisisPlace, ("city", "country"), parent="crisis")}
)
HEALTH = Rows(models.HealthIndicator, ("city", "year", "measure"))
PROGRAMME = Rows(
    models.ResidencyProgramme,
    ("slug",),
    children={"hosts": Rows(models.ProgrammeHost, ("organisation",), parent="programme")},
)
# The data give the state as it was; after that the verbs alone move it.
HONOUR = Rows(models.Honour, ("reference",), also=("stage", "closed_reason"))
ENVELOPE = Rows(
    models.Envelope,
    ("fund", "year"),
    children={"bases": Rows(models.ResourceBase, ("service",), parent="envelope")},
)
# A resource base names its service, and a row is named by its own key only: the services of the samples stand alone.
SAMPLE_SERVICE = Rows(models.FundService, ("slug",))

DATA = Path(__file__).parent / "data"

register(
    DATA,
    {
        "legal_thresholds.yaml": THRESHOLD,
        "funds.yaml": FUND,
        "declared_aid.yaml": DECLARED,
        "crises.yaml": CRISIS,
        "health_indicators.yaml": HEALTH,
        "residencies.yaml": PROGRAMME,
        "honours.yaml": HONOUR,
    },
)
register(
    DATA / "samples",
    {
        "organisations.yaml": ORGANISATION,
        "deliberations.yaml": DELIBERATION,
        "funds.yaml": Rows(models.Fund, ("slug",), children={"parameters": PARAMETER}),
        "fund_services.yaml": SAMPLE_SERVICE,
        "envelopes.yaml": ENVELOPE,
        "crises.yaml": CRISIS,
    },
    samples=True,
)
register_samples(samples.make)
register_samples(sample_honours.make)
register_samples(protected_samples.make)
