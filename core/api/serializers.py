"""The base of every resource's serializer: types are read here, rules are the model's own."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from core.dates import complete
from core.shares import SharesField

# What no text column can hold; every other rule is judged by the model's full_clean, which speaks as the admin does.
UNSTORABLE = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)


@dataclass(frozen=True)
class Named:
    """Another record, which the caller sees, by its number; it is not read for the sake of being pointed to."""

    pk: int


class Reference(serializers.PrimaryKeyRelatedField):
    """Another record by its number, among those that the caller may see: the others do not exist for her."""

    default_error_messages = {
        "does_not_exist": gettext_lazy("There is no such record: {pk_value}."),
        "incorrect_type": gettext_lazy("A record is named by its number, a whole number from 1 on."),
    }

    def get_queryset(self):
        queryset = super().get_queryset()
        if queryset is None or "request" not in self.context:
            return queryset
        return queryset.model._default_manager.visible_to(self.context["request"].user)

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type")
        if not 0 < data < 2**63:
            self.fail("does_not_exist", pk_value=data)
        if getattr(self.parent, "seen", {}).get(self.field_name) == data:
            return Named(data)
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A moment in UTC, always written alike: `2015-06-01T08:00:00.000000Z` (RFC 3339)."""

    def to_representation(self, value):
        return value and value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class ContentTypeField(serializers.Field):
    """A kind of record as `<app>.<model>`, e.g. `partnerships.city`."""

    default_error_messages = {
        "unknown": gettext_lazy("There is no such kind of record; write it as in “partnerships.city”.")
    }

    def get_attribute(self, instance):
        # Kinds of record are cached by Django, so that a list asks the database for none of them.
        return ContentType.objects.get_for_id(instance.content_type_id)

    def to_representation(self, value):
        return f"{value.app_label}.{value.model}"

    def to_internal_value(self, data):
        app, _dot, model = data.partition(".") if isinstance(data, str) else ("", "", "")
        try:
            apps.get_model(app, model)  # the database is not asked for names that it could not even hold
            return ContentType.objects.get_by_natural_key(app, model)
        except (LookupError, ContentType.DoesNotExist):
            self.fail("unknown")


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "format": "decimal", "pattern": r"^\d{1,3}(\.\d{1,2})?$"},
        "examples": [{"14031": "60", "14022": "40"}],
    }
)
class Shares(serializers.JSONField):
    """Codes with percentages that sum to 100, as texts; `{}` where nothing is divided. Numbers are taken as well."""

    default_error_messages = {"not_shares": gettext_lazy("Write codes with their percentages here.")}

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            self.fail("not_shares")
        for code in data:
            for validator in UNSTORABLE:
                validator()(code)
        return super().to_internal_value(data)


class Expanded(serializers.Field):
    """The records that `?expand=` asked for, by the name of the field that points to them."""

    def __init__(self, choices: dict[str, type[serializers.Serializer]], names: tuple[str, ...] = (), **kwargs):
        self.choices, self.names = choices, names
        super().__init__(source="*", read_only=True, **kwargs)
        self._serializers = {name: choices[name]() for name in names}

    def to_representation(self, record):
        related = {name: getattr(record, name, None) for name in self.names}
        return {name: target and self._serializers[name].to_representation(target) for name, target in related.items()}

    def serializer_of(self, name: str) -> serializers.Serializer:
        return self._serializers[name]


class StrictSerializer(serializers.ModelSerializer):
    """Takes the fields it knows and refuses the others, and leaves every rule to the model."""

    serializer_related_field = Reference
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        SharesField: Shares,
        models.DateTimeField: Moment,
    }

    def get_uniqueness_extra_kwargs(self, field_names, declared_fields, extra_kwargs):
        return extra_kwargs, {}

    def get_validators(self):
        return []

    def get_fields(self):
        fields = super().get_fields()
        for field in fields.values():
            self._leave_rules_to_model(field)
        return fields

    @staticmethod
    def _leave_rules_to_model(field) -> None:
        """The validators stay on the field, where the OpenAPI document reads them, but only the unstorable is refused here."""

        def run_validators(value):
            for validator in field.validators:
                if isinstance(validator, UNSTORABLE):
                    validator(value)

        if field.read_only:
            return
        field.run_validators = run_validators
        if isinstance(field, serializers.ListField):
            field.allow_empty = True
            StrictSerializer._leave_rules_to_model(field.child)

    def to_internal_value(self, data):
        errors = {}
        if hasattr(data, "keys"):
            for name in data:
                if name not in self.fields:
                    errors[name] = [_("There is no such field.")]
                elif self.fields[name].read_only:
                    errors[name] = [_("This field cannot be written.")]
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            given: Any = error.detail if isinstance(error.detail, dict) else {"": error.detail}
            raise serializers.ValidationError(errors | given) from error
        if errors:
            raise serializers.ValidationError(errors)
        complete(self.Meta.model, values, self.fields)
        return values


class RecordSerializer(StrictSerializer):
    """A record of Parvis: `id`, the fields of `Meta.fields`, then `version`, `created_at` and `updated_at`.

    `Meta.expandable` names the foreign keys that `?expand=` may follow, each with the serializer of the flat record.
    `?fields=` keeps only the named fields, and `id`.
    """

    # The records that the body names and the caller sees, where they were asked for already (core.api.writing).
    seen: dict[str, int] = {}
    # Whether the record is all that its transaction writes.
    alone = False

    def get_field_names(self, declared_fields, info):
        names = super().get_field_names(declared_fields, info)
        return ["id", *names, "version", "created_at", "updated_at"]

    def get_fields(self):
        fields = super().get_fields()
        for name in ("version", "created_at", "updated_at"):
            fields[name].read_only = True
        expandable = getattr(self.Meta, "expandable", {})
        if expandable and (self._describing() or self._asked()):
            fields["expanded"] = Expanded(expandable, self._asked())
        wanted = self.context.get("fields")
        if wanted and not self._path():
            return {name: field for name, field in fields.items() if name in {*wanted, "id", "expanded"}}
        return fields

    def _describing(self) -> bool:
        """Whether the fields are read for the OpenAPI document."""
        return getattr(self.context.get("view"), "swagger_fake_view", False)

    def _path(self) -> str:
        names: list[str | None] = []
        node: Any = self
        while node is not None:
            names.append(node.field_name)
            node = node.parent
        return ".".join(name for name in reversed(names) if name)

    def _asked(self) -> tuple[str, ...]:
        prefix = f"{self._path()}." if self._path() else ""
        asked = [name.removeprefix(prefix) for name in self.context.get("expand", ()) if name.startswith(prefix)]
        return tuple(name for name in asked if "." not in name)

    @classmethod
    def expansions(cls) -> dict[str, type]:
        """Every path that `?expand=` may take, with the model that it reaches: its own, then those of its parts."""
        own = {name: serializer.Meta.model for name, serializer in getattr(cls.Meta, "expandable", {}).items()}
        for name, field in cls._declared_fields.items():
            child = getattr(field, "child", field)
            if isinstance(child, RecordSerializer):
                own |= {f"{name}.{path}": model for path, model in child.expansions().items()}
        return own

    def made(self, validated_data) -> tuple[Any, set[str]]:
        """A new record, not written yet, with the names of the foreign keys that the caller was seen to see."""
        model: Any = self.Meta.model
        named = {name for name, value in validated_data.items() if isinstance(value, Named)}
        values = {name: value for name, value in validated_data.items() if name not in named}
        values |= {model._meta.get_field(name).attname: validated_data[name].pk for name in named}
        return model(**values), named

    def create(self, validated_data):
        record, named = self.made(validated_data)
        if self.alone:
            record.add_alone(validated_data, seen=named)
        else:
            record.save()
        return record

    def update(self, instance, validated_data):
        """With PUT, a field that is left out returns to its empty value; one that the model generates stays."""
        model: Any = self.Meta.model
        if not self.partial:
            field: Any
            for field in self._writable_fields:
                column = model._meta.get_field(field.source)
                generated = column.has_default() and callable(column.default) and column.default not in (dict, list)
                if field.source not in validated_data and not generated:
                    setattr(instance, field.source, column.get_default())
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


extend_schema_field({"type": "string", "pattern": r"^[a-z_]+\.[a-z]+$", "examples": ["partnerships.city"]})(
    ContentTypeField
)
