from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from core.admin.start import address_of
from partnerships import selectors
from partnerships.enums import SIGNED_STATES, PartyRole
from partnerships.models import Agreement, AgreementClause, AgreementParty, Amendment, City

COLOURS = {
    "draft": "default",
    "voted": "info",
    "signed": "warning",
    "in-force": "success",
    "expired": "danger",
    "renewed": "default",
    "ended": "default",
}


class PartyRows(RowsTable):
    model = AgreementParty
    fields = ["city", "organisation", "role"]
    verbose_name_plural = _("parties: the city or the organisation that we agree with")
    # The database copies them from the agreement.
    not_in_history = ("kind", "period")

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return 1 if obj is None else 0


class ClauseRows(RowsTable):
    model = AgreementClause
    fields = ["kind", "text"]


class AmendmentRows(RowsStack):
    model = Amendment
    collapsible = False
    fields = [
        ("number", "amount_change"),
        "object",
        ("signed_on", "signed_on_precision"),
        "new_expiry",
        "deliberation",
    ]
    tab = True


def counterparts(agreement: Agreement) -> str:
    return ", ".join(str(party) for party in agreement.parties.all() if party.role == PartyRole.COUNTERPART)


@admin.register(Agreement)
class AgreementAdmin(RecordAdmin):
    list_display = [
        "reference",
        columns.text("title", _("title"), "title_fr"),
        "party_list",
        "kind",
        columns.state("status", _("status"), COLOURS),
        columns.day("signed_on", _("signed on")),
        columns.day("expires_on", _("expires on")),
    ]
    list_filter = ["status", "kind", "clauses__kind", "tacit_renewal"]
    inlines = [PartyRows, ClauseRows, AmendmentRows]
    sidebar = Place(30, "contract")
    views = (
        SavedView("drafts", _("Drafts and voted"), selectors.drafts),
        SavedView("signed-without-effect", _("Signed, effect not established"), selectors.signed_without_effect),
        SavedView("in-force", _("In force"), selectors.agreements_in_force),
        SavedView("expiring", _("Expiring within six months"), selectors.expiring),
    )

    export_columns = {"counterparts": (_("counterpart"), counterparts)}

    def has_delete_permission(self, request, obj=None) -> bool:
        """Only drafts are deleted; an agreement beyond is ended."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("deliberation")
            .prefetch_related("parties__city", "parties__organisation", "clauses")
        )

    def get_fieldsets(self, request, obj=None):
        fieldsets = [
            (
                _("What is agreed"),
                {
                    "fields": [
                        ("kind", "reference"),
                        ("title_fr", "title_en"),
                        ("object_fr", "object_en"),
                        "forecast_amount",
                    ],
                    "description": _(
                        "Name it, say with whom below, then save: the page then shows each next step and what it still lacks."
                    ),
                },
            ),
            (
                _("Duration"),
                {"fields": [("expires_on", "notice_months"), ("tacit_renewal", "open_ended"), "renews"]},
            ),
            (_("Council and State"), {"fields": ["deliberation", "state_authorisation"]}),
        ]
        if obj is not None and obj.status in SIGNED_STATES:
            dates = [("signed_on", "signed_on_precision"), ("transmitted_to_prefect_on", "in_force_on"), "ended_on"]
            corrected = {"fields": dates, "description": _("Set by the steps of its life; correct a mistake here.")}
            fieldsets.append((_("Dates of its life"), corrected))
        return fieldsets

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """From a city's page, the agreement starts with that city as its counterpart."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        city = request.GET.get("city", "")
        new = request.method == "GET" and isinstance(inline, PartyRows) and obj.pk is None
        if new and city.isdecimal() and City.objects.visible_to(request.user).filter(pk=city).exists():
            kwargs["initial"] = [{"city": city, "role": PartyRole.COUNTERPART}]
        return kwargs

    @admin.display(description=_("with"))
    def party_list(self, agreement: Agreement) -> str:
        return ", ".join(str(party) for party in agreement.parties.all())

    def started_by(self, request, record, transition):
        if transition.verb != "prepare_renewal":
            return None
        return self.get_queryset(request).filter(renews=record).first()

    def records_named(self, request, record) -> dict[str, str]:
        """The agreements that this one renews or is renewed by, which its reasons name by their reference."""
        tied = Agreement.objects.visible_to(request.user).filter(Q(renews=record) | Q(renewed_by=record))
        return {agreement.reference: address_of(agreement) for agreement in tied}
