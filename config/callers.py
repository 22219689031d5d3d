"""The settings of who calls the API, how often, and from which web applications; read by `config.settings`."""

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


def other_origins(env: environ.Env, *, production: bool) -> dict[str, Any]:
    """CORS: a page elsewhere may use a token, never somebody's session. Refuses what is no origin (RFC 6454), which in
    production is https."""
    return {
        "CORS_ALLOWED_ORIGINS": [
            _origin(origin, production) for origin in env.list("CORS_ALLOWED_ORIGINS", default=[])
        ],
        "CORS_URLS_REGEX": r"^/(api/|o/token/$)",
        "CORS_ALLOW_CREDENTIALS": False,
        "CORS_ALLOW_HEADERS": (
            *("accept", "accept-language", "authorization", "content-type"),
            *("idempotency-key", "if-match", "if-none-match"),
        ),
        "CORS_EXPOSE_HEADERS": (
            *("ETag", "Idempotency-Replayed", "Location"),
            *("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"),
        ),
    }


def limit(env: environ.Env, name: str, default: int) -> int:
    """How much of something there may be in a minute; refuses less than 1."""
    try:
        number = env.int(name, default=default)
    except ValueError:
        number = 0
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 on, not {env.str(name)!r}.")
    return number


def _origin(origin: str, production: bool) -> str:
    parts = urlsplit(origin)
    whole = parts.netloc and "*" not in origin and origin == f"{parts.scheme}://{parts.netloc}"
    if not whole or parts.scheme not in (("https",) if production else ("https", "http")):
        raise ImproperlyConfigured(
            f"CORS_ALLOWED_ORIGINS must list origins such as https://map.example, by commas, not {origin!r}."
        )
    return origin
