from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from solidarity.admin.funds import SOLIDARITY
from solidarity.models import HealthIndicator
from solidarity.selectors import grants as selectors


@admin.register(HealthIndicator)
class HealthIndicatorAdmin(RecordAdmin):
    list_display = ["year", columns.text("city", _("city"), "city__name_fr"), "measure", "target", "actual"]
    list_display_links = ["year", list_display[1], "measure"]
    list_filter = ["measure", "year"]
    search_fields = ["city__name_fr__unaccent__icontains", "city__name_en__unaccent__icontains", "=year"]
    fields = [("city", "year"), "measure", ("target", "actual")]
    sidebar = Place(240, "health_and_safety", SOLIDARITY)

    def get_queryset(self, request):
        return selectors.health(request.user).order_by(*self.get_ordering(request))
