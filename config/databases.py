"""The settings of the database; read by `config.settings`."""

from typing import Any

import environ

# A city's records fit in memory, where an index costs no more than the next page of a table; to compile a plan costs more than
# it saves; and what is prepared (by `core.api.reading` alone) differs in a number, so that one plan is right for all.
PLANNED = "-c random_page_cost=1 -c jit=off -c plan_cache_mode=force_generic_plan"


def databases(env: environ.Env, *, size: int | None) -> dict[str, Any]:
    """That of DATABASE_URL, with a pool of at most `size` connections in each process, or without one.

    psycopg keeps the pool, so that Django must not keep connections open itself. `options` of the URL win.
    """
    found = env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")
    options = found.get("OPTIONS", {})
    if folder := options.pop("host", None):  # the embedded server's socket
        found["HOST"] = folder
    pool = size and {"min_size": 1, "max_size": size, "timeout": 10}
    planned = f"{PLANNED} {options.get('options', '')}".strip()
    kept = {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    return {"default": found | kept | {"OPTIONS": options | {"options": planned, "prepare_threshold": 1, "pool": pool}}}
