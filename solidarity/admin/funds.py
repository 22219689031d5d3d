"""Funds, what bounds them, their yearly envelopes with a running balance, and the figures of the law."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, F, Sum, When, Window
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cooperation.admin.money import amount_in_euros
from core import clock
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.forms import RowFormSet
from core.admin.inlines import RowsTable
from core.admin.listing import SavedView
from core.admin.sidebar import REFERENCE
from core.admin.start import address_of
from core.templatetags.parvis import euros
from core.translated import order
from solidarity.enums import COMMITTED
from solidarity.models import (
    Allocation,
    DeclaredAid,
    Envelope,
    Fund,
    FundParameter,
    FundService,
    LegalThreshold,
    ResourceBase,
)
from solidarity.selectors import funds as selectors
from solidarity.selectors import work

# The group of the sidebar.
SOLIDARITY = _("Solidarity")


class ServiceRows(RowsTable):
    model = FundService
    fields = ["name_fr", "name_en", "slug"]
    tab = True


class ParameterRows(RowsTable):
    model = FundParameter
    fields = ["kind", "value", "since", "until"]
    tab = True


@admin.register(Fund)
class FundAdmin(RecordAdmin):
    list_display = [columns.text("name", _("name"), "name_fr"), "kind", "legal_basis"]
    list_filter = ["kind"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("kind", "legal_basis"), "slug"]}),
        (_("What it is for"), {"fields": [("purpose_fr", "purpose_en")]}),
    ]
    prepopulated_fields = {"slug": ["name_fr"]}
    inlines = [ServiceRows, ParameterRows]
    sidebar = Place(225, "savings", SOLIDARITY)

    def get_ordering(self, request):
        return [order("name"), "pk"]


class BaseRows(RowsTable):
    """The own resources of the services that feed the fund: what each ceiling is a percentage of."""

    model = ResourceBase
    fields = ["service", "own_resources"]
    tab = True

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields.get("service")
        if field is not None and obj is not None:
            field.queryset = FundService.objects.visible_to(request.user).filter(fund=obj.fund_id)
        return formset


class ReadRows(RowFormSet):
    def validate_unique(self) -> None:
        """Nothing is written here: rows whose columns are only shown would all look the same."""


class BorneRows(RowsTable):
    """The grants that the envelope bears, in the order of the votes, with what each left: read here, changed on their pages."""

    model = Allocation
    formset = ReadRows
    verbose_name_plural = _("grants on this envelope")
    fields = readonly_fields = ("grant_link", "body", "service", "amount_eur", "stage", "voted_on", "left_after")
    tab = True

    def get_queryset(self, request):
        taken = Case(When(grant__stage__in=COMMITTED, then=F("amount")), default=None)
        return (
            super()
            .get_queryset(request)
            .select_related("grant__beneficiary", "grant__deliberation", "service", "envelope__fund")
            .annotate(
                so_far=Window(
                    Sum(taken),
                    partition_by=["envelope"],
                    order_by=[F("grant__deliberation__voted_on").asc(nulls_last=True), "pk"],
                )
            )
        )

    def get_ordering(self, request):
        return [F("grant__deliberation__voted_on").asc(nulls_last=True), "pk"]

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("grant"))
    def grant_link(self, row: Allocation) -> str:
        return format_html('<a class="underline" href="{}">{}</a>', address_of(row.grant), row.grant)

    @admin.display(description=_("beneficiary"))
    def body(self, row: Allocation) -> str:
        return str(row.grant.beneficiary)

    @admin.display(description=_("amount (EUR)"))
    def amount_eur(self, row: Allocation) -> str:
        return euros(row.amount)

    @admin.display(description=_("stage"))
    def stage(self, row: Allocation) -> str:
        return row.grant.get_stage_display()

    @admin.display(description=_("voted on"))
    def voted_on(self, row: Allocation):
        return row.grant.deliberation.voted_on if row.grant.deliberation else None

    @admin.display(description=_("left to commit after it"))
    def left_after(self, row: Allocation) -> str:
        """Empty for what is not voted: it takes nothing yet."""
        if row.grant.stage not in COMMITTED:
            return ""
        return euros(row.envelope.commitment_authorised - row.so_far)  # type: ignore[attr-defined]  # annotated by get_queryset()


def of_this_year(reader):
    return selectors.envelopes(reader).filter(year=clock.today().year)


@admin.register(Envelope)
class EnvelopeAdmin(RecordAdmin):
    list_display = [
        columns.text("fund", _("fund"), "fund__name_fr"),
        "year",
        amount_in_euros("commitment_authorised", _("AE (EUR)")),
        amount_in_euros("committed", _("committed (EUR)")),
        amount_in_euros("left_to_commit", _("left to commit")),
        amount_in_euros("payment_credits", _("CP (EUR)")),
        amount_in_euros("paid", _("paid (EUR)")),
        amount_in_euros("left_to_pay", _("left to pay")),
    ]
    list_display_links = [list_display[0], "year"]
    list_filter = ["year", "fund"]
    search_fields = ["fund__name_fr__unaccent__icontains", "fund__name_en__unaccent__icontains", "=year"]
    fieldsets = [
        (None, {"fields": [("fund", "year"), ("commitment_authorised", "payment_credits"), "deliberation", "note"]})
    ]
    change_form_outer_before_template = "solidarity/admin/envelope_balance.html"
    sidebar = Place(220, "account_balance_wallet", SOLIDARITY)
    views = (
        SavedView("this-year", _("Of this year"), of_this_year),
        SavedView("almost-used", _("Almost used"), work.almost_used),
    )

    def get_queryset(self, request):
        return selectors.envelopes(request.user).order_by(*self.get_ordering(request))

    def get_inlines(self, request, obj):
        """Resources belong to the services of a fund, which is saved first."""
        own: list[Any] = [] if obj is None else [BaseRows, BorneRows] if obj.fund.has_ceiling else [BorneRows]
        return [*own, *super().get_inlines(request, obj)]

    def autocomplete_label(self, envelope: Envelope) -> str:
        left = euros(envelope.left_to_commit)  # type: ignore[attr-defined]  # annotated by get_queryset()
        return str(_("%(envelope)s — %(left)s left to commit") % {"envelope": envelope, "left": left})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["envelope_balance"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            envelope = self.get_queryset(request).get(pk=obj.pk)
            rooms = selectors.headroom(request.user, envelope) if envelope.fund.has_ceiling else []
            context["envelope_balance"] = {"envelope": envelope, "rooms": rooms}
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(LegalThreshold)
class LegalThresholdAdmin(RecordAdmin):
    list_display = ["kind", "value", "since", "until", "legal_basis"]
    list_filter = ["kind"]
    search_fields = ["legal_basis__unaccent__icontains"]
    fields = [("kind", "value"), ("since", "until"), "legal_basis"]
    sidebar = Place(770, "balance", REFERENCE)


@admin.register(DeclaredAid)
class DeclaredAidAdmin(RecordAdmin):
    """What the City states. The list has no total on purpose: these amounts are no breakdown of one another."""

    list_display = [
        columns.text("label", _("label"), "label_fr"),
        amount_in_euros("amount", _("amount (EUR a year)")),
        "basis",
        "year",
        "reference",
    ]
    list_filter = ["basis"]
    search_fields = ["label_fr__unaccent__icontains", "label_en__unaccent__icontains"]
    fields = [("label_fr", "label_en"), ("amount", "basis"), ("year", "reference"), "fund", "slug"]
    prepopulated_fields = {"slug": ["label_fr"]}
    sidebar = Place(245, "format_quote", SOLIDARITY)
