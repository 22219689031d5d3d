"""Agreements: the conventions of the City's external action (CGCT L1115-1 and following)."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import dates, references, search
from core.addresses import address
from core.constraints import check, one_of_choices, ordered, plausible_dates, positive
from core.database import refuse
from core.dates import PrecisionField
from core.exceptions import Refused
from core.models import BaseModel, tracked
from core.references import REFERENCE, REFERENCE_FORM
from core.translated import Translated
from partnerships.enums import AGREEMENT_LIFE, SIGNED_STATES, AgreementKind, AgreementStatus
from partnerships.models import triggers

ONLY_DRAFTS_DELETED = _("Only a draft is deleted: end the agreement instead.")


def next_reference() -> str:
    """The next free reference of the year, e.g. AGR-2015-0007 (`core.references.next_reference`)."""
    return references.next_reference(Agreement, "AGR")


@tracked
class Agreement(BaseModel):
    """An agreement with cities or organisations: its parties, object, money, dates and life.

    `expires_on` is the current expiry: an amendment that moves it writes it here. A date that has happened without
    anyone knowing when has precision `unknown`. Amounts in EUR.
    """

    life = AGREEMENT_LIFE

    reference = models.CharField(
        _("reference"),
        max_length=20,
        unique=True,
        default=next_reference,
        validators=[RegexValidator(REFERENCE, REFERENCE_FORM)],
    )
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=AgreementKind)
    status = models.CharField(
        _("status"), max_length=10, choices=AgreementStatus, default=AgreementStatus.DRAFT, editable=False
    )
    object_fr = models.TextField(_("object in French"), blank=True)
    object_en = models.TextField(_("object in English"), blank=True)
    forecast_amount = models.DecimalField(
        _("forecast amount (EUR)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty = not known; 0 = no money."),
    )
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("deliberation"),
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_on_precision = PrecisionField()
    transmitted_to_prefect_on = models.DateField(_("sent to the prefect on"), null=True, blank=True)
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"),
        null=True,
        blank=True,
        help_text=_("Last day in force. Empty = not known, unless it has no end."),
    )
    notice_months = models.PositiveSmallIntegerField(
        _("notice period (months)"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    tacit_renewal = models.BooleanField(_("tacit renewal"), default=False)
    open_ended = models.BooleanField(_("without end"), default=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    state_authorisation = models.CharField(
        _("authorised exception"),
        max_length=250,
        blank=True,
        help_text=_("Required where a counterpart is a foreign State: the text that authorises it (CGCT L1115-5)."),
    )
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("renews")
    )
    title = Translated()
    object = Translated()
    search = search.column("reference", "title_fr", "title_en", "object_fr", "object_en")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-signed_on", "reference"]
        indexes = [
            references.index("agreement"),
            search.index("agreement"),
            search.alike("agreement", "title_fr", "title_en"),
            models.Index(fields=["status", "expires_on"], name="partnerships_agreement_expiry"),
        ]
        constraints = [
            check("partnerships_agreement_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            plausible_dates(
                "partnerships_agreement",
                "signed_on",
                "transmitted_to_prefect_on",
                "in_force_on",
                "expires_on",
                "ended_on",
            ),
            one_of_choices("partnerships_agreement", "kind", AgreementKind),
            one_of_choices("partnerships_agreement", "status", AgreementStatus),
            positive("partnerships_agreement", "forecast_amount"),
            *dates.constraints("partnerships_agreement", "signed_on"),
            check(
                "partnerships_agreement_signed_state_has_signature",
                Q(status__in=SIGNED_STATES) & ~Q(signed_on_precision="")
                | Q(status__in=["draft", "voted"], signed_on_precision=""),
                _("A signed agreement has a date of signature (which may be “not known”), an unsigned one has none."),
            ),
            check(
                "partnerships_agreement_voted_has_deliberation",
                ~Q(status__in=["voted", "in-force"]) | Q(deliberation__isnull=False),
                _("The Council's deliberation is missing."),
            ),
            check(
                "partnerships_agreement_in_force_sent_to_prefect",
                ~Q(status="in-force") | Q(transmitted_to_prefect_on__isnull=False, in_force_on__isnull=False),
                _("An agreement takes effect only once it has been sent to the prefect (CGCT L1115-1)."),
            ),
            check(
                "partnerships_agreement_in_force_states_object_and_amount",
                ~Q(status="in-force") | (~Q(object_fr="") & Q(forecast_amount__isnull=False)),
                _("An agreement in force states its object and its forecast amount (CGCT L1115-1)."),
            ),
            check(
                "partnerships_agreement_expired_has_expiry",
                ~Q(status="expired") | Q(expires_on__isnull=False),
                _("An expired agreement has an expiry date."),
            ),
            check(
                "partnerships_agreement_open_ended_without_expiry",
                Q(open_ended=False) | Q(expires_on__isnull=True),
                _("An agreement without end has no last day."),
            ),
            check(
                "partnerships_agreement_ended_has_date",
                Q(status="ended", ended_on__isnull=False) | ~Q(status="ended") & Q(ended_on__isnull=True),
                _("An agreement that was ended has the date, and no other has."),
            ),
            check(
                "partnerships_agreement_notice_at_most_60",
                Q(notice_months__isnull=True) | Q(notice_months__lte=60),
                _("A notice period is at most 60 months."),
            ),
            check(
                "partnerships_agreement_not_renewing_itself", ~Q(renews=F("pk")), _("An agreement cannot renew itself.")
            ),
            ordered(
                "partnerships_agreement",
                "signed_on",
                "transmitted_to_prefect_on",
                _("An agreement is sent to the prefect after its signature."),
            ),
            ordered(
                "partnerships_agreement",
                "transmitted_to_prefect_on",
                "in_force_on",
                _("An agreement takes effect only once it has been sent to the prefect (CGCT L1115-1)."),
            ),
            ordered("partnerships_agreement", "in_force_on", "expires_on"),
            ordered("partnerships_agreement", "signed_on", "expires_on"),
            ordered("partnerships_agreement", "signed_on", "ended_on"),
        ]
        triggers = [
            AGREEMENT_LIFE.trigger(),
            pgtrigger.Trigger(
                name="parties_follow",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=triggers.PARTIES_FOLLOW,
            ),
            pgtrigger.Trigger(
                name="only_drafts_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'draft'"),
                func=refuse(
                    "partnerships_agreement_only_drafts_deleted", "Only a draft is deleted: end the agreement instead."
                ),
            ),
        ]

    refusals = {"partnerships_agreement_only_drafts_deleted": ONLY_DRAFTS_DELETED}

    def __str__(self):
        return f"{self.reference} — {self.title}"

    def get_absolute_url(self):
        return address("partnerships:agreement", self.reference)

    @property
    def is_draft(self) -> bool:
        return self.status == AgreementStatus.DRAFT

    def delete(self, *args, **kwargs):
        if not self.is_draft:
            raise Refused([ONLY_DRAFTS_DELETED])
        return super().delete(*args, **kwargs)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "signed_on", "transmitted_to_prefect_on", "ended_on")
        if self.status == AgreementStatus.IN_FORCE:
            dates.refuse_future(self, "in_force_on")
        self._refuse_signature_before_vote()
        self._refuse_wrong_renewal()
        self._refuse_changes_after_signature()

    def _refuse_signature_before_vote(self) -> None:
        """The mayor signs what the Council has voted; vague dates are compared by the last day they may mean."""
        if self.deliberation is None or self.deliberation.voted_on is None or self.signed_on is None:
            return
        if dates.last_day(self.signed_on, self.signed_on_precision or "day") < self.deliberation.voted_on:
            day = dates.display(self.deliberation.voted_on, self.deliberation.voted_on_precision)
            raise ValidationError(
                {"signed_on": _("It cannot be signed before the Council's vote (%(day)s).") % {"day": day}}
            )

    def _refuse_wrong_renewal(self) -> None:
        if not self.renews:
            return
        if self.renews.kind != self.kind:
            raise ValidationError({"renews": _("An agreement renews one of its own kind.")})
        seen = {self.pk}
        earlier: Agreement | None = self.renews
        while earlier is not None:
            if earlier.pk in seen:
                raise ValidationError({"renews": _("An agreement cannot renew one that renews it.")})
            seen.add(earlier.pk)
            earlier = earlier.renews

    def _refuse_changes_after_signature(self) -> None:
        """What was signed stays: an agreement of another kind, or one that renews another, is another agreement."""
        if self._state.adding or self.status not in SIGNED_STATES:
            return
        signed = Agreement.objects.filter(pk=self.pk, status__in=SIGNED_STATES).first()
        if signed is None:
            return
        fixed = {"kind": signed.kind != self.kind, "renews": signed.renews_id != self.renews_id}
        changed = [name for name, differs in fixed.items() if differs]
        if changed:
            raise ValidationError(dict.fromkeys(changed, _("This was fixed by the signature.")))
