"""What follows the vote."""

from django.db.models import QuerySet

from cooperation.api.views.base import prefetched
from core.api.resources import Resource
from solidarity import filters, models
from solidarity.api import filters as own_filters
from solidarity.api import serializers


def agreements(reader) -> QuerySet[models.GrantAgreement]:
    """Grant agreements with their instalments."""
    rows = models.GrantAgreement.objects.visible_to(reader)
    return rows.prefetch_related(*prefetched(reader, instalments=models.Instalment))


def reports(reader) -> QuerySet[models.FinancialReport]:
    """Financial reports with their lines."""
    rows = models.FinancialReport.objects.visible_to(reader)
    return rows.prefetch_related(*prefetched(reader, lines=models.ReportLine))


class GrantAgreements(Resource):
    """The conventions of grants with their instalments; settled once payments are open."""

    model = models.GrantAgreement
    serializer_class = serializers.GrantAgreementSerializer
    filter_fields = ("grant", "number")

    def rows(self):
        return agreements(self.request.user)


class Instalments(Resource):
    """The parts of a grant that its agreement pays at a time (EUR), and on what condition."""

    model = models.Instalment
    serializer_class = serializers.InstalmentSerializer
    filterset_class = own_filters.InstalmentFilter


class Payments(Resource):
    """Euros paid on a day from one allocation, for one instalment where there is an agreement.

    Refused above the allocation, the instalment and the payment credits of the fund for the year; while the grant is not
    in payment; with the reference of another payment order.
    """

    model = models.Payment
    serializer_class = serializers.PaymentSerializer
    filterset_class = filters.PaymentFilter


class FinancialReports(Resource):
    """What beneficiaries made of earmarked grants, year by year, with lines and their variance in EUR and %."""

    model = models.FinancialReport
    serializer_class = serializers.FinancialReportSerializer
    filterset_class = filters.FinancialReportFilter

    def rows(self):
        return reports(self.request.user)


class ReportLines(Resource):
    """Lines of financial reports: planned and spent (EUR)."""

    model = models.ReportLine
    serializer_class = serializers.ReportLineSerializer
    filterset_class = own_filters.ReportLineFilter


class PublicAccounts(Resource):
    """The accounts of bodies that got more than the legal threshold in a year."""

    model = models.PublicAccounts
    serializer_class = serializers.PublicAccountsSerializer
    filterset_class = own_filters.PublicAccountsFilter
