"""Grants: the page on which an officer instructs a file, from its reception to its closing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from cooperation.admin.money import amount_in_euros
from core import clock
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsTable
from core.admin.listing import SavedView
from core.admin.start import address_of
from core.templatetags.parvis import euros
from solidarity.admin.council import CouncilSession
from solidarity.admin.funds import SOLIDARITY
from solidarity.admin.payments import AgreementRows, PaymentRows, ReportRows
from solidarity.models import Allocation, FundService, Grant, GrantPlace, Piece
from solidarity.rules import missing_reports
from solidarity.selectors import funds, work
from solidarity.selectors import grants as selectors

COLOURS = {
    "draft": "default",
    "submitted": "info",
    "under-review": "info",
    "proposed": "warning",
    "voted": "success",
    "signed": "success",
    "in-payment": "success",
    "reported": "default",
    "closed": "default",
    "rejected": "danger",
    "withdrawn": "danger",
}
# What was proposed stays; the database refuses to change it.
SETTLED_FIELDS = ["beneficiary", "year", "until_year", "amount_asked", "amount_granted", "in_kind_value"]


class PlaceRows(RowsTable):
    model = GrantPlace
    fields = ["city", "country"]
    tab = True


class PieceRows(RowsTable):
    model = Piece
    fields = ["kind", "received_on"]
    tab = True


class ServiceChoice(forms.ModelChoiceField):
    """A service by its fund too: several funds may be fed by the same one."""

    def label_from_instance(self, service: FundService) -> str:
        return f"{service.fund} — {service}"


class AllocationRows(RowsTable):
    """What each envelope bears; written until the grant is proposed."""

    model = Allocation
    fields = ["envelope", "service", "amount", "left"]
    readonly_fields = ["left"]
    template_before = "solidarity/admin/allocation_reasons.html"
    tab = True

    def get_queryset(self, request):
        envelopes = Prefetch("envelope", funds.envelopes(request.user))
        return super().get_queryset(request).select_related("service").prefetch_related(envelopes)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "service":
            kwargs["form_class"] = ServiceChoice
            kwargs["queryset"] = FundService.objects.visible_to(request.user).select_related("fund")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and not (obj and obj.is_settled)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_settled)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_settled)

    @admin.display(description=_("left on the envelope"))
    def left(self, row: Allocation) -> str:
        """Without this grant while it is not voted; a row that is being written has no envelope yet."""
        return "" if row._state.adding else euros(row.envelope.left_to_commit)  # type: ignore[attr-defined]  # annotated by get_queryset()


def place_names(grant: Grant) -> str:
    return ", ".join(str(place) for place in grant.places.all())


def envelope_names(grant: Grant) -> str:
    return ", ".join(str(row.envelope) for row in grant.allocations.all())


@admin.register(Grant)
class GrantAdmin(CouncilSession, RecordAdmin):
    list_display = [
        "reference",
        columns.text("beneficiary", _("beneficiary"), "beneficiary__name_fr"),
        columns.text("title", _("object"), "title_fr"),
        "year",
        columns.state("stage", _("stage"), COLOURS),
        amount_in_euros("amount_granted", _("granted (EUR)")),
        amount_in_euros("paid", _("paid (EUR)")),
    ]
    list_display_links = ["reference", list_display[2]]
    list_filter = ["stage", "year", "allocations__envelope__fund", "theme"]
    sidebar = Place(200, "volunteer_activism", SOLIDARITY)
    views = (
        SavedView("waiting", _("Waiting for us"), selectors.waiting),
        SavedView("to-propose", _("To propose"), selectors.to_propose),
        SavedView("proposed", _("Ready for the Council"), selectors.proposed),
        SavedView("unpaid", _("Voted, not wholly paid"), selectors.voted_and_unpaid),
        SavedView("open", _("Not over"), selectors.open_grants),
    )
    export_columns = {
        "places": (_("places"), place_names),
        "envelopes": (_("envelopes"), envelope_names),
        "paid": (_("paid (EUR)"), lambda grant: grant.paid),
    }
    change_form_outer_before_template = "solidarity/admin/grant_panels.html"

    def get_queryset(self, request):
        return selectors.grants(request.user).order_by(*self.get_ordering(request))

    def get_changeform_initial_data(self, request):
        return {"year": clock.today().year} | super().get_changeform_initial_data(request)

    def has_delete_permission(self, request, obj=None) -> bool:
        """Only drafts are deleted; what was received is withdrawn or rejected."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_inlines(self, request, obj):
        """A new file has its request and what it holds; what follows comes with its number."""
        later: list[Any] = [AgreementRows, PaymentRows, ReportRows] if obj else []
        return [AllocationRows, PieceRows, PlaceRows, *later, *super().get_inlines(request, obj)]

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                _("The request"),
                {
                    "fields": [
                        ("reference", "beneficiary"),
                        ("title_fr", "title_en"),
                        ("year", "until_year"),
                        ("received_on", "earmarked"),
                        ("amount_asked", "in_kind_value"),
                        "description",
                    ]
                },
            ),
            (
                _("Opinion and amount"),
                {"fields": ["opinion", "amount_granted", *([("instructed", "approved")] if obj else [])]},
            ),
            (_("What it serves"), {"fields": [("project", "crisis"), "theme"]}),
        ]
        if obj is not None and obj.deliberation_id:
            fieldsets.append((_("Set by the steps"), {"fields": ["deliberation"]}))
        if obj is not None and obj.stopped_reason:
            fieldsets.insert(0, (_("Why it ended so"), {"fields": ["stopped_reason"]}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        steps = ["deliberation", "stopped_reason", "instructed", "approved"]
        return [*steps, *SETTLED_FIELDS] if obj is not None and obj.is_settled else steps

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["dossier"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            grant = self.get_queryset(request).get(pk=obj.pk)
            gates = selectors.checklist(grant)
            context["dossier"] = {
                "gates": gates,
                "balance": work.balance(request.user, grant),
                "about_allocations": list(
                    dict.fromkeys(
                        str(reason) for gate in gates for reason in gate.missing if reason.field == "allocations"
                    )
                ),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def records_named(self, request, record) -> dict[str, str]:
        """The earlier grants of the body whose reports are missing, and its agreement."""
        return {report.grant.reference: address_of(report.grant) for report in missing_reports(record)}

    @admin.display(description=_("instructed by"))
    def instructed(self, grant: Grant) -> str:
        """The name alone: accounts are the administrator's pages."""
        return str(grant.instructed_by or "")

    @admin.display(description=_("approved by"))
    def approved(self, grant: Grant) -> str:
        return str(grant.approved_by or "")
