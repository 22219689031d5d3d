from django.contrib import admin
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core.access import may
from core.admin import columns
from core.admin.base import Place, RecordAdmin, saving
from core.admin.forms import RowFormSet
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from core.admin.sidebar import REFERENCE
from core.translated import order
from partnerships import selectors, services
from partnerships.models import (
    Agreement,
    AgreementParty,
    Area,
    City,
    CityArea,
    Country,
    CountryStatus,
    NetworkCity,
    Relation,
    RenewalDecision,
    WatchNote,
)

PERIOD = (("since", "since_precision"), ("until", "until_precision"))


class AreaRows(RowsTable):
    model = CityArea
    verbose_name_plural = _("areas")
    tab = True


class RelationOfCityRows(RowsStack):
    model = Relation
    fields = ["kind", ("description_fr", "description_en"), *PERIOD]
    tab = True


class RelationOfCountryRows(RelationOfCityRows):
    fields = ["kind", ("description_fr", "description_en"), *PERIOD]


class WatchNoteRows(RowsStack):
    model = WatchNote
    fields = [("noted_on", "audience"), "title", "text"]
    tab = True


class NetworkOfCityRows(RowsTable):
    model = NetworkCity
    verbose_name_plural = _("networks")
    fields = ["network", "since", "since_precision", "until", "until_precision"]
    tab = True


class ReadRows(RowFormSet):
    """Rows that are only read: nothing of theirs is sent, so there is nothing to compare between them."""

    def validate_unique(self) -> None:
        return None


class AgreementOfCityRows(RowsTable):
    """The agreements with a city: read here, changed on the agreement's own page."""

    model = AgreementParty
    formset = ReadRows
    verbose_name_plural = _("agreements")
    fields = readonly_fields = ("agreement_link", "status", "role")
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("agreement")

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("agreement"))
    def agreement_link(self, party: AgreementParty) -> str:
        address = reverse("admin:partnerships_agreement_change", args=[party.agreement_id])
        return format_html('<a class="underline" href="{}">{}</a>', address, party.agreement)

    @admin.display(description=_("status"))
    def status(self, party: AgreementParty) -> str:
        return party.agreement.get_status_display()


class DecisionRows(RowsStack):
    """Decisions on the partnership: added, never changed or taken back; the latest one rules."""

    model = RenewalDecision
    fields = [("verdict", "until"), "reason", ("decided_on", "decided_by")]
    readonly_fields = ("decided_by",)
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("decided_by")

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(City)
class CityAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        columns.text("country", _("country"), "country__name_fr"),
        "relation_list",
        "area_list",
        "agreement_count",
    ]
    list_filter = ["relations__kind", "areas", "kind"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("country", "kind"), "alias", "slug"]}),
        (_("On the map"), {"fields": [("latitude", "longitude")]}),
    ]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [AreaRows, RelationOfCityRows, AgreementOfCityRows, DecisionRows, NetworkOfCityRows, WatchNoteRows]
    actions_detail = ["add_agreement"]
    sidebar = Place(10, "location_city")
    views = (
        SavedView("partners", _("Partner cities"), selectors.partner_cities),
        SavedView("comparators", _("Comparators"), selectors.comparator_cities),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("country").prefetch_related("relations", "areas", "parties")

    def get_ordering(self, request):
        return [order("name"), "pk"]

    def get_search_results(self, request, queryset, search_term):
        """Where a city is chosen by typing, those whose own name begins with the text come first, then the alphabet."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        text = search_term.strip()
        if not text or request.resolver_match.url_name not in ("autocomplete", "search"):
            return found, duplicates
        own = Q()
        for name in ("name_fr", "name_en", "alias"):
            own |= Q(**{f"{name}__unaccent__istartswith": text})
        rank = Case(When(own, then=Value(0)), default=Value(1), output_field=IntegerField())
        return found.order_by(rank, order("name"), "pk"), duplicates

    def autocomplete_label(self, city: City) -> str:
        return f"{city} ({city.country})"

    def get_inlines(self, request, obj):
        inlines = super().get_inlines(request, obj)
        return inlines if obj else [inline for inline in inlines if inline not in (AgreementOfCityRows, DecisionRows)]

    def save_formset(self, request, form, formset, change):
        """A decision does more than its row says: the service records it."""
        if formset.model is not RenewalDecision:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        for row in (row for row in formset.extra_forms if row.has_changed()):
            with saving(row.prefix):
                given = {name: row.cleaned_data[name] for name in ("verdict", "until", "reason", "decided_on")}
                services.decide_renewal(form.instance, actor=request.user, **given)

    @admin.display(description=_("relations"))
    def relation_list(self, city: City) -> str:
        return ", ".join(dict.fromkeys(str(relation.get_kind_display()) for relation in city.relations.all()))

    @admin.display(description=_("areas"))
    def area_list(self, city: City) -> str:
        return ", ".join(str(area) for area in city.areas.all())

    @admin.display(description=_("agreements"))
    def agreement_count(self, city: City) -> int:
        return len(city.parties.all())

    def has_add_agreement_permission(self, request, object_id=None) -> bool:
        return may(request.user, "add", Agreement)

    @action(
        description=_("Add an agreement with this city"),
        url_path="add-agreement",
        permissions=["add_agreement"],
        icon="add",
    )
    def add_agreement(self, request, object_id):
        return redirect(f"{reverse('admin:partnerships_agreement_add')}?city={object_id}")


@admin.register(WatchNote)
class WatchNoteAdmin(RecordAdmin):
    list_display = ["title", "city", "noted_on", "audience"]
    list_select_related = ["city"]
    list_filter = ["audience"]
    fields = ["city", ("noted_on", "audience"), "title", "text"]
    sidebar = Place(15, "visibility")


class StatusRows(RowsTable):
    model = CountryStatus
    verbose_name_plural = _("standings: OIF, DAC list")
    tab = True


@admin.register(Country)
class CountryAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "code",
        columns.text("region", _("region"), "region_fr"),
        columns.text("city_count", _("cities"), "city_count"),
    ]
    list_filter = ["region_fr"]
    fields = ["code", ("name_fr", "name_en"), ("region_fr", "region_en")]
    inlines = [StatusRows, RelationOfCountryRows]
    sidebar = Place(710, "flag", REFERENCE)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(city_count=Count("cities"))

    def get_ordering(self, request):
        return [order("name"), "pk"]


@admin.register(Area)
class AreaAdmin(RecordAdmin):
    list_display = [columns.text("name", _("name"), "name_fr"), "parent"]
    list_select_related = ["parent"]
    search_fields = ["name_fr__unaccent__icontains", "name_en__unaccent__icontains"]
    fields = [("name_fr", "name_en"), "parent", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    sidebar = Place(720, "map", REFERENCE)


@admin.register(Relation)
class RelationAdmin(RecordAdmin):
    """Ties with cities and countries across the register; also those with a country named without a city."""

    list_display = [
        "__str__",
        columns.text("description", _("what"), "description_fr"),
        columns.day("since", _("since")),
    ]
    list_select_related = ["city", "country"]
    list_filter = ["kind"]
    search_fields = [
        "city__name_fr__unaccent__icontains",
        "city__name_en__unaccent__icontains",
        "country__name_fr__unaccent__icontains",
        "country__name_en__unaccent__icontains",
        "description_fr__unaccent__icontains",
    ]
    fields = [("city", "country"), "kind", ("description_fr", "description_en"), *PERIOD]
    sidebar = Place(20, "handshake")
