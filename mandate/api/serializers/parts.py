"""The own columns of an objective, and what belongs to it."""

from rest_framework import serializers

from cooperation.api.serializers.parts import ProjectSummarySerializer
from core.api.serializers import RecordSerializer, Reference
from core.models import User
from events.api.serializers.occasions import (
    DelegationSummarySerializer,
    EventSummarySerializer,
    MissionSummarySerializer,
)
from mandate import models
from mandate.selectors import work
from partnerships.api.serializers import (
    AgreementSummarySerializer,
    MembershipSerializer,
    OrganisationSerializer,
    PersonSummarySerializer,
)
from solidarity.api.serializers.parts import GrantSummarySerializer


class Owner(Reference):
    """Whoever answers for an objective, by number, among those whom the caller may name."""

    def get_queryset(self):
        return work.eligible(self.context["request"].user) if "request" in self.context else User.objects.none()


class ObjectiveSummarySerializer(RecordSerializer):
    owner = Owner(queryset=User.objects.none(), allow_null=True, required=False, help_text="Who answers for it.")

    class Meta:
        model = models.Objective
        fields: tuple[str, ...] = (
            "mandate",
            "reference",
            "kind",
            "horizon",
            "parent",
            "weight",
            "wording_fr",
            "wording_en",
            "note_fr",
            "note_en",
            "owner",
            "owner_words_fr",
            "owner_words_en",
            "due_on",
            "due_on_precision",
            "due_words_fr",
            "due_words_en",
            "status",
            "status_reason",
            "judged_on",
            "continues",
        )


class ObjectiveAssociateSerializer(RecordSerializer):
    class Meta:
        model = models.ObjectiveAssociate
        fields = ("objective", "person", "organisation")
        expandable = {
            "objective": ObjectiveSummarySerializer,
            "person": PersonSummarySerializer,
            "organisation": OrganisationSerializer,
        }


class ObjectivePreconditionSerializer(RecordSerializer):
    is_fulfilled = serializers.BooleanField(
        read_only=True, help_text="The objective that is needed is met, or the day is noted on which it came true."
    )

    class Meta:
        model = models.ObjectivePrecondition
        fields = ("objective", "needs", "words_fr", "words_en", "fulfilled_on", "is_fulfilled")
        expandable = {"objective": ObjectiveSummarySerializer, "needs": ObjectiveSummarySerializer}


class MilestoneSerializer(RecordSerializer):
    class Meta:
        model = models.Milestone
        fields = (
            "objective",
            "title_fr",
            "title_en",
            "due_on",
            "due_on_precision",
            "reached_on",
            "note_fr",
            "note_en",
        )
        expandable = {"objective": ObjectiveSummarySerializer}


class EvidenceSerializer(RecordSerializer):
    class Meta:
        model = models.Evidence
        fields = ("objective", *models.EVIDENCE, "note_fr", "note_en", "added_on")
        expandable = {
            "objective": ObjectiveSummarySerializer,
            "mission": MissionSummarySerializer,
            "delegation": DelegationSummarySerializer,
            "event": EventSummarySerializer,
            "agreement": AgreementSummarySerializer,
            "project": ProjectSummarySerializer,
            "grant": GrantSummarySerializer,
            "membership": MembershipSerializer,
        }
