"""Records that no factory makes alone: grants of a later stage, with their whole file."""

from solidarity.enums import ThresholdKind
from solidarity.models import Grant, LegalThreshold
from tests import factories
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
