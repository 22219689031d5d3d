"""Grants invented for the demonstration, at every stage of their life.

A grant begins as a draft and moves by its verbs alone, so that no file can give one further along: these are taken
there by the services that officers use, and every rule holds for them too.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from cooperation.models import Project, Theme
from core.access import Parvis
from core.exceptions import Reason, Refused
from core.history import event_model
from core.loading import Fault, Tallies, Unloadable
from core.models import BaseModel, Citation, Source
from partnerships.models import Deliberation, Organisation
from solidarity.enums import GRANT_LIFE
from solidarity.models import (
    Allocation,
    Crisis,
    Envelope,
    FinancialReport,
    FundService,
    Grant,
    GrantAgreement,
    Instalment,
    Payment,
    Piece,
    ReportLine,
)
from solidarity.sample_grants import SAMPLES, Agreement, Report, Sample, in_english, in_french

# The way of a grant that nothing stops.
_WAY = ("submit", "review", "propose", "vote", "sign", "open_payment", "report", "close")


def make(reason: str, tallies: Tallies) -> None:
    """Makes the invented grants that are not there yet; what a person changed or removed since stays as she left it.

    Raises Unloadable where a rule refuses one, with every reason. `reason` is what history keeps of each write.
    """
    for sample in SAMPLES:
        if Grant.objects.filter(reference=sample.reference).exists():
            tallies[Grant].unchanged += 1
        elif event_model(Grant).objects.filter(reference=sample.reference).exists():
            tallies[Grant].kept += 1
        else:
            try:
                with transaction.atomic():
                    Life(sample, reason, tallies).lead()
            except (Refused, ValidationError) as error:
                raise Unloadable(_faults(error, sample)) from error


def _faults(error: Refused | ValidationError, sample: Sample) -> Iterator[Fault]:
    reasons = error if isinstance(error, Refused) else [Reason(message) for message in error.messages]
    for reason in reasons:
        yield Fault(str(reason), reason.field, "solidarity/sample_grants.py", row=sample.reference)


@dataclass
class Life:
    """Leads one invented grant from its draft to the stage that its sample names, and cites all that it writes."""

    sample: Sample
    reason: str
    tallies: Tallies
    grant: Grant = field(init=False)

    def lead(self) -> None:
        self._draft()
        for verb in self._verbs():
            self._perform(verb)
        if self.sample.stopped:
            verb, why = self.sample.stopped
            self._perform(verb, why=in_french(why))

    def _verbs(self) -> list[str]:
        if not self.sample.until:
            return []
        taken = _WAY[: _WAY.index(self.sample.until) + 1]
        return [verb for verb in taken if verb != "sign" or self.sample.agreement]

    def _perform(self, verb: str, why: str = "") -> None:
        """The verb with what it asks for, and what an officer records before and after it."""
        values = {}
        if verb == "propose":
            values = {"amount_granted": self.sample.granted, "opinion": in_french(self.sample.opinion)}
        elif verb == "vote":
            values = {"deliberation": Deliberation.objects.get(title_fr=in_french(self.sample.deliberation))}
        elif verb == "sign" and self.sample.agreement:
            self._agree(self.sample.agreement)
        elif verb == "open_payment" and self.sample.report_due:
            # An agreement may ask for the report earlier than the law does.
            self._keep(FinancialReport(grant=self.grant, year=self.sample.year, due_on=self.sample.report_due))
        with pghistory.context(client="Parvis"):
            self.grant = GRANT_LIFE.perform(self.grant, verb, actor=Parvis(), reason=why or self.reason, **values)
        if verb == "open_payment":
            self._after_opening()

    def _draft(self) -> None:
        sample = self.sample
        self.grant = Grant(
            reference=sample.reference,
            title_fr=in_french(sample.title_fr),
            title_en=in_english(sample.title_en),
            beneficiary=Organisation.objects.get(slug=sample.body),
            year=sample.year,
            received_on=sample.received_on,
            amount_asked=sample.asked,
            in_kind_value=sample.in_kind,
            theme=Theme.objects.get(slug=sample.theme),
            project=Project.objects.get(reference=sample.project) if sample.project else None,
            crisis=Crisis.objects.get(slug=sample.crisis) if sample.crisis else None,
        )
        self._keep(self.grant)
        for kind in sample.pieces:
            self._keep(Piece(grant=self.grant, kind=kind, received_on=sample.received_on or date(sample.year, 1, 5)))
        for part in sample.parts:
            envelope = Envelope.objects.get(fund__slug=part.fund, year=sample.year)
            service = FundService.objects.get(fund=envelope.fund, slug=part.service) if part.service else None
            self._keep(Allocation(grant=self.grant, envelope=envelope, service=service, amount=part.amount))

    def _agree(self, agreement: Agreement) -> None:
        recorded = GrantAgreement(
            grant=self.grant, signed_on=agreement.signed_on, conditions=in_french(agreement.conditions)
        )
        self._keep(recorded)
        for number, due in enumerate(agreement.instalments, start=1):
            self._keep(Instalment(agreement=recorded, number=number, amount=due.amount, due_on=due.due_on))

    def _after_opening(self) -> None:
        """Cites the reports that the opening noted, pays, and records the report where it has come."""
        for report in self.grant.reports.filter(citations=None):
            self._cite(report)
        for number, paid in enumerate(self.sample.payments, start=1):
            instalments = Instalment.objects.filter(agreement__grant=self.grant, number=paid.instalment)
            self._keep(
                Payment(
                    grant=self.grant,
                    allocation=self.grant.allocations.get(
                        envelope__fund__slug=paid.part.fund, service__slug=paid.part.service or None
                    ),
                    instalment=instalments.first(),
                    paid_on=paid.paid_on,
                    amount=paid.amount,
                    reference=f"EXEMPLE-{self.sample.reference}-{number}",
                )
            )
        if self.sample.report:
            self._report(self.sample.report)

    def _report(self, given: Report) -> None:
        report = self.grant.reports.get(year=self.sample.year)
        report.received_on, report.accepted_on = given.received_on, given.accepted_on
        with self._context():
            report.save()
        for label, budget, actual in given.lines:
            self._keep(ReportLine(report=report, label=in_french(label), budget=budget, actual=actual))

    def _keep(self, record: BaseModel) -> None:
        with self._context():
            record.save()
        self._cite(record)

    def _cite(self, record: BaseModel) -> None:
        with self._context():
            Citation(record=record, source=Source.objects.get(slug="invented-samples")).save()
        self.tallies[type(record)].created += 1
        self.tallies[Citation].created += 1

    def _context(self) -> AbstractContextManager:
        # One for each write: within an outer one, the verb of a step would stick to the writes that follow it.
        return pghistory.context(client="Parvis", reason=self.reason)
