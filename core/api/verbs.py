"""A workflow's verbs as actions: `POST /agreements/<id>/enter-into-force/`, and `GET /agreements/<id>/steps/`."""

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api.serializers import StrictSerializer
from core.workflow import Transition, Workflow


class MissingSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The field to mend; empty where there is none.")
    message = serializers.CharField()


class StepSerializer(serializers.Serializer):
    """A verb that leads on from where the record stands, and what is missing before it may happen."""

    verb = serializers.CharField(source="transition.verb")
    label = serializers.CharField(source="transition.label")  # type: ignore[assignment]  # the base class has an attribute of this name
    ready = serializers.BooleanField()
    missing = MissingSerializer(many=True)


def add_verbs(view) -> None:
    """Gives the view one action for each transition of its model's `life`, and `steps`."""
    life: Workflow | None = getattr(view.model, "life", None)
    if life is None:
        return
    view.steps = _steps(life)
    for transition in life.transitions:
        setattr(
            view,
            transition.verb,
            _verb(
                life,
                transition,
                input_serializer(view.model, transition),
                view.detail_class or view.serializer_class,
            ),
        )


def input_serializer(model, transition: Transition) -> type[StrictSerializer]:
    """The transition's own fields, all optional since the record may already have them, and `reason`."""
    name = f"{model.__name__}{transition.verb.title().replace('_', '')}"
    optional = {field: {"required": False} for field in transition.fields}
    meta = type("Meta", (), {"model": model, "fields": [*transition.fields, "reason"], "extra_kwargs": optional})
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why; kept in the record's history."
    )
    return type(
        f"{name}Serializer",
        (StrictSerializer,),
        {"Meta": meta, "reason": reason, "__doc__": f"What “{transition.verb}” takes."},
    )


def _verb(life: Workflow, transition: Transition, serializer: type[StrictSerializer], answer):
    path = transition.verb.replace("_", "-")

    @transaction.atomic
    def perform(self, request, *args, **kwargs):
        record = self.locked(match_required=False)
        given = serializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        life.perform(record, transition.verb, actor=request.user, **given.validated_data)
        return self.represent(self.kwargs["pk"])

    perform.__name__ = transition.verb
    perform.__doc__ = life.services[transition.verb].__doc__
    verb = action(detail=True, methods=["post"], url_path=path, url_name=path)(perform)
    return extend_schema(summary=transition.label, request=serializer, responses={200: answer})(verb)


def _steps(life: Workflow):
    def steps(self, request, *args, **kwargs):
        """The verbs that lead on from where the record stands, for a caller who may change it; nothing for the others."""
        found = life.steps(self.get_object(), request.user)
        return Response(StepSerializer(found, many=True).data)

    answer = OpenApiResponse(StepSerializer(many=True))
    listed = action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])(steps)
    return extend_schema(summary="What the record needs for its next steps", responses={200: answer})(listed)
