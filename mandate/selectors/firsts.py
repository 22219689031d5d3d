"""The first of the records that stand behind a figure, and how many there are."""

from typing import Any

from django.db.models import Count, QuerySet, Window


def first_of(records: QuerySet, count: int) -> tuple[list[Any], int]:
    """The first `count` of the records, without what their own pages show besides, and how many there are in all: as many
    queries where there are few as where there are many."""
    found = records.prefetch_related(None)
    if found.query.distinct:  # rows are told apart after a window has counted them
        return list(found[:count]), found.count()
    first = list(found.annotate(how_many=Window(Count("*")))[:count])
    return first, first[0].how_many if first else 0
