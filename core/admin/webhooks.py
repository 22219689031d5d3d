"""The systems that are told what happens, and what was sent to them: for administrators."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.decorators import display as labelled
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from core.access import may
from core.admin.base import Place, RecordAdmin, saving
from core.admin.forms import RecordForm
from core.admin.reminders import Ledger, StateFilter
from core.admin.sidebar import ADMINISTRATION
from core.exceptions import Refused
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import seal
from core.webhooks import events, services, signing

SECRET = _("Secret of “%(name)s”: %(secret)s. Copy it now: it is not shown again.")


class EventChoices(UnfoldAdminCheckboxSelectMultipleWidget):
    """Three hundred events as tables that open one by one: an app's resources, and what happens to their records."""

    template_name = "core/admin/widgets/events.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        options = {
            option["value"]: option for _group, found, _place in self.optgroups(name, value or []) for option in found
        }
        for option in options.values():
            option["wrap_label"] = False
        found = []
        for title, resources in events.by_app().items():
            rows = [self._row(resource, options) for resource in resources]
            chosen = sum(option["selected"] for row in rows for option in row["options"])
            found.append({"title": title, "rows": rows, "chosen": chosen})
        context["widget"] |= {
            "apps": found,
            "others": list(options.values()),
            "happenings": events.HAPPENINGS.values(),
        }
        return context

    def _row(self, resource: str, options: dict[str, dict]) -> dict:
        """Takes the resource's options out of the others. Each says by itself what it is, to whoever does not see the table."""
        chosen = [options.pop(name) for name in events.names_of(resource)]
        for option in chosen:
            option["attrs"] = option["attrs"] | {"aria-label": option["label"]}
        return {"title": capfirst(str(events.resources()[resource]._meta.verbose_name_plural)), "options": chosen}


class SubscriptionForm(RecordForm):
    event_types = forms.MultipleChoiceField(label=_("Events"), choices=events.choices, widget=EventChoices)
    new_secret = forms.BooleanField(
        label=_("Replace the secret"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("The old one goes on signing beside the new one for a day, so that no message is lost."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.drawn = signing.new_secret()
            self.instance.secret = seal(self.drawn)


@admin.register(WebhookSubscription)
class WebhookSubscriptionAdmin(RecordAdmin):
    """The secret is drawn here and shown once; it is kept sealed, because each message is signed with it."""

    form = SubscriptionForm
    list_display = ["name", "client", "url", "is_active", "failures", "retry_at"]
    list_filter = ["is_active", "client"]
    search_fields = ["name__unaccent__icontains", "url__icontains"]
    fieldsets = [
        (None, {"fields": [("name", "is_active"), "client", "url", "event_types"]}),
        (_("How it fares"), {"fields": [("tried_at", "answered_in"), ("failures", "retry_at")]}),
        (_("Secret"), {"fields": ["new_secret", "old_until"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "client", "url", "event_types"]})]
    readonly_fields = ["tried_at", "answered_in", "failures", "retry_at", "old_until"]
    sidebar = Place(915, "webhook", ADMINISTRATION)
    attaches = False
    actions = ["send_test"]

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            self._show(request, obj, form.drawn)
            return
        services.try_at_once(obj)
        if form.cleaned_data.get("new_secret"):
            with saving(None):
                self._show(request, obj, services.rotate(obj, actor=request.user))

    def _show(self, request, subscription: WebhookSubscription, secret: str) -> None:
        messages.warning(request, SECRET % {"name": subscription.name, "secret": secret})

    @admin.action(description=_("Send a test message"), permissions=["change"])
    def send_test(self, request, queryset):
        sent = _each(request, queryset, services.send_test)
        if sent:
            said = ngettext("%(count)s test message will be sent.", "%(count)s test messages will be sent.", sent)
            messages.success(request, said % {"count": sent})


def _each(request, rows, act) -> int:
    """For how many rows it was done; says of the others what stands in the way."""
    done = 0
    for row in rows:
        try:
            act(row, actor=request.user)
            done += 1
        except Refused as refused:
            for reason in refused:
                messages.error(request, f"{row}: {reason}")
    return done


class DeliveryFilter(StateFilter):
    states = {
        "parked": (pgettext_lazy("message", "could not be delivered"), {"parked_at__isnull": False}),
        "waiting": (pgettext_lazy("message", "waits"), {"parked_at__isnull": True, "delivered_at__isnull": True}),
        "delivered": (pgettext_lazy("message", "delivered"), {"delivered_at__isnull": False}),
    }


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Ledger):
    """What was sent to which system, and what it answered."""

    list_display = ["written_at", "event", "subscription", "state", "status", "problem", "attempts"]
    list_display_links = ["event"]
    list_filter = [DeliveryFilter, "subscription"]
    fields = [
        "uuid",
        ("event", "subscription"),
        "text",
        ("written_at", "delivered_at"),
        ("attempts", "status", "problem"),
    ]
    readonly_fields = ["text"]
    sidebar = Place(916, "outbox", ADMINISTRATION)
    actions = ["send_again"]
    opens = True

    def reads(self, request) -> bool:
        return may(request.user, "view", WebhookSubscription)

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        return WebhookDelivery.objects.select_related("subscription").order_by("-pk")

    @admin.display(description=_("text"))
    def text(self, message: WebhookDelivery):
        return format_html('<pre class="parvis-text">{}</pre>', message.body)

    @labelled(description=_("state"), label={"delivered": "success", "waiting": "info", "parked": "danger"})
    def state(self, message: WebhookDelivery):
        return message.state, str(DeliveryFilter.states[message.state][0])

    @admin.action(description=_("Send again"), permissions=["view"])
    def send_again(self, request, queryset):
        sent = _each(request, queryset, services.send_again)
        if sent:
            said = ngettext("%(count)s message will be sent again.", "%(count)s messages will be sent again.", sent)
            messages.success(request, said % {"count": sent})
