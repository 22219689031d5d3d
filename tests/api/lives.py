"""Records that no factory makes alone: grants of a later stage, with their whole file; missions and objectives with all that
belongs to them."""

from datetime import date

from oauth2_provider.models import Application

from core.enums import Audience
from core.models import WebhookSubscription
from events.models import Delegation, Event, Meeting, Mission, Promise
from mandate.models import Indicator, Mandate, Objective, Report, ReportBlock
from solidarity.enums import ThresholdKind
from solidarity.models import Grant, LegalThreshold
from tests import factories
from tests.mandate.accounts import adopt, adopted
from tests.solidarity.lives import grant_in, pay


def grant_at(stage: str, *, envelope=None, **values) -> Grant:
    """Of 20,000 EUR, wholly borne by the envelope, or by one of its own; from the signature on with its agreement."""
    parts = [(envelope, 20000)] if envelope else []
    return grant_in(stage, *parts, agreement=stage in ("signed", "in-payment", "reported", "closed"), **values)


def paid(**values) -> Grant:
    """In payment, a thousand euros paid, with a place and a report of one line."""
    grant = grant_at("in-payment", **values)
    factories.GrantPlaceFactory(grant=grant)
    pay(grant, 1000)
    factories.ReportLineFactory(report__grant=grant)
    return grant


def threshold() -> LegalThreshold:
    """One of a kind that is not recorded yet: two of a kind do not hold at once."""
    return factories.LegalThresholdFactory(kind=ThresholdKind.values[LegalThreshold.objects.count()])


def meeting(**values) -> Meeting:
    """With somebody who takes part, a note that any system may read, a promise and a tie."""
    found = factories.MeetingFactory(**values)
    factories.ParticipantFactory(mission=None, meeting=found, quality="")
    factories.MeetingNoteFactory(meeting=found, audience=Audience.CITY)
    factories.PromiseFactory(mission=None, meeting=found)
    factories.TieFactory(mission=None, meeting=found)
    return found


def _fill(**subject) -> None:
    """What belongs to any occasion."""
    factories.ProgrammeItemFactory(**subject)
    factories.OutcomeFactory(**subject)
    factories.TieFactory(**subject)
    factories.PromiseFactory(**subject)
    meeting(**{"mission": None, **subject})


def mission(**values) -> Mission:
    """With a destination, a traveller, a leg of which the emissions are known, and the rest."""
    found = factories.MissionFactory(**values)
    factories.DestinationFactory(mission=found)
    factories.ParticipantFactory(mission=found)
    factor = factories.EmissionFactorFactory()
    factories.LegFactory(mission=found, distance_km=300, passengers=2, factor=factor)
    _fill(mission=found)
    return found


def delegation(**values) -> Delegation:
    """With a member, something that was shown to it, and the rest."""
    found = factories.DelegationFactory(**values)
    factories.ParticipantFactory(mission=None, delegation=found, quality="")
    factories.ExpertiseFactory(delegation=found)
    _fill(mission=None, delegation=found)
    return found


def event(**values) -> Event:
    """A bid with a precondition, a stage, somebody who takes part, and the rest."""
    found = factories.EventFactory(**{"kind": "bid", **values})
    factories.ParticipantFactory(mission=None, event=found, quality="")
    factories.PreconditionFactory(event=found)
    factories.BidStageFactory(event=found)
    _fill(mission=None, event=found)
    return found


def promise(**values) -> Promise:
    """With a tie."""
    found = factories.PromiseFactory(**values)
    factories.TieFactory(mission=None, promise=found)
    return found


def mandate(**values) -> Mandate:
    """With a decision that moves its middle."""
    found = factories.MandateFactory(**values)
    factories.MilestoneDecisionFactory(mandate=found)
    return found


def indicator(**values) -> Indicator:
    """Measured by facts, with a reading and an earlier one."""
    found = factories.IndicatorFactory(**values)
    factories.IndicatorReadingFactory(indicator=found, value=50)
    factories.IndicatorReadingFactory(indicator=found, day=date(2015, 4, 1), value=40)
    return found


def objective(**values) -> Objective:
    """With one part that is the whole of it, a precondition, and one of everything else."""
    found = factories.ObjectiveFactory(**values)
    of_mandate = {"mandate": found.mandate}
    factories.ObjectiveFactory(parent=found, weight=100, **of_mandate)
    factories.ObjectiveAssociateFactory(objective=found)
    needed = factories.ObjectiveFactory(**of_mandate)
    factories.ObjectivePreconditionFactory(objective=found, needs=needed, words_fr="", words_en="")
    factories.MilestoneFactory(objective=found)
    factories.EvidenceFactory(objective=found)
    indicator(objective=found)
    return found


def report(**values) -> Report:
    """Adopted, so that everyone who signs in reads it, with a statement."""
    return adopted({"value": 7, "unit": "count"}, **values)


def report_text(**values) -> ReportBlock:
    """A text of an adopted report, which any system may read."""
    found = factories.ReportBlockFactory(**values)
    adopt(found.report)
    return found


def own_webhook(**values) -> WebhookSubscription:
    """A subscription of the client that asks, the first of all; a client sees its own alone."""
    client = Application.objects.order_by("pk").first() or factories.ApiClientFactory()
    return factories.WebhookSubscriptionFactory(client=client, **values)
