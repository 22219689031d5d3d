"""The OpenAPI document without repetition: what operations say alike is written once, under `components`, and referred to.

The operations of a hundred resources differ in little else than their names. Written out, the document would have three times
the size, and a client generated from it a class of its own for the filters of each list.
"""

import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from core.api.serializers import RecordSerializer

METHODS = ("get", "post", "put", "patch", "delete")
# Said by itself, what is shorter takes no more room than a reference.
WORTH_SHARING = 110
PAGE = "Page"
NUMBERED_PAGE = "NumberedPage"
REFERENCE = re.compile(r"#/components/([A-Za-z]+)/([\w.-]+)")
# How a record's number is described where it is part of an address, and taken for a text.
NUMBER_IN_PATH = {"type": "string", "pattern": "^[0-9]+$"}
# What serializers without a text of their own inherit: it is meant for who writes one.
SHARED_DOC = inspect.getdoc(RecordSerializer)


class Shelf:
    """One section of `components`, for what is said more than once."""

    def __init__(self, components: dict, place: str):
        self.section: dict[str, Any] = components.setdefault(place, {})
        self.place = place
        self.seen: Counter[str] = Counter()

    def count(self, item: dict) -> None:
        self.seen[_text(item)] += 1

    def ref(self, item: dict, *names: str) -> dict:
        """A reference to the item under the first of the names that is free or its own; the item itself if that is as good."""
        text = _text(item)
        if "$ref" in item or self.seen[text] < 2 or len(text) < WORTH_SHARING:
            return item
        for name in names:
            if self.section.setdefault(name, item) == item:
                return {"$ref": f"#/components/{self.place}/{name}"}
        raise ValueError(f"Different {self.place} of the API would all be called {names[-1]}.")


def shared(document: dict) -> dict:
    """The same document, without repetition. Names follow from the document alone, and stay while it stays."""
    components = document["components"]
    _share_schemas(components["schemas"])
    operations = list(_operations(document["paths"]))
    enums = _enums(components["schemas"])
    for _path, operation in operations:
        _read_texts_as_texts(operation)
        for parameter in operation.get("parameters", ()):
            _name_choices(parameter, enums)
            if parameter["in"] == "path" and parameter["schema"] == NUMBER_IN_PATH:
                parameter |= {"schema": {"type": "integer", "minimum": 1}, "description": "The number of the record."}
    _share_examples(components, operations)
    _share_parameters(components, operations)
    _share_headers(components, operations)
    _share_bodies(components, operations)
    _share_answers(components, operations)
    _tell_once(operations)
    return document | {"components": _reached(components, document["paths"])}


def _text(item: dict) -> str:
    return json.dumps(item, sort_keys=True)


def _operations(paths: dict) -> Iterator[tuple[str, dict]]:
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                yield path, item[method]


def _camel(*parts: str) -> str:
    words = "-".join(parts).replace("_", "-").split("-")
    return "".join(word[:1].upper() + word[1:] for word in words)


def _resource(path: str) -> str:
    return path.removeprefix("/api/v1/").split("/")[0]


def _share_schemas(schemas: dict) -> None:
    """Pages are one page with `results` of their own, and no record explains how records are written."""
    pages: dict[str, dict] = {}
    for name, schema in schemas.items():
        if schema.get("description") == SHARED_DOC:
            del schema["description"]
        if name.startswith("Paginated"):
            results = schema["properties"].pop("results")
            required = [field for field in schema["required"] if field != "results"]
            schema["required"] = required
            page = PAGE if "settled_at" in schema["properties"] else NUMBERED_PAGE
            of_all = pages.setdefault(page, dict(schema))
            if of_all != schema:
                raise ValueError(f"The pages of {name} are not those of the other lists.")
            schema.clear()
            own = {"type": "object", "properties": {"results": results}, "required": ["results"]}
            schema["allOf"] = [{"$ref": f"#/components/schemas/{page}"}, own]
    schemas.update(pages)


def _read_texts_as_texts(operation: dict) -> None:
    """What is downloaded as `text/…` is no binary: generated clients could not read it."""
    for answer in operation["responses"].values():
        for media_type, content in answer.get("content", {}).items():
            if media_type.startswith("text/"):
                content["schema"] = {"type": "string"}


def _enums(schemas: dict) -> dict[tuple, str]:
    """The choices that have one name alone."""
    found: dict[tuple, list[str]] = {}
    for name, schema in schemas.items():
        if "enum" in schema:
            found.setdefault(tuple(sorted(map(str, schema["enum"]))), []).append(name)
    return {values: names[0] for values, names in found.items() if len(names) == 1}


def _name_choices(parameter: dict, enums: dict[tuple, str]) -> None:
    """A filter by choices names them as the field does."""
    schema = parameter.get("schema", {})
    holder, key = (schema, "items") if "items" in schema else (parameter, "schema")
    name = enums.get(tuple(sorted(map(str, holder.get(key, {}).get("enum", ())))))
    if name:
        holder[key] = {"$ref": f"#/components/schemas/{name}"}


def _contents(holder: dict) -> Iterator[dict]:
    yield from holder.get("content", {}).values()


def _share_examples(components: dict, operations: list) -> None:
    shelf = Shelf(components, "examples")
    found = [
        content
        for _path, operation in operations
        for holder in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in _contents(holder)
        if "examples" in content
    ]
    for content in found:
        if "items" in content["schema"]:
            content["examples"] = {}  # rows are as the record that stands alone
        for example in content["examples"].values():
            shelf.count(example)
    for content in found:
        kind = content["schema"].get("$ref", "").rpartition("/")[2]
        content["examples"] = {
            name: shelf.ref(example, name, f"{kind}{name}") for name, example in content["examples"].items()
        }
        if not content["examples"]:
            del content["examples"]


def _share_parameters(components: dict, operations: list) -> None:
    """What most operations mean by a name has this name, anything else with it that of the first resource."""
    shelf = Shelf(components, "parameters")
    meanings: dict[str, Counter[str]] = {}
    for _path, operation in operations:
        for parameter in operation.get("parameters", ()):
            shelf.count(parameter)
            meanings.setdefault(parameter["name"], Counter())[_text(parameter)] += 1
    usual = {text for found in meanings.values() for text, times in found.items() if times > found.total() / 2}
    for path, operation in operations:
        if "parameters" in operation:
            operation["parameters"] = [
                shelf.ref(
                    parameter,
                    *([_camel(parameter["name"])] if _text(parameter) in usual else []),
                    _camel(_resource(path), parameter["name"]),
                    _camel(operation["operationId"], parameter["name"]),
                )
                for parameter in operation["parameters"]
            ]
    for name, parameter in shelf.section.items():
        if "enum" in parameter["schema"]:  # else a client names it anew for each operation
            schema = components["schemas"].setdefault(name, parameter["schema"])
            if schema != parameter["schema"]:
                raise ValueError(f"Different choices of the API would all be called {name}.")
            shelf.section[name] = parameter | {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _share_headers(components: dict, operations: list) -> None:
    section = components["headers"]
    for _path, operation in operations:
        for answer in operation["responses"].values():
            for name, header in answer.get("headers", {}).items():
                if "$ref" not in header and section.setdefault(name, header) == header:
                    answer["headers"][name] = {"$ref": f"#/components/headers/{name}"}


def _named_after(holder: dict) -> str:
    """The name of what is sent: that of its schema, in the plural for several."""
    schema = next(_contents(holder), {}).get("schema", {})
    rows = schema.get("items", schema)
    rows = rows.get("allOf", [rows])[0]
    return rows.get("$ref", "").rpartition("/")[2] + ("Rows" if "items" in schema else "")


def _share_bodies(components: dict, operations: list) -> None:
    shelf = Shelf(components, "requestBodies")
    found = [operation for _path, operation in operations if "requestBody" in operation]
    for operation in found:
        shelf.count(operation["requestBody"])
    for operation in found:
        body = operation["requestBody"]
        operation["requestBody"] = shelf.ref(body, _named_after(body), _camel(operation["operationId"]))


def _share_answers(components: dict, operations: list) -> None:
    shelf = Shelf(components, "responses")
    for _path, operation in operations:
        for answer in operation["responses"].values():
            shelf.count(answer)
    for _path, operation in operations:
        for code, answer in operation["responses"].items():
            written = "Written" if "Idempotency-Replayed" in answer.get("headers", {}) else ""
            kind = _named_after(answer) or {"204": "Nothing", "304": "NotModified"}.get(code, "File")
            operation["responses"][code] = shelf.ref(answer, kind + written, _camel(operation["operationId"], code))


def _tell_once(operations: list) -> None:
    """What a resource is, its list says; the other operations say what is theirs alone."""
    told: set[tuple[str, str]] = set()
    for path, operation in operations:
        said = (_resource(path), operation.get("description", ""))
        if said in told:
            del operation["description"]
        elif said[1]:
            told.add(said)


def _reached(components: dict, paths: dict) -> dict:
    """What operations come to, by name; a serializer that no operation reads or writes describes nothing."""
    wanted, reached = [paths], set()
    while wanted:
        for place, name in REFERENCE.findall(_text(wanted.pop())):
            if (place, name) not in reached:
                reached.add((place, name))
                wanted.append(components[place][name])
    reached |= {("securitySchemes", name) for name in components["securitySchemes"]}
    kept = {
        place: {name: item for name, item in sorted(section.items()) if (place, name) in reached}
        for place, section in components.items()
    }
    return {place: section for place, section in kept.items() if section}
