"""Filters that only the API has; the others are shared with the pages."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.filters import on_or_after, on_or_before
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter
from events import models
from events.enums import TravelMode


class LegFilter(RecordFilter):
    mission = ReferenceFilter(model=models.Mission, label=_("Mission"))
    mode = AnyOfFilter(choices=TravelMode, label=_("Means of transport"))
    factor = ReferenceFilter(model=models.EmissionFactor, label=_("Emission factor"))
    leaves_after = on_or_after("leaves_on", _("Leaves on or after"))
    leaves_before = on_or_before("leaves_on", _("Leaves on or before"))

    class Meta:
        model = models.Leg
        fields: tuple[str, ...] = ()


class EmissionFactorFilter(RecordFilter):
    mode = AnyOfFilter(choices=TravelMode, label=_("Means of transport"))
    holds_on = django_filters.DateFilter(method="that_hold_on", label=_("Holds on"))

    class Meta:
        model = models.EmissionFactor
        fields: tuple[str, ...] = ()

    def that_hold_on(self, queryset, name, day):
        return queryset.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class ProgrammeItemFilter(RecordFilter):
    mission = ReferenceFilter(model=models.Mission, label=_("Mission"))
    delegation = ReferenceFilter(model=models.Delegation, label=_("Delegation received"))
    event = ReferenceFilter(model=models.Event, label=_("Event"))
    day_after = on_or_after("day", _("On or after"))
    day_before = on_or_before("day", _("On or before"))

    class Meta:
        model = models.ProgrammeItem
        fields: tuple[str, ...] = ()


class PreconditionFilter(RecordFilter):
    event = ReferenceFilter(model=models.Event, label=_("Event"))
    met = YesNoFilter(method="that_is_met", label=_("Is met"))

    class Meta:
        model = models.Precondition
        fields: tuple[str, ...] = ()

    def that_is_met(self, queryset, name, value):
        unmet = Q(met_on_precision="")
        return queryset.filter(~unmet if value == "true" else unmet)


class BidStageFilter(RecordFilter):
    event = ReferenceFilter(model=models.Event, label=_("Event"))
    passed = YesNoFilter(method="that_is_passed", label=_("Has been passed"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = models.BidStage
        fields: tuple[str, ...] = ()

    def that_is_passed(self, queryset, name, value):
        ahead = Q(passed_on_precision="")
        return queryset.filter(~ahead if value == "true" else ahead)


class CouncilSittingFilter(RecordFilter):
    sits_after = on_or_after("ends_on", _("Sits on or after"))
    sits_before = on_or_before("starts_on", _("Sits on or before"))

    class Meta:
        model = models.CouncilSitting
        fields: tuple[str, ...] = ()
