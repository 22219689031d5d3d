"""Subscriptions to the agenda: their page, and the address that a calendar reads without signing in."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, deadlines
from core.exceptions import Refused
from core.sealing import LostKey, seal, unseal
from events import selectors, services
from events.ical import calendar
from events.models import CalendarSubscription
from events.services import MAX_NAME

# The secret of a new address, sealed, in the session until its page is shown.
_SECRET = "events.calendar"

# What a calendar shows: from a year ago to two years ahead.
YEARS_BACK, YEARS_AHEAD = 1, 2


@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request):
    """My addresses. The secret of a new one waits in the session until it is shown, once, and is then kept nowhere."""
    name, with_deadlines = request.POST.get("name", "").strip(), "with_deadlines" in request.POST
    problems = []
    if request.method == "POST":
        try:
            _subscription, token = services.subscribe(actor=request.user, name=name, with_deadlines=with_deadlines)
        except Refused as refused:
            problems = list(refused)
        else:
            request.session[_SECRET] = seal(token)
            return redirect("events:subscriptions")
    token = ""
    if request.method == "GET":
        try:
            token = unseal(request.session.pop(_SECRET, ""))
        except LostKey as lost:
            problems = list(lost)
    context = {
        "problems": problems,
        "address": request.build_absolute_uri(reverse("events:feed", args=[token])) if token else "",
        "name": name,
        "name_length": MAX_NAME,
        "with_deadlines": with_deadlines or not problems,
        "subscriptions": CalendarSubscription.objects.visible_to(request.user).order_by("revoked_at", "-created_at"),
    }
    return render(request, "events/subscriptions.html", context, status=422 if problems else 200)


@require_POST
def revoke(request, pk: int):
    subscription = get_object_or_404(CalendarSubscription.objects.visible_to(request.user), pk=pk)
    services.revoke(subscription, actor=request.user)
    messages.success(request, _("“%(name)s” no longer reads your agenda.") % {"name": subscription.name})
    return redirect("events:subscriptions")


@login_not_required
@require_safe
def feed(request, token: str):
    """The calendar of whoever this secret belongs to, in her language and with what she may see today.

    A wrong secret, a revoked one and that of somebody who may no longer sign in are the same: there is no such address.
    """
    subscription = services.read_by(token)
    if subscription is None:
        raise Http404
    reader, today = subscription.user, clock.today()
    since, until = today - relativedelta(years=YEARS_BACK), today + relativedelta(years=YEARS_AHEAD)
    with translation.override(reader.language):
        body = calendar(
            selectors.agenda.agenda(reader, since, until),
            deadlines.due(reader, since=today - timedelta(days=30), until=until) if subscription.with_deadlines else [],
            host=request.get_host().partition(":")[0],
            address=request.build_absolute_uri,
        )
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": 'inline; filename="parvis.ics"',
            "X-Robots-Tag": "noindex",
        },
    )
