from datetime import date

import factory
from factory.django import DjangoModelFactory

from solidarity import models as solidarity
from tests.factories.partnerships import CityFactory, CountryFactory, OrganisationFactory, beyond


class FundFactory(DjangoModelFactory):
    """A fund of subsidies; `ceiling=True` is one of 1 % of services' resources."""

    class Meta:
        model = solidarity.Fund

    class Params:
        ceiling = factory.Trait(kind="service-share")

    slug = factory.Sequence("fund-{:05}".format)
    name_fr = factory.Sequence("Fonds d'exemple {:05}".format)
    name_en = factory.Sequence("Example Fund {:05}".format)
    kind = "subsidy"


class FundServiceFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.FundService

    fund = factory.SubFactory(FundFactory, ceiling=True)
    slug = factory.Sequence("service-{:05}".format)
    name_fr = factory.Sequence("Service d'exemple {:05}".format)
    name_en = factory.Sequence("Example Service {:05}".format)


class FundParameterFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.FundParameter

    fund = factory.SubFactory(FundFactory, ceiling=True)
    kind = "ceiling-rate"
    value = 1
    since = date(2014, 1, 1)


class LegalThresholdFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.LegalThreshold

    kind = "convention"
    value = 23000
    since = date(2001, 6, 8)
    legal_basis = "Invented text"


class EnvelopeFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Envelope

    fund = factory.SubFactory(FundFactory)
    year = 2015
    commitment_authorised = 100000
    payment_credits = 100000


class ResourceBaseFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.ResourceBase

    envelope = factory.SubFactory(EnvelopeFactory, fund__ceiling=True)
    service = factory.LazyAttribute(lambda row: FundServiceFactory(fund=row.envelope.fund))
    own_resources = 10000000


class DeclaredAidFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.DeclaredAid

    slug = factory.Sequence("declared-{:05}".format)
    label_fr = factory.Sequence("Montant d'exemple {:05}".format)
    label_en = factory.Sequence("Example amount {:05}".format)
    amount = 1000
    basis = "fund"


class CrisisFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Crisis

    slug = factory.Sequence("crisis-{:05}".format)
    name_fr = factory.Sequence("Crise d'exemple {:05}".format)
    name_en = factory.Sequence("Example Crisis {:05}".format)
    kind = "disaster"


class CrisisPlaceFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.CrisisPlace

    crisis = factory.SubFactory(CrisisFactory)
    country = factory.SubFactory(CountryFactory)


class GrantFactory(DjangoModelFactory):
    """A draft; tests/solidarity/lives.py takes one further along by its services."""

    class Meta:
        model = solidarity.Grant

    reference = beyond("GRA-2015-{}")
    title_fr = factory.Sequence("Subvention inventée {:05}".format)
    title_en = factory.Sequence("Invented grant {:05}".format)
    beneficiary = factory.SubFactory(OrganisationFactory)
    year = 2015
    received_on = date(2015, 1, 12)
    amount_asked = 20000


class GrantPlaceFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.GrantPlace

    grant = factory.SubFactory(GrantFactory)
    city = factory.SubFactory(CityFactory)


class PieceFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Piece

    grant = factory.SubFactory(GrantFactory)
    kind = "form"
    received_on = date(2015, 1, 12)


class AllocationFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Allocation

    grant = factory.SubFactory(GrantFactory)
    envelope = factory.SubFactory(EnvelopeFactory)
    amount = 20000


class GrantAgreementFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.GrantAgreement

    grant = factory.SubFactory(GrantFactory, amount_granted=20000)
    conditions = "Invented terms."


class InstalmentFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Instalment

    agreement = factory.SubFactory(GrantAgreementFactory)
    number = factory.Sequence(lambda n: n % 30000 + 1)
    amount = 1000


class PaymentFactory(DjangoModelFactory):
    """A payment of a grant in payment (tests/solidarity/lives.py)."""

    class Meta:
        model = solidarity.Payment

    allocation = factory.LazyAttribute(lambda row: row.grant.allocations.first())
    paid_on = date(2015, 4, 1)
    amount = 1000
    reference = beyond("PAY-{}")


class FinancialReportFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.FinancialReport

    grant = factory.SubFactory(GrantFactory)
    year = 2014
    due_on = date(2015, 6, 30)


class ReportLineFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.ReportLine

    report = factory.SubFactory(FinancialReportFactory)
    label = factory.Sequence("Invented line {:05}".format)
    budget = 1000
    actual = 900


class PublicAccountsFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.PublicAccounts

    organisation = factory.SubFactory(OrganisationFactory)
    year = 2014


class HealthIndicatorFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.HealthIndicator

    city = factory.SubFactory(CityFactory)
    year = 2014
    measure = "diagnosed"
    actual = 80
