"""Addresses of pages, found once: to look one up takes longer than to read the record that it leads to, and a page bears hundreds."""

from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse


def address(view: str, *args: Any) -> str:
    """Where the page of this name lies, as `reverse` says."""
    return _found(view, args, get_script_prefix())


@lru_cache(20_000)
def _found(view: str, args: tuple[Any, ...], _prefix: str) -> str:
    return reverse(view, args=args)
