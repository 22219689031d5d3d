from datetime import date

import factory
from factory.django import DjangoModelFactory

from cooperation import models as cooperation
from partnerships.enums import AgreementKind, OrganisationKind
from tests.factories.partnerships import (
    AgreementFactory,
    AgreementPartyFactory,
    CityFactory,
    CountryFactory,
    DeliberationFactory,
    OrganisationFactory,
    beyond,
)


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Theme

    slug = factory.Sequence("theme-{:05}".format)
    name_fr = factory.Sequence("Domaine d'exemple {:05}".format)
    name_en = factory.Sequence("Example Field {:05}".format)


class PurposeCodeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.PurposeCode

    code = factory.Sequence("9{:04d}".format)
    name_fr = factory.Sequence("Objet d'exemple {:05}".format)
    name_en = factory.Sequence("Example purpose {:05}".format)


class CouncilLeadTimeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.CouncilLeadTime

    days = 60
    since = factory.Sequence(lambda n: date(1950 + n % 200, 1, 1))
    until = factory.LazyAttribute(lambda row: date(row.since.year, 12, 31))


class ProjectFactory(DjangoModelFactory):
    """An idea; `in_preparation`, `adopted` and `under_way` make it further along, without its gates having been passed."""

    class Meta:
        model = cooperation.Project

    class Params:
        in_preparation = factory.Trait(stage="in-preparation")
        adopted = factory.Trait(stage="adopted", deliberation=factory.SubFactory(DeliberationFactory))
        under_way = factory.Trait(
            stage="under-way",
            deliberation=factory.SubFactory(DeliberationFactory),
            actual_start=date(2015, 3, 2),
            actual_start_precision="day",
        )

    reference = beyond("PRJ-2015-{}")
    title_fr = factory.Sequence("Projet inventé {:05}".format)
    title_en = factory.Sequence("Invented project {:05}".format)
    object_fr = "Objet inventé."


class ProjectCityFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ProjectCity

    project = factory.SubFactory(ProjectFactory)
    city = factory.SubFactory(CityFactory)


class ProjectOrganisationFactory(DjangoModelFactory):
    """An operator; `directorate=True` makes it the lead directorate."""

    class Meta:
        model = cooperation.ProjectOrganisation

    class Params:
        directorate = factory.Trait(
            role="lead", organisation=factory.SubFactory(OrganisationFactory, kind=OrganisationKind.DIRECTORATE)
        )

    project = factory.SubFactory(ProjectFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = "operator"


class ProjectThemeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ProjectTheme

    project = factory.SubFactory(ProjectFactory)
    theme = factory.SubFactory(ThemeFactory)


class ProjectStepFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ProjectStep

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence("Invented step {:05}".format)
    due_on = date(2015, 9, 1)


class ExpertAssignmentFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ExpertAssignment

    project = factory.SubFactory(ProjectFactory)
    organisation = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.DIRECTORATE)
    task = factory.Sequence("invented task {:05}".format)
    days_planned = 10


class ResultIndicatorFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ResultIndicator

    project = factory.SubFactory(ProjectFactory)
    title_fr = factory.Sequence("Indicateur inventé {:05}".format)
    title_en = factory.Sequence("Invented indicator {:05}".format)
    unit = "people"


class ResultPeriodFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ResultPeriod

    indicator = factory.SubFactory(ResultIndicatorFactory)
    starts_on = date(2015, 1, 1)
    ends_on = date(2015, 12, 31)


class FrameworkFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Framework

    agreement = factory.SubFactory(AgreementFactory, kind=AgreementKind.FUNDER)
    funder = factory.LazyAttribute(
        lambda row: (
            AgreementPartyFactory(
                agreement=row.agreement, city=None, organisation=OrganisationFactory(kind=OrganisationKind.FUNDER)
            ).organisation
        )
    )
    amount = 100000


class CulturalProjectFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.CulturalProject

    slug = factory.Sequence("cultural-project-{:05}".format)
    title_fr = factory.Sequence("Tournée inventée {:05}".format)
    title_en = factory.Sequence("Invented tour {:05}".format)
    kind = "tour"


class CulturalDestinationFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.CulturalDestination

    project = factory.SubFactory(CulturalProjectFactory)
    city = factory.SubFactory(CityFactory)


class FundingLineFactory(DjangoModelFactory):
    """Our own budget, in cash; `external=True` is an outside funder's."""

    class Meta:
        model = cooperation.FundingLine

    class Params:
        external = factory.Trait(
            kind="foundation", organisation=factory.SubFactory(OrganisationFactory, kind=OrganisationKind.FOUNDATION)
        )

    project = factory.SubFactory(ProjectFactory)
    kind = "own"


class MovementFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Movement

    line = factory.SubFactory(FundingLineFactory)
    kind = "committed"
    on = date(2015, 2, 2)
    amount = 1000


class ForecastFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Forecast

    line = factory.SubFactory(FundingLineFactory)
    year = 2015
    amount_eur = 1000
    made_on = date(2015, 1, 5)


class ExchangeProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.ExchangeProgramme

    slug = factory.Sequence("programme-{:05}".format)
    name_fr = factory.Sequence("Programme d'exemple {:05}".format)
    name_en = factory.Sequence("Example Programme {:05}".format)
    kind = "students"


class EditionFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Edition

    programme = factory.SubFactory(ExchangeProgrammeFactory)
    year = 2015


class LabelFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Label

    programme = factory.SubFactory(ExchangeProgrammeFactory, kind="label")
    applicant = factory.SubFactory(OrganisationFactory)
    title_fr = factory.Sequence("Action inventée {:05}".format)
    title_en = factory.Sequence("Invented action {:05}".format)
    received_on = date(2015, 4, 1)


class FundingProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.FundingProgramme

    slug = factory.Sequence("funding-programme-{:05}".format)
    name_fr = factory.Sequence("Programme de financement d'exemple {:05}".format)
    name_en = factory.Sequence("Example Funding Programme {:05}".format)
    funder = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.FUNDER)
    kind = "other"


class FundingCallFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.FundingCall

    identifier = factory.Sequence("EXAMPLE-CALL-{:05}".format)
    title_fr = factory.Sequence("Appel inventé {:05}".format)
    title_en = factory.Sequence("Invented call {:05}".format)
    programme = factory.SubFactory(FundingProgrammeFactory)
    deadlines = factory.LazyFunction(lambda: [date(2015, 12, 1)])


class CallThemeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.CallTheme

    call = factory.SubFactory(FundingCallFactory)
    theme = factory.SubFactory(ThemeFactory)


class CallCountryFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.CallCountry

    call = factory.SubFactory(FundingCallFactory, country_scope="listed")
    country = factory.SubFactory(CountryFactory)


class FilingFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Filing

    gate = "aid-return"
    year = factory.Sequence(lambda n: 1990 + n % 100)
    filed_on = date(2015, 5, 20)


class ApplicationFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.Application

    call = factory.SubFactory(FundingCallFactory)
    project = factory.SubFactory(ProjectFactory)


class GoodPracticeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.GoodPractice

    slug = factory.Sequence("practice-{:05}".format)
    title_fr = factory.Sequence("Pratique inventée {:05}".format)
    title_en = factory.Sequence("Invented practice {:05}".format)
    kind = "inclusive"


class PracticeUptakeFactory(DjangoModelFactory):
    class Meta:
        model = cooperation.PracticeUptake

    practice = factory.SubFactory(GoodPracticeFactory)
    city = factory.SubFactory(CityFactory)
