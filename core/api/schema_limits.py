"""The OpenAPI document of what every operation says of limits: each header described once."""

from core.api.schema import REFUSED
from core.throttling import WINDOW

METHODS = {"get", "post", "put", "patch", "delete"}
HEADERS = {
    "RateLimit-Policy": {
        "description": f"How many requests (q) there may be in how many seconds (w, always {WINDOW}); "
        "draft-ietf-httpapi-ratelimit-headers.",
        "schema": {"type": "string"},
        "example": f'"default";q=600;w={WINDOW}',
    },
    "RateLimit": {
        "description": "How many are left (r), and in how many seconds they begin anew (t). Absent where nobody counts.",
        "schema": {"type": "string"},
        "example": '"default";r=599;t=42',
    },
    "Retry-After": {
        "description": "In how many seconds the next request is answered (429, and 409 of a request under way).",
        "schema": {"type": "integer", "minimum": 1, "maximum": WINDOW},
        "example": 42,
    },
}


def _refs(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def limits_told(result, generator, request, public):
    """Hook of drf-spectacular, after `core.api.schema.complete` has written the problems."""
    components = result["components"]
    components["headers"] = HEADERS
    components["responses"][REFUSED]["headers"] = _refs(*HEADERS)
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            for code, answer in path[method]["responses"].items():
                if code.startswith("2"):
                    answer.setdefault("headers", {}).update(_refs("RateLimit-Policy", "RateLimit"))
    return result
