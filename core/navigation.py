"""The main navigation. Each app registers its entries in `navigation.py`; they stand between the home page and the admin."""

from dataclasses import dataclass

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.access import may


@dataclass(frozen=True)
class Entry:
    """A link to the page `url_name`; on each of `pages`, which lie under it, it is marked too. Lowest `order` first.

    With a `model` (`app.model`) it stands only for those who may view records of it.
    """

    label: str | Promise
    url_name: str
    pages: tuple[str, ...] = ()
    order: int = 0
    model: str = ""

    def current(self, here: str) -> str:
        """What `aria-current` says on the page of this name: `page`, `true` on a page under it, or nothing."""
        if here == self.url_name:
            return "page"
        return "true" if here in self.pages or here in _of_others.get(self.url_name, ()) else ""

    def is_for(self, reader) -> bool:
        return not self.model or may(reader, "view", apps.get_model(self.model))


_entries: list[Entry] = []
# Pages of other apps that lie under an entry, by the entry's page.
_of_others: dict[str, tuple[str, ...]] = {}


def register(*entries: Entry) -> None:
    _entries.extend(entries)


def lie_under(url_name: str, *pages: str) -> None:
    """Says of these pages that they lie under the entry of an app on a floor below, which does not know them."""
    _of_others[url_name] = (*_of_others.get(url_name, ()), *pages)


def entries() -> list[Entry]:
    return sorted(_entries, key=lambda entry: entry.order)


register(Entry(_("Deadlines"), "my-deadlines", pages=("notifications", "reminders-health"), order=75))
