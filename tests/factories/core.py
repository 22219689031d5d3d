import factory
from factory.django import DjangoModelFactory

from core import models as core
from core.roles import Role
from tests.factories.partnerships import CityFactory


class UserFactory(DjangoModelFactory):
    """A person; `role=` puts her in that role's group."""

    class Meta:
        model = core.User
        skip_postgeneration_save = True

    email = factory.Sequence("person{}@example.test".format)
    first_name = "Example"
    last_name = factory.Sequence("Person {}".format)
    password = factory.django.Password("invented-password")

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        if extracted:
            from django.contrib.auth.models import Group

            self.groups.add(Group.objects.get(name=Role(extracted).value))


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = core.Source

    slug = factory.Sequence("source-{}".format)
    title_fr = factory.Sequence("Source inventée {}".format)
    title_en = factory.Sequence("Invented source {}".format)
    kind = "official"


class CitationFactory(DjangoModelFactory):
    class Meta:
        model = core.Citation

    record = factory.SubFactory(CityFactory)
    source = factory.SubFactory(SourceFactory)
    section = factory.Sequence("section {}".format)


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = core.Document

    record = factory.SubFactory(CityFactory)
    title = factory.Sequence("Invented document {}".format)
    file = factory.django.FileField(filename="note.txt", data=b"Invented content.")
