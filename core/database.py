"""What the database refuses, said as a person would."""

from functools import cache

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError


@cache
def sentences() -> dict[str, object]:
    """The sentence of every named rule: constraints, and the triggers that a model lists in `refusals`."""
    found: dict[str, object] = {}
    for model in apps.get_models():
        found |= {rule.name: rule.violation_error_message for rule in model._meta.constraints}
        found |= getattr(model, "refusals", {})
    return found


def refusal(error: IntegrityError) -> Exception:
    """A ValidationError with the sentence of the rule that was broken, or the error itself where no rule of ours was."""
    diagnosis = getattr(error.__cause__, "diag", None)
    sentence = sentences().get(diagnosis.constraint_name or "") if diagnosis else None
    return ValidationError(sentence) if sentence else error
