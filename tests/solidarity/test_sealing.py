"""Keys: what is sealed stays readable when they change, and a lost one is told with what to do."""

from datetime import date

import pytest
from cryptography.fernet import Fernet

from core.roles import Role
from core.sealing import LostKey, reseal, rotate_keys, seal, sealed_fields, unseal
from solidarity.models.protected import FileAccess, FileRead, ProtectedFile, Publication
from solidarity.protection import services
from tests import factories as make

pytestmark = pytest.mark.django_db

OLD, NEW = "b2xkLWtleS1vZi10aGUtdGVzdHMtb25seS0zMi1iISE=", "bmV3LWtleS1vZi10aGUtdGVzdHMtb25seS0zMi1iISE="
TEXTS = ("pseudonym", "identity", "whereabouts", "situation", "host", "support", "follow_up", "notes", "hold_reason")
MANY = 450  # more than two of the chunks that they are read by


@pytest.fixture
def keys(settings):
    def change(*chosen: str) -> None:
        settings.SEALING_KEYS = list(chosen)

    change(OLD)
    return change


def stored() -> dict[tuple[str, int, str], str]:
    """Every sealed text as the database holds it, by its place."""
    return {
        (model.__name__, row["pk"], name): row[name]
        for model in (ProtectedFile, FileAccess, Publication)
        for row in model.objects.values("pk", *sealed_fields(model))
        for name in sealed_fields(model)
    }


def said() -> dict[tuple[str, int, str], str]:
    return {place: unseal(text) for place, text in stored().items()}


def many() -> None:
    opener, other = make.UserFactory(role=Role.PROTECTION_OFFICER), make.UserFactory(role=Role.PROTECTION_OFFICER)
    files = ProtectedFile.objects.bulk_create(
        ProtectedFile(
            kind="refuge",
            erase_on=date(2018, 1, 1),
            hold_until=date(2016, 1, 1),
            opened_by=opener,
            **{name: seal(f"{name} of {number}, « écrit » 🕊") for name in TEXTS},
        )
        for number in range(MANY)
    )
    make.FileAccessFactory(file=files[0], user=other, granted_by=opener)
    make.PublicationFactory(file=files[1], asked_by=opener, wording=seal("Invented."))


class TestRotation:
    def test_every_text_is_sealed_anew_and_still_reads(self, keys):
        many()
        before, clear = stored(), said()
        keys(NEW, OLD)
        assert rotate_keys() == sum(bool(text) for text in before.values()) == MANY * len(TEXTS) + 3
        keys(NEW)
        assert said() == clear
        assert not {text for text in stored().values() if text} & set(before.values())

    def test_again_it_changes_nothing(self, keys):
        many()
        keys(NEW, OLD)
        rotate_keys()
        once = stored()
        assert rotate_keys() == 0
        assert stored() == once

    def test_it_reads_nothing_out_and_notes_nothing(self, keys):
        many()
        keys(NEW, OLD)
        versions = set(ProtectedFile.objects.values_list("pk", "version", "texts_changed_at"))
        rotate_keys()
        assert set(ProtectedFile.objects.values_list("pk", "version", "texts_changed_at")) == versions
        assert not FileRead.objects.exists()

    def test_where_one_key_is_lost_nothing_changes(self, keys):
        make.ProtectedFileFactory()
        keys(Fernet.generate_key().decode())
        make.ProtectedFileFactory()
        before = stored()
        keys(NEW, OLD)
        with pytest.raises(LostKey):
            rotate_keys()
        assert stored() == before


class TestLostKey:
    def test_says_what_to_do_and_not_what_was_there(self, keys):
        access = make.FileAccessFactory(file__identity=seal("A name"))
        before = stored()
        keys(NEW)
        with pytest.raises(LostKey) as lost:
            services.read(access.file, "identity", actor=access.user)
        for part in ("PARVIS_SEALING_KEYS", "kept with the backups", "rotate_keys"):
            assert part in str(lost.value)
        assert access.file.identity not in str(lost.value)
        assert lost.value.__cause__ is None
        assert stored() == before

    def test_what_was_tampered_with_is_not_opened(self):
        sealed = seal("A name")
        turned = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
        with pytest.raises(LostKey):
            unseal(turned)


def test_the_first_key_seals_and_all_open(keys):
    old = seal("A name")
    keys(NEW, OLD)
    assert unseal(old) == "A name"
    assert Fernet(NEW).decrypt(seal("B").encode()) == b"B"
    anew = reseal(old)
    assert anew != old
    assert reseal(anew) == anew


def test_equal_texts_are_sealed_differently_and_nothing_stays_nothing():
    assert seal("A name") != seal("A name")
    assert (seal(""), unseal(""), reseal("")) == ("", "", "")
