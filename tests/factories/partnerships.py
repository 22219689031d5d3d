from datetime import date
from string import ascii_uppercase

import factory
from factory.django import DjangoModelFactory

from partnerships import models as partnerships
from partnerships.enums import (
    AgreementKind,
    ClauseKind,
    CountryStatusKind,
    MembershipRole,
    OrganisationKind,
    RelationKind,
)

# Codes of countries, and XA and XB, which the sample rows have.
_TAKEN = {"JE", "JM", "JO", "JP", "QA", "WF", "WS", "XA", "XB", "XK", "YE", "YT", "ZA", "ZM", "ZW"}
_CODES = sorted({first + second for first in "JQWXYZ" for second in ascii_uppercase} - _TAKEN)


def beyond(pattern: str) -> factory.Sequence:
    """References beyond those that tests write themselves and those that data have: whichever comes first, they differ."""
    return factory.Sequence(lambda n: pattern.format(500_000 + n))


class CountryFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Country

    code = factory.Sequence(lambda n: _CODES[n % len(_CODES)])
    name_fr = factory.Sequence("Pays d'exemple {:05}".format)
    name_en = factory.Sequence("Example Country {:05}".format)


class CountryStatusFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.CountryStatus

    country = factory.SubFactory(CountryFactory)
    kind = CountryStatusKind.DAC_LOWER_MIDDLE
    since = date(2014, 1, 1)


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Area

    slug = factory.Sequence("area-{:05}".format)
    name_fr = factory.Sequence("Zone d'exemple {:05}".format)
    name_en = factory.Sequence("Example Area {:05}".format)


class CityFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.City

    slug = factory.Sequence("city-{:05}".format)
    name_fr = factory.Sequence("Ville d'exemple {:05}".format)
    name_en = factory.Sequence("Example City {:05}".format)
    country = factory.SubFactory(CountryFactory)


class CityAreaFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.CityArea

    city = factory.SubFactory(CityFactory)
    area = factory.SubFactory(AreaFactory)


class RelationFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Relation

    city = factory.SubFactory(CityFactory)
    kind = RelationKind.PARTNER
    description_fr = factory.Sequence("relation inventée {:05}".format)
    description_en = factory.Sequence("invented relation {:05}".format)


class WatchNoteFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.WatchNote

    city = factory.SubFactory(CityFactory)
    noted_on = date(2015, 5, 4)
    title = factory.Sequence("Invented note {:05}".format)
    text = "Invented text."


class RenewalDecisionFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.RenewalDecision

    city = factory.SubFactory(CityFactory)
    verdict = "renew"
    decided_on = date(2015, 5, 4)
    until = date(2016, 5, 4)
    reason = "Raison inventée."


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Organisation

    slug = factory.Sequence("organisation-{:05}".format)
    name_fr = factory.Sequence("Organisation d'exemple {:05}".format)
    name_en = factory.Sequence("Example Organisation {:05}".format)
    kind = OrganisationKind.ASSOCIATION


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Person

    slug = factory.Sequence("person-{:05}".format)
    name = factory.Sequence("Example Person {:05}".format)


class PersonRoleFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.PersonRole

    person = factory.SubFactory(PersonFactory)
    title_fr = factory.Sequence("fonction inventée {:05}".format)
    title_en = factory.Sequence("invented function {:05}".format)


class CouncilGroupFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.CouncilGroup

    slug = factory.Sequence("group-{:05}".format)
    name = factory.Sequence("Example Group {:05}".format)


class DeliberationFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Deliberation

    number = factory.Sequence("2015 EXAMPLE {}".format)
    title_fr = factory.Sequence("Délibération inventée {:05}".format)
    title_en = factory.Sequence("Invented deliberation {:05}".format)
    voted_on = date(2015, 2, 9)
    voted_on_precision = "day"


class AgreementFactory(DjangoModelFactory):
    """A draft that lacks nothing but its vote; `signed=True` and `in_force=True` make it further along."""

    class Meta:
        model = partnerships.Agreement

    class Params:
        signed = factory.Trait(status="signed", signed_on=date(2015, 3, 2), signed_on_precision="day")
        in_force = factory.Trait(
            status="in-force",
            signed_on=date(2015, 3, 2),
            signed_on_precision="day",
            deliberation=factory.SubFactory(DeliberationFactory),
            transmitted_to_prefect_on=date(2015, 3, 9),
            in_force_on=date(2015, 3, 10),
        )

    reference = beyond("AGR-2015-{}")
    title_fr = factory.Sequence("Accord inventé {:05}".format)
    title_en = factory.Sequence("Invented agreement {:05}".format)
    kind = AgreementKind.COOPERATION
    object_fr = "Objet inventé."
    forecast_amount = 0


class AgreementPartyFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.AgreementParty

    agreement = factory.SubFactory(AgreementFactory)
    city = factory.SubFactory(CityFactory)


class AgreementClauseFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.AgreementClause

    agreement = factory.SubFactory(AgreementFactory)
    kind = ClauseKind.GENDER_EQUALITY


class AmendmentFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Amendment

    agreement = factory.SubFactory(AgreementFactory, signed=True)
    number = factory.Sequence(lambda n: n + 1)
    object = "Invented change."


class NetworkFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Network

    slug = factory.Sequence("network-{:05}".format)
    name_fr = factory.Sequence("Réseau d'exemple {:05}".format)
    name_en = factory.Sequence("Example Network {:05}".format)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Membership

    network = factory.SubFactory(NetworkFactory)
    role = MembershipRole.MEMBER


class DuesFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Dues

    network = factory.SubFactory(NetworkFactory)
    year = 2015
    amount_due = 1000
    due_on = date(2015, 6, 30)


class NetworkSeatFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.NetworkSeat

    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    body = "Invented board"


class NetworkCityFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.NetworkCity

    network = factory.SubFactory(NetworkFactory)
    city = factory.SubFactory(CityFactory)


class AmbassadorFactory(DjangoModelFactory):
    class Meta:
        model = partnerships.Ambassador

    person = factory.SubFactory(PersonFactory)
    country = factory.SubFactory(CountryFactory)
    post = "Invented post"
    since = date(2015, 1, 1)
