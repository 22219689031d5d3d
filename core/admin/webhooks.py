"""The systems that are told what happens, and what was sent to them: for administrators."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html
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


class SubscriptionForm(RecordForm):
    event_types = forms.MultipleChoiceField(
        label=_("events"), choices=events.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    new_secret = forms.BooleanField(
        label=_("replace the secret"),
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
        (_("How it fares"), {"fields": [("failures", "retry_at")]}),
        (_("Secret"), {"fields": ["new_secret", "old_until"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "client", "url", "event_types"]})]
    readonly_fields = ["failures", "retry_at", "old_until"]
    sidebar = Place(915, "webhook", ADMINISTRATION)
    attaches = False

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            self._show(request, obj, form.drawn)
        elif form.cleaned_data.get("new_secret"):
            with saving(None):
                self._show(request, obj, services.rotate(obj, actor=request.user))

    def _show(self, request, subscription: WebhookSubscription, secret: str) -> None:
        messages.warning(request, SECRET % {"name": subscription.name, "secret": secret})


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
        return format_html("<pre>{}</pre>", message.body)

    @labelled(description=_("state"), label={"delivered": "success", "waiting": "info", "parked": "danger"})
    def state(self, message: WebhookDelivery):
        name = "delivered" if message.delivered_at else "parked" if message.parked_at else "waiting"
        return name, str(DeliveryFilter.states[name][0])

    @admin.action(description=_("Send again"), permissions=["view"])
    def send_again(self, request, queryset):
        sent = 0
        for message in queryset:
            try:
                services.send_again(message, actor=request.user)
                sent += 1
            except Refused as refused:
                for reason in refused:
                    messages.error(request, f"{message}: {reason}")
        if sent:
            said = ngettext("%(count)s message will be sent again.", "%(count)s messages will be sent again.", sent)
            messages.success(request, said % {"count": sent})
