"""Where the money goes: the voted grants by country, by field and by body, added up by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from cooperation.models import Theme
from core.models import BaseModel
from core.translated import active_language
from partnerships.models import Country, Organisation
from solidarity.enums import COMMITTED
from solidarity.models import Grant, GrantPlace, Payment


@dataclass(frozen=True)
class Slice:
    """Grants voted for a country, a field or a body: how many, EUR granted, EUR paid."""

    key: str
    label: str
    number: int
    granted: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Slices:
    by_country: list[Slice]
    by_theme: list[Slice]
    by_beneficiary: list[Slice]


# Each grant and each payment is read once for the three, and only their sums leave the database. A grant without a place has
# no country. It begins with SELECT, which tells pghistory that nothing is written.
ADD_UP = """SELECT * FROM (
WITH paid_on (id, amount) AS ({paid}), granted (id, theme, beneficiary, amount, paid) AS MATERIALIZED (
    SELECT voted.*, COALESCE(paid_on.amount, 0) FROM ({granted}) AS voted (id, theme, beneficiary, amount)
    LEFT JOIN paid_on USING (id)
)
SELECT 'theme', theme, count(*), sum(amount), sum(paid) FROM granted GROUP BY theme
UNION ALL SELECT 'beneficiary', beneficiary, count(*), sum(amount), sum(paid) FROM granted GROUP BY beneficiary
UNION ALL SELECT 'country', country, count(*), sum(amount), sum(paid)
FROM granted LEFT JOIN ({places}) place (id, country) USING (id) GROUP BY country
) AS added_up"""
# The key of a country, a field or a body (None where a grant names none): how many grants, EUR granted, EUR paid.
Sums = dict[int | None, tuple[int, Decimal, Decimal]]


def slices(reader, year: int | None = None) -> Slices:
    """Where the voted grants go, of a year or of all.

    A grant for several countries counts in each of them: slices by country do not add up.
    """
    sums = _sums(_granted(reader, year), _paid(reader, year), _places(reader))
    return Slices(
        _sliced(_names(Country, reader, "code"), sums["country"]),
        _sliced(_names(Theme, reader, "slug"), sums["theme"]),
        _sliced(_names(Organisation, reader, "slug"), sums["beneficiary"]),
    )


def _granted(reader, year: int | None) -> QuerySet:
    """The voted grants with EUR granted."""
    granted = Grant.objects.visible_to(reader).filter(stage__in=COMMITTED).order_by()
    if year is not None:
        granted = granted.filter(year=year)
    return granted.values_list("pk", "theme", "beneficiary", "amount_granted")


def _paid(reader, year: int | None) -> QuerySet:
    """EUR paid on each grant."""
    payments = Payment.objects.visible_to(reader).order_by()
    if year is not None:
        payments = payments.filter(grant__year=year)
    return payments.values_list("grant").annotate(Sum("amount"))


def _places(reader) -> QuerySet:
    """Each country of each grant, once."""
    places = GrantPlace.objects.visible_to(reader).order_by()
    return places.values_list("grant", Coalesce("city__country", "country")).distinct()


def _sums(granted: QuerySet, paid: QuerySet, places: QuerySet) -> dict[str, Sums]:
    found: dict[str, Sums] = {"country": {}, "theme": {}, "beneficiary": {}}
    try:
        asked = [_payments(paid), _compiled(granted), _compiled(places)]
    except EmptyResultSet:  # a reader who may see none of them: Django asks the database nothing
        return found
    parts = dict(zip(("paid", "granted", "places"), (sql for sql, _params in asked), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP.format(**parts), [value for _sql, params in asked for value in params])
        for of, key, *sums in cursor.fetchall():
            found[of][key] = (sums[0], sums[1], sums[2])
    return found


def _payments(paid: QuerySet) -> tuple[str, tuple[Any, ...]]:
    """What is paid; nothing to a reader of grants who may see no payment."""
    try:
        return _compiled(paid)
    except EmptyResultSet:
        return "SELECT NULL::bigint, NULL::numeric WHERE false", ()


def _compiled(rows: QuerySet) -> tuple[str, tuple[Any, ...]]:
    return rows.query.sql_with_params()


def _names(model: type[BaseModel], reader, key: str) -> dict[int | None, tuple[str, str]]:
    rows = model.objects.visible_to(reader).order_by().values_list("pk", key, f"name_{active_language()}")
    return {pk: (slug, name) for pk, slug, name in rows}


def _sliced(names: Mapping[int | None, tuple[str, str]], sums: Sums) -> list[Slice]:
    """The largest first; what has no name that the reader sees comes together with what names none."""
    named = [Slice(*names[of], number, granted, paid) for of, (number, granted, paid) in sums.items() if of in names]
    nameless = [row for of, row in sums.items() if of not in names]
    if nameless:
        numbers, granted, paid = zip(*nameless, strict=True)
        named.append(Slice("", "", sum(numbers), sum(granted, Decimal(0)), sum(paid, Decimal(0))))
    return sorted(named, key=lambda row: (-row.granted, row.label))


def by_country(reader, year: int | None = None) -> list[Slice]:
    """By the country of each place; a grant for several countries counts in each."""
    return slices(reader, year).by_country


def by_theme(reader, year: int | None = None) -> list[Slice]:
    return slices(reader, year).by_theme


def by_beneficiary(reader, year: int | None = None) -> list[Slice]:
    return slices(reader, year).by_beneficiary
