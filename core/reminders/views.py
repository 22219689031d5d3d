"""The pages of reminders: what falls due for me, what I was told, how I want it, and whether they go out at all."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, mailbox
from core.enums import Language
from core.exceptions import Refused
from core.models import ReminderRule, ReminderRun
from core.pages import BESIDES, unknown
from core.reminders import listing, muting, services, words
from core.reminders.forms import Wish
from core.reminders.health import health

DEADLINES, NOTIFICATIONS, RUNS, PARKED, LETTERS = 100, 25, 20, 100, 50


@require_GET
def my_deadlines(request):
    asked = listing.Asked(request.GET)
    rows = listing.due(request.user, **asked.cleaned_data) if asked.is_valid() else []
    page = Paginator(rows, DEADLINES).get_page(request.GET.get("page"))
    context = {
        "headline": listing.headline(rows, only_late=asked.chosen["within"] == listing.ONLY_LATE),
        "page": page,
        "groups": listing.by_month(list(page.object_list)),
        "kinds": listing.kind_choices(),
        "within": listing.AHEAD.items(),
        "chosen": {"kind": "", "mine": "", "ahead": ""} | asked.chosen,
        "is_narrowed": listing.is_narrowed(asked.chosen),
        "problems": asked.problems,
        "today": clock.today(),
    }
    return render(request, "core/reminders/deadlines.html", context)


# --- what I was told ---


@require_GET
def notifications(request):
    told = services.unread_first(request.user)
    page = Paginator(told, NOTIFICATIONS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "newest": max((line.pk for line in page.object_list), default=0),
        "muted": services.muted(request.user),
        "problems": unknown(request.GET, BESIDES),
    }
    return render(request, "core/reminders/notifications.html", context)


@require_POST
def mark_read(request, pk: int):
    """One of my reminders, or with `upto` all of them up to this one."""
    line = get_object_or_404(services.told(request.user), pk=pk)
    if "upto" in request.POST:
        services.mark_read(actor=request.user, upto=line.pk)
    else:
        services.mark_one_read(actor=request.user, notification=line)
    return redirect("notifications")


# --- how I want it ---


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request):
    """The page of my account; a POST says how I want to be reminded."""
    wish = services.preference(request.user)
    form = Wish(request.POST if request.method == "POST" else None, initial=_initial(wish))
    if request.method == "POST" and form.is_valid():
        try:
            services.prefer(actor=request.user, **form.cleaned_data)
        except Refused as refused:
            for reason in refused:
                form.add_error(reason.field if reason.field in form.fields else None, str(reason))
        else:
            messages.success(request, _("This is how you will be reminded from now on."))
            return redirect("preferences")
    rules = services.concerning(request.user)
    context = {
        "languages": Language,
        "form": form,
        "problems": [error for errors in form.errors.values() for error in errors],
        "rules": [(rule, words.in_words(rule)) for rule in rules],
    }
    return render(request, "core/preferences.html", context, status=422 if form.errors else 200)


def _initial(wish) -> dict[str, object]:
    return {name: getattr(wish, name) for name in Wish.base_fields}


@require_POST
def hear(request, pk: int, muted: bool):
    """Mutes a rule for me, or lets me hear of it again."""
    rule = get_object_or_404(ReminderRule.objects.visible_to(request.user), pk=pk)
    values = {"rule": rule.title}
    if muted:
        services.mute(actor=request.user, rule=rule)
        messages.success(request, _("You hear no more of “%(rule)s”.") % values)
    else:
        services.unmute(actor=request.user, rule=rule)
        messages.success(request, _("You hear of “%(rule)s” again, from what falls due next.") % values)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "preferences")


# The button of a mail program sends no token of ours: the address itself is signed, and does this one thing.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request, token: str):
    """Stops the reminders of one rule for whoever got the e-mail; a forged address is no address (RFC 8058)."""
    known = muting.read(token)
    if known is None:
        raise Http404
    user, rule = known
    if request.method == "POST":
        services.mute(actor=user, rule=rule)
    with translation.override(user.language):
        context = {"rule": rule, "sentence": words.in_words(rule), "muted": request.method == "POST"}
        return render(request, "core/reminders/mute.html", context)


# --- whether they go out ---


@require_GET
def reminders_health(request):
    if not services.sees_health(request.user):
        raise PermissionDenied
    found = health()
    context = {
        "health": found,
        "troubles": words.troubles(found),
        "runs": ReminderRun.objects.all()[:RUNS],
        "parked": services.parked(request.user)[:PARKED],
    }
    return render(request, "core/reminders/health.html", context)


@require_POST
def try_again(request, pk: int):
    message = get_object_or_404(services.parked(request.user), pk=pk)
    services.try_again(actor=request.user, message=message)
    messages.success(request, _("The e-mail will be sent by the next run."))
    return redirect("reminders-health")


@login_not_required
@require_GET
def alive(request):
    """For the orchestrator: 200 while reminders go out, 503 when no run ended for half an hour or an e-mail waits too long."""
    well = health().is_well
    return HttpResponse("ok" if well else "stuck", status=200 if well else 503, content_type="text/plain")


@require_GET
def demo_mailbox(request):
    """What the demo would have sent; elsewhere there is no such page."""
    if settings.MODE == "production":
        raise Http404
    everything = mailbox.letters()
    to = request.GET.get("to", "").strip()
    letters = [letter for letter in everything if not to or letter.to == to]
    page = Paginator(letters, LETTERS).get_page(request.GET.get("page"))
    name = request.GET.get("letter", "")
    shown = next((letter for letter in letters if letter.name == name or not name), None)
    context = {
        "page": page,
        "shown": shown,
        "to": to,
        "addressees": sorted({letter.to for letter in everything} | ({to} if to else set())),
    }
    return render(request, "core/reminders/mailbox.html", context)
