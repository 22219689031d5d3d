"""What the lists of missions, visits, events, meetings and promises are narrowed by, in pages and API alike.

`MissionFilter(request.GET, queryset=selectors.occasions.missions(request.user), request=request).qs`
"""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cooperation.filters import YearFilter, on_or_after, on_or_before
from cooperation.models import Project, Theme
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter, among
from events import models, selectors
from events.enums import (
    DelegationStatus,
    EventKind,
    EventStatus,
    Horizon,
    MeetingKind,
    MeetingStatus,
    MissionStatus,
    PromiseSide,
    PromiseStatus,
    Quality,
)
from partnerships.models import Agreement, City, Country, Network, Organisation, Person
from solidarity.models import Grant


class TiedFilter(RecordFilter):
    """Base: what a record is about, by its ties to the records below."""

    network = ReferenceFilter(model=Network, method="tied_to", label=_("Network"))
    organisation = ReferenceFilter(model=Organisation, method="tied_to", label=_("Organisation"))
    project = ReferenceFilter(model=Project, method="tied_to", label=_("Project"))
    agreement = ReferenceFilter(model=Agreement, method="tied_to", label=_("Agreement"))
    grant = ReferenceFilter(model=Grant, method="tied_to", label=_("Grant"))
    # Columns of the record's own that name the same thing as a tie does.
    own_columns: tuple[str, ...] = ()

    def with_row(self, part, condition: Q) -> Q:
        """Those of which a row of `part` (their ties, participants, destinations) is as wanted."""
        subject = self._meta.model._meta.model_name
        rows = part.objects.visible_to(self.request.user).filter(condition, **{f"{subject}__isnull": False})
        return Q(pk__in=rows.order_by().values(subject))

    def tied_to(self, queryset, name, record):
        condition = self.with_row(models.Tie, Q(**{name: record}))
        return queryset.filter(condition | Q(**{name: record}) if name in self.own_columns else condition)


class WithPeopleFilter(TiedFilter):
    person = ReferenceFilter(model=Person, method="with_person", label=_("Person who takes part"))

    def with_person(self, queryset, name, person):
        return queryset.filter(self.with_row(models.Participant, Q(person=person)))


class OccasionFilter(WithPeopleFilter):
    """Base: when it begins, as it happened where that is known, as it is planned otherwise."""

    year = YearFilter(method="of_year", label=_("Year"))
    begins_after = django_filters.DateFilter(method="from_day", label=_("Begins on or after"))
    begins_before = django_filters.DateFilter(method="to_day", label=_("Begins on or before"))
    start_recorded = YesNoFilter(
        field_name="actual_start", lookup_expr="isnull", exclude=True, label=_("Actual start recorded")
    )

    @staticmethod
    def _beginning(queryset: QuerySet, lookup: str, value) -> QuerySet:
        return queryset.filter(
            Q(**{f"actual_start__{lookup}": value})
            | Q(actual_start__isnull=True, **{f"planned_start__{lookup}": value})
        )

    def of_year(self, queryset, name, year):
        return self._beginning(queryset, "year", year)

    def from_day(self, queryset, name, day):
        return self._beginning(queryset, "gte", day)

    def to_day(self, queryset, name, day):
        return self._beginning(queryset, "lte", day)


class MissionFilter(OccasionFilter):
    status = AnyOfFilter(choices=MissionStatus, label=_("Status"))
    horizon = AnyOfFilter(choices=Horizon, label=_("Horizon"))
    emblematic = YesNoFilter(label=_("Emblematic"))
    groups_recorded = YesNoFilter(method="with_groups", label=_("Council groups recorded"))
    event = ReferenceFilter(model=models.Event, label=_("Goes to the event"))
    city = ReferenceFilter(model=City, method="about_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="in_country", label=_("Country"))

    class Meta:
        model = models.Mission
        fields: tuple[str, ...] = ()

    def with_groups(self, queryset, name, value):
        elected = models.Participant.objects.filter(mission=OuterRef("pk"), quality=Quality.ELECTED)
        group = Q(council_group__isnull=False) | Q(person__council_group__isnull=False)
        recorded = Exists(elected.filter(Q(all_groups=True) | group))
        return queryset.filter(recorded if value == "true" else ~recorded)

    def about_city(self, queryset, name, city):
        return among(queryset, selectors.occasions.missions_about(self.request.user, city), "true")

    def in_country(self, queryset, name, country):
        return queryset.filter(self.with_row(models.Destination, Q(country=country) | Q(city__country=country)))


class DelegationFilter(OccasionFilter):
    own_columns = ("organisation",)

    status = AnyOfFilter(choices=DelegationStatus, label=_("Status"))
    city = ReferenceFilter(model=City, method="about_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="from_country", label=_("From the country"))
    theme = ReferenceFilter(model=Theme, label=_("Field of cooperation"))
    event = ReferenceFilter(model=models.Event, label=_("Comes for the event"))

    class Meta:
        model = models.Delegation
        fields: tuple[str, ...] = ()

    def about_city(self, queryset, name, city):
        return among(queryset, selectors.occasions.delegations_from(self.request.user, city), "true")

    def from_country(self, queryset, name, country):
        """That of the city; where no city is named the country; where neither is, that of whoever sent them."""
        sent = Q(city__isnull=True, country__isnull=True, organisation__country=country)
        return queryset.filter(Q(city__country=country) | Q(country=country) | sent)


class EventFilter(OccasionFilter):
    own_columns = ("network",)

    kind = AnyOfFilter(choices=EventKind, label=_("Kind"))
    status = AnyOfFilter(choices=EventStatus, label=_("Status"))
    part_of = ReferenceFilter(model=models.Event, label=_("Part of"))
    city = ReferenceFilter(model=City, method="about_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="in_country", label=_("Country"))

    class Meta:
        model = models.Event
        fields: tuple[str, ...] = ()

    def about_city(self, queryset, name, city):
        return among(queryset, selectors.occasions.events_about(self.request.user, city), "true")

    def in_country(self, queryset, name, country):
        """Where it was held, or is planned while it has not been or nobody recorded another place."""
        planned = selectors.occasions.HELD_NOWHERE & Q(planned_city__country=country)
        return queryset.filter(Q(held_city__country=country) | planned)


class MeetingFilter(WithPeopleFilter):
    kind = AnyOfFilter(choices=MeetingKind, label=_("Kind"))
    status = AnyOfFilter(choices=MeetingStatus, label=_("Status"))
    mission = ReferenceFilter(model=models.Mission, label=_("Mission"))
    delegation = ReferenceFilter(model=models.Delegation, label=_("Delegation received"))
    event = ReferenceFilter(model=models.Event, label=_("Event"))
    city = ReferenceFilter(model=City, method="about_city", label=_("City"))
    day_after = on_or_after("day", _("On or after"))
    day_before = on_or_before("day", _("On or before"))

    class Meta:
        model = models.Meeting
        fields: tuple[str, ...] = ()

    def about_city(self, queryset, name, city):
        return among(queryset, selectors.occasions.meetings_with(self.request.user, city), "true")


class PromiseFilter(TiedFilter):
    own_columns = ("organisation",)

    side = AnyOfFilter(choices=PromiseSide, label=_("By whom"))
    status = AnyOfFilter(choices=PromiseStatus, label=_("Status"))
    overdue = YesNoFilter(method="that_is_overdue", label=_("Is overdue"))
    city = ReferenceFilter(model=City, method="about_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="with_country", label=_("Country"))
    responsible = ReferenceFilter(model=Organisation, label=_("Who sees to it"))
    promised_by = ReferenceFilter(model=Person, label=_("Promised by"))
    promised_to = ReferenceFilter(model=Person, label=_("Promised to"))
    mission = ReferenceFilter(model=models.Mission, label=_("Mission"))
    delegation = ReferenceFilter(model=models.Delegation, label=_("Delegation received"))
    event = ReferenceFilter(model=models.Event, label=_("Event"))
    meeting = ReferenceFilter(model=models.Meeting, label=_("Meeting"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))
    made_after = on_or_after("made_on", _("Made on or after"))
    made_before = on_or_before("made_on", _("Made on or before"))

    class Meta:
        model = models.Promise
        fields: tuple[str, ...] = ()

    def that_is_overdue(self, queryset, name, value):
        return among(queryset, selectors.promises.overdue_promises(self.request.user), value)

    def about_city(self, queryset, name, city):
        return queryset.filter(selectors.promises.about_city(city))

    def with_country(self, queryset, name, country):
        return queryset.filter(Q(country=country) | Q(city__country=country))
