from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack
from core.translated import order
from partnerships.admin.places import PERIOD
from partnerships.models import Organisation, Person, PersonRole


class RoleOfPersonRows(RowsStack):
    model = PersonRole
    fields = [("title_fr", "title_en"), ("organisation", "city"), *PERIOD]
    tab = True


class RoleInOrganisationRows(RowsStack):
    model = PersonRole
    verbose_name_plural = _("people and their functions")
    fields = ["person", ("title_fr", "title_en"), *PERIOD]
    tab = True


@admin.register(Organisation)
class OrganisationAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "kind",
        columns.text("country", _("country"), "country__name_fr"),
        columns.text("role", _("what it does with us")),
    ]
    list_select_related = ["country"]
    list_filter = ["kind"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("kind", "country"), "parent", "slug"]}),
        (_("What it does with us"), {"fields": [("role_fr", "role_en"), "website"]}),
        (_("French registers"), {"fields": [("siret", "rna")]}),
    ]
    prepopulated_fields = {"slug": ["name_fr"]}
    inlines = [RoleInOrganisationRows]
    sidebar = Place(50, "corporate_fare")

    def get_ordering(self, request):
        return [order("name"), "pk"]


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    list_display = ["name", "role_list", "council_group", "email"]
    list_select_related = ["council_group"]
    list_filter = ["council_group"]
    fields = ["name", ("email", "phone"), "council_group", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RoleOfPersonRows]
    sidebar = Place(60, "person")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("roles")

    @admin.display(description=_("functions"))
    def role_list(self, person: Person) -> str:
        return ", ".join(str(role.title) for role in person.roles.all())
