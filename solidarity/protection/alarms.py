"""Who is told of an emergency access, and what the message says: that it happened, never to whom it is about."""

from collections.abc import Iterable
from smtplib import SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core import clock
from core.models import User
from solidarity.enums import AccessOrigin
from solidarity.models.protected import FileAccess
from solidarity.protection.rules import EMERGENCY_ACCESS, who_must_be_told

log = structlog.get_logger(__name__)


def tell() -> int:
    """Sends one message to each protection officer for each emergency access that is not told yet, then notes that it was
    sent. What fails is tried again by the next run, which the calendar of tasks starts every few minutes; each access is
    noted by itself, so that one that fails has no other told twice."""
    waiting = FileAccess.objects.filter(origin=AccessOrigin.BREAK_GLASS, alerted_at=None).order_by("created_at")
    return sum(_tell(key) for key in waiting.values_list("pk", flat=True))


@transaction.atomic
def _tell(key: int) -> bool:
    waiting = FileAccess.objects.filter(pk=key, alerted_at=None).select_related("user")
    access = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if access is None:
        return False  # another run is telling it, or has told it
    _send(_messages(access, who_must_be_told()))
    access.alerted_at = clock.now()
    access.save()
    return True


def _send(messages: Iterable[EmailMessage]) -> None:
    """An address that the mail server refuses for good keeps no other officer from being told; nobody told is a failure."""
    connection = get_connection()
    connection.open()
    refused: list[SMTPRecipientsRefused] = []
    reached = 0
    try:
        for message in messages:
            try:
                reached += connection.send_messages([message])
            except SMTPRecipientsRefused as error:
                refused.append(error)
                log.error("alarm_refused", address=message.to[0])
    finally:
        connection.close()
    later = [error for error in refused if any(code < 500 for code, _said in error.recipients.values())]
    if later or (refused and not reached):
        raise (later or refused)[0]


def _messages(access: FileAccess, officers: Iterable[User]) -> Iterable[EmailMessage]:
    for officer in officers:
        with translation.override(officer.language):
            moment = date_format(localtime(access.until - EMERGENCY_ACCESS), "DATETIME_FORMAT")
            yield EmailMessage(
                subject=_("Parvis: a protected file was opened in an emergency"),
                body=_(
                    "%(who)s opened a protected file by emergency access on %(moment)s.\n\n"
                    "Sign in to Parvis, page “Protection”, to end the access if need be. Those who may open the file see which one it is, and why."
                )
                % {"who": access.user, "moment": moment},
                from_email=settings.DEFAULT_FROM_EMAIL,
                to=[officer.email],
            )
