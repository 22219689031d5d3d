"""What a person does with reminders: reads them, says how she wants them, and mends what did not arrive."""

from datetime import time

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import written
from core.access import works_in_admin
from core.enums import Frequency
from core.exceptions import Reason, Refused
from core.models import BaseModel, Message, MutedRule, Notification, ReminderPreference, ReminderRule, User
from core.roles import Role

TAKE_OUT = _("This rule has told somebody something, and the ledger keeps it: take it out of use instead.")


def told(reader):
    """The reader's reminders on the pages, the latest first."""
    found = Notification.objects.visible_to(reader).filter(channel="in-app", told_at__isnull=False)
    return found.select_related("rule").order_by("-told_at", "-pk")


def unread_first(reader):
    """The same, those she has not read before the others."""
    return told(reader).alias(is_read=Q(read_at__isnull=False)).order_by("is_read", "-told_at", "-pk")


def unread(reader) -> int:
    """How many of them she has not read."""
    return written.counts(reader, (_unread,))[0]


def _unread(reader):
    return told(reader).filter(read_at=None)


def mark_read(*, actor: User, upto: int) -> int:
    """The actor's reminders up to this one (a number of the ledger) are read; returns how many were not."""
    return told(actor).filter(read_at=None, pk__lte=upto).update(read_at=Now())


def mark_one_read(*, actor: User, notification: Notification) -> None:
    """One of the actor's reminders is read; read twice, it was read the first time."""
    told(actor).filter(pk=notification.pk, read_at=None).update(read_at=Now())


def preference(reader: User) -> ReminderPreference:
    """How the reader is reminded: what she chose, or what holds for whoever chose nothing."""
    return ReminderPreference.objects.visible_to(reader).first() or ReminderPreference(user=reader)


@transaction.atomic
def prefer(
    *, actor: User, frequency: str, quiet_from: time | None, quiet_until: time | None, quiet_weekends: bool
) -> ReminderPreference:
    """How the actor wants e-mails; refuses an unknown frequency and quiet hours without an end or that never end."""
    wish = ReminderPreference.objects.select_for_update().filter(user=actor).first() or ReminderPreference(user=actor)
    wish.frequency, wish.quiet_weekends = (
        Frequency(frequency) if frequency in Frequency.values else frequency,
        quiet_weekends,
    )
    wish.quiet_from, wish.quiet_until = quiet_from, quiet_until
    try:
        wish.full_clean()
    except ValidationError as error:
        raise Refused(
            Reason(message, field if field != "__all__" else "")
            for field, messages in error.message_dict.items()
            for message in messages
        ) from error
    wish.save()
    return wish


def mute(*, actor: User, rule: ReminderRule) -> None:
    """The actor hears of this rule no more; what waits for her falls silent. Twice is once."""
    MutedRule.objects.get_or_create(user=actor, rule=rule)


def unmute(*, actor: User, rule: ReminderRule) -> None:
    """The actor hears of the rule again: of what it speaks of now, and of what fell silent meanwhile and is still due."""
    MutedRule.objects.visible_to(actor).filter(rule=rule).delete()


def muted(reader: User) -> set[int]:
    """The numbers of the rules that the reader has muted."""
    return set(MutedRule.objects.visible_to(reader).values_list("rule", flat=True))


def concerning(reader: User) -> models.QuerySet[ReminderRule]:
    """The rules in use that name the reader, her roles or whoever answers for a record, and those that she has muted; each
    with `is_muted`.
    """
    roles = sorted(reader.role_names)
    named = Q(to_owner=True) | Q(person=reader.pk) | Q(roles__overlap=roles) | Q(escalation_role__in=roles)
    muted = Exists(MutedRule.objects.filter(user=reader.pk, rule=OuterRef("pk")))
    rules = ReminderRule.objects.visible_to(reader).filter(is_active=True).select_related("person")
    return rules.annotate(is_muted=muted).filter(named | Q(is_muted=True))


def has_told(rule: ReminderRule) -> bool:
    """Whether the ledger names the rule."""
    return Notification.objects.filter(rule=rule).exists()


def check_rule_deletion(rule: ReminderRule) -> None:
    """Refuses the deletion of a rule that the ledger names (the foreign key holds it too): it would no longer say why somebody
    was told.
    """
    if has_told(rule):
        raise Refused([Reason(TAKE_OUT)])


def administers(reader) -> bool:
    """Whether the reader may read who was told what."""
    return works_in_admin(reader) and (reader.is_superuser or Role.ADMINISTRATOR in reader.role_names)


def ledger(reader) -> models.QuerySet[Notification]:
    """Who was told what and when, for administrators: of the records that the reader may see, for a line says what they are
    about.
    """
    if not administers(reader):
        return Notification.objects.none()
    seen = Q(pk__in=[])
    for kind in ContentType.objects.filter(pk__in=Notification.objects.order_by().values("content_type").distinct()):
        model = kind.model_class()
        if model is not None and issubclass(model, BaseModel):
            visible = model._default_manager.visible_to(reader).order_by().values("pk")
            seen |= Q(content_type=kind, object_id__in=visible)
    return Notification.objects.filter(seen).select_related("rule", "recipient")


def sees_health(reader) -> bool:
    """Whether the reader is told of what is stuck, and to whom: whoever administers the accounts or the records."""
    return works_in_admin(reader) and bool(
        reader.is_superuser or reader.role_names & {Role.ADMINISTRATOR, Role.OFFICER}
    )


def parked(reader):
    """The e-mails that could not be sent, for those who can mend it."""
    found = Message.objects.filter(parked_at__isnull=False).select_related("recipient").order_by("-parked_at")
    return found if sees_health(reader) else found.none()


def try_again(*, actor: User, message: Message) -> None:
    """A parked e-mail is sent by the next run, once somebody has mended what stood in the way."""
    if not sees_health(actor):
        raise PermissionDenied
    Message.objects.filter(pk=message.pk, parked_at__isnull=False).update(
        parked_at=None, problem="", attempts=0, written_at=Now(), due_at=Now()
    )
