"""Words what waits in the ledger, each in the language and with the rights of whoever reads it, and gathers it in e-mails."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.deadlines import Deadline, kinds
from core.enums import Channel, Frequency
from core.models import Message, MutedRule, Notification, ReminderPreference, User
from core.reminders import muting
from core.reminders.troubles import Attempt, at_once

# So many lines are worded in one transaction: what is cut off in the middle is worded again.
CHUNK = 500
# The hour from which digests are written, in the city's time zone.
DIGEST_HOUR = 8
# How many lines an e-mail shows; the page shows all.
SHOWN = 100
_LOCK = 0x7061726D  # the family of locks, one for each recipient

KEEP = """
UPDATE core_notification AS line
SET what = new.what, details = new.details, link = new.link, message_id = new.message,
    told_at = CASE WHEN %s THEN now() END
FROM jsonb_to_recordset(%s::jsonb) AS new (id bigint, what text, details text[], link text, message bigint)
WHERE line.id = new.id
"""

WAITING = {"told_at": None, "silenced_at": None, "message": None}


def write(attempt: Attempt = at_once) -> int:
    """Words all that waits for whoever can be told now; returns how many lines were told, put in an e-mail or fell silent.

    What cannot be worded waits; the other lines of the same person do not.
    """
    told = 0
    waiting = Notification.objects.filter(**WAITING).order_by().values_list("recipient", "channel").distinct()
    wishes = {wish.user_id: wish for wish in ReminderPreference.objects.all()}
    users = User.objects.in_bulk({recipient for recipient, _channel in waiting})
    for recipient, channel in sorted(waiting):
        desk = Desk(users[recipient], Channel(channel), wishes.get(recipient) or _no_wish(recipient), attempt)
        while done := attempt(f"{recipient}, {channel}", desk.write):
            told += done
    return told


def _no_wish(recipient: int) -> ReminderPreference:
    return ReminderPreference(user_id=recipient)


@dataclass
class Desk:
    """What is written to one person by one channel; `failed` are the kinds of deadlines that could not be worded."""

    user: User
    channel: Channel
    wish: ReminderPreference
    attempt: Attempt
    failed: set[str] = field(default_factory=set)

    @transaction.atomic
    def write(self) -> int:
        """One transaction's worth; 0 when nothing is left, nothing may be told now, or another run is at this person."""
        if not _locked(self.user):
            return 0
        digest_on = None
        if self.channel == Channel.EMAIL:
            now = clock.now()
            if is_quiet(self.wish, now):
                return 0
            digest_on = digest_day(self.wish, now)
            if self.wish.frequency != Frequency.INSTANT and (digest_on is None or _has_digest(self.user, digest_on)):
                return 0
        lines = self._waiting()[: None if digest_on else CHUNK]
        with translation.override(self.user.language):
            ready, silent = self._worded(list(lines))
            Notification.objects.filter(pk__in=silent).update(silenced_at=Now())
            if self.channel == Channel.IN_APP:
                _keep(ready, told=True)
            else:
                _gather(self.user, ready, digest_on)
        return len(ready) + len(silent)

    def _waiting(self) -> QuerySet[Notification]:
        waiting = Notification.objects.filter(recipient=self.user, channel=self.channel, **WAITING)
        return waiting.exclude(rule__kind__in=self.failed).select_related("rule").order_by("due_on", "pk")

    def _worded(self, lines: list[Notification]) -> tuple[list[Notification], list[int]]:
        """The lines that are still due, with their words; and the numbers of those that fall silent: what is due no more,
        what the person has muted, what the rule in use is no longer.
        """
        muted = set(MutedRule.objects.filter(user=self.user).values_list("rule", flat=True))
        by_kind: dict[str, list[Notification]] = defaultdict(list)
        silent, ready = [], []
        for line in lines:
            if line.rule.is_active and line.rule_id not in muted:
                by_kind[line.rule.kind].append(line)
            else:
                silent.append(line.pk)
        for kind, asked in by_kind.items():
            still = self.attempt(f"{kind}, {self.user.pk}", partial(_word, self.user, asked))
            if still is None:
                self.failed.add(kind)
                continue
            ready += still
            silent += {line.pk for line in asked} - {line.pk for line in still}
        return sorted(ready, key=lambda line: (line.due_on, line.pk)), silent


def _locked(user: User) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, user.pk % 2**31])
        return cursor.fetchone()[0]


# --- when ---


def is_quiet(wish: ReminderPreference, moment: datetime) -> bool:
    """Whether the person wants no e-mail at this moment, by the clock on the wall of the city."""
    if wish.quiet_weekends and moment.weekday() >= 5:
        return True
    if wish.quiet_from is None or wish.quiet_until is None:
        return False
    at = moment.time()
    if wish.quiet_from < wish.quiet_until:
        return wish.quiet_from <= at < wish.quiet_until
    return at >= wish.quiet_from or at < wish.quiet_until


def digest_day(wish: ReminderPreference, moment: datetime) -> date | None:
    """The day of the digest that is due by now: today's from 8 in the morning on, Monday's all week; None where none is.

    Whoever was not reached on Monday gets the week's digest on the first day that somebody can send it.
    """
    today = moment.date()
    if wish.frequency == Frequency.INSTANT or (wish.frequency == Frequency.DAILY and moment.hour < DIGEST_HOUR):
        return None
    if wish.frequency == Frequency.DAILY:
        return today
    monday = today - timedelta(today.weekday())
    return None if today == monday and moment.hour < DIGEST_HOUR else monday


def _has_digest(user: User, day: date) -> bool:
    return Message.objects.filter(recipient=user, digest_on=day, alert="").exists()


# --- what ---


def _word(user: User, lines: list[Notification]) -> list[Notification]:
    """Those of the lines that are still due, with their words in the active language."""
    found = still_due(user, lines)
    still = []
    for line in lines:
        deadline = found.get((line.rule.kind, line.content_type_id, line.object_id, line.due_on))
        if deadline is not None:
            line.what, line.link, line.details = deadline.what, deadline.link, deadline.details()
            still.append(line)
    return still


def still_due(user: User, lines: Iterable[Notification]) -> dict[tuple[str, int, int, date], Deadline]:
    """What is still due to this reader, of the records and days of these lines."""
    by_kind: dict[str, list[Notification]] = defaultdict(list)
    for line in lines:
        by_kind[line.rule.kind].append(line)
    found: dict[tuple[str, int, int, date], Deadline] = {}
    for kind, asked in by_kind.items():
        source = kinds()[kind]
        since, until = min(line.due_on for line in asked), max(line.due_on for line in asked)
        if source.rows is not None and source.say is not None:
            rows = source.rows(user, since, until).filter(pk__in={line.object_id for line in asked})
            deadlines = source.say(rows)
        else:
            deadlines = source.find(user, since, until)
        for deadline in deadlines:
            content_type = ContentType.objects.get_for_model(deadline.record)
            found[kind, content_type.pk, deadline.record.pk, deadline.due] = deadline
    return found


def _gather(user: User, lines: list[Notification], digest_on: date | None) -> None:
    """One e-mail for them all, or one for each, with its text as it will be sent however often it has to be tried."""
    if not lines:
        return
    letters = [_digest(user, lines, digest_on)] if digest_on else [_letter(user, line) for line in lines]
    Message.objects.bulk_create(letters)
    for number, line in enumerate(lines):
        line.message = letters[0 if digest_on else number]
    _keep(lines)


def _keep(lines: list[Notification], *, told: bool = False) -> None:
    """Their words in the ledger, in one statement: Django's own compares each line with all the others."""
    rows = [
        {"id": line.pk, "what": line.what, "details": line.details, "link": line.link, "message": line.message_id}
        for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [told, json.dumps(rows, cls=DjangoJSONEncoder)])


def _letter(user: User, line: Notification) -> Message:
    mute_link = absolute(reverse("mute-rule", args=[muting.token(user, line.rule)]))
    return Message(
        recipient=user,
        subject=_subject(_("Parvis: %(what)s") % {"what": line.what}),
        body=_body([line], mute_link),
        mute_link=mute_link,
    )


def _digest(user: User, lines: list[Notification], digest_on: date) -> Message:
    count = len(lines)
    subject = ngettext("Parvis: %(count)s reminder", "Parvis: %(count)s reminders", count) % {"count": count}
    return Message(recipient=user, digest_on=digest_on, subject=_subject(subject), body=_body(lines))


def _subject(text: str) -> str:
    """On one line, as a header has to be."""
    return " ".join(text.splitlines())[:250]


def _body(lines: list[Notification], mute_link: str = "") -> str:
    context = {
        "lines": [(line, absolute(line.link)) for line in lines[:SHOWN]],
        "more": max(0, len(lines) - SHOWN),
        "page": absolute(reverse("my-deadlines")),
        "preferences": absolute(reverse("preferences")),
        "mute_link": mute_link,
    }
    return render_to_string("core/reminders/message.txt", context)


def absolute(path: str) -> str:
    """The address of a page, as somebody outside finds it."""
    return f"{settings.SITE_URL}{path}" if path else settings.SITE_URL
