"""What the database refuses, said as a person would."""

from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError

if TYPE_CHECKING:
    # A sentence, translated now or when it is read; the class exists in the stubs alone.
    from django.utils.functional import _StrOrPromise as Sentence


@cache
def sentences() -> "dict[str, Sentence | None]":
    """The sentence of every named rule: constraints, and the triggers that a model lists in `refusals`."""
    found: dict[str, Sentence | None] = {}
    for model in apps.get_models():
        found |= {rule.name: rule.violation_error_message for rule in model._meta.constraints}
        found |= getattr(model, "refusals", {})
    return found


def refusal(error: IntegrityError) -> Exception:
    """A ValidationError with the sentence of the rule that was broken, or the error itself where no rule of ours was."""
    diagnosis = getattr(error.__cause__, "diag", None)
    sentence = sentences().get(diagnosis.constraint_name or "") if diagnosis else None
    return ValidationError(sentence) if sentence else error


def refuse(name: str, sentence: str) -> str:
    """The body of a trigger that refuses; `name` is what `sentences()` knows it by, `sentence` is for who reads SQL's answer."""
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
