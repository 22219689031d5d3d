"""Pages of protection: to whom they exist, that a text is read by a button alone, and what is refused in which words."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.roles import Role
from core.sealing import seal
from solidarity.models import Residency
from solidarity.models.protected import Erasure, FileAccess, FileRead, ProtectedFile, Publication
from solidarity.protection.urls import urlpatterns
from tests import factories

pytestmark = pytest.mark.django_db
SECRET = "Unmistakable Identity"
REASON = "An invented reason, in a sentence."
UNKNOWN = "0000-0000"


@pytest.fixture
def named(reader):
    """A protection officer who is named for a file, with the file as `file`."""
    client = reader(Role.PROTECTION_OFFICER)
    client.file = factories.ProtectedFileFactory(identity=seal(SECRET))
    factories.FileAccessFactory(file=client.file, user=client.user)
    client.at = f"/protection/{client.file.code}/"
    return client


def words(response) -> str:
    return unescape(response.content.decode())


def refused(client, address: str, **posted) -> str:
    """What a refused act answers: the page again, with the reasons."""
    response = client.post(address, posted)
    assert response.status_code == 422, words(response)
    assert "Nothing was done." in words(response)
    return words(response)


def addresses(code: str, access: int) -> list[str]:
    """Every address of protection, as the resolver knows them: one that is added later is among them."""
    parts = {"<str:code>": code, "<str:field>": "identity", "<int:pk>": str(access)}
    found = []
    for entry in urlpatterns:
        route = str(entry.pattern)
        for part, value in parts.items():
            route = route.replace(part, value)
        assert "<" not in route
        found.append(f"/protection/{route}")
    return found


def without_address(response, address: str) -> tuple[str, dict[str, str]]:
    """What an answer says and its headers, save for the tokens of its forms, the moment and the address that was asked for."""
    body = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
    headers = {name: value for name, value in response.headers.items() if name not in ("Content-Length", "Expires")}
    return body.replace(address, ""), headers


# --- to whom they exist ---


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.ADMINISTRATOR])
def test_to_a_role_that_opens_no_file_no_address_exists(reader, named, role):
    client = reader(role)
    access = named.file.accesses.get().pk
    nothing = without_address(client.get("/nothing/"), "/nothing/")
    for address in addresses(named.file.code, access):
        for ask in (client.post, client.options):
            response = ask(address)
            assert response.status_code == 404, (ask.__name__, address)
        # The switch of languages leads back to the address that was asked for: nothing else differs.
        assert without_address(client.get(address), address) == nothing
    assert not FileRead.objects.exists()
    assert "Protection" not in words(client.get("/preferences/"))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER])
def test_a_file_for_which_one_is_not_named_is_like_one_that_is_not_there(reader, named, role):
    client = reader(role)
    access = named.file.accesses.get().pk
    client.get("/protection/")
    real, unknown = addresses(named.file.code, access), addresses(UNKNOWN, access)
    for there, nowhere in zip(real, unknown, strict=True):
        if there == nowhere:
            continue
        for ask in (client.get, client.post):
            with CaptureQueriesContext(connection) as asked:
                found = ask(there)
            with CaptureQueriesContext(connection) as asked_of_nothing:
                nothing = ask(nowhere)
            # 405 where the address takes no such question: of any file, and of none.
            assert found.status_code == nothing.status_code, there
            assert found.status_code in (404, 405)
            assert without_address(found, there) == without_address(nothing, nowhere)
            assert len(asked) == len(asked_of_nothing)
    assert named.file.code not in words(client.get("/protection/"))
    assert not FileRead.objects.exists()


def test_whoever_has_access_reads_and_loses_it_at_its_end(reader):
    client = reader(Role.OFFICER)
    access = factories.FileAccessFactory(user=client.user)
    address = f"/protection/{access.file.code}/"
    body = words(client.get(address))
    assert "<h1>Example Pseudonym</h1>" in body
    assert "Erase this file" not in body
    assert "Give access to somebody" not in body
    for page in ("erase/", "publication/"):
        assert client.get(address + page).status_code == 404
    assert client.post("/protection/new/").status_code == 404
    # Dates belong to whoever is named; the level to protection officers.
    posted = {"begins_on": "2015-01-01", "ends_on": "", "erase_on": "2016-01-01", "level": "restricted", "version": 1}
    assert client.post(f"{address}dates/", posted).status_code == 302
    access.file.refresh_from_db()
    assert (access.file.begins_on, access.file.level) == (date(2015, 1, 1), "protected")
    FileAccess.objects.update(until=clock.now() - timedelta(minutes=1))
    assert client.get(address).status_code == 404
    assert "Nobody has named you for a file." in words(client.get("/protection/"))


# --- reading and writing ---


def test_a_text_is_read_by_a_button_alone_noted_and_kept_by_nobody(named):
    page = named.at + "text/identity/"
    for address in ("/protection/", named.at, f"{named.at}publication/", f"{named.at}erase/"):
        response = named.get(address)
        assert response.status_code == 200
        assert SECRET not in words(response)
        assert "no-store" in response["Cache-Control"]
        # “no-referrer” would take the origin away too, and a browser's forms would be refused as a stranger's.
        assert response["Referrer-Policy"] == "strict-origin"
    assert named.get(page).status_code == 302
    assert not FileRead.objects.exists()
    response = named.post(page)
    assert SECRET in words(response)
    assert "no-store" in response["Cache-Control"]
    noted = FileRead.objects.get()
    assert (noted.file, noted.user, noted.field) == (named.file, named.user, "identity")
    assert SECRET not in words(named.get(named.at))
    assert f"{named.user}, identity" in words(named.get(named.at))
    assert named.post(f"{named.at}text/hold_reason/").status_code == 404


def test_a_written_text_is_sealed_and_a_lost_edit_gives_back_what_was_typed(named):
    page = named.at + "text/situation/"
    version = named.file.version
    assert named.post(page, {"text": "Invented danger", "version": version}).status_code == 302
    named.file.refresh_from_db()
    assert named.file.situation.startswith("gAAAA")
    body = refused(named, page, text="What I typed", version=version)
    assert "This record was changed since you opened it." in body
    assert "What I typed" in body
    assert "Invented danger" not in body
    assert "Give a pseudonym: it is what is shown." in refused(
        named, f"{named.at}text/pseudonym/", text=" ", version=named.file.version
    )


def test_the_reasons_of_accesses_are_read_by_a_button_too(named):
    assert "An invented reason." not in words(named.get(named.at))
    assert "An invented reason." in words(named.post(f"{named.at}reasons/"))
    assert FileRead.objects.get().field == "reasons"


def test_a_lost_key_says_what_to_do_and_leaves_no_trace_of_the_text(named, settings):
    settings.SEALING_KEYS = [Fernet.generate_key().decode()]
    other = factories.ProtectedFileFactory(level="restricted", pseudonym=seal("Other Pseudonym"))
    what_to_do = "Put the key that it was sealed with back at the end of PARVIS_SEALING_KEYS"
    listed = words(named.get("/protection/"))
    assert what_to_do in listed
    assert named.file.code in listed
    assert "Other Pseudonym" in listed
    for address in (named.at, f"{named.at}erase/", f"{named.at}publication/"):
        response = named.get(address)
        assert response.status_code == 200
        assert what_to_do in words(response)
    for page in ("text/identity/", "reasons/"):
        response = named.post(named.at + page, follow=True)
        assert what_to_do in words(response)
        assert "gAAAA" not in words(response)
    factories.PublicationFactory(file=other, name=seal("Sealed Name"))
    settings.SEALING_KEYS = [Fernet.generate_key().decode()]
    response = named.post(f"/protection/{other.code}/publication/", {"read": "1"}, follow=True)
    assert what_to_do in words(response)


# --- what is refused, and what to do ---


def test_who_may_open_a_file_and_until_when_is_in_sight(named):
    colleague = factories.UserFactory(role=Role.OFFICER, first_name="Named", last_name="Colleague")
    assert "Nobody but you is named." in words(named.get(named.at))
    until = clock.today() + timedelta(days=10)
    posted = {"user": colleague.pk, "until": until.isoformat(), "reason": REASON}
    assert named.post(f"{named.at}access/", posted).status_code == 302
    for address in ("/protection/", named.at):
        body = words(named.get(address))
        assert "Named Colleague" in body
        assert "until 11 June 2015" in body
    assert "Nobody but you is named." not in words(named.get(named.at))
    given = FileAccess.objects.get(user=colleague)
    assert named.post(f"{named.at}access/{given.pk}/end/").url == named.at
    assert "1 access that has ended" in words(named.get(named.at))


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"user": "self"}, "Nobody grants herself access"),
        ({"user": "deputy"}, "choose somebody in the list"),
        ({"until": ""}, "Say until when: an access without an end is not given."),
        ({"until": "2015-05-31"}, "The end has already passed."),
        ({"until": "2017-06-01"}, "An access lasts a year at most; it can be given again."),
        ({"reason": "because"}, "Say why, in a sentence"),
    ],
)
def test_an_access_is_refused_with_what_to_do(named, posted, said):
    people = {
        "self": named.user,
        "deputy": factories.UserFactory(role=Role.DEPUTY),
        "colleague": factories.UserFactory(role=Role.OFFICER),
    }
    asked = {"user": "colleague", "until": "2015-06-30", "reason": REASON} | posted
    body = refused(named, f"{named.at}access/", **asked | {"user": people[asked["user"]].pk})
    assert said in body
    assert FileAccess.objects.count() == 1


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"erase_on": ""}, "Say when the file is to be erased: none is kept without an end."),
        ({"erase_on": "2015-06-01"}, "The day of the erasure lies ahead."),
        ({"erase_on": "2026-01-01"}, "A file is kept ten years at most."),
        ({"pseudonym": " "}, "Give a pseudonym: it is what is shown."),
        ({"reason": ""}, "Say why, in a sentence"),
        ({"begins_on": "2015-05-01", "ends_on": "2015-04-01"}, "The end cannot be before the beginning."),
    ],
)
def test_a_file_is_not_opened_without_what_it_needs(reader, posted, said):
    client = reader(Role.PROTECTION_OFFICER)
    whole = {
        "kind": "refuge",
        "level": "protected",
        "pseudonym": "Invented",
        "erase_on": "2018-01-01",
        "reason": REASON,
    }
    assert said in refused(client, "/protection/new/", **whole | posted)
    assert not ProtectedFile.objects.exists()
    response = client.post("/protection/new/", whole)
    file = ProtectedFile.objects.get()
    assert response.url == f"/protection/{file.code}/"
    assert file.accesses.get().user == client.user


def test_an_emergency_opens_tells_and_can_be_ended_by_each_protection_officer(reader, named):
    client = reader(Role.PROTECTION_OFFICER)
    assert "There is no file of this code." in refused(client, "/protection/emergency/", code=UNKNOWN, reason=REASON)
    assert "Say why" in refused(client, "/protection/emergency/", code=named.file.code, reason="")
    assert not FileAccess.objects.filter(user=client.user).exists()
    opened = client.post("/protection/emergency/", {"code": named.file.code.lower(), "reason": REASON}, follow=True)
    assert "Every protection officer is being told." in words(opened)
    assert "Example Pseudonym" in words(opened)
    # A third one, who was told but is not named, sees that it happened, not to which file, and may end it.
    third = reader(Role.PROTECTION_OFFICER)
    body = words(third.get("/protection/"))
    assert str(client.user) in body
    assert named.file.code not in body
    access = FileAccess.objects.get(user=client.user)
    assert named.file.code in words(named.get("/protection/"))
    assert third.post(f"/protection/emergency/{access.pk}/end/").status_code == 302
    assert client.get(named.at).status_code == 404
    officer = reader(Role.OFFICER)
    assert "Emergency accesses" not in words(officer.get("/protection/"))
    assert officer.post(f"/protection/emergency/{access.pk}/end/").status_code == 404
    # Only what somebody took in an emergency is ended so.
    assert third.post(f"/protection/emergency/{named.file.accesses.get(user=named.user).pk}/end/").status_code == 404


def test_a_legal_hold_bars_the_erasure_until_it_ends(named):
    assert "The end has already passed." in refused(named, f"{named.at}hold/", until="2015-05-31", reason=REASON)
    assert "Say why" in refused(named, f"{named.at}hold/", until="2015-07-01", reason="")
    refused(named, f"{named.at}hold/", until="", reason=REASON)
    assert named.post(f"{named.at}hold/", {"until": "2015-07-01", "reason": REASON}).status_code == 302
    assert "legal hold until 1 July 2015" in words(named.get("/protection/"))
    said = "A legal hold forbids the erasure until 1 July 2015: erase it after that day."
    page = words(named.get(f"{named.at}erase/"))
    assert said in page
    assert "Erase for good" not in page
    assert said in refused(named, f"{named.at}erase/", confirmation=named.file.code)
    assert named.post(f"{named.at}hold/", {"end": "1"}).status_code == 302
    assert "Erase for good" in words(named.get(f"{named.at}erase/"))


def test_a_file_is_erased_by_its_code_alone_and_is_gone(named):
    for typed in ("", "yes", UNKNOWN):
        body = refused(named, f"{named.at}erase/", confirmation=typed)
        assert "Type the code of the file to confirm: what is erased cannot be brought back." in body
    response = named.post(f"{named.at}erase/", {"confirmation": named.file.code.lower()}, follow=True)
    assert "The file is erased. Only that it happened remains." in words(response)
    assert named.get(named.at).status_code == 404
    assert Erasure.objects.get().erased_by == named.user


def test_the_day_of_the_erasure_says_that_it_has_come(named):
    ProtectedFile.objects.update(erase_on=date(2015, 6, 1))
    listed = words(named.get("/protection/"))
    assert "<h1>1 protected file is open to you, 1 to be erased now</h1>" in listed
    assert "Erase the file, or say until when it is still needed." in words(named.get(named.at))


# --- publication ---


def test_a_publication_takes_two_and_its_words_are_read_before_they_are_cleared(reader, named):
    page = f"{named.at}publication/"
    assert "Without her dated consent nothing is published." in refused(named, page, name="Public Name", consent_on="")
    assert "Say under what name." in refused(named, page, name="", consent_on="2015-05-01")
    asked = {"name": "Public Name", "wording": "Public words", "consent_on": "2015-05-01"}
    assert named.post(page, asked).status_code == 302
    publication = Publication.objects.get()
    programme = factories.ResidencyProgrammeFactory()
    clear = {"programme": programme.pk, "harmless": "on", "asked": publication.pk}
    said = "A second person says that publishing does not endanger: it cannot be who asked."
    assert said in words(named.get(page))
    body = refused(named, page, **clear)
    assert said in body
    assert "Public words" not in words(named.post(page, {"read": "1"}))
    assert not Residency.objects.exists()

    second = reader(Role.PROTECTION_OFFICER)
    factories.FileAccessFactory(file=named.file, user=second.user)
    assert "Public words" not in words(second.get(page))
    assert not FileRead.objects.exists()
    assert "Public words" in words(second.post(page, {"read": "1"}))
    assert FileRead.objects.get().field == "publication"
    unsure = {name: value for name, value in clear.items() if name != "harmless"}
    assert "Public words" in refused(second, page, **unsure)
    nowhere = {name: value for name, value in clear.items() if name != "programme"}
    assert "Choose the residency programme" in refused(second, page, **nowhere)
    stale = clear | {"asked": publication.pk + 1}
    assert "It was withdrawn meanwhile and asked for anew: read it again." in refused(second, page, **stale)
    assert second.post(page, clear).status_code == 302
    published = Residency.objects.get()
    assert (published.resident, published.support_fr) == ("Public Name", "Public words")
    assert "Public Name" in words(reader(Role.DEPUTY).get("/honours/"))

    assert named.post(page, {"withdraw": "1"}).status_code == 302
    assert not Residency.objects.exists()
    assert not Publication.objects.exists()


def test_whoever_is_no_protection_officer_publishes_and_erases_nothing(reader, named):
    officer = reader(Role.OFFICER)
    factories.FileAccessFactory(file=named.file, user=officer.user)
    assert officer.get(named.at).status_code == 200
    given = {"user": named.user.pk, "until": "2015-06-30", "reason": REASON}
    for page, posted in (
        ("access/", given),
        ("hold/", {"until": "2015-07-01", "reason": REASON}),
        ("hold/", {"end": "1"}),
        ("publication/", {"name": "Name", "consent_on": "2015-05-01"}),
        ("erase/", {"confirmation": named.file.code}),
        (f"access/{named.file.accesses.get(user=named.user).pk}/end/", {}),
    ):
        assert officer.post(named.at + page, posted).status_code == 404, page
    own = named.file.accesses.get(user=officer.user)
    assert officer.post(f"{named.at}access/{own.pk}/end/").url == "/protection/"
    assert officer.get(named.at).status_code == 404


# --- the pages themselves ---


def test_the_pages_ask_as_much_for_one_file_as_for_three(named):
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert named.get(address).status_code == 200
        return len(captured)

    counted = []
    for _file in range(3):
        counted.append((asked("/protection/"), asked(named.at)))
        other = factories.ProtectedFileFactory()
        for file in (other, named.file):
            factories.FileAccessFactory(file=file, user=named.user)
            factories.FileAccessFactory(file=file, origin="break-glass", granted_by=None)
            factories.FileReadFactory(file=file)
    # The first page asks nothing of emergencies that did not happen.
    assert counted[1] == counted[2]


def test_history_keeps_no_address_of_a_file(named):
    named.post(f"{named.at}erase/", {"confirmation": named.file.code})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM solidarity_erasureevent WHERE pgh_context::text LIKE %s", ["%/protection/%"]
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM solidarity_erasureevent WHERE pgh_context ->> 'user' = %s", [str(named.user.pk)]
        )
        assert cursor.fetchone() == (1,)


def test_a_file_that_nobody_may_open_any_more_is_erased_unread_by_any_protection_officer(reader):
    client = reader(Role.PROTECTION_OFFICER)
    alone, due, kept = (factories.ProtectedFileFactory() for _file in range(3))
    due.erase_on = clock.today()
    due.save()
    for file in (due, kept):
        factories.FileAccessFactory(file=file)
    page = client.get("/protection/").content.decode()
    assert alone.code in page
    assert due.code in page
    assert kept.code not in page
    assert "Example Pseudonym" not in page
    assert client.get(f"/protection/{alone.code}/").status_code == 404
    assert client.get(f"/protection/{kept.code}/erase/").status_code == 404
    assert "Example Pseudonym" not in client.get(f"/protection/{alone.code}/erase/").content.decode()
    assert client.post(f"/protection/{alone.code}/erase/", {"confirmation": "wrong"}).status_code == 422
    assert client.post(f"/protection/{alone.code}/erase/", {"confirmation": alone.code}).status_code == 302
    assert set(ProtectedFile.objects.all()) == {due, kept}
    officer = reader(Role.OFFICER)
    assert due.code not in officer.get("/protection/").content.decode()
    assert officer.get(f"/protection/{due.code}/erase/").status_code == 404
