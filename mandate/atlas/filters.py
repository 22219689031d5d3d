"""What the map is narrowed by: all that the list of cities is, and besides by family of ties and by field of cooperation."""

from django.utils.translation import gettext_lazy as _

from cooperation.models import Theme
from core.filters import AnyOfFilter, ReferenceFilter
from mandate.selectors import places
from partnerships.filters import CityFilter


class AtlasFilter(CityFilter):
    family = AnyOfFilter(
        choices=[(family.value, family.label) for family in places.TIES], method="in_family", label=_("Relation")
    )
    theme = ReferenceFilter(model=Theme, method="in_field", label=_("Field of cooperation"))

    class Meta(CityFilter.Meta):
        pass

    def in_family(self, queryset, name, families):
        return queryset.filter(places.has_tie(self.request.user, families)) if families else queryset

    def in_field(self, queryset, name, theme):
        return queryset.filter(places.in_field(self.request.user, theme))
