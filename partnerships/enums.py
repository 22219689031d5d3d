from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.workflow import Transition, Workflow


class CountryStatusKind(models.TextChoices):
    """Standings of a country that hold for a time: French-speaking membership (OIF) and aid eligibility (DAC list)."""

    OIF_MEMBER = "oif-member", _("member of the OIF")
    OIF_ASSOCIATE = "oif-associate", _("associate member of the OIF")
    OIF_OBSERVER = "oif-observer", _("observer of the OIF")
    DAC_LEAST_DEVELOPED = "dac-ldc", _("DAC list: least developed country")
    DAC_LOW_INCOME = "dac-lic", _("DAC list: other low-income country")
    DAC_LOWER_MIDDLE = "dac-lmic", _("DAC list: lower middle-income country or territory")
    DAC_UPPER_MIDDLE = "dac-umic", _("DAC list: upper middle-income country or territory")


OIF_STATUSES = [kind.value for kind in CountryStatusKind if kind.value.startswith("oif-")]
DAC_STATUSES = [kind.value for kind in CountryStatusKind if kind.value.startswith("dac-")]


class PlaceKind(models.TextChoices):
    CITY = "city", _("city")
    MEMORIAL_SITE = "memorial-site", _("memorial site")
    UNIVERSITY = "university", _("university")


class RelationKind(models.TextChoices):
    """What a city or a country is to ours. A comparator is a model to learn from, not a partner."""

    PARTNER = "partner", _("partner")
    STRENGTHENING = "strengthening", _("partnership being strengthened")
    PROMISING = "promising", _("promising partnership")
    PROJECT_CITY = "project-city", _("project city")
    EVENT_HOST = "event-host", _("event host")
    DESTINATION = "destination", _("destination of a trip")
    CULTURAL_SEASON = "cultural-season", _("cultural season")
    SOLIDARITY = "solidarity", _("solidarity")
    EMERGENCY = "emergency", _("emergency aid")
    MEMORY = "memory", _("remembrance")
    COMPARATOR = "comparator", _("comparator, not a partner")


# The relations that make a city a partner; the others are ties without a partnership.
PARTNERSHIP = [RelationKind.PARTNER, RelationKind.STRENGTHENING]


class RenewalVerdict(models.TextChoices):
    """What becomes of a partnership that sleeps."""

    RENEW = "renew", pgettext_lazy("partnership", "renew")
    PAUSE = "pause", pgettext_lazy("partnership", "pause")
    END = "end", pgettext_lazy("partnership", "end")


class OrganisationKind(models.TextChoices):
    ASSOCIATION = "association", _("association")
    NGO = "ngo", _("non-governmental organisation")
    FUNDER = "funder", _("funder")
    FOUNDATION = "foundation", _("foundation")
    INSTITUTION = "institution", _("institution")
    UN_AGENCY = "un-agency", _("United Nations agency")
    STATE = "state", _("State")
    DIRECTORATE = "directorate", _("directorate of the City")
    OPERATOR = "operator", _("operator of the City")
    COMPANY = "company", _("company")
    SCHOOL = "school", _("school or university")
    CULTURAL_VENUE = "cultural-venue", _("cultural institution")
    NETWORK = "network", _("association of cities")
    MEDIA = "media", _("media")


class AgreementKind(models.TextChoices):
    FRIENDSHIP = "friendship", _("friendship and cooperation agreement")
    COOPERATION = "cooperation", _("cooperation agreement")
    TWINNING = "twinning", _("twinning")
    FUNDER = "funder", _("multiannual funder agreement")
    COFUNDING = "cofunding", _("co-funding agreement")
    INTENT = "intent", _("letter of intent")


class PartyRole(models.TextChoices):
    COUNTERPART = "counterpart", _("counterpart")
    BENEFICIARY = "beneficiary", _("beneficiary")


class ClauseKind(models.TextChoices):
    GENDER_EQUALITY = "gender-equality", _("gender equality")
    CLIMATE = "climate", _("climate and environment")
    HUMAN_RIGHTS = "human-rights", _("human rights")
    EVALUATION = "evaluation", _("evaluation")
    REGRANTING = "regranting", _("re-granting allowed")
    OTHER = "other", _("other clause")


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    VOTED = "voted", _("voted")
    SIGNED = "signed", _("signed")
    IN_FORCE = "in-force", _("in force")
    EXPIRED = "expired", _("expired")
    RENEWED = "renewed", _("renewed")
    ENDED = "ended", _("ended")


# States in which the agreement has been signed, whenever that was.
SIGNED_STATES = [status.value for status in AgreementStatus if status.value not in ("draft", "voted")]

# Agreements that bind us today: signed, whether or not their effect is established.
LIVE = [AgreementStatus.SIGNED, AgreementStatus.IN_FORCE]
CITY_KINDS = [AgreementKind.FRIENDSHIP, AgreementKind.COOPERATION, AgreementKind.TWINNING]

AGREEMENT_LIFE = Workflow(
    field="status",
    transitions=(
        Transition("vote", _("Record the vote"), ("draft",), "voted", ("deliberation",)),
        Transition("sign", _("Record the signature"), ("voted",), "signed", ("signed_on", "signed_on_precision")),
        Transition(
            "enter_into_force",
            _("Record the entry into force"),
            ("signed",),
            "in-force",
            ("deliberation", "transmitted_to_prefect_on", "in_force_on"),
        ),
        Transition("prepare_renewal", _("Prepare the renewal"), ("in-force", "expired"), None),
        Transition("renew", _("Note that it is renewed"), ("in-force", "expired"), "renewed"),
        Transition("expire", _("Note that it has expired"), ("in-force",), "expired"),
        Transition("end", _("End early"), ("signed", "in-force"), "ended", ("ended_on",), needs_reason=True),
        Transition("reopen", _("Back to draft"), ("voted",), "draft", needs_reason=True),
    ),
)


class NetworkStatus(models.TextChoices):
    ACTIVE = "active", _("active")
    PLANNED = "planned", _("planned")


class MembershipRole(models.TextChoices):
    MEMBER = "member", _("member")
    CHAIR = "chair", _("chair")
    VICE_CHAIR = "vice-chair", _("vice-chair")
    COMMISSION_CHAIR = "commission-chair", _("chair of a commission")
    INITIATOR = "initiator", _("initiator")
    PARTICIPANT = "participant", _("participant")


CHAIRING = [MembershipRole.CHAIR, MembershipRole.COMMISSION_CHAIR]
