"""The OpenAPI document: what every operation needs, may answer, and is called, drawn from the resources themselves."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models.enums import ChoicesType
from django.utils import translation
from django.utils.module_loading import module_has_submodule
from django.utils.text import capfirst
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.hooks import postprocess_schema_enums
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from core.api.bulk import ACTIONS, ROWS_AT_MOST
from core.api.once import HEADER, METHODS, REPLAYED
from core.api.permissions import scopes_of
from core.api.problems import KINDS, MEDIA_TYPE, ProblemSerializer
from core.api.schema_shared import shared
from core.api.scopes import AppScopes

SUMMARIES = {
    "list": "list",
    "retrieve": "read one",
    "create": "add",
    "update": "replace",
    "partial_update": "change",
    "destroy": "delete",
    "bulk_create": "add several",
    "bulk_update": "change several",
}
# What each action may refuse for a reason of its own, besides what every request may be refused for; a workflow's verb
# may answer those of VERB.
PROBLEMS = {
    "list": (),
    "retrieve": (),
    "create": (409,),
    "update": (409, 412, 428),
    "partial_update": (409, 412, 428),
    "destroy": (409, 412, 428),
    "export": (409,),
    "file": (409,),
    "bulk_create": (409,),
    "bulk_update": (409, 412),
}
VERB = (409, 412)
# Written as `4XX`, which OpenAPI reads as: whatever is not named by itself.
ANY = (400, 401, 403, 404, 406, 413, 415, 429)
KEY_REUSED = 422
# What each row of a bulk change says besides what it changes.
NAMED = "NamedRecord"
NAMED_SCHEMA = {
    "type": "object",
    "required": ["id", "version"],
    "properties": {
        name: {"type": "integer", "minimum": 1, "description": text}
        for name, text in (
            ("id", "The record."),
            ("version", "The version that was read; 412 if it has changed since."),
        )
    },
}
REFUSED = "Refused"
ADDED = {"201", "202"}
# Where the answer to an addition holds what an operation of the new record asks for.
NAMED_BY_ANSWER = {"id": "$response.body#/id", "If-Match": "$response.header.ETag"}


def component(code: int) -> str:
    return f"{KINDS[code][0].title().replace('-', '')}Problem"


def problem_response(code: int) -> dict:
    """The answer of one status, with an example."""
    kind, title = KINDS[code]
    errors = [{"field": "slug", "message": "There is no such field."}] if code == 400 else []
    example = {
        "type": f"urn:parvis:problem:{kind}",
        "title": str(title),
        "status": code,
        "detail": errors[0]["message"] if errors else str(title),
        "instance": "/api/v1/cities/",
        "errors": errors,
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {"description": str(title), "content": {MEDIA_TYPE: content}}


def any_response() -> dict:
    """The answer of every status of ANY."""
    titles = "\n".join(f"* {code}: {KINDS[code][1]}" for code in ANY)
    return problem_response(400) | {"description": f"The request is refused, as `status` says:\n\n{titles}"}


def named_enums(result, generator, **kwargs):
    """Several models have a `kind`, a `status` or a `role`: each set of choices keeps the name it has in its app's `enums`."""
    named = {
        choices.__name__: f"{choices.__module__}.{choices.__name__}"
        for config in apps.get_app_configs()
        if config.path and module_has_submodule(config.module, "enums")
        for choices in vars(import_module(f"{config.name}.enums")).values()
        if isinstance(choices, ChoicesType) and choices.__module__ == f"{config.name}.enums"
    }
    named["Role"] = "core.models.reminders.ROLES"
    with patched_settings({"ENUM_NAME_OVERRIDES": named}):
        return postprocess_schema_enums(result, generator)


class ParvisSchema(AutoSchema):
    view: Any

    def get_tags(self):
        return [self.view.model._meta.app_label if self.view.model else self.view.app]

    def get_summary(self):
        name = self.view.model._meta.verbose_name_plural if self.view.model else self.view.basename
        return f"{str(name).capitalize()}: {SUMMARIES.get(self.view.action, self.view.action)}"

    def get_operation_id(self):
        return f"{self.view.basename.replace('-', '_')}_{self.view.action}"

    def get_override_parameters(self):
        view, action = self.view, self.view.action
        return [*self._query_parameters(view, action), *self._key_parameters(), *self._header_parameters(view, action)]

    def _key_parameters(self):
        if self.method not in METHODS:
            return []
        texts = {
            HEADER: "Your own name of this request: sent again with it, the request is not carried out again, and gets "
            "the same answer; 409 with Retry-After while the first is under way. 1 to 255 visible ASCII characters; a UUID "
            "is good. Kept for 24 hours.",
            REPLAYED: "`true` where the answer was given before.",
        }
        schema = {"type": "string", "minLength": 1, "maxLength": 257, "pattern": r'^("[!#-\[\]-~]+"|[!#-\[\]-~]+)$'}
        return [
            OpenApiParameter(HEADER, schema, "header", description=texts[HEADER]),
            OpenApiParameter(REPLAYED, bool, "header", response=True, description=texts[REPLAYED]),
        ]

    def _query_parameters(self, view, action):
        named = view.parameters.get(action, ())
        texts = {"fields": "Keep only these fields (and `id`), separated by commas."}
        allowed = view.get_serializer_class().expansions() if "expand" in named else {}
        if allowed:
            texts["expand"] = f"Read these records inside this one, under `expanded`: {', '.join(allowed)}."
        return [OpenApiParameter(name, str, description=text) for name, text in texts.items() if name in named]

    def _header_parameters(self, view, action):
        if view.model is None or (self.method == "GET" and action != "retrieve"):
            return []
        if action != "create" and not view.detail:
            return []  # it acts on several records: no one version is meant
        found = [OpenApiParameter("ETag", str, "header", response=[200, 201], description="Its version and digest.")]
        if action == "retrieve":
            found.append(
                OpenApiParameter(
                    "If-None-Match", str, "header", description="An ETag: 304 if the answer is still the same."
                )
            )
        elif action == "create":
            found.append(
                OpenApiParameter("Location", OpenApiTypes.URI, "header", response=[201], description="The new record.")
            )
        else:
            must = action in SUMMARIES
            text = "The ETag of the record as you read it." + ("" if must else " Optional.")
            found.append(OpenApiParameter("If-Match", str, "header", required=must, description=text))
        return found

    def _get_request_for_media_type(self, serializer, direction="request"):
        schema, required = super()._get_request_for_media_type(serializer, direction)
        if self.view.action not in ACTIONS:
            return schema, required
        rows = schema["items"]
        if self.view.action == "bulk_update":
            rows = {"allOf": [rows, {"$ref": f"#/components/schemas/{NAMED}"}]}
        return schema | {"items": rows, "minItems": 1, "maxItems": ROWS_AT_MOST}, True

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        action = self.view.action
        if action == "retrieve" and self.view.model is not None:
            responses["304"] = {"description": "Not changed since the ETag in If-None-Match."}
        self.resolve_serializer(ProblemSerializer, direction)
        responses["4XX"] = {"$ref": f"#/components/responses/{REFUSED}"}
        for code in PROBLEMS.get(action, () if self.method == "GET" else VERB):
            responses[str(code)] = {"$ref": f"#/components/responses/{component(code)}"}
        if self.method in METHODS:
            responses[str(KEY_REUSED)] = {"$ref": f"#/components/responses/{component(KEY_REUSED)}"}
        return dict(sorted(responses.items()))


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.BearerAuthentication"
    name = "oauth2"

    def get_security_requirement(self, auto_schema):
        return [{self.name: [scope]} for scope in scopes_of(auto_schema.view, auto_schema.method)]

    def get_security_definition(self, auto_schema):
        scopes = {name: str(text) for name, text in AppScopes().get_all_scopes().items()}
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/o/token/", "scopes": scopes}}}


class FiltersExtension(DjangoFilterExtension):
    """Says of each filter what it narrows to and how its value is written, also where its schema is its own."""

    target_class = "core.api.filters.Filters"
    priority = 1

    def resolve_filter_field(self, auto_schema, model, filterset_class, field_name, filter_field):
        name = filter_field.label or capfirst(model._meta.get_field(filter_field.field_name).verbose_name)
        how = getattr(filter_field, "written", "")
        description = f"{name}: {how}" if how else str(name)
        parameters = super().resolve_filter_field(auto_schema, model, filterset_class, field_name, filter_field)
        return [parameter | {"description": description} for parameter in parameters]


class ExpandedExtension(OpenApiSerializerFieldExtension):
    target_class = "core.api.serializers.Expanded"

    def map_serializer_field(self, auto_schema, direction):
        choices = self.target.choices
        properties = {
            name: {"oneOf": [auto_schema.resolve_serializer(serializer, direction).ref, {"type": "null"}]}
            for name, serializer in choices.items()
        }
        return {"type": "object", "properties": properties, "readOnly": True}


class ParvisGenerator(SchemaGenerator):
    """Always in English, whoever asks: the committed document and the served one are the same."""

    def get_schema(self, request=None, public=False):
        with translation.override("en"):
            return shared(super().get_schema(request, public))


def linked(paths: dict) -> None:
    """The answer to an addition names what may be done next with the new record, and with which of its own values."""
    for path, item in paths.items():
        following = [found for other, found in paths.items() if other.startswith(f"{path}{{id}}/")]
        if not following or "post" not in item:
            continue
        create = item["post"]
        resource = create["operationId"].removesuffix("create")
        for code in ADDED & create["responses"].keys():
            create["responses"][code]["links"] = {
                operation["operationId"].removeprefix(resource): _link(operation)
                for found in following
                for operation in found.values()
            }


def _link(operation: dict) -> dict:
    asked = {parameter["name"] for parameter in operation["parameters"] if parameter.get("required")}
    parameters = {name: expression for name, expression in NAMED_BY_ANSWER.items() if name in asked}
    return {"operationId": operation["operationId"], "parameters": parameters}


def complete(result, generator, request, public):
    """Writes each problem once; `expanded` is there only where `?expand=` asked for it."""
    linked(result["paths"])
    named = {code for codes in PROBLEMS.values() for code in codes} | {*VERB, KEY_REUSED}
    answers = {component(code): problem_response(code) for code in sorted(named)}
    result["components"]["responses"] = {**answers, REFUSED: any_response()}
    result["components"]["schemas"][NAMED] = NAMED_SCHEMA
    for schema in result["components"]["schemas"].values():
        if "expanded" in schema.get("required", ()):
            schema["required"].remove("expanded")
    return result
