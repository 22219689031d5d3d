"""The rules of reminders, for whoever keeps records; and what came of them, for whoever looks after Parvis."""

from itertools import islice

from django import forms
from django.contrib import admin
from django.db.models import Count, F, QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display as labelled
from unfold.widgets import UnfoldAdminSelectWidget

from core import clock
from core.access import may
from core.admin.base import Place, RecordAdmin, saving
from core.admin.permissions import ForRoles
from core.admin.sidebar import ADMINISTRATION
from core.deadlines import Deadline, kinds
from core.enums import Channel
from core.models import Message, MutedRule, Notification, ReminderRule, ReminderRun, User
from core.reminders import listing, services, words
from core.reminders.scan import Window
from core.roles import ROLES

SHOWN = 10


class KindFilter(admin.SimpleListFilter):
    title = _("kind of deadline")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return listing.kind_choices()

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ReminderRule)
class ReminderRuleAdmin(RecordAdmin):
    """A rule, with the sentence that it makes, what it would tell today, and who does not want to hear of it."""

    change_form_outer_before_template = "core/admin/reminders/rule.html"
    list_display = ["__str__", "sentence", "is_active", "muted_by"]
    list_filter = [KindFilter, "is_active"]
    search_fields = ["title_fr__unaccent__icontains", "title_en__unaccent__icontains", "kind__icontains"]
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), "kind", "is_active"]}),
        (_("When"), {"fields": [("days_before", "catch_up_days")]}),
        (_("To whom"), {"fields": ["to_owner", "roles", "person"]}),
        (_("How"), {"fields": ["channels"]}),
        (_("If nothing moves"), {"fields": [("escalation_days", "escalation_role")]}),
    ]
    sidebar = Place(920, "notifications_active", ADMINISTRATION)
    attaches = False

    def get_queryset(self, request):
        rules = super().get_queryset(request).select_related("person")
        return rules.annotate(muted_count=Count("muted_by"))

    @admin.display(description=_("what it does"))
    def sentence(self, rule: ReminderRule) -> str:
        return f"{capfirst(words.kind_title(rule.kind))} — {words.said(rule)}"

    @admin.display(description=_("muted by"), ordering="muted_count")
    def muted_by(self, rule: ReminderRule) -> int:
        return rule.muted_count  # type: ignore[attr-defined]  # counted above

    def get_readonly_fields(self, request, obj=None):
        """Whom a rule names in person is chosen among the accounts, which only administrators see."""
        found = super().get_readonly_fields(request, obj)
        return found if may(request.user, "view", User) else [*found, "person"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "kind":
            choices = [("", _("Choose")), *listing.kind_choices()]
            label = capfirst(str(db_field.verbose_name))
            return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # --- what stands above the form ---

    def get_urls(self):
        view = self.admin_site.admin_view(self.say)
        return [path("say/", view, name="core_reminderrule_say"), *super().get_urls()]

    def say(self, request):
        """The sentence of the rule as the form stands."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        return HttpResponse(escape(words.in_words(as_filled(request.GET, request.user))))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        rule = obj or ReminderRule()
        context |= {
            "say": reverse("admin:core_reminderrule_say"),
            "sentence": words.in_words(rule),
            "said_of": "days_before,to_owner,roles,person,channels,escalation_days,escalation_role",
            "tells": None,
        }
        if change and obj is not None:
            stored = ReminderRule.objects.get(
                pk=obj.pk
            )  # a form that was refused leaves its values on the record in hand
            count, first = tells_today(stored, request.user)
            context |= {
                "tells": first,
                "count": count,
                "muters": [str(muted.user) for muted in MutedRule.objects.filter(rule=obj.pk).select_related("user")],
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- deleting ---

    def get_deleted_objects(self, objs, request):
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if any(services.has_told(rule) for rule in objs):
            return [], {}, set(), [str(services.TAKE_OUT)]
        return found, counts, lacking, protected

    def delete_model(self, request, obj):
        with saving(None):
            services.check_rule_deletion(obj)
        super().delete_model(request, obj)


def as_filled(data, reader) -> ReminderRule:
    """The rule as a form has it, unsaved; what is no value of a field is left out."""
    rule = ReminderRule(
        days_before=_whole(data.get("days_before")),
        to_owner="to_owner" in data,
        roles=[role for role in data.getlist("roles") if role in ROLES],
        channels=[channel for channel in data.getlist("channels") if channel in Channel.values],
        escalation_days=max(_whole(data.get("escalation_days")), 0) or None,
        escalation_role=data.get("escalation_role") if data.get("escalation_role") in ROLES else "",
    )
    rule.person = User.objects.visible_to(reader).filter(pk=_whole(data.get("person"))).first()
    return rule


def _whole(text: str | None) -> int:
    """A number of at most four figures, or a key; 0 for anything else."""
    text = (text or "").strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else 0


def tells_today(rule: ReminderRule, reader) -> tuple[int, list[Deadline]]:
    """Of how many deadlines the rule speaks today, and the first of them, of those that the reader may see."""
    source = kinds().get(rule.kind)
    if source is None:
        return 0, []
    window = Window.of(rule, clock.today())
    if source.rows is not None and source.say is not None:
        rows = source.rows(reader, window.since, window.until)
        return rows.count(), list(islice(source.say(rows.order_by("due", "pk")[:SHOWN]), SHOWN))
    found = sorted(source.find(reader, window.since, window.until), key=lambda deadline: deadline.due)
    return len(found), found[:SHOWN]


# --- what came of them: read, never written ---


class Ledger(ForRoles, ModelAdmin):
    """Rows that Parvis alone writes. They are listed, and opened where `opens` says so."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    opens = False

    def reads(self, request) -> bool:
        return services.sees_health(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return self.reads(request) and (obj is None or self.opens)

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def get_list_display_links(self, request, list_display):
        return super().get_list_display_links(request, list_display) if self.opens else None


class StateFilter(admin.SimpleListFilter):
    """Abstract: the states that a row is in, each with the condition for it."""

    title = _("state")
    parameter_name = "state"
    states: dict[str, tuple[object, dict[str, bool]]] = {}

    def lookups(self, request, model_admin):
        return [(name, label) for name, (label, _condition) in self.states.items()]

    def queryset(self, request, queryset):
        chosen = self.states.get(self.value() or "")
        return queryset.filter(**chosen[1]) if chosen else queryset


class ToldFilter(StateFilter):
    states = {
        "told": (pgettext_lazy("reminders", "told"), {"told_at__isnull": False}),
        "waiting": (pgettext_lazy("reminders", "waits"), {"told_at__isnull": True, "silenced_at__isnull": True}),
        "silent": (pgettext_lazy("reminders", "fell silent"), {"silenced_at__isnull": False}),
    }


@admin.register(Notification)
class NotificationAdmin(Ledger):
    """Who was told what, when and by which rule; for administrators."""

    list_display = ["told_at", "__str__", "recipient", "channel", "due_on", "rule", "state"]
    list_display_links = ["__str__"]
    list_filter = [ToldFilter, "channel", "rule", "recipient"]
    fields = [
        "what",
        "details",
        ("recipient", "channel"),
        ("rule", "due_on"),
        ("entered_at", "told_at"),
        ("read_at", "silenced_at"),
    ]
    sidebar = Place(930, "receipt_long", ADMINISTRATION)
    opens = True

    def reads(self, request) -> bool:
        return services.administers(request.user)

    def get_queryset(self, request):
        return services.ledger(request.user).order_by("-pk")

    @labelled(description=_("state"), label={"told": "success", "waiting": "info", "silent": "warning"})
    def state(self, line: Notification):
        name = "told" if line.told_at else "silent" if line.silenced_at else "waiting"
        return name, str(ToldFilter.states[name][0])


class SentFilter(StateFilter):
    states = {
        "parked": (pgettext_lazy("e-mail", "could not be sent"), {"parked_at__isnull": False}),
        "waiting": (pgettext_lazy("e-mail", "waits"), {"parked_at__isnull": True, "sent_at__isnull": True}),
        "sent": (pgettext_lazy("e-mail", "sent"), {"sent_at__isnull": False}),
    }


@admin.register(Message)
class MessageAdmin(Ledger):
    """E-mails on their way, parked ones first. What they say is their readers' own."""

    list_display = ["recipient", "address", "state", "problem", "attempts", "written_at", "due_at", "sent_at"]
    list_filter = [SentFilter]
    sidebar = Place(940, "mail", ADMINISTRATION)

    def get_queryset(self, request) -> QuerySet[Message]:
        found = Message.objects.select_related("recipient")
        return found.order_by(F("parked_at").desc(nulls_last=True), "-pk")

    def get_ordering(self, request):
        return [F("parked_at").desc(nulls_last=True), "-pk"]

    @admin.display(description=_("e-mail address"))
    def address(self, message: Message) -> str:
        return message.recipient.email

    @labelled(description=_("state"), label={"sent": "success", "waiting": "info", "parked": "danger"})
    def state(self, message: Message):
        name = "parked" if message.parked_at else "sent" if message.sent_at else "waiting"
        return name, str(SentFilter.states[name][0])


@admin.register(ReminderRun)
class ReminderRunAdmin(Ledger):
    """The runs of the last three months, the latest first."""

    list_display = ["started_at", "finished_at", "entered", "told", "sent", "problem"]
    sidebar = Place(950, "schedule", ADMINISTRATION)

    def get_queryset(self, request) -> QuerySet[ReminderRun]:
        return ReminderRun.objects.order_by("-pk")
