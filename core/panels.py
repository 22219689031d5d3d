"""Sections that a higher floor adds to the page of a record of a lower one, which knows nothing of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True)
class Panel:
    """A section of a record's page: its title, the template of what stands under it and what that needs; lowest `order` first.

    One below 0 is read before what the page itself has to say, where the page has a place for it.
    """

    title: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 0


Maker = Callable[..., Panel | None]
_makers: dict[str, list[Maker]] = {}


def panel(model: type[models.Model] | str) -> Callable[[Maker], Maker]:
    """Registers `function(record, reader)` for a model, given by its class or as `app.Model`.

    It shows only what the reader may see, and answers None where there is nothing to say.
    """
    label = (model if isinstance(model, str) else model._meta.label).lower()

    def keep(function: Maker) -> Maker:
        _makers.setdefault(label, []).append(function)
        return function

    return keep


PageMaker = Callable[..., Panel | None]
_page_makers: dict[str, list[PageMaker]] = {}


def page_panel(page: str) -> Callable[[PageMaker], PageMaker]:
    """Registers `function(reader)` for a page that is of no record, by the name of its address."""

    def keep(function: PageMaker) -> PageMaker:
        _page_makers.setdefault(page, []).append(function)
        return function

    return keep


def panels_on(page: str, reader) -> list[Panel]:
    """What other floors have to say on this page to this reader, in their order."""
    made = [make(reader) for make in _page_makers.get(page, ())]
    return sorted((found for found in made if found is not None), key=lambda found: found.order)


def panels_for(record: models.Model, reader) -> list[Panel]:
    """What other floors have to say about this record to this reader, in their order."""
    made = [make(record, reader) for make in _makers.get(record._meta.label_lower, ())]
    return sorted((found for found in made if found is not None), key=lambda found: found.order)
