"""ETags, so that nobody reads twice what has not changed, and nobody's change is lost.

An ETag is `"<id>-<version>.<digest>"`: the version tells writers whether the record changed, the digest tells readers
whether anything in the answer did (a party of an agreement has its own version). `If-Match` may leave the digest out.
"""

import hashlib
import re

from django.utils.translation import gettext as _

from core.api.problems import PreconditionRequired
from core.api.reading import Row
from core.api.renderers import rendered
from core.exceptions import LostEdit, Reason

TAG = re.compile(r'(?:W/)?"([0-9]{1,19}-[0-9]{1,10})(?:\.[0-9a-f]{12})?"')


def etag(row: Row) -> str:
    digest = hashlib.blake2s(rendered(row.told), digest_size=6).hexdigest()
    return f'"{row.pk}-{row.version}.{digest}"'


def is_known(request, tag: str) -> bool:
    """Whether the caller already holds this answer (If-None-Match, compared weakly)."""
    given = [item.strip().removeprefix("W/") for item in request.headers.get("If-None-Match", "").split(",")]
    return tag in given or "*" in given


def check_match(request, record, *, required: bool = True) -> None:
    """Refuses a change without `If-Match` (428) or of a record that changed since it was read (412)."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if required:
            raise PreconditionRequired
        return
    if given != "*" and f"{record.pk}-{record.version}" not in TAG.findall(given):
        raise LostEdit(
            [Reason(_("This record was changed since you opened it. Read it again, then make your change."))]
        )
