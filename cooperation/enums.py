from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.workflow import Transition, Workflow


class ThemeKind(models.TextChoices):
    """How the City's documents class a field of cooperation; blank where they do not."""

    TRADITIONAL = "traditional", pgettext_lazy("field of cooperation", "traditional")
    NEW = "new", pgettext_lazy("field of cooperation", "new")
    OPENING = "opening", pgettext_lazy("field of cooperation", "opening")


class ProjectStage(models.TextChoices):
    IDEA = "idea", pgettext_lazy("project", "idea")
    IN_PREPARATION = "in-preparation", pgettext_lazy("project", "in preparation")
    ADOPTED = "adopted", pgettext_lazy("project", "adopted")
    UNDER_WAY = "under-way", pgettext_lazy("project", "under way")
    COMPLETED = "completed", pgettext_lazy("project", "completed")
    SUSPENDED = "suspended", pgettext_lazy("project", "suspended")
    ABANDONED = "abandoned", pgettext_lazy("project", "abandoned")


# Projects that somebody works on or will; the others are over, or stand still.
LIVE = [ProjectStage.IDEA, ProjectStage.IN_PREPARATION, ProjectStage.ADOPTED, ProjectStage.UNDER_WAY]
NOT_BEGUN = ["idea", "in-preparation", "adopted"]
BEGUN = ["under-way", "completed"]
STOPPED = ["suspended", "abandoned"]

PROJECT_LIFE = Workflow(
    field="stage",
    reason_field="stopped_reason",
    transitions=(
        Transition("prepare", _("Begin its preparation"), ("idea",), "in-preparation"),
        Transition("adopt", _("Record the Council's vote"), ("in-preparation",), "adopted", ("deliberation",)),
        Transition(
            "start", _("Record the start"), ("adopted",), "under-way", ("actual_start", "actual_start_precision")
        ),
        Transition("vote_again", _("Record a further vote"), ("adopted", "under-way"), None, ("deliberation",)),
        Transition(
            "complete", _("Record the completion"), ("under-way",), "completed", ("actual_end", "actual_end_precision")
        ),
        Transition(
            "suspend",
            _("Suspend"),
            ("in-preparation", "adopted", "under-way"),
            "suspended",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition("resume", _("Resume"), ("suspended",), "under-way"),
        Transition(
            "prepare_again", _("Back to preparation"), ("adopted", "suspended"), "in-preparation", needs_reason=True
        ),
        Transition(
            "abandon",
            _("Abandon"),
            ("idea", "in-preparation", "adopted", "under-way", "suspended"),
            "abandoned",
            needs_reason=True,
            keeps_reason=True,
        ),
    ),
)


class ProjectCityRole(models.TextChoices):
    PLACE = "place", _("where it takes place")
    PARTNER = "partner", _("partner of the project")


class ProjectRole(models.TextChoices):
    """What an organisation is to a project. The two first are the City's own directorates."""

    LEAD = "lead", _("lead directorate")
    ASSOCIATED = "associated", _("associated directorate")
    OPERATOR = "operator", _("operator")
    PARTNER = "partner", _("partner")


DIRECTORATE_ROLES = [ProjectRole.LEAD, ProjectRole.ASSOCIATED]


class Mode(models.TextChoices):
    EXPERTISE = "expertise", _("exchange of expertise")
    TRAINING = "training", _("training")
    EQUIPMENT = "equipment", _("transfer of equipment")


class MarkerScore(models.IntegerChoices):
    """The score of a DAC policy marker."""

    NOT_TARGETED = 0, _("0: not targeted")
    SIGNIFICANT = 1, _("1: significant objective")
    PRINCIPAL = 2, _("2: principal objective")


# The policy markers of the DAC, with their IATI codes.
MARKERS = {
    "gender": "1",
    "biodiversity": "5",
    "mitigation": "6",
    "adaptation": "7",
    "desertification": "8",
    "rmnch": "9",
    "disability": "11",
}


class FundingKind(models.TextChoices):
    OWN = "own", _("own budget")
    PARTNER_CITY = "partner-city", _("partner city")
    MINISTRY = "ministry", _("ministry")
    AFD = "afd", _("French Development Agency")
    EUROPEAN_COMMISSION = "european-commission", _("European Commission")
    FOUNDATION = "foundation", _("foundation")
    OTHER = "other", _("other funder")


class Nature(models.TextChoices):
    CASH = "cash", _("in cash")
    IN_KIND = "in-kind", _("in kind")


class MovementKind(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("money", "requested")
    COMMITTED = "committed", pgettext_lazy("money", "committed")
    DISBURSED = "disbursed", pgettext_lazy("money", "disbursed")


class CulturalKind(models.TextChoices):
    TOUR = "tour", _("tour")
    WORK = "work", _("work")
    TANDEM = "tandem", _("tandem between two cities")
    SEASON = "season", _("season of a country")
    CENTRE = "centre", _("foreign cultural centre supported")


# What is co-funded by turns: recipients and disciplines rotate.
ROTATING = [CulturalKind.TOUR, CulturalKind.WORK]


class CulturalStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("cultural project", "planned")
    CURRENT = "current", pgettext_lazy("cultural project", "current")
    PAST = "past", pgettext_lazy("cultural project", "past")
    CANCELLED = "cancelled", pgettext_lazy("cultural project", "cancelled")


class Discipline(models.TextChoices):
    THEATRE = "theatre", _("theatre")
    DANCE = "dance", _("dance")
    MUSIC = "music", _("music")
    CIRCUS = "circus", _("circus and street arts")
    VISUAL_ARTS = "visual-arts", _("visual arts")
    PHOTOGRAPHY = "photography", _("photography")
    CINEMA = "cinema", _("cinema")
    LITERATURE = "literature", _("literature")
    DESIGN = "design", _("design and crafts")
    DIGITAL = "digital", _("digital arts")
    HERITAGE = "heritage", _("heritage")


class ExchangeKind(models.TextChoices):
    STAFF = "staff", _("exchange of city staff")
    STUDENTS = "students", _("student mobility")
    RESEARCH = "research", _("research stays")
    SCHOOLS = "schools", _("school exchanges")
    START_UPS = "start-ups", _("exchange of start-ups and incubators")
    LANGUAGES = "languages", _("language education")
    WELCOME = "welcome", _("welcome of foreign students")
    LABEL = "label", _("label")
    OTHER = "other", _("other programme")


class LabelStage(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("label", "received")
    UNDER_REVIEW = "under-review", pgettext_lazy("label", "under review")
    AWARDED = "awarded", pgettext_lazy("label", "awarded")
    REFUSED = "refused", pgettext_lazy("label", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("label", "withdrawn")


LABEL_LIFE = Workflow(
    field="stage",
    reason_field="decision_reason",
    transitions=(
        Transition("instruct", _("Begin the review"), ("received",), "under-review"),
        Transition(
            "award", _("Award the label"), ("under-review",), "awarded", ("opinion", "decided_on", "valid_until")
        ),
        Transition(
            "refuse",
            _("Refuse"),
            ("under-review",),
            "refused",
            ("opinion", "decided_on"),
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "withdraw",
            pgettext_lazy("application", "Note its withdrawal"),
            ("received", "under-review"),
            "withdrawn",
            needs_reason=True,
            keeps_reason=True,
        ),
    ),
)


class DeadlineModel(models.TextChoices):
    """As the European Commission's portal has it."""

    SINGLE = "single-stage", _("single stage")
    TWO_STAGE = "two-stage", _("two stages")
    CUT_OFF = "multiple-cut-off", _("several cut-off dates")


class CallState(models.TextChoices):
    """Where a call stands today, computed from its dates."""

    FORTHCOMING = "forthcoming", pgettext_lazy("call", "forthcoming")
    OPEN = "open", pgettext_lazy("call", "open")
    CLOSED = "closed", pgettext_lazy("call", "closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("call", "withdrawn")


class CountryScope(models.TextChoices):
    ANY = "any", _("any country")
    LISTED = "listed", _("the countries listed")
    DAC = "dac", _("countries on the DAC list of aid recipients")


class Gate(models.TextChoices):
    """What a funder asks for before it reads an application."""

    AID_RETURN = "aid-return", _("yearly aid return filed")
    REPORTS = "reports", _("earlier reports filed")
    COMMITMENT = "commitment", _("signed agreement or deliberation")


# Gates that a filing opens; the last one is read from the project itself.
FILED_GATES = [Gate.AID_RETURN, Gate.REPORTS]


class ApplicationStage(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("application", "draft")
    SUBMITTED = "submitted", pgettext_lazy("application", "submitted")
    WON = "won", pgettext_lazy("application", "won")
    LOST = "lost", pgettext_lazy("application", "lost")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "withdrawn")


SENT = ["submitted", "won", "lost"]

APPLICATION_LIFE = Workflow(
    field="stage",
    reason_field="decision_reason",
    transitions=(
        Transition(
            "submit",
            _("Record the submission"),
            ("draft",),
            "submitted",
            ("amount_asked", "total_cost", "submitted_on", "deliberation"),
        ),
        Transition("win", _("Record that it is won"), ("submitted",), "won", ("amount_obtained", "decided_on")),
        Transition(
            "lose",
            _("Record that it is lost"),
            ("submitted",),
            "lost",
            ("decided_on",),
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "withdraw",
            pgettext_lazy("application", "Note its withdrawal"),
            ("draft", "submitted"),
            "withdrawn",
            needs_reason=True,
            keeps_reason=True,
        ),
    ),
)


class PracticeKind(models.TextChoices):
    INCLUSIVE = "inclusive", _("inclusive city")
    SMART = "smart", _("smart city")
    OTHER = "other", _("other practice")
