"""Names and titles in both languages: two columns, `<name>_fr` and `<name>_en`, read as `<name>`.

Plain columns, because history's triggers must see both.
"""

from django.utils.translation import get_language, gettext


class Translated:
    """Reads as the text in the active language, or in the other one where it is missing."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, record, owner=None):
        if record is None:
            return self
        return read(getattr(record, f"{self.name}_fr"), getattr(record, f"{self.name}_en"))


def read(fr: str, en: str) -> str:
    """The text in the active language, or in the other one where it is missing: for columns that were read without a record."""
    return (fr or en) if active_language() == "fr" else (en or fr)


def labelled(label: object, value: object) -> str:
    """What is said of something, after its name: French puts a space before the colon, English none."""
    return gettext("%(label)s: %(value)s") % {"label": label, "value": value}


def active_language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def fallback_language(record, name: str) -> str:
    """The language that `name` is read in where that is not the active one; empty where it is, or where there is no text."""
    active = active_language()
    other = "en" if active == "fr" else "fr"
    return other if not getattr(record, f"{name}_{active}") and getattr(record, f"{name}_{other}") else ""


def order(name: str) -> str:
    """What to sort by in the active language, e.g. `name` -> `name_en__unaccent`: É sorts with E, not after Z."""
    return f"{name}_{active_language()}__unaccent"
