"""YAML read safely, each value with the line it stands on.

A scalar stays the text that was written (`NO` is Norway, `2014-10` is a month): the field it is meant for says what it
becomes. No object is ever built from the file, and anchors are refused, so that a small file cannot grow into a large one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool", "int", "float", "timestamp")}


@dataclass(frozen=True)
class Marked:
    """A text, nothing (`None`), a list or a dict of marked values, and the line where it begins (the first is 1)."""

    value: Any
    line: int


class BadYaml(ValueError):
    """The file is not what it should be: a sentence, and the line."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


class _Composer(yaml.SafeLoader):
    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise BadYaml(_("Anchors are not allowed: write the value out."), self.peek_event().start_mark.line + 1)
        return super().compose_node(parent, index)


def read(path: Path) -> Marked:
    """The one document in the file; BadYaml where there is none, or where it cannot be read."""
    try:
        composer = _Composer(path.read_bytes())
        try:
            node = composer.get_single_node()
        finally:
            composer.dispose()
    except OSError as error:
        raise BadYaml(_("The file cannot be read: %(error)s") % {"error": error.strerror}) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadYaml(
            _("This is not YAML: %(error)s") % {"error": getattr(error, "problem", None) or error},
            mark.line + 1 if mark else 1,
        ) from error
    return Marked(None, 1) if node is None else _marked(node)


def _marked(node: yaml.Node) -> Marked:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Marked(_mapping(node), line)
    if isinstance(node, yaml.SequenceNode):
        return Marked([_marked(item) for item in node.value], line)
    if node.tag not in _PLAIN:
        raise BadYaml(_("“%(tag)s” is not allowed: write plain text.") % {"tag": node.tag}, line)
    return Marked(None if node.tag.endswith(":null") else node.value, line)


def _mapping(node: yaml.MappingNode) -> dict[str, Marked]:
    found: dict[str, Marked] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise BadYaml(_("A key must be plain text."), line)
        if key.value in found:
            raise BadYaml(_("“%(key)s” is written twice.") % {"key": key.value}, line)
        found[key.value] = _marked(value)
    return found
