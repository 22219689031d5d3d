"""What follows the vote: agreements with their instalments, payments, financial reports, published accounts."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.db.models import Sum, Window
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from cooperation.admin.money import amount_in_euros
from core import clock
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.forms import RowFormSet
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from core.admin.start import address_of
from core.templatetags.parvis import euros, number
from solidarity.admin.funds import SOLIDARITY
from solidarity.enums import GrantStage
from solidarity.models import (
    Allocation,
    FinancialReport,
    Grant,
    GrantAgreement,
    Instalment,
    Payment,
    PublicAccounts,
    ReportLine,
)
from solidarity.selectors import grants as selectors

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin as Page
else:
    Page = object

GRANT_SEARCH = [
    "grant__reference__icontains",
    "grant__title_fr__unaccent__icontains",
    "grant__title_en__unaccent__icontains",
    "grant__beneficiary__name_fr__unaccent__icontains",
    "grant__beneficiary__name_en__unaccent__icontains",
]


class OfGrant(Page):
    """Pages of a part of a grant: from the grant, and back to it."""

    tab_of_grant = ""
    actions_detail = ["open_grant"]

    def response_post_save_change(self, request, obj):
        return redirect(self._grant_address(obj.grant))

    def _grant_address(self, grant: Grant) -> str:
        return f"{address_of(grant)}#{self.tab_of_grant}"

    @action(description=_("Open its grant"), url_path="grant", permissions=["view"], icon="arrow_back")
    def open_grant(self, request, object_id):
        record = self.get_object(request, object_id)
        if record is None:
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return redirect(self._grant_address(record.grant))


# --- agreements and instalments ---


class AgreementRows(RowsStack):
    """The one agreement of a grant; its instalments are on its own page."""

    model = GrantAgreement
    fields = [("number", "signed_on"), "conditions", "allows_regranting"]
    show_change_link = True
    tab = True


class InstalmentFormSet(RowFormSet):
    def saving_order(self):
        """What frees euros first: an amount may be moved from one instalment to another at once."""
        return sorted(self.forms, key=lambda row: (row.instance.amount or 0) - (row.initial.get("amount") or 0))


class InstalmentRows(RowsTable):
    model = Instalment
    formset = InstalmentFormSet
    fields = ["number", "amount", "due_on", "condition", "so_far", "paid"]
    readonly_fields = ["so_far", "paid"]
    tab = True

    def get_queryset(self, request):
        """Each with what the agreement pays by then, and what was paid on it."""
        so_far = Window(Sum("amount"), partition_by=["agreement"], order_by=["number", "pk"])
        return super().get_queryset(request).prefetch_related("payments").annotate(so_far_summed=so_far)

    def get_ordering(self, request):
        return ["number", "pk"]

    @admin.display(description=_("running total"))
    def so_far(self, row: Instalment) -> str:
        return "" if row._state.adding else euros(row.so_far_summed)  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("paid (EUR)"))
    def paid(self, row: Instalment) -> str:
        return "" if row._state.adding else euros(sum(payment.amount for payment in row.payments.all()))


@admin.register(GrantAgreement)
class GrantAgreementAdmin(OfGrant, RecordAdmin):
    """An agreement with its instalments. Reached from the grant."""

    list_display = [
        "__str__",
        columns.text("grant", _("grant"), "grant__reference"),
        columns.text("grant__beneficiary", _("beneficiary"), "grant__beneficiary__name_fr"),
        amount_in_euros("granted", _("granted (EUR)")),
        amount_in_euros("planned", _("instalments (EUR)")),
        "signed_on",
    ]
    list_filter = ["signed_on"]
    search_fields = ["number__icontains", *GRANT_SEARCH]
    fields = ["grant", ("number", "signed_on"), "conditions", "allows_regranting"]
    tab_of_grant = "agreement"
    sidebar = Place(205, "contract_edit", SOLIDARITY)

    def get_queryset(self, request):
        found = super().get_queryset(request).select_related("grant__beneficiary")
        return found.annotate(granted=Sum("grant__amount_granted", distinct=True), planned=Sum("instalments__amount"))

    def get_inlines(self, request, obj):
        return [*([InstalmentRows] if obj else []), *super().get_inlines(request, obj)]


# --- payments ---


class BorneBy(forms.ModelChoiceField):
    """An allocation by what tells those of one grant apart."""

    def label_from_instance(self, row: Allocation) -> str:
        parts = [str(row.envelope), str(row.service) if row.service else "", euros(row.amount)]
        return ", ".join(part for part in parts if part)


class Due(forms.ModelChoiceField):
    def label_from_instance(self, row: Instalment) -> str:
        return f"{row.number} — {euros(row.amount)}"


class PaymentFields:
    """Allocation and instalment are chosen among those of the grant that is paid."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        named = {"allocation": BorneBy, "instalment": Due}
        if db_field.name in named:
            kwargs["form_class"] = named[db_field.name]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # of the page

    def narrow(self, request, form, grant: Grant | None) -> None:
        offered = {
            "allocation": Allocation.objects.visible_to(request.user)
            .filter(grant=grant)
            .select_related("envelope__fund", "service"),
            "instalment": Instalment.objects.visible_to(request.user).filter(agreement__grant=grant),
        }
        for name, found in offered.items():
            if name in form.base_fields:
                form.base_fields[name].queryset = found


def is_paying(grant: Grant | None) -> bool:
    return grant is not None and grant.stage == GrantStage.IN_PAYMENT


class PaymentRows(PaymentFields, RowsTable):
    """Written while the grant is in payment; read before and after."""

    model = Payment
    fields = ["allocation", "instalment", "paid_on", "amount", "reference"]
    tab = True

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found.select_related("allocation__envelope__fund", "allocation__grant", "instalment__agreement__grant")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        self.narrow(request, formset.form, obj)
        return formset

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and is_paying(obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and is_paying(obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and is_paying(obj)


def of_this_year(reader):
    return Payment.objects.visible_to(reader).filter(paid_on__year=clock.today().year)


@admin.register(Payment)
class PaymentAdmin(OfGrant, PaymentFields, RecordAdmin):
    """Payments across grants; one is added on the page of its grant."""

    list_display = [
        "reference",
        columns.text("grant", _("grant"), "grant__reference"),
        columns.text("grant__beneficiary", _("beneficiary"), "grant__beneficiary__name_fr"),
        columns.text("allocation__envelope", _("envelope"), "allocation__envelope__year"),
        "paid_on",
        amount_in_euros("amount", _("amount (EUR)")),
    ]
    list_select_related = ["grant__beneficiary", "allocation__envelope__fund"]
    list_filter = ["allocation__envelope__fund", "allocation__envelope__year"]
    search_fields = ["reference__icontains", *GRANT_SEARCH]
    fields = ["grant", "allocation", "instalment", ("paid_on", "amount"), "reference"]
    readonly_fields = ["grant"]
    tab_of_grant = "payments"
    sidebar = Place(210, "payments", SOLIDARITY)
    views = (SavedView("this-year", _("Of this year"), of_this_year),)

    def get_ordering(self, request):
        return ["-paid_on", "-pk"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        self.narrow(request, form, obj.grant if obj else None)
        return form

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_paying(obj.grant))

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_paying(obj.grant))


# --- reports and accounts ---


class ReportRows(RowsTable):
    """The lines of a report, with what was planned and spent, are on its own page."""

    model = FinancialReport
    fields = ["year", "due_on", "received_on", "accepted_on"]
    show_change_link = True
    tab = True


class LineRows(RowsTable):
    model = ReportLine
    fields = ["label", "budget", "actual", "variance", "percent"]
    readonly_fields = ["variance", "percent"]
    template_before = "solidarity/admin/report_totals.html"

    @admin.display(description=_("variance (EUR)"))
    def variance(self, row: ReportLine) -> str:
        return "" if row._state.adding else euros(row.variance)

    @admin.display(description=_("variance (%)"))
    def percent(self, row: ReportLine) -> str:
        if row._state.adding:
            return ""
        return str(_("not budgeted")) if row.variance_percent is None else f"{number(row.variance_percent)} %"


@admin.register(FinancialReport)
class FinancialReportAdmin(OfGrant, RecordAdmin):
    list_display = [
        columns.text("grant", _("grant"), "grant__reference"),
        columns.text("grant__beneficiary", _("beneficiary"), "grant__beneficiary__name_fr"),
        "year",
        "due_on",
        "received_on",
        "accepted_on",
    ]
    list_filter = ["year"]
    search_fields = GRANT_SEARCH
    fields = [("grant", "year"), "due_on", ("received_on", "accepted_on"), "note"]
    inlines = [LineRows]
    tab_of_grant = "reports"
    sidebar = Place(215, "summarize", SOLIDARITY)
    views = (
        SavedView("overdue", _("Overdue"), selectors.overdue_reports),
        SavedView("expected", _("Expected"), selectors.expected_reports),
    )

    def get_queryset(self, request):
        return selectors.reports(request.user).order_by(*self.get_ordering(request))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        lines = ReportLine.objects.visible_to(request.user).filter(report=obj) if change and obj else []
        budget, actual = (sum(getattr(row, name) for row in lines) for name in ("budget", "actual"))
        context["totals"] = ReportLine(budget=budget, actual=actual) if lines else None
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(PublicAccounts)
class PublicAccountsAdmin(RecordAdmin):
    list_display = [
        columns.text("organisation", _("organisation"), "organisation__name_fr"),
        "year",
        "approved_on",
        "published_on",
    ]
    list_display_links = [list_display[0], "year"]
    list_select_related = ["organisation"]
    list_filter = ["year"]
    search_fields = ["organisation__name_fr__unaccent__icontains", "organisation__name_en__unaccent__icontains"]
    fields = [("organisation", "year"), ("approved_on", "published_on")]
    sidebar = Place(235, "menu_book", SOLIDARITY)
