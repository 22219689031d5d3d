"""A register where everything has a row, people of every role, and files of people under threat in unmistakable words."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from urllib.parse import unquote

import pghistory
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from core import clock
from core.access import Parvis
from core.models import BaseModel
from core.roles import Role
from core.sealing import sealed_fields
from events.services import subscribe
from mandate.services import take_readings
from solidarity.enums import FileKind
from solidarity.models import protected
from solidarity.models.protected import FileAccess, ProtectedFile, Publication
from solidarity.protection import services
from tests import factories
from tests.admin.test_pages import make
from tests.pages.conftest import everything, joined_network, partner_city, solidarity

# In every text of the files that only those who are named may open, and in those that every protection officer may.
SECRET, RESTRICTED = "kwyjibo", "zorblax"
# The keys of the protected rows begin so, and no other number does.
NUMBERS = 771390000
DAY = date(2024, 2, 29)
DAYS = r"2024-02-29|29/02/2024|29\W+f[eé]v[a-zé.]*\W+2024|29\W+feb[a-z.]*\W+2024|feb[a-z.]*\W+29\W+2024|20240229"
PROTECTED = [model for model in apps.get_models() if model.__module__ == protected.__name__]
TABLES = {model._meta.db_table for model in PROTECTED} | {
    model.pgh_event_model._meta.db_table for model in PROTECTED if issubclass(model, BaseModel)
}
WHY = f"{SECRET} reason, that somebody understands later"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@dataclass
class People:
    """Readers by what they are: `strangers` to the files, and those who may open some."""

    strangers: dict[str, Client] = field(default_factory=dict)
    opener: Client | None = None
    second: Client | None = None
    named: Client | None = None
    calendars: list[str] = field(default_factory=list)


def people() -> People:
    found = People()
    for role in Role:
        found.strangers[role.value] = signed_in(factories.UserFactory(role=role, language="en"))
    found.strangers["superuser"] = signed_in(factories.UserFactory(is_superuser=True, is_staff=True, language="en"))
    found.strangers["nobody"] = Client()
    found.opener, found.second = (signed_in(factories.UserFactory(role=Role.PROTECTION_OFFICER)) for _who in range(2))
    found.named = signed_in(factories.UserFactory(role=Role.OFFICER))
    for user in get_user_model().objects.filter(groups__isnull=False):
        found.calendars.append(subscribe(actor=user, name="Invented")[1])
    return found


def public_world() -> None:
    """At least one row of every record that is not protected, and what makes the pages full."""
    partner_city()
    joined_network()
    everything()
    solidarity()
    for model in apps.get_models():
        if issubclass(model, BaseModel) and not model._meta.proxy and model not in PROTECTED:
            make(model)
    for audience in ("staff", "city"):
        factories.WatchNoteFactory(audience=audience)
    # The one number that leaves the protected rooms.
    factories.IndicatorFactory(measure="refuges-begun")
    take_readings(actor=Parvis())


# --- what is hidden ---


def number_unmistakably() -> None:
    with connection.cursor() as cursor:
        for place, table in enumerate(sorted(TABLES)):
            key = "pgh_id" if table.endswith("event") else "id"
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, key, NUMBERS + place * 100])


def opened(people: People, word: str, **values) -> ProtectedFile:
    usual = {"kind": FileKind.REFUGE, "level": "protected", "erase_on": DAY, "begins_on": DAY, "ends_on": DAY}
    texts = {name: f"{word}{name} is written here" for name in services.TEXTS}
    return services.open_file(actor=people.opener.user, reason=f"{word}opened {WHY}", **usual | texts | values)


def hidden(people: People) -> ProtectedFile:
    """One file with everything that a file can have; nothing of it is for anybody but the three who are named."""
    file = opened(people, SECRET)
    opener, second, named = people.opener.user, people.second.user, people.named.user
    until = clock.now() + timedelta(days=30)
    services.grant_access(file, actor=opener, user=named, until=until, reason=WHY)
    revoked = services.grant_access(file, actor=opener, user=named, until=until, reason=WHY)
    services.revoke_access(revoked, actor=opener)
    services.break_glass(actor=second, code=file.code, reason=f"{SECRET}emergency {WHY}")
    services.hold(file, actor=opener, until=DAY, reason=f"{SECRET}hold {WHY}")
    services.ask_publication(
        file, actor=opener, name=f"{SECRET}name", wording=f"{SECRET}wording", consent_on=date(2015, 5, 4)
    )
    for name in (*services.TEXTS, "hold_reason"):
        services.read(file, name, actor=named)
    return ProtectedFile.objects.get(pk=file.pk)


def published(people: People, programme, word: str) -> Publication:
    """A file whose publication was cleared: its public record bears the word."""
    file = opened(people, word, level="restricted", begins_on=None, ends_on=None)
    asked = services.ask_publication(
        file, actor=people.opener.user, name=f"{word}name", wording=f"{word}wording", consent_on=date(2015, 5, 4)
    )
    return services.clear_publication(asked, actor=people.second.user, programme=programme)


@dataclass
class Hidden:
    """What is hidden: a file, one that every protection officer may open, one that was erased, one not public any more."""

    file: ProtectedFile
    restricted: ProtectedFile
    gone: dict[str, str]

    def patterns(self) -> dict[str, str]:
        """What must not appear, by its name, as regular expressions."""
        return {
            "a word of the file": SECRET,
            "a word of the restricted file": RESTRICTED,
            "its day": DAYS,
            "the number of a row": rf"(?<!\d){str(NUMBERS)[:5]}\d{{4}}(?!\d)",
            "its code": coded(self.file.code),
            "the code of the restricted file": coded(self.restricted.code),
        } | {name: coded(code) for name, code in self.gone.items()}


def coded(code: str) -> str:
    return code.lower().replace("-", "(?:-|%2d)?")


def hide(people: People, programme) -> Hidden:
    number_unmistakably()
    with pghistory.context(user=people.opener.user.pk):
        file = hidden(people)
        erased = published(people, programme, SECRET).file
        withdrawn = published(people, programme, RESTRICTED)
        services.withdraw_publication(withdrawn, actor=people.opener.user)
    answer = people.opener.post(f"/protection/{erased.code}/erase/", {"confirmation": erased.code})
    assert answer.status_code == 302, answer.content
    assert not ProtectedFile.objects.filter(pk=erased.pk).exists()
    restricted = withdrawn.file
    return Hidden(file, restricted, {"the code of the erased file": erased.code})


def assert_every_text_is_written(file: ProtectedFile) -> None:
    """A field added later is one that the canary must hold too."""
    for row in (file, *FileAccess.objects.filter(file=file), *Publication.objects.filter(file=file)):
        empty = [name for name in sealed_fields(type(row)) if not getattr(row, name)]
        assert empty == [], f"no canary in {type(row).__name__}: {empty}"


def found_in(text: str, patterns: dict[str, str]) -> list[str]:
    """The names of what the text shows, however it is escaped."""
    lowered = unescape(unquote(text)).lower()
    return [name for name, pattern in patterns.items() if re.search(pattern, lowered)]
