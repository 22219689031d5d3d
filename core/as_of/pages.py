"""Pages that can be asked for as of a past day: `?as_of=2026-11-20`."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from core import clock
from core.as_of.reading import NotTold, reading

PARAMETER = "as_of"


def asked_day(text: str) -> date:
    """The day as the address writes it; raises NotTold where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotTold(_("This is not a day. Write it as year, month and day: 2016-12-31.")) from None


def readable_as_of(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets the view be read as of a past day, whole: it is rendered within the reading. A day that cannot be told is answered
    with a page that says why (400), and with no figure, which would be taken for that day's."""

    @wraps(view)
    def read(request, *args, **kwargs):
        text = request.GET.get(PARAMETER, "").strip()
        if not text:
            return view(request, *args, **kwargs)
        try:
            with reading(asked_day(text)):
                return _rendered(view(request, *args, **kwargs))
        except NotTold as refused:
            return render(request, "core/as_of_refused.html", {"why": str(refused)}, status=400)

    read.is_readable_as_of = True  # type: ignore[attr-defined]  # every decorator around it hands it on
    return read


def on_that_day(address: str) -> str:
    """The address of a page of Parvis, as of the past day that is being read where that page can be; else as it is."""
    past = clock.past_day()
    if past is None:
        return address
    parts = urlsplit(address)
    try:
        view = resolve(parts.path).func
    except Resolver404:
        return address
    if not getattr(view, "is_readable_as_of", False):
        return address
    asked = f"{PARAMETER}={past.isoformat()}"
    return parts._replace(query=f"{parts.query}&{asked}" if parts.query else asked).geturl()


def _rendered(response: HttpResponse) -> HttpResponse:
    if response.streaming:
        raise ImproperlyConfigured("A streamed answer would be read after the reading: it would tell of today.")
    if callable(render_now := getattr(response, "render", None)):
        render_now()
    return response
