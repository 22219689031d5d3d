"""Money and numbers are written as the CLDR has it, whatever writes them: babel's own output is the measure."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.templatetags.parvis import LOCALES, euros, number, signed_euros

PATTERNS = {"fr": "#,##0.00\xa0¤", "en": "¤#,##0.00"}
AMOUNTS = st.decimals(min_value=Decimal("-1e15"), max_value=Decimal("1e15"), places=2) | st.integers(-(10**15), 10**15)


def by_babel(amount, language: str) -> str:
    pattern = PATTERNS[language]
    if Decimal(amount) == Decimal(amount).to_integral_value():
        pattern = pattern.replace(".00", "")
    return format_currency(amount, "EUR", pattern, locale=LOCALES[language], currency_digits=False)


@pytest.mark.parametrize("language", ["fr", "en"])
@given(amount=AMOUNTS)
@example(amount=0)
@example(amount=Decimal("-0.00"))
@example(amount=Decimal("0.004"))
@example(amount=Decimal("0.005"))
@example(amount=Decimal("-0.015"))
@example(amount=Decimal("999.995"))
@example(amount=Decimal("999999.999"))
@example(amount=Decimal("1E+6"))
@example(amount=Decimal("153000.50"))
@settings(max_examples=150, deadline=None)
def test_euros_are_written_as_babel_writes_them(language, amount):
    with translation.override(language):
        assert euros(amount) == by_babel(amount, language)


@pytest.mark.parametrize("language", ["fr", "en"])
@given(value=AMOUNTS | st.decimals(-1000, 1000, places=6) | st.floats(-1e9, 1e9))
@example(value=0)
@example(value=1000)
@example(value=Decimal("12.500"))
@example(value=Decimal("0.0005"))
@example(value=Decimal("0.0015"))
@example(value=Decimal("-0.0004"))
@example(value=Decimal("1E+3"))
@example(value=0.1)
@settings(max_examples=150, deadline=None)
def test_numbers_are_written_as_babel_writes_them(language, value):
    with translation.override(language):
        assert number(value) == format_decimal(value, locale=LOCALES[language])


def test_what_is_not_known_is_written_as_nothing():
    assert (euros(None), number(None)) == ("", "")


def test_a_change_has_its_sign():
    with translation.override("en"):
        assert [signed_euros(1000), signed_euros(-1000), signed_euros(0)] == ["+€1,000", "-€1,000", "€0"]
