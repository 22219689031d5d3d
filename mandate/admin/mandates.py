"""Mandates: their three days, the decisions that move one of them, and the handover to the next."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsTable
from core.admin.start import address_of
from mandate.admin.handover import HandedOver
from mandate.models import Mandate, MilestoneDecision
from mandate.selectors import objectives as selectors

# The group of the sidebar.
MANDATE = _("Mandate and objectives")


class DecisionRows(RowsTable):
    """Decisions that move a milestone: added, never changed or taken back; the latest one made rules."""

    model = MilestoneDecision
    fields = ["which", "falls_on", "decided_on", "reason", "reference"]
    tab = True

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Mandate)
class MandateAdmin(HandedOver, RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        columns.text("city", _("city that governs"), "city__name_fr"),
        "starts_on",
        columns.text("day_100", _("day 100, as computed"), "day_100"),
        columns.text("midpoint", _("mid-term, as computed"), "midpoint"),
        "ends_on",
        "moved",
    ]
    list_filter = ["city"]
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), ("city", "slug"), "previous"]}),
        (
            _("First day and handover"),
            {
                "fields": [("starts_on", "ends_on")],
                "description": _("Day 100 and mid-term follow these dates, unless a decision moves one of them."),
            },
        ),
    ]
    prepopulated_fields = {"slug": ["title_fr"]}
    inlines = [DecisionRows]
    sidebar = Place(400, "account_balance", MANDATE)
    not_in_history = ("day_100", "midpoint")
    change_form_outer_before_template = "mandate/admin/days.html"

    def get_queryset(self, request):
        return selectors.mandates(request.user).order_by(*self.get_ordering(request))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["mandate"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            mandate = self.get_queryset(request).get(pk=obj.pk)
            successor = Mandate.objects.visible_to(request.user).filter(previous=mandate).first()
            following: Any = (successor, address_of(successor)) if successor else None
            context["mandate"] = {"days": mandate.milestones(), "next": following}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def has_hand_over_permission(self, request, object_id=None) -> bool:
        mandate = Mandate.objects.visible_to(request.user).filter(pk=object_id).first() if object_id else None
        if mandate is None or not may(request.user, "add", Mandate):
            return False
        return not Mandate.objects.visible_to(request.user).filter(previous=mandate).exists()

    @admin.display(description=_("moved by decision"))
    def moved(self, mandate: Mandate) -> str:
        return ", ".join(str(day.decision) for day in mandate.milestones() if day.decision)
