"""The French catalogue: every text of code and templates, read by Python's own parser and Django's template reader.

GNU gettext is not needed, so that the two commands work on a bare machine.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SKIPPED = {".venv", ".parvis", "tests", "migrations", "node_modules"}
FUNCTION = re.compile(r"(_|(?P<plural>n?)(?P<context>p?)gettext(_lazy|_noop)?)")
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
TEMPLATE_CALL = re.compile(rf"\b{FUNCTION.pattern}\((?P<texts>{STRING}(?:\s*,\s*{STRING})*)", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A text to translate: its place (file, line), context, and plural where it counts something."""

    place: tuple[str, int]
    singular: str
    plural: str = ""
    context: str | None = None

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.singular, self.plural) if self.plural else self.singular


def path(language: str = "fr") -> Path:
    return settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"


def texts() -> Iterator[Text]:
    """Every text of the project that a person may read, in the order of the files."""
    root = settings.BASE_DIR
    for source in sorted(root.rglob("*")):
        inner = source.relative_to(root)
        if SKIPPED & set(inner.parts) or not source.is_file():
            continue
        if source.suffix == ".py":
            yield from _of_code(source, str(inner))
        elif source.suffix in (".html", ".txt") and "templates" in inner.parts:
            yield from _of_template(source, str(inner))


def _of_code(source: Path, name: str) -> Iterator[Text]:
    calls = (node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        function = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        arguments = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        if arguments and (kind := FUNCTION.fullmatch(function)):
            yield _said(kind, arguments, (name, call.lineno))


def _of_template(source: Path, name: str) -> Iterator[Text]:
    code = templatize(source.read_text(), origin=name)
    for call in TEMPLATE_CALL.finditer(code):
        line = code.count("\n", 0, call.start()) + 1
        yield _said(call, list(ast.literal_eval(f"({call['texts']},)")), (name, line))


def _said(call: re.Match[str], arguments: list[str], place: tuple[str, int]) -> Text:
    """The text of a call, whose name says whether its context comes first and a plural last."""
    context = arguments.pop(0) if call["context"] else None
    return Text(place, arguments[0], arguments[1] if call["plural"] else "", context)


def _empty(language: str) -> Catalog:
    comment = "# The French of Parvis. `make messages` collects the texts, `make check` finds those without French."
    return Catalog(
        language,
        project="Parvis",
        version="",
        msgid_bugs_address="",
        charset="utf-8",
        fuzzy=False,
        header_comment=comment,
        last_translator="Parvis",
        language_team="Parvis",
    )


def read(language: str = "fr") -> Catalog:
    """The catalogue as it stands; an empty one where there is none."""
    if not path(language).exists():
        return _empty(language)
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str = "fr") -> Catalog:
    """The catalogue with exactly the texts of the project: new ones empty, those that nothing says any more gone."""
    old, new = read(language), _empty(language)
    for text in texts():
        known = old.get(text.id, text.context)
        new.add(text.id, known.string if known else None, locations=[text.place], context=text.context)
    new.creation_date, new.revision_date = old.creation_date, old.revision_date
    return new


def write(catalogue: Catalog, language: str = "fr") -> None:
    path(language).parent.mkdir(parents=True, exist_ok=True)
    with path(language).open("wb") as file:
        write_po(file, catalogue, width=118, include_lineno=False, sort_output=True, omit_header=False)


def unfinished(language: str = "fr") -> list[str]:
    """What is missing, one line a text: not in the catalogue, not translated, or with other placeholders."""
    catalogue, found = read(language), {}
    for text in texts():
        message = catalogue.get(text.id, text.context)
        if message is None or message.fuzzy or not _complete(message):
            found[text.id, text.context] = f"{text.place[0]}:{text.place[1]}: not translated: {text.singular}"
        elif errors := list(message.check(catalogue)):
            found[text.id, text.context] = f"{text.place[0]}:{text.place[1]}: {errors[0]}: {text.singular}"
    return list(found.values())


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)
