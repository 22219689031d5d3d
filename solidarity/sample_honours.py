"""One honour invented for the demonstration, nominated, with the opinions of the invented Council groups that there are."""

from collections.abc import Iterator
from datetime import date

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from core.history import event_model
from core.loading import Fault, Tallies, Unloadable
from core.models import BaseModel, Citation, Source
from partnerships.models import CouncilGroup
from solidarity.enums import Opinion
from solidarity.models import CommissionOpinion, Honour
from solidarity.sample_grants import in_english, in_french

REFERENCE = "HON-EXEMPLE-1"
# By the groups in the order of their short names; the last one has not spoken, so that the commission waits for it.
OPINIONS = (Opinion.FAVOURABLE, Opinion.FAVOURABLE, Opinion.ABSTAINS)


def make(reason: str, tallies: Tallies) -> None:
    """Makes the invented nomination where it is not there yet; what a person changed or removed since stays as she left it.

    Raises Unloadable where a rule refuses it. `reason` is what history keeps of each write.
    """
    if Honour.objects.filter(reference=REFERENCE).exists():
        tallies[Honour].unchanged += 1
    elif event_model(Honour).objects.filter(reference=REFERENCE).exists():
        tallies[Honour].kept += 1
    else:
        try:
            with transaction.atomic(), pghistory.context(client="Parvis", reason=reason):
                for record in _records():
                    record.save()
                    Citation(record=record, source=Source.objects.get(slug="invented-samples")).save()
                    tallies[type(record)].created += 1
                    tallies[Citation].created += 1
        except ValidationError as error:
            faults = (Fault(message, file="solidarity/sample_honours.py", row=REFERENCE) for message in error.messages)
            raise Unloadable(faults) from error


def _records() -> Iterator[BaseModel]:
    """The honour, then its opinions: each is kept before the next one is asked for."""
    honour = Honour(
        reference=REFERENCE,
        recipient=in_french("une défenseuse des droits"),
        year=2015,
        why_fr=in_french("une défense publique des libertés, au péril de la sienne"),
        why_en=in_english("a public defence of freedoms, at the risk of her own"),
        nominated_on=date(2015, 5, 11),
        foreign_policy=True,
    )
    yield honour
    groups = CouncilGroup.objects.filter(citations__source__kind="sample").distinct().order_by("slug")
    for group, opinion in zip(groups[: len(OPINIONS)], OPINIONS, strict=False):
        yield CommissionOpinion(honour=honour, group=group, opinion=opinion)
