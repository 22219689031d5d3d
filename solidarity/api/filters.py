"""Filters that only the API has; the others are shared with the pages."""

from django.utils.translation import gettext_lazy as _

from cooperation.filters import YearFilter, on_or_after, on_or_before
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter
from partnerships.models import Organisation
from solidarity import models
from solidarity.enums import GrantStage


class ResourceBaseFilter(RecordFilter):
    envelope = ReferenceFilter(model=models.Envelope, label=_("Envelope"))
    fund = ReferenceFilter(field_name="envelope__fund", model=models.Fund, label=_("Fund"))
    service = ReferenceFilter(model=models.FundService, label=_("Service"))
    year = YearFilter(field_name="envelope__year", label=_("Year"))

    class Meta:
        model = models.ResourceBase
        fields: tuple[str, ...] = ()


class AllocationFilter(RecordFilter):
    grant = ReferenceFilter(model=models.Grant, label=_("Grant"))
    envelope = ReferenceFilter(model=models.Envelope, label=_("Envelope"))
    fund = ReferenceFilter(field_name="envelope__fund", model=models.Fund, label=_("Fund"))
    service = ReferenceFilter(model=models.FundService, label=_("Service"))
    year = YearFilter(field_name="envelope__year", label=_("Year of the envelope"))
    stage = AnyOfFilter(field_name="grant__stage", choices=GrantStage, label=_("Stage of the grant"))

    class Meta:
        model = models.Allocation
        fields: tuple[str, ...] = ()


class InstalmentFilter(RecordFilter):
    agreement = ReferenceFilter(model=models.GrantAgreement, label=_("Grant agreement"))
    grant = ReferenceFilter(field_name="agreement__grant", model=models.Grant, label=_("Grant"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = models.Instalment
        fields: tuple[str, ...] = ()


class ReportLineFilter(RecordFilter):
    report = ReferenceFilter(model=models.FinancialReport, label=_("Financial report"))
    grant = ReferenceFilter(field_name="report__grant", model=models.Grant, label=_("Grant"))

    class Meta:
        model = models.ReportLine
        fields: tuple[str, ...] = ()


class PublicAccountsFilter(RecordFilter):
    organisation = ReferenceFilter(model=Organisation, label=_("Organisation"))
    year = YearFilter(label=_("Financial year"))

    class Meta:
        model = models.PublicAccounts
        fields: tuple[str, ...] = ()
