"""Texts sealed at rest: what the database, its dumps and its history hold is unreadable without a key.

Fernet of the `cryptography` library (AES-128-CBC with HMAC-SHA-256), with the keys of `SEALING_KEYS`: the first seals, all
open, so that a new key is put in front and `rotate_keys` seals every sealed column anew before the old one goes. Nothing unseals by
itself: there is no attribute whose mere reading shows a secret, so no list, export or template can.
"""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.constraints import check
from core.exceptions import Reason, Refused

# What Fernet makes: version 128, a time, and so always these first letters.
SEALED = r"^gAAAA[A-Za-z0-9_-]+=*$"
NOT_SEALED = _("This text must be sealed before it is kept.")


class LostKey(Refused):
    """No key opens a text: it says what to do, and never shows the text."""

    def __init__(self) -> None:
        super().__init__(
            [
                Reason(
                    _(
                        "None of the keys opens this text. Put the key that it was sealed with back at the end of "
                        "PARVIS_SEALING_KEYS (it is kept with the backups), start Parvis again, then run “rotate_keys”."
                    )
                )
            ]
        )


@cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> MultiFernet:
    return _ring(tuple(settings.SEALING_KEYS))


def seal(text: str) -> str:
    """The sealed text, by the first key; an empty text stays empty."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text; LostKey where no key opens it. Whoever calls this has checked that the reader may, and noted it."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise LostKey from None


def reseal(sealed: str) -> str:
    """The same text sealed by the first key; the text itself where that key sealed it already."""
    if not sealed:
        return ""
    first = _ring(tuple(settings.SEALING_KEYS[:1]))
    try:
        first.decrypt(sealed.encode())
    except InvalidToken:
        return seal(unseal(sealed))
    return sealed


class SealedField(models.TextField):
    """Holds what `seal()` returned, and refuses what it did not: a clear text is never kept by mistake."""

    def __init__(self, **kwargs: Any) -> None:
        usual: dict[str, Any] = {"blank": True, "default": "", "editable": False}
        super().__init__(**usual | kwargs)

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if value and not value.startswith("gAAAA"):
            raise ValidationError(NOT_SEALED)


def sealed_fields(model: type[models.Model]) -> tuple[str, ...]:
    """The names of the model's sealed columns."""
    return tuple(field.name for field in model._meta.concrete_fields if isinstance(field, SealedField))


def only_sealed(prefix: str, *names: str) -> list[models.CheckConstraint]:
    """The same rule in the database: each column is empty or holds a sealed text."""
    return [
        check(f"{prefix}_{name}_sealed", Q(**{name: ""}) | Q(**{f"{name}__regex": SEALED}), NOT_SEALED)
        for name in names
    ]


def sealed_models() -> list[type[models.Model]]:
    """Every model with a sealed column, whatever app it is of."""
    return [model for model in apps.get_models() if sealed_fields(model)]


@transaction.atomic
def rotate_keys() -> int:
    """Seals every text of every sealed column anew with the first key; returns how many were sealed with another. LostKey,
    and nothing changed, where a text was sealed with a key that is not there."""
    turned = 0
    for model in sealed_models():
        names, rows = sealed_fields(model), model._base_manager
        for row in rows.select_for_update().only(*names).order_by("pk").iterator(chunk_size=200):
            anew = {name: reseal(getattr(row, name)) for name in names}
            changed = {name: text for name, text in anew.items() if text != getattr(row, name)}
            if changed:
                rows.filter(pk=row.pk).update(**changed)
                turned += len(changed)
    return turned
