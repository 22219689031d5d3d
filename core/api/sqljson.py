"""A serializer as a query: PostgreSQL writes the JSON that the serializer describes, so that the OpenAPI document stays true
and no view is written twice.

Each field becomes an expression with the same representation: `compiled()` gives the rows of a queryset as one column of
JSON texts, with their nested parts from the same querysets that would be prefetched. A field whose value only Python knows
raises `OnlyInPython`, and the caller reads through the serializer itself.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import models
from django.db.models import Case, CharField, DecimalField, F, JSONField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Concat, Trim
from django.db.models.query import Prefetch
from rest_framework import relations, serializers
from rest_framework.settings import api_settings

from core.api.serializers import ContentTypeField, Expanded, Moment

# The names of columns within the query: those of the representation are often names of the model's own columns.
COLUMN = "_{}"
Statement = tuple[str, list]


class OnlyInPython(Exception):
    """The representation of a field cannot be read by the database."""


class Parts(dict[str, Any]):
    """The querysets of nested records, by the path that `prefetch_related` takes to them."""

    @classmethod
    def of(cls, rows) -> "Parts":
        found = cls()
        for named in rows._prefetch_related_lookups:
            lookup = named if isinstance(named, Prefetch) else Prefetch(named)
            found[lookup.prefetch_to] = lookup.queryset
        return found

    def below(self, name: str) -> "Parts":
        return Parts(
            {path.removeprefix(f"{name}__"): rows for path, rows in self.items() if path.startswith(f"{name}__")}
        )


class JsonRows(Subquery):
    """Rows of a subquery as a JSON array, or the only one as an object."""

    def __init__(self, rows, serializer, parts: Parts, *, many: bool):
        names, rows = _selected(rows, serializer, parts)
        what = "COALESCE(json_agg(row_to_json(n)), '[]'::json)" if many else "row_to_json(n)"
        template = f"(SELECT {what} FROM (%(subquery)s) n({_quoted(names)}))"
        super().__init__(rows, output_field=JSONField(), template=template)
        self.nothing = "'[]'::json" if many else "NULL::json"

    def as_sql(self, *args, **kwargs):
        try:
            return super().as_sql(*args, **kwargs)
        except EmptyResultSet:  # of a kind that the caller may not read
            return self.nothing, ()

    def get_group_by_cols(self):
        return self.get_external_cols()  # JSON cannot be compared


class JsonObject(models.Func):
    function = "json_build_object"
    output_field = JSONField()

    def get_group_by_cols(self):
        return [column for source in self.get_source_expressions() for column in source.get_group_by_cols()]


def selected(rows, serializer) -> tuple[list[str], Any]:
    """The names of the representation, and the queryset of their values in this order."""
    return _selected(rows, serializer, Parts())


def as_row(names: list[str]) -> str:
    """The column list of an alias, e.g. `"id", "title_fr"`."""
    return _quoted(names)


def _quoted(names) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _selected(rows, serializer, parts: Parts):
    parts = Parts(Parts.of(rows) | parts)
    columns = {field.field_name: _expression(field, rows, parts) for field in serializer._readable_fields}
    named = {COLUMN.format(number): column for number, column in enumerate(columns.values())}
    selected = rows.prefetch_related(None).values(**named)
    if list(selected.query.annotation_select) != list(named):
        raise OnlyInPython(f"{type(serializer).__name__}: the columns are not in order")
    return list(columns), selected


def _expression(field: Any, rows, parts: Parts):
    own = getattr(field, "expression", None)
    if own is not None:
        return own()
    if isinstance(field, serializers.ListSerializer):
        return JsonRows(_related(field, rows, parts), field.child, parts.below(str(field.source)), many=True)
    if isinstance(field, serializers.BaseSerializer):
        return JsonRows(_related(field, rows, parts), field, parts.below(str(field.source)), many=False)
    if isinstance(field, Expanded):
        return _expanded(field, rows, parts)
    for kind, way in WAYS.items():
        if isinstance(field, kind) and type(field).to_representation is kind.to_representation:
            return way(field, rows)
    raise OnlyInPython(f"{field.parent.__class__.__name__}.{field.field_name}")


def _expanded(field: Expanded, rows, parts: Parts):
    pairs: list[Any] = []
    for name in field.names:
        column = rows.model._meta.get_field(name)
        found = parts[name].order_by().filter(pk=OuterRef(column.attname))
        pairs += [Value(name), JsonRows(found, field.serializer_of(name), parts.below(name), many=False)]
    return JsonObject(*pairs)


def _related(field, rows, parts: Parts):
    """What stands within a row, from the rows that the view would prefetch: those of this record."""
    found = parts.get(field.source)
    if found is None:
        raise OnlyInPython(f"{field.source} is not read with the rows")
    relation = _column(rows.model, field.source)
    if isinstance(relation, models.ManyToManyField):
        back = relation.related_query_name()
    elif getattr(relation, "one_to_many", False) or getattr(relation, "one_to_one", False):
        back = getattr(getattr(relation, "remote_field", None), "name", "")
    else:
        raise OnlyInPython(f"{field.source} is no relation to a part")
    return _within(found, back).filter(**{back: OuterRef("pk")})


def _within(rows, back: str):
    """The rows in their order, without what is the same for all parts of one record: to sort by that, it would be joined."""
    order = list(rows.query.order_by or (rows.model._meta.ordering if rows.query.default_ordering else ()))
    named = [name if isinstance(name, str) else "" for name in order]
    while named and named[0].lstrip("-").partition("__")[0] == back:
        named.pop(0)
    return rows.order_by(*order[len(order) - len(named) :])


def _column(model, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise OnlyInPython(f"{model.__name__}.{name}") from error


def _source(field, rows) -> tuple[str, Any]:
    """The path of a field's value in the query, and its column."""
    source = field.source.replace(".", "__")
    if source in rows.query.annotations:
        return source, rows.query.annotations[source].output_field
    model, column = rows.model, None
    for name in source.split("__"):
        if column is not None:
            model = column.related_model
        if model is None:
            raise OnlyInPython(field.source)
        column = model._meta.pk if name == "pk" else _column(model, name)
    if not getattr(column, "concrete", False):
        raise OnlyInPython(field.source)
    return source, column


def _plain(field, rows):
    return F(_source(field, rows)[0])


def _number(field, rows):
    if getattr(field, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING):
        raise OnlyInPython(field.source)
    return _plain(field, rows)


def _text(field, rows):
    if field.source.endswith(".get_full_name"):
        return _full_name(_column(rows.model, field.source.removesuffix(".get_full_name")))
    path, column = _source(field, rows)
    held_as_text = isinstance(column, (models.CharField, models.TextField))
    return F(path) if held_as_text else Cast(path, models.TextField())


def _full_name(person: models.ForeignKey):
    """As `AbstractUser.get_full_name` joins them; null where there is nobody, for whom nobody is looked for."""
    names = Trim(Concat("first_name", Value(" "), "last_name"))
    found = person.related_model._base_manager.filter(pk=OuterRef(person.attname)).order_by().values(name=names)
    return Case(When(**{f"{person.attname}__isnull": False}, then=Subquery(found)), output_field=CharField())


def _amount(field, rows):
    """A decimal is a text with all its places, as the serializer writes it."""
    if field.decimal_places is None or field.normalize_output or field.localize:
        raise OnlyInPython(field.source)
    return amount(F(_source(field, rows)[0]), field.decimal_places)


def amount(value, places: int):
    """A number as a text with so many decimal places."""
    return Cast(Cast(value, DecimalField(max_digits=40, decimal_places=places)), CharField())


def _moment(field, rows):
    return models.Func(
        F(_source(field, rows)[0]),
        template="to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        output_field=CharField(),
    )


def _key(field, rows):
    if "." in field.source:
        return _plain(field, rows)
    return F(getattr(_column(rows.model, field.source), "attname", f"{field.source}__pk"))


def _kind(field, rows):
    return Concat(f"{field.source}__app_label", Value("."), f"{field.source}__model", output_field=CharField())


def _list(field, rows):
    plain = (serializers.CharField, serializers.ChoiceField, serializers.IntegerField, serializers.DateField)
    if not isinstance(field.child, plain):
        raise OnlyInPython(field.source)
    return _plain(field, rows)


WAYS: dict[Any, Any] = {
    Moment: _moment,
    ContentTypeField: _kind,
    relations.PrimaryKeyRelatedField: _key,
    serializers.ListField: _list,
    serializers.DecimalField: _amount,
    serializers.UUIDField: _plain,
    serializers.JSONField: _plain,
    serializers.BooleanField: _plain,
    serializers.BigIntegerField: _number,
    serializers.IntegerField: _plain,
    serializers.DateField: _plain,
    serializers.TimeField: _plain,
    serializers.ChoiceField: _plain,
    serializers.CharField: _text,
}
