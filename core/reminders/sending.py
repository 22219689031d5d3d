"""Sends what was written, each e-mail in a transaction of its own.

The row is locked while the mail server is spoken to: a worker that dies lets go of it, and the next one sends it again with
the same Message-ID. That can only be a double if the server had taken it and its answer was lost.
"""

import smtplib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import DateTimeField, F, Func, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from core import clock
from core.models import Message, Notification, ReminderPreference
from core.reminders.writing import is_quiet

log = structlog.get_logger(__name__)

# Seconds for each answer of the mail server.
TIMEOUT = 20
# A failure is tried again after 1, 2, 4... minutes, at most six hours apart. Tries are counted, not days: a mail server
# that was away for a week may ask to wait a little when it is back.
LONGEST_WAIT = timedelta(hours=6)
TRIES = 20  # in about three days
# So many e-mails after which the server hung up: it is the server's fault, and the next run goes on.
HUNG_UP = 3
# Not when the transaction began: an alert that was written meanwhile did not speak of it.
MOMENT = Func(function="clock_timestamp", output_field=DateTimeField())
CLOSED = gettext_noop("The account is closed.")


@dataclass(frozen=True)
class Outcome:
    """What one round of sending came to; `problem` is why it ended before everything due was tried."""

    sent: int
    problem: str


class Refusal(Exception):
    """The mail server does not take this e-mail, and says why; or `hung_up`, and nobody knows what it did with it."""

    def __init__(self, why: str, *, for_good: bool = False, hung_up: bool = False):
        super().__init__(why)
        self.for_good = for_good
        self.hung_up = hung_up


def send() -> Outcome:
    """Sends what is due, oldest first, until nothing is left or the mail server does not answer; the next run goes on."""
    return Round().send()


class Round:
    def __init__(self) -> None:
        self.connection = get_connection(timeout=TIMEOUT)
        self.quiet = _quiet_people()
        self.sent = self.hung_up = 0
        self.problem = ""

    def send(self) -> Outcome:
        try:
            while self.hung_up < HUNG_UP and self._send_one():
                pass
        except OSError as error:  # nobody answers, or we are not let in: no e-mail is to blame
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            self.connection.close()
        return Outcome(self.sent, self.problem)

    @transaction.atomic
    def _send_one(self) -> bool:
        """Whether there was an e-mail to send. The times are the database's, whatever this machine's clock says."""
        waiting = _due().exclude(recipient__in=self.quiet, alert="").select_related("recipient")
        message = waiting.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True).first()
        if message is None:
            return False
        try:
            if not message.recipient.is_active:
                raise Refusal(CLOSED, for_good=True)
            _hand_over(self.connection, message)
        except Refusal as refusal:
            self._put_off(message, refusal)
            return True
        self.hung_up = 0
        self.sent += 1
        Message.objects.filter(pk=message.pk).update(
            sent_at=Now(), body="", mute_link="", problem="", attempts=F("attempts") + 1
        )
        Notification.objects.filter(message=message).update(told_at=Now())
        return True

    def _put_off(self, message: Message, refusal: Refusal) -> None:
        if refusal.hung_up:
            self.hung_up += 1
            self.problem = str(refusal) if self.hung_up == HUNG_UP else ""
            self.connection.close()
        parked = refusal.for_good or message.attempts + 1 >= TRIES
        wait = min(timedelta(minutes=2 ** min(message.attempts, 10)), LONGEST_WAIT)
        problem = str(refusal)[:300] or "?"
        Message.objects.filter(pk=message.pk).update(
            attempts=F("attempts") + 1,
            problem=problem,
            due_at=Now() + wait,
            parked_at=MOMENT if parked else None,
        )
        if parked:
            log.error("reminder_parked", message=str(message.uuid), problem=problem)


def _due() -> QuerySet[Message]:
    return Message.objects.filter(sent_at=None, parked_at=None, due_at__lte=Now())


def _quiet_people() -> set[int]:
    """Those of whom something is due, and who want no e-mail now: what was written before waits for the morning."""
    now = clock.now()
    asked = set(_due().order_by().values_list("recipient", flat=True).distinct())
    wishes = {wish.user_id: wish for wish in ReminderPreference.objects.filter(user__in=asked)}
    return {person for person in asked if is_quiet(wishes.get(person) or ReminderPreference(), now)}


def _hand_over(connection: BaseEmailBackend, message: Message) -> None:
    letter = EmailMessage(
        message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.recipient.email], headers=_headers(message)
    )
    connection.open()
    try:
        connection.send_messages([letter])
    except smtplib.SMTPHeloError:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refusal(code, said) from error
    except smtplib.SMTPSenderRefused as error:
        # Either this e-mail is too long, or Parvis itself is not welcome: that is told apart by trying others.
        raise Refusal(_said(error.smtp_code, error.smtp_error), hung_up=True) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:  # an address or a line that no header can hold
        raise Refusal(f"{type(error).__name__}: {error}", for_good=True) from error
    except OSError as error:
        raise Refusal(f"{type(error).__name__}: {error}", hung_up=True) from error


def _headers(message: Message) -> dict[str, str]:
    headers = {
        "Message-ID": f"<{message.uuid}@{urlsplit(settings.SITE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answer from whoever is away
    }
    if message.mute_link:
        headers |= {"List-Unsubscribe": f"<{message.mute_link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _refusal(code: int, words: bytes | str) -> Refusal:
    """421 is a good-bye: the server speaks of itself, not of the e-mail (RFC 5321, 3.8)."""
    return Refusal(_said(code, words), for_good=code >= 500, hung_up=code == 421)


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
