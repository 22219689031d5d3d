"""What the lists of mandates, objectives and their rows are narrowed by."""

import django_filters
from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cooperation.filters import on_or_after, on_or_before
from core.filters import AnyOfFilter, RecordFilter, ReferenceField, ReferenceFilter, YesNoFilter, among
from core.models import User
from events.enums import Horizon
from mandate import measures, models
from mandate.enums import MandateMilestone, ObjectiveKind, ObjectiveStatus, ReportSection, ReportStatus
from mandate.selectors import objectives, work
from partnerships.models import City


def owners(request):
    return work.owners(request.user) if request else User.objects.none()


class ObjectiveField(ReferenceField):
    """An objective by its number, or by its reference where one mandate alone has it: the handover keeps references."""

    default_error_messages = {
        "several": _("Several mandates have an objective “%(value)s”: name it by its number."),
    }

    def to_python(self, value):
        if isinstance(value, str) and self.queryset.filter(reference=value).count() > 1:
            raise forms.ValidationError(self.error_messages["several"], code="several", params={"value": value})
        return super().to_python(value)


class ObjectiveReferenceFilter(ReferenceFilter):
    field_class = ObjectiveField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, model=models.Objective, **kwargs)


class MandateFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    city = ReferenceFilter(model=City, label=_("City that governs"))
    runs_on = django_filters.DateFilter(method="that_runs_on", label=_("Runs on"))

    class Meta:
        model = models.Mandate
        fields: tuple[str, ...] = ()

    def that_runs_on(self, queryset, name, day):
        return queryset.filter(starts_on__lte=day, ends_on__gte=day)


class MilestoneDecisionFilter(RecordFilter):
    mandate = ReferenceFilter(model=models.Mandate, label=_("Mandate"))
    which = AnyOfFilter(choices=MandateMilestone, label=_("Milestone of the mandate"))

    class Meta:
        model = models.MilestoneDecision
        fields: tuple[str, ...] = ()


class ObjectiveFilter(RecordFilter):
    mandate = ReferenceFilter(model=models.Mandate, label=_("Mandate"))
    reference = django_filters.CharFilter(label=_("Reference"))
    kind = AnyOfFilter(choices=ObjectiveKind, label=_("Kind"))
    horizon = AnyOfFilter(choices=Horizon, label=_("Term of the mission letter"))
    status = AnyOfFilter(choices=ObjectiveStatus, label=_("Status"))
    owner = ReferenceFilter(model=User, queryset=owners, label=_("Number of whoever answers for it"))
    parent = ObjectiveReferenceFilter(label=_("Part of"))
    late = YesNoFilter(method="that_is_late", label=_("Noted as late, or past its due date and open"))
    shown = YesNoFilter(method="that_is_shown", label=_("A piece of evidence shows it"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = models.Objective
        fields: tuple[str, ...] = ()

    def that_is_late(self, queryset, name, value):
        return among(queryset, work.late_objectives(self.request.user), value)

    def that_is_shown(self, queryset, name, value):
        """Evidence that the caller does not see shows nothing to her."""
        reader = self.request.user
        counted = objectives.with_evidence_count(models.Objective.objects.visible_to(reader), reader)
        shown = counted.filter(shown_by__gt=0)  # type: ignore[misc]  # annotated by with_evidence_count()
        return among(queryset, shown, value)


class OfObjectiveFilter(RecordFilter):
    """Base for the rows of objectives."""

    objective = ObjectiveReferenceFilter(label=pgettext_lazy("of a mandate", "Objective"))
    mandate = ReferenceFilter(model=models.Mandate, field_name="objective__mandate", label=_("Mandate"))


class ObjectiveAssociateFilter(OfObjectiveFilter):
    class Meta:
        model = models.ObjectiveAssociate
        fields = ["person", "organisation"]


class ObjectivePreconditionFilter(OfObjectiveFilter):
    needs = ObjectiveReferenceFilter(label=_("Needs the objective"))
    fulfilled = YesNoFilter(method="that_is_fulfilled", label=_("Is fulfilled"))

    class Meta:
        model = models.ObjectivePrecondition
        fields: tuple[str, ...] = ()

    def that_is_fulfilled(self, queryset, name, value):
        fulfilled = Q(needs__status=ObjectiveStatus.MET) | Q(needs=None, fulfilled_on__isnull=False)
        seen = models.ObjectivePrecondition.objects.visible_to(self.request.user)
        return among(queryset, seen.filter(fulfilled), value)


class MilestoneFilter(OfObjectiveFilter):
    reached = YesNoFilter(method="that_is_reached", label=_("Has been reached"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = models.Milestone
        fields: tuple[str, ...] = ()

    def that_is_reached(self, queryset, name, value):
        return queryset.filter(reached_on__isnull=value == "false")


class EvidenceFilter(OfObjectiveFilter):
    class Meta:
        model = models.Evidence
        fields = list(models.EVIDENCE)


class IndicatorFilter(OfObjectiveFilter):
    measure = django_filters.ChoiceFilter(choices=measures.choices, label=_("Measure"))
    judged_by_hand = YesNoFilter(method="that_is_judged_by_hand", label=_("Is judged by hand"))
    reached = YesNoFilter(method="that_reaches_its_target", label=_("The last reading reaches the target"))

    class Meta:
        model = models.Indicator
        fields: tuple[str, ...] = ()

    def that_is_judged_by_hand(self, queryset, name, value):
        return queryset.filter(Q(measure="") if value == "true" else ~Q(measure=""))

    def that_reaches_its_target(self, queryset, name, value):
        enough = Q(direction="at-least", last_value__gte=F("target"))
        little = Q(direction="at-most", last_value__lte=F("target"))
        read = models.Indicator.objects.visible_to(self.request.user).with_readings(self.request.user)
        return among(queryset, read.filter(enough | little), value)


class ReportFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    status = AnyOfFilter(choices=ReportStatus, label=_("Status"))
    tells_of = django_filters.DateFilter(method="that_tells_of", label=_("Its period holds the day"))
    starts_after = on_or_after("starts_on", _("Period begins on or after"))
    ends_before = on_or_before("ends_on", _("Period ends on or before"))

    class Meta:
        model = models.Report
        fields: tuple[str, ...] = ()

    def that_tells_of(self, queryset, name, day):
        return queryset.filter(starts_on__lte=day, ends_on__gte=day)


class ReportBlockFilter(RecordFilter):
    report = ReferenceFilter(model=models.Report, label=_("Report"))
    section = AnyOfFilter(choices=ReportSection, label=_("Section"))

    class Meta:
        model = models.ReportBlock
        fields: tuple[str, ...] = ()


def period_of(day: str, since, until) -> Q:
    """The days from `since` to `until`, both included; None leaves that side open."""
    found = Q()
    if since:
        found &= Q(**{f"{day}__gte": since})
    if until:
        found &= Q(**{f"{day}__lte": until})
    return found
