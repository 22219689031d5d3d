"""How the register is shown in templates."""

from django import template

from core import clock
from partnerships import presentation
from partnerships.enums import AgreementStatus

register = template.Library()


@register.filter
def marks(city) -> list[presentation.Mark]:
    """The city's ties of today (`presentation.marks`)."""
    return presentation.marks(city)


@register.filter
def next_missing(agreement):
    """What the next step of the agreement's life still lacks."""
    return presentation.next_missing(agreement)


@register.filter
def forecast(agreement) -> presentation.Forecast:
    """The agreement's forecast amount with its amendments (`presentation.forecast`)."""
    return presentation.forecast(agreement)


@register.filter
def is_in_preparation(agreement) -> bool:
    return agreement.status in (AgreementStatus.DRAFT, AgreementStatus.VOTED)


@register.filter
def family_of(agreement) -> presentation.Family:
    return presentation.FAMILY_OF_AGREEMENT[agreement.kind]


@register.filter
def family_of_relation(relation) -> presentation.Family:
    return presentation.FAMILY_OF_RELATION[relation.kind]


@register.filter
def holds_today(row) -> bool:
    return row.holds_on(clock.today())


@register.filter
def dues_of(network, year: int):
    """The network's dues of the year, among those already read; None where none are recorded."""
    return next((dues for dues in network.dues.all() if dues.year == year), None)
