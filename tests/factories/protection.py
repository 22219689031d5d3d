from datetime import date, timedelta

import factory
from factory.django import DjangoModelFactory

from core import clock
from core.roles import Role
from core.sealing import seal
from solidarity import models as solidarity
from solidarity.enums import FileKind, ResidencyKind
from solidarity.models import protected
from tests.factories.core import UserFactory
from tests.factories.partnerships import CouncilGroupFactory, OrganisationFactory, beyond


class ResidencyProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.ResidencyProgramme

    slug = factory.Sequence("programme-{:05}".format)
    name_fr = factory.Sequence("Programme inventé {:05}".format)
    name_en = factory.Sequence("Invented programme {:05}".format)
    kind = ResidencyKind.ARTISTS


class ProgrammeHostFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.ProgrammeHost

    programme = factory.SubFactory(ResidencyProgrammeFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class ResidencyFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.Residency

    programme = factory.SubFactory(ResidencyProgrammeFactory)
    resident = factory.Sequence("Example Resident {:05}".format)


class HonourFactory(DjangoModelFactory):
    """A nomination; `awarded` makes it further along, without its gates having been passed."""

    class Meta:
        model = solidarity.Honour

    class Params:
        awarded = factory.Trait(stage="awarded", awarded_on=date(2015, 3, 2), awarded_on_precision="day")

    reference = beyond("HON-2015-{}")
    recipient = factory.Sequence("Example Recipient {:05}".format)
    year = 2015


class CommissionOpinionFactory(DjangoModelFactory):
    class Meta:
        model = solidarity.CommissionOpinion

    honour = factory.SubFactory(HonourFactory)
    group = factory.SubFactory(CouncilGroupFactory)
    opinion = "favourable"


class ProtectedFileFactory(DjangoModelFactory):
    """A protected file that nobody is named for yet."""

    class Meta:
        model = protected.ProtectedFile

    kind = FileKind.REFUGE
    pseudonym = factory.LazyFunction(lambda: seal("Example Pseudonym"))
    opened_by = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)
    erase_on = date(2020, 1, 1)


class FileAccessFactory(DjangoModelFactory):
    """Granted by another protection officer, for a month."""

    class Meta:
        model = protected.FileAccess

    file = factory.SubFactory(ProtectedFileFactory)
    user = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)
    origin = "granted"
    granted_by = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)
    reason = factory.LazyFunction(lambda: seal("An invented reason."))
    until = factory.LazyFunction(lambda: clock.now() + timedelta(days=30))


class FileReadFactory(DjangoModelFactory):
    class Meta:
        model = protected.FileRead

    file = factory.SubFactory(ProtectedFileFactory)
    user = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)
    field = "identity"


class PublicationFactory(DjangoModelFactory):
    class Meta:
        model = protected.Publication

    file = factory.SubFactory(ProtectedFileFactory)
    name = factory.LazyFunction(lambda: seal("Example Name"))
    consent_on = date(2015, 5, 4)
    asked_by = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)


class ErasureFactory(DjangoModelFactory):
    class Meta:
        model = protected.Erasure

    kind = FileKind.REFUGE
    year = 2014
    erased_by = factory.SubFactory(UserFactory, role=Role.PROTECTION_OFFICER)
