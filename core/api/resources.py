"""The base of every resource: a list and records, read from `visible_to`, written through the model's own rules.

A resource in a few lines:

    class Cities(Resource):
        model = City
        serializer_class = CitySerializer
        detail_class = CityDetailSerializer     # where a record alone says more than its row in the list
        filterset_class = CityFilter            # or: filter_fields = ("country", "kind")

        def rows(self):
            return selectors.cities(self.request.user)
"""

from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import status, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from core.access import may
from core.api.again import FIRST, First, FirstAdded
from core.api.bulk import ACTIONS, BODY_BYTES, add_bulk
from core.api.exporting import OWN, Exported
from core.api.mirrored import Mirrored
from core.api.once import METHODS, once
from core.api.parsers import refuse_packed
from core.api.permissions import UNREADABLE
from core.api.preconditions import check_match, etag, is_known
from core.api.reading import Reading
from core.api.throttling import CountedFirst
from core.api.verbs import add_verbs
from core.api.writing import added, addition
from core.deletion import check_deletion
from core.filters import RecordFilter
from core.models.attached import no_file_without_document

WRITTEN = ["get", "head", "post", "put", "patch", "delete"]
READ_ONLY = ["get", "head"]
UNSORTED = (models.TextField, models.ForeignKey, models.FileField, models.JSONField, ArrayField)


class ListedView(CountedFirst, viewsets.GenericViewSet):
    """What lists share, of records or of what is computed: unknown parameters are refused by name."""

    # A class of core.models.BaseModel, or None where the list is computed.
    model: ClassVar[Any] = None
    app: ClassVar[str] = ""
    # The query parameters of each action, besides those of filters and pages.
    parameters: ClassVar[dict[str, tuple[str, ...]]] = {}
    lookup_value_regex = "[0-9]+"

    @classmethod
    def opened_by(cls) -> tuple[str, ...]:
        """The apps whose scopes open it to a client: any one of them."""
        return (cls.model._meta.app_label if cls.model else cls.app,)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        refuse_packed(request)
        self._check_parameters(request)
        handler = getattr(self, request.method.lower(), None)
        if handler and request.method in METHODS:
            setattr(self, request.method.lower(), once(self, handler))

    def _check_parameters(self, request) -> None:
        unknown = set(request.query_params) - self.known_parameters()
        if unknown:
            raise ValidationError({name: [_("There is no such parameter.")] for name in sorted(unknown)})

    def known_parameters(self) -> set[str]:
        known = set(self.parameters.get(self.action or "", ()))
        return known | {"page", "page_size"} if self.action == "list" else known


class Resource(Exported, Mirrored, ListedView):
    """Records of `model`; see the module. `http_method_names = READ_ONLY` for one that only reads.

    Written through `If-Match`: 428 without, 412 when the record has changed since. What the caller would write but not
    see is refused.
    """

    filter_fields: ClassVar[tuple[str, ...]] = ()
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    filterset_class: ClassVar[Any] = None
    serializer_class: Any
    # A record read alone, where it holds more than its row in a list.
    detail_class: ClassVar[Any] = None
    parameters: ClassVar[dict[str, tuple[str, ...]]] = {
        "list": ("fields", "expand", "ordering"),
        "retrieve": ("fields", "expand"),
    }
    http_method_names = WRITTEN
    # Whether many are added and changed at once (core.api.bulk).
    bulk: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("model") is None:
            return
        if cls.filterset_class is None:
            meta = type("Meta", (), {"model": cls.model, "fields": list(cls.filter_fields)})
            cls.filterset_class = type(f"{cls.model.__name__}Filter", (RecordFilter,), {"Meta": meta})
        cls.ordering_fields = cls.ordering_fields or _sortable(cls.serializer_class)
        add_verbs(cls)
        # Where writing is not as usual, it is so for each record alone.
        if cls.bulk and cls.create is Resource.create and cls._change is Resource._change:
            add_bulk(cls)

    @property
    def body_limit(self) -> int:
        """The longest body that is read, in bytes."""
        return BODY_BYTES if self.action in ACTIONS else settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def rows(self) -> models.QuerySet:
        """The records that the caller may see, with what their representation needs. Built by a selector where one exists."""
        return self.model._default_manager.visible_to(self.request.user)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        rows = self.rows()
        reached = self.get_serializer_class().expansions()
        for path in self.expand:
            related = reached[path]._default_manager.visible_to(self.request.user)
            rows = rows.prefetch_related(Prefetch(path.replace(".", "__"), related))
        return rows

    def get_serializer_class(self):
        return self.serializer_class if self.action == "list" else self.detail_class or self.serializer_class

    def get_object(self):
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "export":
            return known | set(self.filterset_class.base_filters) | {*OWN, "fields", "expand", "ordering"}
        return known | set(self.filterset_class.base_filters) if self.action == "list" else known

    def _named(self, parameter: str, allowed) -> tuple[str, ...]:
        """The names listed in a query parameter; refuses those that do not exist."""
        if self.action not in ("list", "retrieve"):
            return ()
        names = tuple(name for name in self.request.query_params.get(parameter, "").split(",") if name)
        unknown = [name for name in names if name not in allowed]
        if unknown:
            values = {"unknown": ", ".join(unknown), "allowed": ", ".join(allowed)}
            raise ValidationError({parameter: [_("There is no %(unknown)s here; there are: %(allowed)s.") % values]})
        return names

    @property
    def expand(self) -> tuple[str, ...]:
        return self._named("expand", self.get_serializer_class().expansions())

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.request is None or getattr(self, "swagger_fake_view", False):
            return context
        return context | {"fields": self._named("fields", _names(self.get_serializer_class())), "expand": self.expand}

    def list(self, request, *args, **kwargs):
        found: Any = Reading(self)
        response = self.get_paginated_response(self.paginate_queryset(found))
        paginator: Any = self.paginator
        self.may_be_asked_again(found, paginator.place)
        return response

    def may_be_asked_again(self, found: Reading, place: Any) -> None:
        """The statement that gives this answer, for `core.api.again`."""
        if found.asked_again:
            asked = self.request._request
            asked.META[FIRST] = First(self.request.auth, found.asked_again, place, asked.resolver_match.view_name)

    def retrieve(self, request, *args, **kwargs):
        found = Reading(self)
        response = self.represent(self.kwargs["pk"], found=found)
        self.may_be_asked_again(found, None)
        if is_known(request, response["ETag"]):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": response["ETag"]})
        return response

    @no_file_without_document()
    def create(self, request, *args, **kwargs):
        if not may(request.user, "view", self.model):
            raise PermissionDenied(UNREADABLE)
        with added(self.get_serializer(data=request.data)) as serializer:
            found = Reading(self)
            response = self._write(serializer, status.HTTP_201_CREATED, found)
            response["Location"] = self.reverse_action("detail", args=[serializer.instance.pk])
            self.may_be_added_again(serializer, found)
        return response

    def may_be_added_again(self, serializer, found: Reading) -> None:
        """How one more is added, for `core.api.again`."""
        is_usual = type(self).check_written is Resource.check_written and type(self).create is Resource.create
        another = addition(serializer, found) if is_usual else None
        if another:
            asked = self.request._request
            asked.META[FIRST] = FirstAdded(self.request.auth, another, asked.resolver_match.view_name)

    def update(self, request, *args, **kwargs):
        return self._change(request, partial=False)

    def partial_update(self, request, *args, **kwargs):
        return self._change(request, partial=True)

    @transaction.atomic
    def _change(self, request, *, partial: bool):
        serializer = self.get_serializer(self.locked(), data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return self._write(serializer)

    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        record = self.locked()
        check_deletion(record, request.user)
        record.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def locked(self, *, match_required: bool = True):
        """The record, held until the end of the transaction, as the caller's If-Match knows it."""
        visible = self.model._default_manager.visible_to(self.request.user)
        record = visible.select_for_update(of=("self",)).filter(pk=self.kwargs["pk"]).first()
        if record is None:
            raise Http404
        self.check_object_permissions(self.request, record)
        check_match(self.request, record, required=match_required)
        return record

    def _write(self, serializer, code: int = status.HTTP_200_OK, found: Reading | None = None) -> Response:
        key = serializer.save().pk
        self.check_written()
        try:
            return self.represent(key, code, found)
        except Http404 as error:
            raise PermissionDenied(UNREADABLE) from error

    def check_written(self) -> None:
        """Refuses what the database would refuse only at the end of the transaction, once the answer is on its way."""

    def represent(self, key: int | str, code: int = status.HTTP_200_OK, found: Reading | None = None) -> Response:
        """The record as it is read alone, with its ETag; 404 where the caller does not see it."""
        row = (found or Reading(self)).one(int(key))
        if row is None:
            raise Http404
        return Response(row.told, status=code, headers={"ETag": etag(row)})


@cache
def _names(serializer) -> list[str]:
    return [name for name in serializer().get_fields() if name != "expanded"]


def _sortable(serializer) -> tuple[str, ...]:
    """The columns of the representation that have an order worth asking for: no long texts or lists, no keys of other records."""
    columns = {field.name: field for field in serializer.Meta.model._meta.concrete_fields}
    sortable = [name for name in ("id", *serializer.Meta.fields, "created_at", "updated_at") if name in columns]
    return tuple(name for name in sortable if not isinstance(columns[name], UNSORTED))
