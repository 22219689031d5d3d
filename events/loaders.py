"""The reference data of events, in the order in which they lean on each other; and the samples of the demonstration."""

from pathlib import Path

import solidarity.loaders  # noqa: F401  its files are registered before these
from core.loading import Rows, register
from events import models
from events.models.links import TIED_TO
from partnerships.loaders import CITY, COUNTRY, DELIBERATION, ORGANISATION, PERSON, SOURCE
from partnerships.models import CouncilGroup

# The data give the state as it was; after that the workflow alone moves it.
_LIFE = ("status", "cancelled_reason")
_WHO = ("person", "organisation", "city", "council_group", "description_fr")


def _participants(of: str) -> Rows:
    return Rows(models.Participant, _WHO, parent=of)


def _ties(of: str) -> Rows:
    return Rows(models.Tie, TIED_TO, parent=of)


def _promises(of: str) -> Rows:
    return Rows(
        models.Promise,
        ("reference",),
        parent=of,
        also=("status", "closed_reason"),
        children={"ties": _ties("promise")},
    )


def _meetings(of: str) -> Rows:
    """Those of an occasion; `of` is empty for meetings that stand alone."""
    return Rows(
        models.Meeting,
        ("title_fr",),
        parent=of,
        also=_LIFE,
        children={
            "participants": _participants("meeting"),
            "notes": Rows(models.MeetingNote, ("noted_on", "audience"), parent="meeting"),
            "ties": _ties("meeting"),
            "promises": _promises("meeting"),
        },
    )


def _lists(of: str) -> dict[str, Rows]:
    """What can be said of any mission, delegation or event."""
    return {
        "participants": _participants(of),
        "programme": Rows(models.ProgrammeItem, ("day", "starts_at", "what_fr"), parent=of),
        "meetings": _meetings(of),
        "ties": _ties(of),
        "outcomes": Rows(models.Outcome, ("what_fr",), parent=of),
        "promises": _promises(of),
    }


EVENT = Rows(
    models.Event,
    ("reference",),
    also=_LIFE,
    children={
        **_lists("event"),
        "preconditions": Rows(models.Precondition, ("what_fr",), parent="event"),
        "stages": Rows(models.BidStage, ("title_fr",), parent="event"),
    },
)
DELEGATION = Rows(
    models.Delegation,
    ("reference",),
    also=_LIFE,
    children={**_lists("delegation"), "expertise": Rows(models.Expertise, ("what_fr",), parent="delegation")},
)
MISSION = Rows(
    models.Mission,
    ("reference",),
    also=_LIFE,
    children={
        **_lists("mission"),
        "destinations": Rows(models.Destination, ("stage", "city", "country", "area", "arrives_on"), parent="mission"),
        "legs": Rows(models.Leg, ("mode", "origin", "destination", "leaves_on"), parent="mission"),
    },
)

DATA = Path(__file__).parent / "data"

register(DATA, {"sources.yaml": SOURCE, "events.yaml": EVENT, "missions.yaml": MISSION})
register(
    DATA / "samples",
    {
        "countries.yaml": COUNTRY,
        "cities.yaml": CITY,
        "council_groups.yaml": Rows(CouncilGroup, ("slug",)),
        "organisations.yaml": ORGANISATION,
        "people.yaml": PERSON,
        "deliberations.yaml": DELIBERATION,
        "council_sittings.yaml": Rows(models.CouncilSitting, ("starts_on",)),
        "emission_factors.yaml": Rows(models.EmissionFactor, ("label_fr",)),
        "events.yaml": EVENT,
        "delegations.yaml": DELEGATION,
        "missions.yaml": MISSION,
        "meetings.yaml": _meetings(""),
    },
    samples=True,
)
