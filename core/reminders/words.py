"""Reminders in words: what a rule does, and what keeps reminders from going out."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.deadlines import kinds
from core.enums import Channel
from core.models import ReminderRule
from core.reminders.health import Health
from core.roles import role_name
from core.templatetags.parvis import number


def in_words(rule: ReminderRule) -> str:
    """What the rule does, as it stands, saved or not: “60 days before, to whoever answers for the record by e-mail.”"""
    return f"{capfirst(said(rule))}."


def said(rule: ReminderRule) -> str:
    """The same within a sentence."""
    moment = when(rule.days_before or 0)
    values = {"moment": moment, "recipients": recipients(rule), "channels": channels(rule)}
    sentence = _("%(moment)s, to %(recipients)s %(channels)s") % values
    if rule.escalation_days and rule.escalation_role:
        values = {"role": role_name(rule.escalation_role), "later": later(rule.escalation_days)}
        escalated = _("%(later)s, if it is still due, to: %(role)s") % values
        return f"{sentence}; {escalated}"
    return sentence


def when(days_before: int) -> str:
    """Days before the due date in words; a negative number is after it."""
    if days_before == 0:
        return _("on the day itself")
    if days_before < 0:
        return ngettext("%(count)s day after", "%(count)s days after", -days_before) % {"count": number(-days_before)}
    return ngettext("%(count)s day before", "%(count)s days before", days_before) % {"count": number(days_before)}


def later(days: int) -> str:
    return ngettext("%(count)s day later", "%(count)s days later", days) % {"count": number(days)}


def recipients(rule: ReminderRule) -> str:
    named = [_("whoever answers for the record")] if rule.to_owner else []
    named += [role_name(role) for role in rule.roles or ()]
    if rule.person_id:
        named.append(str(rule.person))
    if not named and list(rule.channels or ()) == [Channel.WEBHOOK]:
        return _("the systems that asked for reminders")
    return listed(named) if named else _("nobody yet")


def channels(rule: ReminderRule) -> str:
    by = {Channel.EMAIL: _("by e-mail"), Channel.IN_APP: _("on the pages of Parvis")}
    by[Channel.WEBHOOK] = _("by webhook")
    return listed([by.get(Channel(name)) or str(Channel(name).label) for name in rule.channels or ()]) or _(
        "in no way yet"
    )


def listed(words: list[str]) -> str:
    """“a, b and c”."""
    if len(words) < 2:
        return "".join(words)
    return pgettext("the end of a list", "%(first)s and %(last)s") % {
        "first": ", ".join(words[:-1]),
        "last": words[-1],
    }


def kind_title(kind: str) -> str:
    """How a kind of deadline is called; one that is gone keeps its bare name."""
    source = kinds().get(kind)
    return str(source.title) if source else kind


def troubles(found: Health) -> list[str]:
    """Why somebody should look after the reminders, a sentence each; none while all is well."""
    said = []
    if found.last_run is None:
        said.append(_("Reminders have not run yet: nobody is reminded of anything."))
    elif found.is_late:
        said.append(_("Reminders last ran on %(moment)s.") % {"moment": moment(found.last_run)})
    if found.problem:
        said.append(_("The last run did not get to its end: %(problem)s") % {"problem": found.problem})
    if found.is_blocked and found.oldest:
        sentence = ngettext(
            "%(count)s e-mail waits since %(moment)s.",
            "%(count)s e-mails wait, the oldest since %(moment)s.",
            found.waiting,
        )
        said.append(sentence % {"count": number(found.waiting), "moment": moment(found.oldest)})
    if found.deferred:
        sentence = ngettext(
            "%(count)s e-mail has been tried in vain for more than an hour.",
            "%(count)s e-mails have been tried in vain for more than an hour.",
            found.deferred,
        )
        said.append(sentence % {"count": number(found.deferred)})
    if found.parked:
        sentence = ngettext("%(count)s e-mail could not be sent.", "%(count)s e-mails could not be sent.", found.parked)
        said.append(sentence % {"count": number(found.parked)})
    return said


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i")
