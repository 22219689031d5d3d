"""What a form says when somebody else has changed the record meanwhile."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core import history
from core.exceptions import Refused
from core.models import User


def lost_edit(record: models.Model, lost: Refused, reader: User | None) -> ValidationError:
    """The refusal, who changed the record last and when, and a link that opens the page anew."""
    sentences = [str(reason) for reason in lost.reasons]
    newest = next(iter(history.changes(record, reader, limit=1)), None) if reader else None
    if newest is not None:
        day = date_format(timezone.localtime(newest.at), "DATETIME_FORMAT")
        sentences.append(
            _("Last changed by %(author)s, %(day)s.") % {"author": newest.author, "day": day}
            if newest.author
            else _("Last changed outside Parvis, %(day)s.") % {"day": day}
        )
    # An empty address is the page itself.
    link = format_html('<a class="underline" href="">{}</a>', _("Open it again"))
    return ValidationError(format_html("{} {}", " ".join(sentences), link))
