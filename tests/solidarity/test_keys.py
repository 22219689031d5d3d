"""The commands of the keys that seal: a new one, turning to it, and what they say when one is lost."""

from datetime import date
from functools import partial
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from core.models import IdempotencyKey, WebhookSubscription
from core.sealing import LostKey, seal, sealed_fields, sealed_models, unseal
from solidarity.models.protected import FileAccess, ProtectedFile, Publication
from tests import factories as make
from tests.solidarity.loaded import run

pytestmark = pytest.mark.django_db


def new_key() -> str:
    return run("new_sealing_key").strip()


def test_a_new_key_is_one_each_time_and_nothing_else_is_printed(settings):
    keys = {new_key() for _time in range(3)}
    assert len(keys) == 3
    settings.SEALING_KEYS = list(keys)
    assert unseal(seal("Invented")) == "Invented"


def test_after_the_rotation_everything_reads_without_the_old_key(settings):
    old = settings.SEALING_KEYS[0]
    file = make.ProtectedFileFactory(identity=seal("Invented identity"))
    access = make.FileAccessFactory(file=file, reason=seal("Invented reason"))
    fresh = new_key()
    settings.SEALING_KEYS = [fresh, old]
    assert run("rotate_keys") == "3 texts were sealed anew.\n"
    assert run("rotate_keys") == "0 texts were sealed anew.\n"
    settings.SEALING_KEYS = [fresh]
    file, access = ProtectedFile.objects.get(pk=file.pk), FileAccess.objects.get(pk=access.pk)
    read = [unseal(text) for text in (file.pseudonym, file.identity, access.reason)]
    assert read == ["Example Pseudonym", "Invented identity", "Invented reason"]
    settings.SEALING_KEYS = [old]
    with pytest.raises(LostKey):
        unseal(file.identity)


def test_one_text_is_said_as_one(settings):
    make.ProtectedFileFactory()
    settings.SEALING_KEYS = [new_key(), *settings.SEALING_KEYS]
    assert run("rotate_keys") == "1 text was sealed anew.\n"


def test_a_lost_key_changes_nothing_and_says_what_to_do(settings):
    old = settings.SEALING_KEYS[0]
    make.ProtectedFileFactory()
    settings.SEALING_KEYS = [Fernet.generate_key().decode()]
    make.ProtectedFileFactory()
    settings.SEALING_KEYS = [new_key(), settings.SEALING_KEYS[0]]  # the second file opens, the first does not
    before = list(ProtectedFile.objects.order_by("pk").values())
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("rotate_keys", stdout=out)
    assert refused.value.returncode == 1
    assert "PARVIS_SEALING_KEYS" in str(refused.value)
    assert "rotate_keys" in str(refused.value)
    assert (out.getvalue(), list(ProtectedFile.objects.order_by("pk").values())) == ("", before)
    settings.SEALING_KEYS = [*settings.SEALING_KEYS, old]  # as the sentence says
    assert run("rotate_keys") == "2 texts were sealed anew.\n"


def kept_answer(**values) -> IdempotencyKey:
    return IdempotencyKey.objects.create(caller="client:invented", key="k-1", digest="0" * 64, **values)


# How a row is made that fills the sealed columns of each model.
ROWS = {
    IdempotencyKey: kept_answer,
    WebhookSubscription: make.WebhookSubscriptionFactory,
    ProtectedFile: partial(make.ProtectedFileFactory, hold_until=date(2016, 1, 1)),
    FileAccess: make.FileAccessFactory,
    Publication: make.PublicationFactory,
}


def test_the_rotation_knows_every_sealed_column_of_every_model(settings):
    assert set(ROWS) == set(sealed_models())
    old = settings.SEALING_KEYS[0]
    for model, row in ROWS.items():
        row(**{name: seal(f"{model.__name__}.{name}") for name in sealed_fields(model)})
    fresh = new_key()
    settings.SEALING_KEYS = [fresh, old]
    run("rotate_keys")
    settings.SEALING_KEYS = [fresh]
    for model in ROWS:
        said = {
            unseal(text) for name in sealed_fields(model) for text in model._base_manager.values_list(name, flat=True)
        }
        assert {f"{model.__name__}.{name}" for name in sealed_fields(model)} <= said, model
