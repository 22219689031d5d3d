from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.workflow import Transition, Workflow


class FundKind(models.TextChoices):
    """What bounds a fund: a share of a public service's own resources (CGCT L1115-1-1), or its credits alone."""

    SERVICE_SHARE = "service-share", _("share of a service's own resources")
    SUBSIDY = "subsidy", _("subsidies")
    EMERGENCY = "emergency", _("emergency aid")
    CONTRIBUTION = "contribution", _("contribution to a partner's fund")


class ParameterKind(models.TextChoices):
    """What a fund's dated rows say. Rates in %, the others in EUR."""

    CEILING_RATE = "ceiling-rate", _("ceiling, in per cent of the resources of each service")
    GRANT_MINIMUM = "grant-minimum", _("smallest grant (EUR)")
    GRANT_MAXIMUM = "grant-maximum", _("largest grant (EUR)")
    YEARLY_TARGET = "yearly-target", _("target of the year (EUR)")


class ThresholdKind(models.TextChoices):
    """Figures of the law, each a row with the time in which it holds."""

    CONVENTION = "convention", _("convention needed above (EUR a year and body)")
    ACCOUNTS = "accounts", _("accounts published above (EUR a year)")
    ACCOUNTS_MONTHS = "accounts-months", _("months to publish the accounts after their approval")
    REPORT_MONTHS = "report-months", _("months to send the financial report after the year")
    ENGAGEMENT = "engagement", _("republican engagement contract asked for (1 = yes)")


class GrantStage(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("grant", "draft")
    SUBMITTED = "submitted", pgettext_lazy("grant", "submitted")
    UNDER_REVIEW = "under-review", pgettext_lazy("grant", "under review")
    PROPOSED = "proposed", pgettext_lazy("grant", "proposed")
    VOTED = "voted", pgettext_lazy("grant", "voted")
    SIGNED = "signed", pgettext_lazy("grant", "agreement signed")
    IN_PAYMENT = "in-payment", pgettext_lazy("grant", "in payment")
    REPORTED = "reported", pgettext_lazy("grant", "reported")
    CLOSED = "closed", pgettext_lazy("grant", "closed")
    REJECTED = "rejected", pgettext_lazy("grant", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("grant", "withdrawn")


# Stages from which a grant counts on its envelopes: the Council has voted it.
COMMITTED = ["voted", "signed", "in-payment", "reported", "closed"]
# Stages in which its amount and allocations are settled: what is voted is what was proposed.
SETTLED = ["proposed", *COMMITTED]
OVER = ["closed", "rejected", "withdrawn"]
OPEN = ["draft", "submitted", "under-review", "proposed"]

GRANT_LIFE = Workflow(
    field="stage",
    reason_field="stopped_reason",
    transitions=(
        Transition("submit", _("Record the application"), ("draft",), "submitted", ("received_on",)),
        Transition("review", _("Begin the review"), ("submitted",), "under-review"),
        Transition(
            "propose", _("Propose to the Council"), ("under-review",), "proposed", ("amount_granted", "opinion")
        ),
        Transition("vote", _("Record the vote"), ("proposed",), "voted", ("deliberation",)),
        Transition("sign", _("Record the signature of the agreement"), ("voted",), "signed"),
        Transition("open_payment", _("Open the payment"), ("voted", "signed"), "in-payment"),
        Transition("report", _("Record that it is reported"), ("in-payment",), "reported"),
        Transition("close", _("Close"), ("reported",), "closed"),
        Transition("return_to_review", _("Send back to review"), ("proposed",), "under-review", needs_reason=True),
        Transition(
            "reject",
            _("Reject"),
            ("submitted", "under-review", "proposed"),
            "rejected",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "withdraw",
            pgettext_lazy("grant", "Note its withdrawal"),
            ("draft", "submitted", "under-review", "proposed", "voted", "signed"),
            "withdrawn",
            needs_reason=True,
            keeps_reason=True,
        ),
    ),
)


class PieceKind(models.TextChoices):
    """What an application holds besides the request itself."""

    FORM = "form", _("application form")
    BUDGET = "budget", _("budget of the action")
    STATUTES = "statutes", _("statutes")
    ENGAGEMENT = "engagement", _("republican engagement contract")
    BANK = "bank", _("bank details")


class CrisisKind(models.TextChoices):
    EPIDEMIC = "epidemic", _("epidemic")
    DISASTER = "disaster", _("natural disaster")
    CONFLICT = "conflict", _("conflict")


class HealthMeasure(models.TextChoices):
    """The 90-90-90 targets of Fast-Track Cities, and the wording of December 2014, which is another third measure."""

    DIAGNOSED = "diagnosed", _("diagnosed, of people living with HIV")
    TREATED = "treated", _("treated, of those diagnosed")
    SUPPRESSED = "suppressed", _("virally suppressed, of those treated")
    SUPPORTED = "supported", _("supported (wording of December 2014)")


class AidBasis(models.TextChoices):
    COMMITTED = "committed", _("aid committed, as declared")
    SUBSIDIES = "subsidies", _("subsidies a year")
    FUND = "fund", _("fund a year")
    TARGET = "target", _("yearly target")


class ResidencyKind(models.TextChoices):
    ARTISTS = "artists", _("artists in residence")
    REFUGE = "refuge", _("refuge for a threatened writer or artist")
    JOURNALISTS = "journalists", _("refuge for exiled journalists")
    RESEARCHERS = "researchers", _("visiting researchers")


class HonourKind(models.TextChoices):
    HONORARY_CITIZENSHIP = "honorary-citizenship", _("honorary citizenship")
    MEDAL = "medal", _("medal of the City")
    OTHER = "other", pgettext_lazy("honour", "other honour")


class HonourStage(models.TextChoices):
    NOMINATED = "nominated", pgettext_lazy("honour", "nominated")
    EXAMINED = "examined", pgettext_lazy("honour", "examined")
    VOTED = "voted", pgettext_lazy("honour", "voted")
    AWARDED = "awarded", pgettext_lazy("honour", "awarded")
    REJECTED = "rejected", pgettext_lazy("honour", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("honour", "withdrawn")


HONOUR_LIFE = Workflow(
    field="stage",
    reason_field="closed_reason",
    transitions=(
        Transition("examine", _("Record the commission"), ("nominated",), "examined", ("examined_on", "opinion_fr")),
        Transition("vote", pgettext_lazy("honour", "Record the vote"), ("examined",), "voted", ("deliberation",)),
        Transition("award", _("Record the award"), ("voted",), "awarded", ("awarded_on", "awarded_on_precision")),
        Transition(
            "reject",
            pgettext_lazy("honour", "Reject"),
            ("nominated", "examined"),
            "rejected",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "withdraw",
            pgettext_lazy("honour", "Note that it is withdrawn"),
            ("nominated", "examined", "voted"),
            "withdrawn",
            needs_reason=True,
            keeps_reason=True,
        ),
    ),
)


class Opinion(models.TextChoices):
    FAVOURABLE = "favourable", pgettext_lazy("opinion", "favourable")
    UNFAVOURABLE = "unfavourable", pgettext_lazy("opinion", "unfavourable")
    ABSTAINS = "abstains", pgettext_lazy("opinion", "abstains")


class FileKind(models.TextChoices):
    """Whom a protected file is about."""

    REFUGE = "refuge", _("threatened writer or artist in refuge")
    JOURNALIST = "journalist", _("exiled journalist")
    RESIDENT = "resident", _("resident in danger")
    HONOUR = "honour", _("nominee for an honour, in danger")


class FileLevel(models.TextChoices):
    """Who may open a file: every protection officer, or only those who are named."""

    RESTRICTED = "restricted", _("restricted: every protection officer")
    PROTECTED = "protected", _("protected: only those who are named")


class AccessOrigin(models.TextChoices):
    OPENED = "opened", _("opened the file")
    GRANTED = "granted", _("granted by another")
    BREAK_GLASS = "break-glass", _("emergency access")
