"""The OpenAPI document of what every operation says of limits: each header described once, and 429."""

from core.api.schema import component
from core.throttling import WINDOW

METHODS = {"get", "post", "put", "patch", "delete"}
REF = {"$ref": f"#/components/responses/{component(429)}"}
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
        "description": "In how many seconds the next request is answered.",
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
    components["responses"][component(429)]["headers"] = _refs(*HEADERS)
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            answers = path[method]["responses"]
            for code, answer in answers.items():
                if code.startswith("2"):
                    answer.setdefault("headers", {}).update(_refs("RateLimit-Policy", "RateLimit"))
            path[method]["responses"] = dict(sorted({**answers, "429": REF}.items()))
    return result
