"""Shares of one whole: codes with percentages that sum to 100, kept as one value because none means anything alone.

`{"14031": "60", "14022": "40"}`; nothing (`{}`) where the whole is not divided yet. Percentages are texts with at most
two decimals, so that no float comes between. The database sums them (`whole()` is the condition of a trigger).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

NOT_WHOLE = _("The percentages sum to %(sum)s, not to 100.")


def written(percent: Decimal) -> str:
    """`60`, `33.34`: without trailing zeros."""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class SharesField(models.JSONField):
    """Refuses what is no mapping of codes to percentages over 0, and percentages that do not sum to 100."""

    def __init__(self, **kwargs):
        usual: dict[str, Any] = {"default": dict, "blank": True}
        super().__init__(**usual | kwargs)

    def to_python(self, value: Any) -> dict[str, str]:
        if value in (None, ""):
            return {}
        if not isinstance(value, Mapping):
            raise ValidationError(_("Write codes with their percentages here."))
        return {str(code): written(_percent(code, share)) for code, share in sorted(value.items())}

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        total = sum((Decimal(share) for share in value.values()), Decimal(0))
        if value and total != 100:
            raise ValidationError(NOT_WHOLE, params={"sum": written(total)})


def _percent(code: object, share: object) -> Decimal:
    wrong = ValidationError(
        _("“%(share)s” is no percentage of %(code)s: write a number over 0 and up to 100, with at most two decimals."),
        params={"share": share, "code": code},
    )
    if isinstance(share, bool):
        raise wrong
    try:
        percent = Decimal(str(share).strip().replace(",", "."))
    except InvalidOperation:
        raise wrong from None
    if not percent.is_finite() or not 0 < percent <= 100 or percent != round(percent, 2):
        raise wrong
    return percent


# A number over 0 with at most two decimals.
PERCENT = "^(?=.*[1-9])[0-9]{1,3}([.][0-9]{1,2})?$"


def whole(column: str) -> str:
    """SQL: the shares of the column sum to 100, or there are none."""
    shares = f"SELECT share FROM jsonb_each_text({column}) AS each(code, share)"
    return (
        f"({column} = '{{}}'::jsonb OR (NOT EXISTS ({shares} WHERE share IS NULL OR share !~ '{PERCENT}')"
        f" AND (SELECT sum(share::numeric) FROM ({shares}) AS shares) = 100))"
    )
