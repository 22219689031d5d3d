"""What stands in the way of opening, giving access, publishing and erasing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from core import clock, dates
from core.access import may
from core.exceptions import Reason
from core.models import User
from core.roles import Role
from solidarity.models.protected import ProtectedFile, Publication

# Working values of the department; nothing in law says them.
LONGEST_ACCESS = timedelta(days=366)
ACCESS_OF_OPENER = timedelta(days=90)
EMERGENCY_ACCESS = timedelta(hours=24)
LONGEST_KEEPING_YEARS = 10
SHORTEST_REASON = 15


def is_protection_officer(actor) -> bool:
    """By role, never by being a superuser: whoever runs the servers does not read the files."""
    return bool(actor.pk and actor.is_active and Role.PROTECTION_OFFICER in actor.role_names)


def protection_officers_only(actor) -> None:
    if not is_protection_officer(actor):
        raise PermissionDenied


def has_access(actor, file: ProtectedFile) -> bool:
    return ProtectedFile.objects.visible_to(actor).filter(pk=file.pk).exists()


def reason_is_said(reason: str, field: str = "reason") -> Iterator[Reason]:
    if len(reason.strip()) < SHORTEST_REASON:
        yield Reason(_("Say why, in a sentence: others must understand it later."), field)


def access_may_be_given(user: User, until: datetime | None, reason: str, actor) -> Iterator[Reason]:
    """By name, to somebody else who can hold it, with an end and a reason."""
    if user.pk == actor.pk:
        yield Reason(_("Nobody grants herself access: ask another protection officer."), "user")
    if not user.is_active or not may(user, "view", ProtectedFile):
        yield Reason(_("This person's role does not open protected files."), "user")
    if until is None:
        yield Reason(_("Say until when: an access without an end is not given."), "until")
    elif until <= clock.now():
        yield Reason(_("The end has already passed."), "until")
    elif until > clock.now() + LONGEST_ACCESS:
        yield Reason(_("An access lasts a year at most; it can be given again."), "until")
    yield from reason_is_said(reason)


def erasure_day_is_right(erase_on: date | None) -> Iterator[Reason]:
    if erase_on is None:
        yield Reason(_("Say when the file is to be erased: none is kept without an end."), "erase_on")
    elif erase_on <= clock.today():
        yield Reason(_("The day of the erasure lies ahead."), "erase_on")
    elif erase_on > clock.today().replace(year=clock.today().year + LONGEST_KEEPING_YEARS, day=1):
        yield Reason(_("A file is kept ten years at most."), "erase_on")


def hold_may_last(until: date, reason: str) -> Iterator[Reason]:
    if until < clock.today():
        yield Reason(_("The end has already passed."), "until")
    yield from reason_is_said(reason)


def may_be_erased(file: ProtectedFile, confirmation: str) -> Iterator[Reason]:
    if file.hold_until and file.hold_until >= clock.today():
        day = dates.display(file.hold_until, "day")
        yield Reason(_("A legal hold forbids the erasure until %(day)s: erase it after that day.") % {"day": day})
    if confirmation.strip().upper() != file.code:
        yield Reason(_("Type the code of the file to confirm: what is erased cannot be brought back."), "confirmation")


def publication_may_be_cleared(publication: Publication, actor) -> Iterator[Reason]:
    if publication.asked_by_id == actor.pk:
        yield Reason(_("A second person says that publishing does not endanger: it cannot be who asked."))
    if publication.cleared_at:
        yield Reason(_("It is published already."))


def who_must_be_told() -> list[User]:
    """Every protection officer who can sign in."""
    return list(User.objects.filter(is_active=True, groups__name=Role.PROTECTION_OFFICER.value).distinct())
