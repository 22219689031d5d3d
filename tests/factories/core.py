import factory
from factory.django import DjangoModelFactory
from oauth2_provider.models import Application

from core import models as core
from core.api.scopes import unprotected
from core.enums import Channel
from core.roles import Role
from core.sealing import seal
from core.webhooks.events import REMINDER_DUE
from core.webhooks.signing import new_secret
from tests.factories.partnerships import CityFactory


class UserFactory(DjangoModelFactory):
    """A person; `role=` puts her in that role's group."""

    class Meta:
        model = core.User
        skip_postgeneration_save = True

    email = factory.Sequence("person{:05}@example.test".format)
    first_name = "Example"
    last_name = factory.Sequence("Person {:05}".format)
    password = factory.django.Password("invented-password")

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        if extracted:
            from django.contrib.auth.models import Group

            self.groups.add(Group.objects.get(name=Role(extracted).value))


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = core.Source

    slug = factory.Sequence("source-{:05}".format)
    title_fr = factory.Sequence("Source inventée {:05}".format)
    title_en = factory.Sequence("Invented source {:05}".format)
    kind = "official"


class CitationFactory(DjangoModelFactory):
    class Meta:
        model = core.Citation

    record = factory.SubFactory(CityFactory)
    source = factory.SubFactory(SourceFactory)
    section = factory.Sequence("section {:05}".format)


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = core.Document

    record = factory.SubFactory(CityFactory)
    title = factory.Sequence("Invented document {:05}".format)
    file = factory.django.FileField(filename="note.txt", data=b"Invented content.")


class ReminderRuleFactory(DjangoModelFactory):
    class Meta:
        model = core.ReminderRule

    title_fr = factory.Sequence(lambda n: f"Rappel inventé {n}")
    kind = "agreement-expiry"
    days_before = 30
    roles = [Role.OFFICER.value]
    channels = [Channel.EMAIL.value]


class ApiClientFactory(DjangoModelFactory):
    """An API client that may ask for every scope but the protected ones; `access=None`: one to which nothing was given."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    name = factory.Sequence("invented system {:05}".format)
    client_type = Application.CLIENT_CONFIDENTIAL
    authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
    access = factory.RelatedFactory("tests.factories.core.ClientAccessFactory", factory_related_name="client")


class ClientAccessFactory(DjangoModelFactory):
    class Meta:
        model = core.ClientAccess

    client = factory.SubFactory(ApiClientFactory, access=None)
    scopes = factory.LazyFunction(unprotected)


class WebhookSubscriptionFactory(DjangoModelFactory):
    class Meta:
        model = core.WebhookSubscription

    name = factory.Sequence("invented system {:05}".format)
    client = factory.SubFactory(ApiClientFactory)
    url = "http://127.0.0.1:9/hooks/"
    event_types = [REMINDER_DUE]
    secret = factory.LazyFunction(lambda: seal(new_secret()))
