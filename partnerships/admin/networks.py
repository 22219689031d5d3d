from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from core.translated import order
from partnerships import selectors
from partnerships.admin.places import PERIOD
from partnerships.models import Ambassador, Dues, Membership, Network, NetworkCity, NetworkSeat


class MembershipRows(RowsStack):
    model = Membership
    verbose_name_plural = _("our place in it")
    fields = ["role", ("commission_fr", "commission_en"), *PERIOD]
    tab = True


class DuesRows(RowsTable):
    model = Dues
    fields = ["year", "amount_due", "due_on", "amount_paid", "paid_on"]
    tab = True


class SeatRows(RowsStack):
    model = NetworkSeat
    fields = ["person", ("body", "function"), *PERIOD]
    tab = True


class MemberCityRows(RowsTable):
    model = NetworkCity
    fields = ["city", "since", "since_precision", "until", "until_precision"]
    tab = True


@admin.register(Network)
class NetworkAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "acronym",
        "role_list",
        columns.day("founded_on", _("founded")),
        columns.state("status", _("status"), {"active": "success", "planned": "warning"}),
    ]
    list_filter = ["status", "memberships__role"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("acronym", "status"), ("theme_fr", "theme_en"), "slug"]}),
        (
            _("Foundation"),
            {
                "fields": [
                    ("founded_on", "founded_on_precision"),
                    ("due_on", "due_on_precision"),
                    ("seat", "members_min"),
                ]
            },
        ),
        (_("More"), {"fields": ["website", "organisation", ("note_fr", "note_en")]}),
    ]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [MembershipRows, DuesRows, SeatRows, MemberCityRows]
    sidebar = Place(40, "hub")
    views = (SavedView("chaired", _("Chaired by us"), selectors.chaired_networks),)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("memberships")

    def get_ordering(self, request):
        return [order("name"), "pk"]

    @admin.display(description=_("our place in it"))
    def role_list(self, network: Network) -> str:
        return ", ".join(dict.fromkeys(str(place.get_role_display()) for place in network.memberships.all()))


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    list_display = [
        "network",
        "role",
        columns.text("commission", _("commission chaired"), "commission_fr"),
        columns.day("since", _("since")),
        columns.day("until", _("until")),
    ]
    list_select_related = ["network"]
    list_filter = ["role"]
    search_fields = [
        "network__name_fr__unaccent__icontains",
        "network__acronym__icontains",
        "commission_fr__unaccent__icontains",
    ]
    fields = ["network", "role", ("commission_fr", "commission_en"), *PERIOD]


@admin.register(Dues)
class DuesAdmin(RecordAdmin):
    list_display = ["network", "year", "amount_due", "due_on", "amount_paid", "paid_on"]
    list_select_related = ["network"]
    list_filter = ["year"]
    search_fields = [
        "network__name_fr__unaccent__icontains",
        "network__name_en__unaccent__icontains",
        "network__acronym__icontains",
    ]
    fields = [("network", "year"), ("amount_due", "due_on"), ("amount_paid", "paid_on")]
    sidebar = Place(45, "receipt_long")
    views = (SavedView("unpaid", _("Unpaid"), selectors.unpaid_dues),)


@admin.register(Ambassador)
class AmbassadorAdmin(RecordAdmin):
    list_display = ["person", "country", "post", "since", "until"]
    list_select_related = ["person", "country"]
    fields = ["person", ("country", "post"), ("since", "until")]
    sidebar = Place(80, "badge")
