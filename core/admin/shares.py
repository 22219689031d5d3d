"""The form field of shares of a whole: codes beside their percentages, and their sum."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.shares import SharesField, written

Choices = Iterable[tuple[str, str]]
Pair = tuple[str, str]

LEAST_PAIRS = 4
SPARE_PAIRS = 2


def pairs(value: Any) -> list[Pair]:
    """Codes with their percentages as they stand or as they were typed."""
    return list(value.items()) if isinstance(value, dict) else list(value or [])


def total(given: Iterable[Pair]) -> Decimal:
    """The sum of what can be read as a number."""
    found = Decimal(0)
    for _code, share in given:
        try:
            number = Decimal(str(share).strip().replace(",", "."))
        except InvalidOperation:
            continue
        found += number if number.is_finite() else 0
    return found


class ShareInputs(forms.Widget):
    """Lines of a code and its percentage, with the sum of what is shown; a line left empty says nothing.

    `choices` are the codes with their names; without them the code is typed.
    """

    template_name = "core/admin/widgets/shares.html"
    use_fieldset = True

    def __init__(self, choices: Choices = (), attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.choices = list(choices)

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_code_0" if id_ else ""

    def names(self, name: str) -> Pair:
        """Under which names the codes and the percentages are sent."""
        return f"{name}-code", f"{name}-share"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = pairs(value)
        shown = [*given, *[("", "")] * max(SPARE_PAIRS, LEAST_PAIRS - len(given))]
        base = context["widget"]["attrs"].get("id", f"id_{name}")
        codes, shares = self.names(name)
        context["widget"]["lines"] = [
            {
                "code": self._code(code).get_context(
                    codes, code, {"id": f"{base}_code_{place}", "aria-label": _("Code %(n)s") % {"n": place + 1}}
                )["widget"],
                "share": UnfoldAdminTextInputWidget().get_context(
                    shares,
                    share,
                    {
                        "id": f"{base}_share_{place}",
                        "aria-label": _("Percentage %(n)s") % {"n": place + 1},
                        "inputmode": "decimal",
                    },
                )["widget"],
            }
            for place, (code, share) in enumerate(shown)
        ]
        context["widget"]["sum"] = written(total(given)) if given else ""
        return context

    def _code(self, code: str) -> forms.Widget:
        if not self.choices:
            return UnfoldAdminTextInputWidget()
        known = any(choice == code for choice, _name in self.choices)
        # A code that is typed or kept but not offered is shown all the same, for the record to judge.
        extra = [] if known or not code else [(code, code)]
        return UnfoldAdminSelectWidget(choices=[("", "—"), *self.choices, *extra])

    def value_from_datadict(self, data, files, name: str) -> list[Pair]:
        codes, shares = (
            data.getlist(key) if hasattr(data, "getlist") else list(data.get(key, [])) for key in self.names(name)
        )
        length = max(len(codes), len(shares))
        filled = zip([*codes, *[""] * (length - len(codes))], [*shares, *[""] * (length - len(shares))], strict=True)
        return [(code.strip(), share.strip()) for code, share in filled if code.strip() or share.strip()]

    def value_omitted_from_data(self, data, files, name: str) -> bool:
        return not any(key in data for key in self.names(name))


class SharesFormField(forms.Field):
    """Reads lines into one value. What the whole must be (sums, codes that exist) is the column's and the record's to say."""

    default_error_messages = {
        "no_share": gettext_lazy("Write the percentage of %(code)s."),
        "no_code": gettext_lazy("Name the code that has %(share)s %%."),
        "twice": gettext_lazy("%(code)s is named twice."),
    }

    def __init__(self, *, choices: Choices = (), **kwargs):
        kwargs.setdefault("widget", ShareInputs(choices))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dict[str, str]:
        wrong: list[ValidationError] = []
        found: dict[str, str] = {}
        for code, share in pairs(value):
            problem = "no_code" if not code else "no_share" if not share else "twice" if code in found else ""
            if problem:
                message = self.error_messages[problem]
                wrong.append(ValidationError(message, code=problem, params={"code": code, "share": share}))
            else:
                found[code] = share
        if wrong:
            raise ValidationError(wrong)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(pairs(initial)) != sorted(pairs(data))


def shares_field(column: SharesField, choices: Choices = ()) -> SharesFormField:
    return SharesFormField(
        label=capfirst(str(column.verbose_name)),
        help_text=column.help_text,
        required=not column.blank,
        choices=choices,
    )
