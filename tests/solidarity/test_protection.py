"""What the files of people under threat refuse, of whoever asks and in whatever way."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from core import clock
from core.access import ApiClient
from core.exceptions import LostEdit, Refused
from core.history import event_model
from core.models import Citation, Document
from core.roles import Role
from core.sealing import seal, unseal
from solidarity.enums import FileKind
from solidarity.models import Honour, Residency
from solidarity.models.protected import Erasure, FileAccess, FileRead, ProtectedFile, Publication
from solidarity.protection import selectors, services
from tests import factories as make
from tests.cooperation.lives import reasons
from tests.cooperation.test_constraints import written

pytestmark = pytest.mark.django_db

WHY = "An invented reason that somebody understands later."
NO_SELF_GRANT = "Nobody grants herself access: ask another protection officer."
UNKNOWN_READERS = [Role.ADMINISTRATOR, Role.OFFICER, Role.SOLIDARITY_OFFICER, Role.DEPUTY, Role.AUDITOR]


@pytest.fixture
def opener(db):
    return make.UserFactory(role=Role.PROTECTION_OFFICER)


@pytest.fixture
def other(db):
    """Another protection officer, whom nobody named."""
    return make.UserFactory(role=Role.PROTECTION_OFFICER)


def opened(actor, **values) -> ProtectedFile:
    usual = {"kind": FileKind.REFUGE, "level": "protected", "erase_on": date(2018, 1, 1), "reason": WHY}
    return services.open_file(actor=actor, **usual | {"pseudonym": "Hirondelle", "identity": "A name"} | values)


@pytest.fixture
def file(opener):
    return opened(opener)


def in_days(number: int):
    return clock.now() + timedelta(days=number)


def refused(act, *given, **values) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as found:
        act(*given, **values)
    return reasons(found)


class TestWhoSeesAFile:
    @pytest.mark.parametrize("level", ["protected", "restricted"])
    @pytest.mark.parametrize("role", UNKNOWN_READERS)
    def test_no_role_opens_it_by_itself(self, opener, role, level):
        opened(opener, level=level)
        reader = make.UserFactory(role=role, is_superuser=role == Role.ADMINISTRATOR)
        for model in (ProtectedFile, FileAccess, FileRead, Publication, Erasure):
            assert not model.objects.visible_to(reader).exists()

    def test_a_protection_officer_opens_what_is_restricted_and_what_she_is_named_for(self, opener, other):
        restricted, protected = opened(opener, level="restricted"), opened(opener)
        assert set(ProtectedFile.objects.visible_to(other)) == {restricted}
        assert set(ProtectedFile.objects.visible_to(opener)) == {restricted, protected}

    def test_no_system_sees_anything_whatever_its_scopes(self, opener):
        opened(opener, level="restricted")
        system = ApiClient("invented", "Invented", frozenset({"solidarity:read", "solidarity:write"}))
        for model in (ProtectedFile, FileAccess, FileRead, Publication, Erasure):
            assert not model.objects.visible_to(system).exists()

    def test_an_access_ends_by_itself_and_when_it_is_revoked(self, opener, file):
        officer = make.UserFactory(role=Role.OFFICER)
        access = services.grant_access(file, actor=opener, user=officer, until=in_days(1), reason=WHY)
        assert services.read(file, "identity", actor=officer) == "A name"
        written(access, until=clock.now() - timedelta(seconds=1))
        with pytest.raises(ProtectedFile.DoesNotExist):
            services.read(file, "identity", actor=officer)
        written(access, until=in_days(1))
        services.revoke_access(access, actor=opener)
        with pytest.raises(ProtectedFile.DoesNotExist):
            services.read(file, "identity", actor=officer)

    def test_nobody_else_acts_on_it(self, opener, other, file):
        publication = services.ask_publication(file, actor=opener, name="A", wording="B", consent_on=date(2015, 5, 4))
        officer = make.UserFactory(role=Role.OFFICER)
        for actor in (other, officer):
            for act in (
                lambda who: services.pseudonym(file, who),
                lambda who: services.read(file, "notes", actor=who),
                lambda who: services.read_reasons(file, actor=who),
                lambda who: services.read_publication(publication, actor=who),
                lambda who: services.write(file, actor=who, notes="x"),
            ):
                with pytest.raises((ProtectedFile.DoesNotExist, Publication.DoesNotExist)):
                    act(actor)
        for act in (services.hold, services.erase, services.grant_access, services.ask_publication):
            given = {
                services.hold: {"until": date(2016, 1, 1), "reason": WHY},
                services.erase: {"confirmation": file.code},
                services.grant_access: {"user": officer, "until": in_days(1), "reason": WHY},
                services.ask_publication: {"name": "A", "wording": "", "consent_on": date(2015, 5, 4)},
            }[act]
            with pytest.raises(ProtectedFile.DoesNotExist):
                act(file, actor=other, **given)
            with pytest.raises(PermissionDenied):
                act(file, actor=officer, **given)
        assert FileRead.objects.count() == 0


class TestOpening:
    def test_is_for_protection_officers(self):
        for role in UNKNOWN_READERS:
            with pytest.raises(PermissionDenied):
                opened(make.UserFactory(role=role, is_superuser=role == Role.ADMINISTRATOR))

    def test_asks_for_a_pseudonym_a_reason_and_a_day_of_erasure_within_ten_years(self, opener):
        assert refused(opened, opener, pseudonym=" ", reason="short", erase_on=None) == [
            ("Say when the file is to be erased: none is kept without an end.", "erase_on"),
            ("Say why, in a sentence: others must understand it later.", "reason"),
            ("Give a pseudonym: it is what is shown.", "pseudonym"),
        ]
        assert refused(opened, opener, erase_on=date(2015, 6, 1)) == [
            ("The day of the erasure lies ahead.", "erase_on")
        ]
        assert refused(opened, opener, erase_on=date(2025, 6, 2)) == [("A file is kept ten years at most.", "erase_on")]
        assert not ProtectedFile.objects.exists()

    def test_a_model_keeps_no_clear_text(self, opener):
        with pytest.raises(ValidationError, match="must be sealed"):
            ProtectedFile(
                kind="refuge", erase_on=date(2018, 1, 1), opened_by=opener, pseudonym=seal("A"), notes="in clear"
            ).save()


class TestGivingAccess:
    def test_never_to_oneself(self, opener, file):
        given = {"until": in_days(1), "reason": WHY}
        assert refused(services.grant_access, file, actor=opener, user=opener, **given) == [(NO_SELF_GRANT, "user")]
        row = FileAccess(
            file=file, user=opener, granted_by=opener, origin="granted", until=in_days(1), reason=seal(WHY)
        )
        with pytest.raises(ValidationError, match="Nobody grants herself access"):
            row.save()
        with pytest.raises(IntegrityError, match="solidarity_fileaccess_granted_by_another"), transaction.atomic():
            FileAccess.objects.bulk_create([row])

    def test_never_without_an_end_nor_for_more_than_a_year(self, opener, file):
        officer = make.UserFactory(role=Role.OFFICER)
        for until, said in (
            (None, "Say until when: an access without an end is not given."),
            (in_days(0), "The end has already passed."),
            (in_days(367), "An access lasts a year at most; it can be given again."),
        ):
            found = refused(services.grant_access, file, actor=opener, user=officer, until=until, reason=WHY)
            assert found == [(said, "until")]
        with pytest.raises(IntegrityError, match='null value in column "until"'), transaction.atomic():
            FileAccess.objects.bulk_create(
                [FileAccess(file=file, user=officer, origin="granted", granted_by=opener, reason=seal(WHY))]
            )

    @pytest.mark.parametrize("who", [{"role": Role.DEPUTY}, {"role": Role.AUDITOR}, {"role": Role.ADMINISTRATOR}, {}])
    def test_never_to_a_role_that_opens_no_file(self, opener, file, who):
        said = refused(
            services.grant_access, file, actor=opener, user=make.UserFactory(**who), until=in_days(1), reason="no"
        )
        assert said == [
            ("This person's role does not open protected files.", "user"),
            ("Say why, in a sentence: others must understand it later.", "reason"),
        ]

    def test_whoever_is_named_gives_none_and_ends_none_but_her_own(self, opener, file):
        officer, colleague = (make.UserFactory(role=Role.OFFICER) for _number in range(2))
        hers, his = (
            services.grant_access(file, actor=opener, user=user, until=in_days(1), reason=WHY)
            for user in (officer, colleague)
        )
        with pytest.raises(PermissionDenied):
            services.revoke_access(his, actor=officer)
        assert services.revoke_access(hers, actor=officer).revoked_at


class TestWriting:
    def test_whoever_is_named_writes_texts_but_not_the_level(self, opener, file):
        officer = make.UserFactory(role=Role.OFFICER)
        services.grant_access(file, actor=opener, user=officer, until=in_days(1), reason=WHY)
        assert unseal(services.write(file, actor=officer, notes=" a note ").notes) == "a note"
        with pytest.raises(PermissionDenied):
            services.write(file, actor=officer, level="restricted")

    def test_a_file_that_changed_meanwhile_a_lost_pseudonym_and_a_past_erasure_are_refused(self, opener, file):
        services.write(file, actor=opener, notes="first")
        with pytest.raises(LostEdit):
            services.write(file, actor=opener, version=file.version, notes="second")
        assert refused(services.write, file, actor=opener, pseudonym=" ")[0][1] == "pseudonym"
        assert refused(services.write, file, actor=opener, erase_on=None)[0][1] == "erase_on"
        assert services.read(file, "notes", actor=opener) == "first"

    def test_history_keeps_that_a_text_changed_and_never_what_it_said(self, opener, file):
        events = event_model(ProtectedFile).objects.filter(pgh_obj_id=file.pk)
        before = events.count()
        services.write(file, actor=opener, notes="a note")
        assert events.count() == before + 1
        kept = {field.name for field in event_model(ProtectedFile)._meta.get_fields()}
        assert not kept & {*services.TEXTS, "hold_reason"}
        assert "reason" not in {field.name for field in event_model(FileAccess)._meta.get_fields()}
        assert not {"name", "wording"} & {field.name for field in event_model(Publication)._meta.get_fields()}

    def test_history_of_a_file_is_seen_by_whom_it_names_and_by_nobody_else(self, opener, other, file):
        """The numbers of events are not those of files: here the event of one has the number of the other."""
        events = event_model(ProtectedFile)
        theirs = events.objects.filter(pgh_obj_id=opened(other).pk)
        ProtectedFile.objects.filter(pk=file.pk).update(begins_on=date(2015, 1, 1))
        mine = events.objects.filter(pgh_obj_id=file.pk)
        assert set(events.objects.filter(ProtectedFile.visibility(opener))) == set(mine)
        assert set(events.objects.filter(ProtectedFile.visibility(other))) == set(theirs)


class TestReadings:
    def test_each_is_noted_before_the_text_is_unsealed(self, opener, file, monkeypatch):
        def fails(sealed):
            raise RuntimeError("invented fault")

        monkeypatch.setattr(services, "unseal", fails)
        publication = services.ask_publication(file, actor=opener, name="A", wording="B", consent_on=date(2015, 5, 4))
        for act in (
            lambda: services.read(file, "identity", actor=opener),
            lambda: services.read_reasons(file, actor=opener),
            lambda: services.read_publication(publication, actor=opener),
        ):
            with pytest.raises(RuntimeError):
                act()
        noted = FileRead.objects.order_by("pk").values_list("user", "field")
        assert list(noted) == [(opener.pk, name) for name in ("identity", "reasons", "publication")]

    def test_what_cannot_be_noted_is_not_read(self, opener, file, monkeypatch):
        def fails(self, *args, **kwargs):
            raise IntegrityError("invented fault")

        monkeypatch.setattr(FileRead, "save", fails)
        monkeypatch.setattr(services, "unseal", lambda sealed: pytest.fail("it was unsealed"))
        with pytest.raises(IntegrityError):
            services.read(file, "identity", actor=opener)

    def test_there_is_no_other_field(self, opener, file):
        for name in ("code", "reason", "opened_by", "password"):
            with pytest.raises(ValueError, match=name):
                services.read(file, name, actor=opener)

    def test_a_reading_is_never_changed_with_a_sentence(self, opener, file):
        services.read(file, "identity", actor=opener)
        row = FileRead.objects.get()
        row.field = "notes"
        with pytest.raises(ValidationError, match="What was read, by whom and when is never changed."):
            row.save()


class TestPublication:
    @pytest.fixture
    def asked(self, opener, file):
        services.hold(file, actor=opener, until=None, reason="")
        return services.ask_publication(
            file, actor=opener, name="Example Name", wording="Invented.", consent_on=date(2015, 5, 4)
        )

    @pytest.fixture
    def second(self, opener, other, file):
        services.grant_access(file, actor=opener, user=other, until=in_days(1), reason=WHY)
        return other

    def test_asks_for_a_consent_that_was_given_and_a_name(self, opener, file):
        given = {"actor": opener, "wording": ""}
        assert refused(services.ask_publication, file, name=" ", consent_on=None, **given) == [
            ("Without her dated consent nothing is published.", "consent_on"),
            ("Say under what name.", "name"),
        ]
        future = [("This has not happened yet: the date is in the future.", "consent_on")]
        assert refused(services.ask_publication, file, name="A", consent_on=date(2015, 6, 2), **given) == future
        row = Publication(file=file, asked_by=opener, name=seal("A"), consent_on=date(2015, 6, 2))
        with pytest.raises(ValidationError, match="the date is in the future"):
            row.save()

    def test_is_asked_once(self, opener, asked):
        given = {"name": "B", "wording": "", "consent_on": date(2015, 5, 4)}
        assert "asked for already" in refused(services.ask_publication, asked.file, actor=opener, **given)[0][0]

    def test_nobody_clears_what_she_asked_for(self, opener, asked):
        programme = make.ResidencyProgrammeFactory()
        said = refused(services.clear_publication, asked, actor=opener, programme=programme)
        assert said[0][0] == "A second person says that publishing does not endanger: it cannot be who asked."
        row = Publication.objects.get()
        row.cleared_by, row.cleared_at, row.public_kind, row.public_key = opener, clock.now(), "residency", 1
        with pytest.raises(ValidationError, match="it cannot be who asked"):
            row.save()
        assert not Residency.objects.exists()

    def test_is_cleared_once_and_under_a_programme(self, asked, second):
        assert refused(services.clear_publication, asked, actor=second)[0][1] == "programme"
        services.clear_publication(asked, actor=second, programme=make.ResidencyProgrammeFactory())
        assert Residency.objects.get().resident == "Example Name"
        again = refused(services.clear_publication, asked, actor=second, programme=make.ResidencyProgrammeFactory())
        assert again[0][0] == "It is published already."

    def test_an_honour_is_published_as_an_honour_whatever_is_sent_with_it(self, opener, other):
        file = opened(opener, kind="honour", level="restricted")
        asked = services.ask_publication(file, actor=opener, name="A", wording="", consent_on=date(2015, 5, 4))
        services.clear_publication(asked, actor=other, programme=make.ResidencyProgrammeFactory())
        assert (Honour.objects.get().recipient, Residency.objects.count()) == ("A", 0)

    def test_a_withdrawal_leaves_nothing_in_public(self, opener, asked, second, django_capture_on_commit_callbacks):
        services.clear_publication(asked, actor=second, programme=make.ResidencyProgrammeFactory())
        with django_capture_on_commit_callbacks(execute=True):
            portrait = published(Residency.objects.get())
            services.withdraw_publication(asked, actor=second)
        assert_nothing_is_left(portrait, Residency, Document, Citation, Publication)


def published(record):
    """What officers may have added to the public record since."""
    make.CitationFactory(record=record, section="p. 3")
    return make.DocumentFactory(record=record, title="Portrait").file


def assert_nothing_is_left(portrait, *models) -> None:
    for model in models:
        assert not model.objects.exists(), model
        assert not event_model(model).objects.exists(), model
    assert not portrait.storage.exists(portrait.name)


class TestErasure:
    def test_asks_for_the_code_and_the_end_of_a_hold(self, opener, file):
        services.hold(file, actor=opener, until=date(2015, 6, 1), reason=WHY)
        assert [text for text, _field in refused(services.erase, file, actor=opener, confirmation="7K2Q-9FHM")] == [
            "A legal hold forbids the erasure until 1 June 2015: erase it after that day.",
            "Type the code of the file to confirm: what is erased cannot be brought back.",
        ]
        assert refused(services.erase, file, actor=opener, confirmation=file.code)[0][1] == ""
        services.hold(file, actor=opener, until=None, reason="")
        assert refused(services.erase, file, actor=opener, confirmation=" ")[0][1] == "confirmation"
        assert ProtectedFile.objects.exists()

    def test_the_database_holds_what_is_held(self, opener, file):
        written(file, hold_until=date(2199, 1, 1), hold_reason=seal(WHY))
        with (
            pytest.raises(IntegrityError, match="A legal hold forbids the erasure"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM solidarity_fileaccess; DELETE FROM solidarity_protectedfile")
        assert ProtectedFile.objects.exists()

    def test_leaves_that_it_happened_and_nothing_else(self, opener, other, django_capture_on_commit_callbacks):
        file = opened(opener, level="restricted", begins_on=date(2014, 9, 1))
        services.read(file, "identity", actor=other)
        asked = services.ask_publication(file, actor=opener, name="A", wording="B", consent_on=date(2015, 5, 4))
        services.clear_publication(asked, actor=other, programme=make.ResidencyProgrammeFactory())
        with django_capture_on_commit_callbacks(execute=True):
            portrait = published(Residency.objects.get())
            services.erase(file, actor=other, confirmation=f" {file.code.lower()} ")
        assert_nothing_is_left(
            portrait, ProtectedFile, FileAccess, FileRead, Publication, Residency, Document, Citation
        )
        erasure = Erasure.objects.get()
        assert (erasure.kind, erasure.year, erasure.erased_on) == ("refuge", 2014, date(2015, 6, 1))
        assert erasure.erased_by == other
        make.ErasureFactory.create_batch(3, kind="refuge", year=2014)
        assert selectors.hosted_in(2014) is None
        make.ErasureFactory(kind="refuge", year=2014)
        assert selectors.hosted_in(2014) == 5

    def test_an_erasure_is_never_undone(self):
        row = make.ErasureFactory()
        row.year = 2010
        with pytest.raises(ValidationError, match="That something was erased, by whom and when is never changed."):
            row.save()
