from datetime import date

import factory
from factory.django import DjangoModelFactory

from core import clock
from events.enums import Horizon
from mandate import models as mandate
from mandate.enums import MandateMilestone
from tests.factories.events import MissionFactory
from tests.factories.partnerships import CityFactory, PersonFactory, beyond

WHY = "Raison inventée."
JUDGED = date(2015, 5, 4)


class MandateFactory(DjangoModelFactory):
    """The term of an invented city, which runs in 2015."""

    class Meta:
        model = mandate.Mandate

    slug = factory.Sequence("mandate-{:05}".format)
    city = factory.SubFactory(CityFactory)
    title_fr = factory.Sequence("Mandature inventée {:05}".format)
    title_en = factory.Sequence("Invented mandate {:05}".format)
    starts_on = date(2014, 4, 5)
    ends_on = date(2020, 7, 3)


class MilestoneDecisionFactory(DjangoModelFactory):
    class Meta:
        model = mandate.MilestoneDecision

    mandate = factory.SubFactory(MandateFactory)
    which = MandateMilestone.MIDPOINT
    falls_on = date(2017, 6, 1)
    decided_on = date(2015, 3, 2)
    reason = WHY


class ObjectiveFactory(DjangoModelFactory):
    """An objective that has not started; the traits make it stand elsewhere, a met one with evidence."""

    class Meta:
        model = mandate.Objective
        skip_postgeneration_save = True

    class Params:
        on_track = factory.Trait(status="on-track", judged_on=JUDGED)
        at_risk = factory.Trait(status="at-risk", judged_on=JUDGED, status_reason=WHY)
        late = factory.Trait(status="late", judged_on=JUDGED, status_reason=WHY)
        met = factory.Trait(
            status="met",
            judged_on=JUDGED,
            shown=factory.RelatedFactory("tests.factories.mandate.EvidenceFactory", "objective"),
        )
        dropped = factory.Trait(status="dropped", judged_on=JUDGED, status_reason=WHY)

    mandate = factory.SubFactory(MandateFactory)
    reference = beyond("O-{}")
    horizon = Horizon.MID_TERM
    wording_fr = factory.Sequence("Objectif inventé {:05}".format)
    wording_en = factory.Sequence("Invented objective {:05}".format)


class ObjectiveAssociateFactory(DjangoModelFactory):
    class Meta:
        model = mandate.ObjectiveAssociate

    objective = factory.SubFactory(ObjectiveFactory)
    person = factory.SubFactory(PersonFactory)


class ObjectivePreconditionFactory(DjangoModelFactory):
    class Meta:
        model = mandate.ObjectivePrecondition

    objective = factory.SubFactory(ObjectiveFactory)
    words_fr = factory.Sequence("Préalable inventé {:05}".format)
    words_en = factory.Sequence("Invented precondition {:05}".format)


class MilestoneFactory(DjangoModelFactory):
    class Meta:
        model = mandate.Milestone

    objective = factory.SubFactory(ObjectiveFactory)
    title_fr = factory.Sequence("Étape inventée {:05}".format)
    title_en = factory.Sequence("Invented step {:05}".format)


class EvidenceFactory(DjangoModelFactory):
    """A mission that shows something."""

    class Meta:
        model = mandate.Evidence

    objective = factory.SubFactory(ObjectiveFactory)
    mission = factory.SubFactory(MissionFactory)


class IndicatorFactory(DjangoModelFactory):
    """One that facts measure; `by_hand` is judged by a person."""

    class Meta:
        model = mandate.Indicator

    class Params:
        by_hand = factory.Trait(measure="", judged_words_fr="Jugé par une personne inventée.")

    objective = factory.SubFactory(ObjectiveFactory)
    title_fr = factory.Sequence("Indicateur inventé {:05}".format)
    title_en = factory.Sequence("Invented indicator {:05}".format)
    measure = "agreements-with-gender-clause"


class IndicatorReadingFactory(DjangoModelFactory):
    class Meta:
        model = mandate.IndicatorReading

    indicator = factory.SubFactory(IndicatorFactory)
    day = date(2015, 6, 1)
    value = 3
    computed_at = factory.LazyFunction(clock.real)


class ReportFactory(DjangoModelFactory):
    """The draft of a report on 2014."""

    class Meta:
        model = mandate.Report

    slug = factory.Sequence("report-{:05}".format)
    title_fr = factory.Sequence("Communication inventée {:05}".format)
    title_en = factory.Sequence("Invented communication {:05}".format)
    starts_on = date(2014, 1, 1)
    ends_on = date(2014, 12, 31)


class ReportBlockFactory(DjangoModelFactory):
    class Meta:
        model = mandate.ReportBlock

    report = factory.SubFactory(ReportFactory)
    section = "diplomacy"
    position = factory.Sequence(lambda number: number + 1)
    heading_fr = "Titre inventé"
    heading_en = "Invented heading"
    text_fr = "Texte inventé."
    text_en = "Invented text."


class ReportEntryFactory(DjangoModelFactory):
    """A statement with which its report was adopted: the database takes none before, and none after."""

    class Meta:
        model = mandate.ReportEntry
        skip_postgeneration_save = True

    report = factory.SubFactory(ReportFactory)
    section = "diplomacy"
    position = factory.Sequence(lambda number: number + 1)
    key = factory.Sequence("statement-{:05}".format)
    label_fr = "Énoncé inventé."
    label_en = "Invented statement."
    definition_fr = "Définition inventée."
    definition_en = "Invented definition."

    @factory.post_generation
    def adoption(self, create, extracted, **kwargs):
        if create:
            day = self.report.ends_on
            mandate.Report.objects.filter(pk=self.report_id).update(status="adopted", adopted_on=day, frozen_on=day)
