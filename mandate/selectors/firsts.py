"""The first of the records that stand behind a figure, and how many there are."""

from typing import Any

from django.db.models import Count, QuerySet, Window


def first_of(records: QuerySet, count: int) -> tuple[list[Any], int]:
    """The first `count` of the records, without what their own pages show besides, and how many there are in all: as many
    queries where there are few as where there are many."""
    found = records.prefetch_related(None)
    if found.query.distinct:  # rows are told apart after a window has counted them
        return list(found[:count]), found.count()
    return with_count(list(counted(found, count)))


def counted(records: QuerySet, count: int) -> QuerySet:
    """The first of them, without what their own pages show besides, each with how many there are in all (`how_many`)."""
    return records.prefetch_related(None).annotate(how_many=Window(Count("*")))[:count]


def with_count(first: list[Any]) -> tuple[list[Any], int]:
    """What `counted` found, and how many there are."""
    return first, first[0].how_many if first else 0
