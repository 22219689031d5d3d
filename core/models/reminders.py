"""Reminders: the rules, what each person wants, the ledger of what was told to whom, and the e-mails on their way."""

import uuid
from datetime import time

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.constraints import check, one_of_choices
from core.deadlines import kinds
from core.enums import Alert, Channel, Frequency
from core.models.base import BaseModel, VisibleQuerySet, tracked
from core.roles import Role
from core.translated import Translated

ROLES = [(role.value, role.label) for role in Role]
FAR = 730  # days


@tracked
class ReminderRule(BaseModel):
    """Which deadline reminds whom, when and how.

    `days_before` the day itself (negative: after it) the recipients are told once; `escalation_days` later, whoever holds
    `escalation_role` is told too if it is still due. What should be told more than once has a rule for each time.
    A missed reminder (a server that stood still, a record entered late) is told as long as the deadline lies ahead, and up
    to `catch_up_days` after it, that day included; of a rule that speaks after the day, up to so many days after its moment.
    """

    title_fr = models.CharField(_("title in French"), max_length=150)
    title_en = models.CharField(_("title in English"), max_length=150, blank=True)
    kind = models.CharField(_("kind of deadline"), max_length=40)
    days_before = models.SmallIntegerField(
        _("days before"), help_text=_("0: on the day itself; a negative number: so many days after it.")
    )
    to_owner = models.BooleanField(_("to whoever answers for the record"), default=False)
    roles = ArrayField(
        models.CharField(max_length=30, choices=ROLES),
        verbose_name=_("to everyone with these roles"),
        default=list,
        blank=True,
    )
    person = models.ForeignKey(
        "core.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to this person")
    )
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), verbose_name=_("by"), default=list)
    escalation_days = models.PositiveSmallIntegerField(
        _("escalate after (days)"), null=True, blank=True, help_text=_("If it is still due so many days later.")
    )
    escalation_role = models.CharField(_("escalate to"), max_length=30, choices=ROLES, blank=True)
    catch_up_days = models.PositiveSmallIntegerField(
        _("days for catching up"), default=30, help_text=_("A missed reminder is still told so many days later.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    title = Translated()
    has_attachments = False

    class Meta:
        verbose_name = _("reminder rule")
        verbose_name_plural = _("reminder rules")
        ordering = ["kind", "-days_before", "pk"]
        constraints = [
            check(
                "core_reminderrule_days_plausible",
                Q(days_before__range=(-FAR, FAR)),
                _("Between two years before and two years after."),
            ),
            check(
                "core_reminderrule_has_recipient",
                Q(to_owner=True) | Q(person__isnull=False) | Q(roles__len__gt=0) | Q(channels=[Channel.WEBHOOK.value]),
                _("A rule needs somebody to remind: whoever answers for the record, a role or a person."),
                "roles",
            ),
            check(
                "core_reminderrule_roles_known",
                Q(roles__contained_by=[role.value for role in Role]),
                _("This is not one of the choices."),
            ),
            check(
                "core_reminderrule_has_channel",
                Q(channels__len__gt=0, channels__contained_by=Channel.values),
                _("Choose at least one way to tell it."),
                "channels",
            ),
            check(
                "core_reminderrule_escalation_whole",
                Q(escalation_days__isnull=True, escalation_role="")
                | (
                    # Without the first, half an escalation is neither true nor false, and the database lets it pass.
                    Q(escalation_days__isnull=False, escalation_days__gte=1, escalation_days__lte=FAR)
                    & ~Q(escalation_role="")
                ),
                _("An escalation has a number of days, at least one, and a role."),
                "escalation_role",
            ),
            check(
                "core_reminderrule_escalation_role_known",
                Q(escalation_role__in=["", *(role.value for role in Role)]),
                _("This is not one of the choices."),
            ),
            check(
                "core_reminderrule_catch_up_plausible",
                Q(catch_up_days__range=(1, FAR)),
                _("Between one day and two years."),
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        if self.kind not in kinds():
            raise ValidationError({"kind": _("There is no such kind of deadline.")})


class OwnQuerySet(VisibleQuerySet):
    """What belongs to one person is seen by that person alone."""

    def visible_to(self, reader):
        person = self.model.belongs_to  # type: ignore[attr-defined]  # each model with this manager names it
        return self.filter(**{person: reader.pk}) if getattr(reader, "pk", None) else self.none()


class ReminderPreference(models.Model):
    """How a person wants to be reminded by e-mail. Who has none gets each reminder at once, between 7 in the morning and 8
    in the evening, on working days."""

    user = models.OneToOneField("core.User", models.CASCADE, related_name="reminders", verbose_name=_("user"))
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.INSTANT)
    quiet_from = models.TimeField(_("no e-mail from"), default=time(20), null=True, blank=True)
    quiet_until = models.TimeField(pgettext_lazy("quiet hours", "until"), default=time(7), null=True, blank=True)
    quiet_weekends = models.BooleanField(_("no e-mail on Saturdays and Sundays"), default=True)
    belongs_to = "user"

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder preference")
        verbose_name_plural = _("reminder preferences")
        default_permissions = ()
        constraints = [
            one_of_choices("core_reminderpreference", "frequency", Frequency),
            check(
                "core_reminderpreference_quiet_whole",
                Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                _("Quiet hours have a beginning and an end."),
                "quiet_until",
            ),
            check(
                "core_reminderpreference_quiet_not_always",
                Q(quiet_from__isnull=True) | ~Q(quiet_from=F("quiet_until")),
                _("Quiet hours that never end would keep every reminder back."),
                "quiet_until",
            ),
        ]

    def __str__(self):
        return str(self.user)


class MutedRule(models.Model):
    """A rule that a person does not want to hear of any more."""

    user = models.ForeignKey("core.User", models.CASCADE, related_name="muted_rules", verbose_name=_("user"))
    rule = models.ForeignKey(ReminderRule, models.CASCADE, related_name="muted_by", verbose_name=_("reminder rule"))
    muted_at = models.DateTimeField(pgettext_lazy("muted", "since"), db_default=Now())
    belongs_to = "user"

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("muted rule")
        verbose_name_plural = _("muted rules")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "rule"],
                name="core_mutedrule_once",
                violation_error_message=_("This rule is muted already."),
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.rule}"


class Message(models.Model):
    """An e-mail on its way. Its text is fixed when it is written, and its `uuid` is the Message-ID: sent again because
    nobody knows whether it arrived, it is the same message. The text is cleared once it is sent.

    `alert` says what is wrong with the reminders themselves, to whoever administers Parvis; empty for a reminder.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(
        "core.User", models.PROTECT, related_name="+", verbose_name=pgettext_lazy("reminders", "recipient")
    )
    digest_on = models.DateField(_("digest of"), null=True)
    alert = models.CharField(_("alert"), max_length=10, choices=Alert, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"), blank=True)
    mute_link = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(_("written"), db_default=Now())
    due_at = models.DateTimeField(_("next attempt"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("what went wrong"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    parked_at = models.DateTimeField(_("parked"), null=True)

    objects = models.Manager()

    class Meta:
        verbose_name = pgettext_lazy("reminders", "e-mail")
        verbose_name_plural = pgettext_lazy("reminders", "e-mails")
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [
            # Two runs at once write one digest, and one alert of a kind.
            models.UniqueConstraint(
                fields=["recipient", "digest_on", "alert"],
                name="core_message_one_a_day",
                violation_error_message=_("This person has this e-mail of the day already."),
            ),
            one_of_choices("core_message", "alert", Alert, blank=True),
            check(
                "core_message_alert_has_day",
                Q(alert="") | Q(digest_on__isnull=False),
                _("An alert is of a day."),
                "digest_on",
            ),
            check(
                "core_message_sent_or_parked",
                Q(sent_at__isnull=True) | Q(parked_at__isnull=True),
                _("What was sent is not parked."),
            ),
            check(
                "core_message_parked_says_why",
                Q(parked_at__isnull=True) | ~Q(problem=""),
                _("A parked e-mail says why."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="core_message_waiting",
                condition=Q(sent_at__isnull=True, parked_at__isnull=True),
            ),
            models.Index(fields=["parked_at"], name="core_message_parked", condition=Q(parked_at__isnull=False)),
        ]

    def __str__(self):
        return self.subject


class Notification(models.Model):
    """A line of the ledger: this person is told by this rule and channel that this record falls due on this day. There is
    one at most, whoever runs twice; a due date that moves is another line.

    It waits until it is told (`told_at`), with the sentence as it was read, or falls silent (`silenced_at`) because nothing
    is due any more.
    """

    # Each index more is felt by a scan that enters a hundred thousand lines: the one of `told_once` begins with the rule, and
    # nothing asks by the kind of record or by a person all of whose lines are meant.
    rule = models.ForeignKey(
        ReminderRule,
        models.PROTECT,
        db_index=False,
        related_name="notifications",
        verbose_name=_("reminder rule"),
    )
    content_type = models.ForeignKey(
        ContentType, models.PROTECT, db_index=False, related_name="+", verbose_name=_("kind of record")
    )
    object_id = models.PositiveBigIntegerField(_("record"))
    record = GenericForeignKey("content_type", "object_id")
    due_on = models.DateField(_("due on"))
    recipient = models.ForeignKey(
        "core.User",
        models.PROTECT,
        db_index=False,
        related_name="notifications",
        verbose_name=pgettext_lazy("reminders", "recipient"),
    )
    channel = models.CharField(_("by"), max_length=10, choices=Channel)
    entered_at = models.DateTimeField(_("entered"), db_default=Now())
    what = models.TextField(pgettext_lazy("reminders", "what"), blank=True, db_default="")
    details = ArrayField(models.TextField(), verbose_name=_("in detail"), default=list, db_default=[], blank=True)
    link = models.CharField(_("link"), max_length=300, blank=True, db_default="")
    message = models.ForeignKey(
        Message,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="notifications",
        verbose_name=pgettext_lazy("reminders", "e-mail"),
    )
    told_at = models.DateTimeField(_("told"), null=True)
    silenced_at = models.DateTimeField(_("fell silent"), null=True)
    read_at = models.DateTimeField(pgettext_lazy("reminders", "read on"), null=True)
    belongs_to = "recipient"

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "content_type", "object_id", "due_on", "recipient", "channel"],
                name="core_notification_told_once",
                violation_error_message=_("This person is told of it already."),
            ),
            one_of_choices("core_notification", "channel", Channel),
            check(
                "core_notification_told_or_silent",
                Q(told_at__isnull=True) | Q(silenced_at__isnull=True),
                _("What was told has not fallen silent."),
            ),
            check(
                "core_notification_told_in_words",
                Q(told_at__isnull=True) | ~Q(what=""),
                _("What was told has words."),
            ),
        ]
        indexes = [
            models.Index(fields=["message"], name="core_notification_message", condition=Q(message__isnull=False)),
            models.Index(
                fields=["recipient", "channel"],
                name="core_notification_waiting",
                condition=Q(told_at__isnull=True, silenced_at__isnull=True, message__isnull=True),
            ),
            models.Index(
                fields=["recipient", "-told_at"],
                name="core_notification_told",
                condition=Q(told_at__isnull=False, channel="in-app"),
            ),
        ]

    def __str__(self):
        return self.what or f"{self.rule}, {self.due_on}"


class ReminderRun(models.Model):
    """One run of the reminders; one that has no end was cut off."""

    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)
    entered = models.PositiveIntegerField(_("entered in the ledger"), default=0)
    told = models.PositiveIntegerField(_("told on the pages or written"), default=0)
    sent = models.PositiveIntegerField(_("e-mails sent"), default=0)
    problem = models.CharField(_("what went wrong"), max_length=300, blank=True)

    objects = models.Manager()

    class Meta:
        verbose_name = _("run of the reminders")
        verbose_name_plural = _("runs of the reminders")
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["finished_at"], name="core_reminderrun_finished")]

    def __str__(self):
        return f"{self.started_at:%Y-%m-%d %H:%M}"
