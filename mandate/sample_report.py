"""An earlier report, invented for the demonstration and adopted, so that the next one has something to be compared with."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from core import clock
from core.access import Parvis
from core.exceptions import Refused
from core.history import event_model
from core.loading import Fault, Tallies, Unloadable
from core.models import Citation, Source
from core.workflow import advance
from mandate.enums import ACCOUNTS, REPORT_LIFE, ReportSection, Unit
from mandate.models import Report, ReportBlock, ReportEntry

SLUG = "sample-report"
FIRST_DAY, LAST_DAY, ADOPTED_ON = date(2013, 1, 7), date(2013, 12, 31), date(2014, 2, 10)
# By the key of the statement that it is compared with: invented figures, None = not known.
FIGURES: dict[str, tuple[ReportSection, str, Decimal | None, str, str]] = {
    "partner-cities": (ReportSection.DIPLOMACY, Unit.COUNT, Decimal(9), "villes partenaires", "partner cities"),
    "city-agreements": (ReportSection.DIPLOMACY, Unit.COUNT, Decimal(2), "accords de villes", "agreements with cities"),
    "networks-joined": (ReportSection.DIPLOMACY, Unit.COUNT, Decimal(6), "réseaux", "networks"),
    "trips": (ReportSection.DIPLOMACY, Unit.COUNT, Decimal(4), "missions à l’étranger", "missions abroad"),
    "delegations-received": (ReportSection.DIPLOMACY, Unit.COUNT, None, "délégations reçues", "delegations received"),
    "grants-voted": (ReportSection.SOLIDARITY, Unit.EUROS, Decimal(180000), "subventions votées", "grants voted"),
    "paid": (ReportSection.SOLIDARITY, Unit.EUROS, Decimal(95000), "subventions payées", "grants paid"),
    "projects-under-way": (ReportSection.SOLIDARITY, Unit.COUNT, Decimal(11), "projets en cours", "projects under way"),
    "tandems": (ReportSection.INFLUENCE, Unit.COUNT, Decimal(1), "Tandems", "Tandems"),
    "honours-awarded": (ReportSection.VALUES, Unit.COUNT, Decimal(1), "distinctions remises", "honours awarded"),
    "gender-clause": (ReportSection.VALUES, Unit.PERCENT, Decimal(0), "clauses d’égalité", "gender-equality clauses"),
}


def make(reason: str, tallies: Tallies) -> None:
    """Makes the adopted report where it is not there yet; one that a person changed or removed is not made again. Raises
    Unloadable where a rule refuses it. `reason` is what history keeps of each write."""
    if Report.objects.filter(slug=SLUG).exists():
        tallies[Report].unchanged += 1
        return
    # A day that has not come yet, where the clock is set further back.
    if event_model(Report).objects.filter(slug=SLUG).exists() or clock.today() < ADOPTED_ON:
        return
    try:
        with transaction.atomic(), pghistory.context(client="Parvis", reason=reason):
            _adopted()
    except (ValidationError, Refused) as error:
        said = error.messages if isinstance(error, ValidationError) else [str(missing) for missing in error]
        raise Unloadable(Fault(each, file="mandate/sample_report.py", row=SLUG) for each in said) from error
    tallies[Report].created += 1


def _adopted() -> None:
    report = Report(
        slug=SLUG,
        title_fr="Exemple inventé — rapport sur l’action internationale de 2013",
        title_en="Invented sample — report on the international action of 2013",
        starts_on=FIRST_DAY,
        ends_on=LAST_DAY,
    )
    report.save()
    Citation(record=report, source=Source.objects.get(slug="invented-samples")).save()
    for section in ACCOUNTS:
        ReportBlock(
            report=report,
            section=section,
            text_fr="Exemple inventé : texte du rapport précédent.",
            text_en="Invented sample: text of the report before.",
        ).save()
    ReportEntry.objects.bulk_create(_entries(report))
    advance(REPORT_LIFE, report, "adopt", actor=Parvis(), stamps={"frozen_on": ADOPTED_ON}, adopted_on=ADOPTED_ON)


def _entries(report: Report) -> Iterator[ReportEntry]:
    for position, (key, (section, unit, value, french, english)) in enumerate(FIGURES.items(), start=1):
        yield ReportEntry(
            report=report,
            section=section,
            position=position,
            key=key,
            label_fr=f"Exemple inventé — {french}",
            label_en=f"Invented sample — {english}",
            definition_fr="Chiffre inventé pour la démonstration : aucun enregistrement ne le fonde.",
            definition_en="A figure invented for the demonstration: no record is behind it.",
            value=value,
            unit=unit,
        )
