"""The resources of the report to the Council, with the account that each report gives."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from core.api.permissions import UNREADABLE
from core.api.resources import Resource
from mandate import models
from mandate.api import filters, serializers
from mandate.reports import writing
from mandate.selectors import reports


class Reports(Resource):
    """Reports to the Council: what the City's international action was from one day to another, both included.

    A draft is for the department and the deputies, an adopted report for everyone; `status` moves by the verb only. `account`
    is what the report states, with the records behind each figure.
    """

    model = models.Report
    serializer_class = serializers.ReportSummarySerializer
    detail_class = serializers.ReportDetailSerializer
    filterset_class = filters.ReportFilter

    def check_permissions(self, request):
        super().check_permissions(request)
        # Before its short name is compared with those of drafts.
        if self.action in ("create", "bulk_create") and not models.Report.shows_drafts(request.user):
            raise PermissionDenied(UNREADABLE)

    def rows(self):
        rows = reports.reports(self.request.user).select_related(None)
        if self.action == "list":
            return rows
        texts = reports.in_reading_order(models.ReportBlock.objects.visible_to(self.request.user))
        return rows.prefetch_related(Prefetch("blocks", texts))

    @extend_schema(summary="What the report states", responses=serializers.AccountSerializer)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def account(self, request, *args, **kwargs):
        """Its texts and statements, section by section: live while it is a draft, as they were kept once it is adopted."""
        found = writing.account(self.get_object(), request.user)
        context = {"request": request, "changes": found.changes}
        return Response(serializers.AccountSerializer(found, context=context).data)


class ReportBlocks(Resource):
    """The texts of reports, in both languages. Those of an adopted report are never changed."""

    model = models.ReportBlock
    serializer_class = serializers.ReportBlockSerializer
    filterset_class = filters.ReportBlockFilter

    def rows(self):
        return reports.in_reading_order(super().rows())
