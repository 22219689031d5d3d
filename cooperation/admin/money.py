"""Funding lines with their movements and forecasts, and the framework agreements that they draw on."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, Sum, When, Window
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from cooperation.admin.reference import COOPERATION
from cooperation.enums import MovementKind
from cooperation.models import Forecast, Framework, FundingLine, Movement
from cooperation.models.money import EURO
from cooperation.selectors import money as selectors
from cooperation.templatetags.portfolio import money
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.forms import RowFormSet
from core.admin.inlines import RowsStack, RowsTable
from core.admin.start import address_of
from core.templatetags.parvis import euros


def amount_in_currency(name: str, label):
    """A column of what a line has requested, committed or disbursed, in the line's currency."""

    @admin.display(description=label, ordering=name)
    def show(line: FundingLine) -> str:
        return money(getattr(line, name), line.currency)

    return show


def amount_in_euros(name: str, label):
    @admin.display(description=label, ordering=name)
    def show(record) -> str:
        return euros(getattr(record, name))

    return show


@dataclass(frozen=True)
class Ledger:
    """What stands above the lines of a project: each with its sums, their total, and what seems to be counted twice."""

    lines: list[tuple[FundingLine, str]]
    totals: selectors.Totals
    doubts: list[selectors.Doubt]
    several_projects: bool


def ledger(found: Iterable[FundingLine], doubts: list[selectors.Doubt]) -> Ledger:
    """`found` comes from `selectors.money.lines(reader)`."""
    shown = list(found)
    return Ledger(
        lines=[(line, address_of(line)) for line in shown],
        totals=selectors.totals(shown),
        doubts=doubts,
        several_projects=len({line.project_id for line in shown}) > 1,
    )


class FundingLineRows(RowsStack):
    """The lines of a project or of a cultural project; their money is entered on the page of each."""

    model = FundingLine
    template_before = "cooperation/admin/ledger.html"
    fields = [
        ("kind", "nature"),
        "organisation",
        "city",
        "currency",
        "framework",
        "label",
        "counted_apart",
    ]
    show_change_link = True
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organisation", "city")


class MovementFormSet(RowFormSet):
    def saving_order(self):
        """What makes room first, what takes it afterwards: a commitment and its payment may be written together."""
        return sorted(self.forms, key=lambda row: not self._makes_room(row.instance))

    def _makes_room(self, movement: Movement) -> bool:
        return (movement.kind == MovementKind.COMMITTED) == ((movement.amount or 0) > 0)


class MovementRows(RowsTable):
    model = Movement
    formset = MovementFormSet
    readonly_fields = ["euros", "so_far", "left"]
    not_in_history = ("currency",)
    tab = True

    def get_fields(self, request, obj=None) -> list:
        """An amount in euros has no rate, and needs not be said in euros."""
        # As the line is stored: what its form says meanwhile may be refused.
        foreign = obj is not None and FundingLine.objects.filter(pk=obj.pk).exclude(currency=EURO).exists()
        money_columns = ["kind", "on", "amount", *(["rate", "rate_on", "euros"] if foreign else [])]
        shown = [*money_columns, "so_far", "left", "reference"]
        return [*shown, "opened_version"] if self.has_change_permission(request, obj) else shown

    def get_queryset(self, request):
        """Each with what its kind sums up to by then, and what is committed and not yet disbursed."""
        signed = Case(
            When(kind=MovementKind.COMMITTED, then=F("amount")),
            When(kind=MovementKind.DISBURSED, then=-F("amount")),
            default=Decimal(0),
        )
        by_then: dict[str, Any] = {"order_by": ["on", "pk"]}
        return (
            super()
            .get_queryset(request)
            .select_related("line")
            .annotate(
                summed=Window(Sum("amount"), partition_by=["line", "kind"], **by_then),
                balance=Window(Sum(signed), partition_by=["line"], **by_then),
            )
        )

    def get_ordering(self, request):
        return ["on", "pk"]

    @admin.display(description=_("in EUR"))
    def euros(self, movement: Movement) -> str:
        return "" if movement._state.adding else euros(movement.amount_eur)

    @admin.display(description=_("running total"))
    def so_far(self, movement: Movement) -> str:
        return "" if movement._state.adding else money(movement.summed, movement.currency)  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("still to disburse"))
    def left(self, movement: Movement) -> str:
        return "" if movement._state.adding else money(movement.balance, movement.currency)  # type: ignore[attr-defined]  # annotated by get_queryset()


class ForecastRows(RowsTable):
    """Read and added to: what was forecast stays, a new row says better."""

    model = Forecast
    fields = ["year", "amount_eur", "made_on", "frozen", "note"]
    readonly_fields = ["frozen"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("deliberation")

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("frozen by the deliberation"))
    def frozen(self, forecast: Forecast) -> str:
        return str(forecast.deliberation.number) if forecast.deliberation else ""


@admin.register(FundingLine)
class FundingLineAdmin(RecordAdmin):
    """One funder's money for one project. From the project and back to it."""

    list_display = [
        "__str__",
        "project",
        "cultural_project",
        "kind",
        amount_in_currency("requested", _("requested")),
        amount_in_currency("committed", _("committed")),
        amount_in_currency("disbursed", _("disbursed")),
    ]
    list_filter = ["kind", "nature", "currency"]
    search_fields = [
        "project__reference__icontains",
        "project__title_fr__unaccent__icontains",
        "project__title_en__unaccent__icontains",
        "cultural_project__title_fr__unaccent__icontains",
        "organisation__name_fr__unaccent__icontains",
        "organisation__name_en__unaccent__icontains",
        "city__name_fr__unaccent__icontains",
        "city__name_en__unaccent__icontains",
        "label__unaccent__icontains",
    ]
    fieldsets = [
        (
            None,
            {"fields": ["project", "cultural_project", ("kind", "nature"), "organisation", "city", "currency"]},
        ),
        (_("More"), {"fields": [("framework", "label"), "counted_apart"]}),
    ]
    inlines = [MovementRows, ForecastRows]
    actions_detail = ["open_project"]
    sidebar = Place(110, "payments", COOPERATION)

    def get_queryset(self, request):
        return selectors.lines(request.user).order_by(*self.get_ordering(request))

    def get_inlines(self, request, obj):
        """A movement follows the currency of its line, which is saved first."""
        return super().get_inlines(request, obj) if obj else []

    def response_post_save_change(self, request, obj):
        return redirect(self._owner(obj)) if self._owner(obj) else super().response_post_save_change(request, obj)

    def _owner(self, line: FundingLine) -> str:
        owner = line.project or line.cultural_project
        return f"{address_of(owner)}#funding_lines" if owner else ""

    @action(description=_("Open its project"), url_path="project", permissions=["view"], icon="arrow_back")
    def open_project(self, request, object_id):
        line = self.get_object(request, object_id)
        return redirect(self._owner(line) if line else reverse("admin:cooperation_fundingline_changelist"))


class DrawnRows(RowsTable):
    """The lines that draw on a framework agreement: read here, changed on their own page."""

    model = FundingLine
    verbose_name_plural = _("funding lines that draw on it")
    fields = readonly_fields = ("project", "cultural_project", "nature", "committed", "disbursed")
    show_change_link = True
    tab = True

    def get_queryset(self, request):
        return selectors.lines(request.user)

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("committed"))
    def committed(self, line: FundingLine) -> str:
        return euros(line.committed_eur)  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("disbursed"))
    def disbursed(self, line: FundingLine) -> str:
        return euros(line.disbursed_eur)  # type: ignore[attr-defined]  # annotated by get_queryset()


@admin.register(Framework)
class FrameworkAdmin(RecordAdmin):
    list_display = [
        "agreement",
        columns.text("funder", _("funder"), "funder__name_fr"),
        amount_in_euros("amount", _("amount (EUR)")),
        amount_in_euros("used", _("used")),
        amount_in_euros("left", _("left")),
    ]
    search_fields = [
        "agreement__reference__icontains",
        "agreement__title_fr__unaccent__icontains",
        "funder__name_fr__unaccent__icontains",
        "funder__name_en__unaccent__icontains",
    ]
    fields = ["agreement", ("funder", "amount")]
    inlines = [DrawnRows]
    sidebar = Place(115, "account_balance", COOPERATION)

    def get_queryset(self, request):
        return selectors.frameworks(request.user).order_by(*self.get_ordering(request))

    def get_fields(self, request, obj=None):
        return [*super().get_fields(request, obj), ("used", "left")] if obj else super().get_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return ["used", "left"] if obj else []

    @admin.display(description=_("used (EUR committed)"))
    def used(self, framework: Framework) -> str:
        return euros(framework.used)  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("left (EUR)"))
    def left(self, framework: Framework) -> str:
        left = framework.left  # type: ignore[attr-defined]  # annotated by get_queryset()
        return str(_("not known")) if left is None else euros(left)
