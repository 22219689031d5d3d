"""The pages of protection: calm, short, hard to get wrong. Who has access, and until when, is always in sight.

To whoever may not open files these pages do not exist; a file that she may not open is one that is not there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.access import may
from core.exceptions import Refused
from core.sealing import LostKey
from solidarity.models.protected import FileAccess, ProtectedFile, Publication
from solidarity.protection import forms, presentation, rules, selectors, services

READINGS = 20
NOT_THERE = (PermissionDenied, ProtectedFile.DoesNotExist, FileAccess.DoesNotExist, Publication.DoesNotExist)


def protected(*methods: str):
    """404 for whoever may open no file at all, whatever she asks; nothing posted here reaches an error report, nothing
    answered a cache, and the address of a file is told to no other page."""

    def guarding(view: Callable) -> Callable:
        allowed = require_http_methods(methods)(view)

        @never_cache
        @sensitive_post_parameters()
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not (request.user.pk and may(request.user, "view", ProtectedFile)):
                raise Http404
            try:
                response = allowed(request, *args, **kwargs)
            except NOT_THERE:
                raise Http404 from None
            # “no-referrer” would also take away the origin, by which Django tells our forms from a stranger's.
            response["Referrer-Policy"] = "strict-origin"
            return response

        return guarded

    return guarding


def _file(request, code: str) -> ProtectedFile:
    found = selectors.files(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _back(code: str):
    return redirect("solidarity:protected-file", code)


def _keep_refusal(form, refused: Refused | ValidationError) -> None:
    """The reasons beside their fields, where the form has them."""
    if isinstance(refused, Refused):
        found = [(reason.field, str(reason)) for reason in refused]
    elif hasattr(refused, "error_dict"):
        found = [(name, said) for name, all_said in refused.message_dict.items() for said in all_said]
    else:
        found = [("", said) for said in refused.messages]
    for name, said in found:
        form.add_error(name if name in form.fields else None, said)


def _done(form, act) -> Any:
    """What the act returns; None where the form or the act refuses, with the reasons in the form."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except (Refused, ValidationError) as refused:
        _keep_refusal(form, refused)
        return None


def _page(request, template: str, context: dict[str, Any], form=None):
    refused = form is not None and form.is_bound and bool(form.errors)
    context |= {"form": form, "refused": refused, "is_officer": rules.is_protection_officer(request.user)}
    return render(request, f"solidarity/protection/{template}.html", context, status=422 if refused else 200)


def _named(request, found: ProtectedFile) -> dict[str, Any]:
    """The file and what it is called; where no key opens its pseudonym, what to do about it. One that the reader may erase
    but not open has its code alone."""
    if not rules.has_access(request.user, found):
        return {"file": found, "pseudonym": "", "lost_key": None}
    try:
        return {"file": found, "pseudonym": services.pseudonym(found, request.user), "lost_key": None}
    except LostKey as lost:
        return {"file": found, "pseudonym": "", "lost_key": lost}


@protected("GET", "HEAD")
def index(request):
    found = selectors.shown(request.user)
    context = {
        "headline": presentation.headline(found),
        "files": found,
        "lost_key": None if all(file.pseudonym for file in found) else LostKey(),
        "left_alone": list(selectors.left_alone(request.user)),
        "emergencies": selectors.latest_emergencies(request.user, READINGS),
    }
    return _page(request, "index", context)


@protected("GET", "HEAD", "POST")
def open_file(request):
    rules.protection_officers_only(request.user)
    form = forms.OpenForm(request.POST or None)
    made = _done(form, lambda data: services.open_file(actor=request.user, **data))
    if made:
        messages.success(request, _("The file is open. You may read it for 90 days; name those who need it too."))
        return _back(made.code)
    context = {"title": _("Open a protected file"), "button": _("Open the file"), "warning": ""}
    return _page(request, "form", context, form)


@protected("GET", "HEAD", "POST")
def emergency(request):
    rules.protection_officers_only(request.user)
    form = forms.EmergencyForm(request.POST or None)
    found = _done(form, lambda data: services.break_glass(actor=request.user, **data))
    if found:
        messages.warning(request, _("You may read this file for 24 hours. Every protection officer is being told."))
        return _back(found.code)
    context = {
        "title": _("Emergency access"),
        "button": _("Open in an emergency"),
        "warning": _("Every protection officer is told at once that you did; those who may open the file read why."),
    }
    return _page(request, "form", context, form)


@protected("POST")
def end_emergency(request, pk: int):
    services.revoke_access(selectors.emergencies(request.user).get(pk=pk), actor=request.user)
    messages.success(request, _("The access has ended."))
    return redirect("solidarity:protection")


@protected("GET", "HEAD")
def file(request, code: str):
    return _show(request, _file(request, code))


def _show(request, found: ProtectedFile, *, reasons: dict[int | None, str] | None = None, **bound):
    reader = request.user
    day = {"level": found.level, "begins_on": found.begins_on, "ends_on": found.ends_on, "erase_on": found.erase_on}
    publication = getattr(found, "publication", None)
    accesses = presentation.accesses(selectors.accesses(reader, found), reasons or {})
    context = _named(request, found) | {
        "texts": presentation.texts(found),
        "accesses": accesses,
        "alone": accesses.only(reader),
        "reasons_are_read": reasons is not None,
        "hold_reason": (reasons or {}).get(None, ""),
        "readings": presentation.readings(selectors.reads(reader, found)[:READINGS]),
        "publication": publication,
        "public_record": selectors.public_record(reader, publication) if publication else None,
        "dates_form": forms.DatesForm(initial=day | {"version": found.version}, reader=reader),
        "access_form": forms.AccessForm(reader=reader),
        "hold_form": forms.HoldForm(initial={"until": found.hold_until}),
    }
    return _page(request, "file", context | bound, next(iter(bound.values()), None))


@protected("GET", "HEAD", "POST")
def text(request, code: str, field: str):
    """One text. It is read by a button (POST), so that no link, prefetch or history entry reads it; then changed on the
    page that shows it."""
    found = _file(request, code)
    if field not in services.TEXTS:
        raise Http404
    if request.method != "POST":
        return _back(code)
    label, said = presentation.label(field), ""
    if "text" in request.POST:
        form = forms.TextForm(request.POST, label=label)
        given = _done(
            form,
            lambda data: services.write(found, actor=request.user, version=data["version"], **{field: data["text"]}),
        )
        if given:
            messages.success(request, _("The text is sealed and kept."))
            return _back(code)
    else:
        try:
            said = services.read(found, field, actor=request.user)
        except LostKey as refused:
            messages.error(request, str(refused))
            return _back(code)
        form = forms.TextForm(initial={"text": said, "version": found.version}, label=label)
    return _page(request, "text", _named(request, found) | {"field": field, "label": label, "said": said}, form)


@protected("GET", "HEAD", "POST")
def reasons(request, code: str):
    """The reasons of the accesses and of the legal hold: read by a button, like any text."""
    found = _file(request, code)
    if request.method != "POST":
        return _back(code)
    try:
        said = services.read_reasons(found, actor=request.user)
    except LostKey as refused:
        messages.error(request, str(refused))
        return _back(code)
    return _show(request, found, reasons=said)


def _act(request, code: str, name: str, make: Callable, act: Callable, done: str):
    """An act that a form of the file's page asks for; a link to its address leads to that page."""
    found = _file(request, code)
    if request.method != "POST":
        return _back(code)
    form = make(request.POST)
    if _done(form, lambda data: act(found, data)) is not None:
        messages.success(request, done)
        return _back(code)
    return _show(request, _file(request, code), **{name: form})


@protected("GET", "HEAD", "POST")
def dates(request, code: str):
    def keep(found, data):
        return services.write(found, actor=request.user, **data)

    def form(posted):
        return forms.DatesForm(posted, reader=request.user)

    return _act(request, code, "dates_form", form, keep, _("The dates are kept."))


@protected("GET", "HEAD", "POST")
def give_access(request, code: str):
    def give(found, data):
        return services.grant_access(found, actor=request.user, **data)

    def form(posted):
        return forms.AccessForm(posted, reader=request.user)

    return _act(request, code, "access_form", form, give, _("The access is given."))


@protected("POST")
def end_access(request, code: str, pk: int):
    found = _file(request, code)
    services.revoke_access(selectors.accesses(request.user, found).get(pk=pk), actor=request.user)
    messages.success(request, _("The access has ended."))
    still = selectors.files(request.user).filter(code=code).exists()
    return _back(code) if still else redirect("solidarity:protection")


@protected("GET", "HEAD", "POST")
def hold(request, code: str):
    if "end" in request.POST:
        services.hold(_file(request, code), actor=request.user, until=None, reason="")
        messages.success(request, _("The legal hold has ended."))
        return _back(code)

    def keep(found, data):
        return services.hold(found, actor=request.user, **data)

    return _act(request, code, "hold_form", forms.HoldForm, keep, _("The legal hold is kept."))


@protected("GET", "HEAD", "POST")
def publication(request, code: str):
    """Asks for a publication, reads what is asked for, clears it, or withdraws it: as the button says."""
    rules.protection_officers_only(request.user)
    found = _file(request, code)
    asked = getattr(found, "publication", None)
    if asked is None:
        return _ask(request, found)
    if "withdraw" in request.POST:
        return _withdraw(request, asked)
    form = said = None
    if request.method == "POST":
        form = forms.ClearanceForm(
            None if "read" in request.POST else request.POST, reader=request.user, publication=asked
        )
        if form.is_bound and _clear(request, asked, form):
            messages.success(request, _("It is published."))
            return _back(code)
        # Whoever could clear it must read it; whoever could not is only told why.
        if not list(rules.publication_may_be_cleared(asked, request.user)):
            try:
                said = services.read_publication(asked, actor=request.user)
            except LostKey as refused:
                messages.error(request, str(refused))
                return _back(code)
    context = _named(request, found) | {
        "publication": asked,
        "said": said,
        "obstacles": list(rules.publication_may_be_cleared(asked, request.user)),
        "public_record": selectors.public_record(request.user, asked),
    }
    return _page(request, "publication", context, form)


def _withdraw(request, asked: Publication):
    code = asked.file.code
    try:
        services.withdraw_publication(asked, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The publication is withdrawn, and the public record gone."))
    return _back(code)


def _clear(request, asked: Publication, form):
    return _done(
        form,
        lambda data: services.clear_publication(asked, actor=request.user, programme=data.get("programme")),
    )


def _ask(request, found: ProtectedFile):
    form = forms.PublicationForm(request.POST or None)
    if _done(form, lambda data: services.ask_publication(found, actor=request.user, **data)):
        messages.success(request, _("Another protection officer must now say that it does not endanger."))
        return _back(found.code)
    context: dict[str, Any] = {"publication": None, "said": None, "obstacles": [], "public_record": None}
    return _page(request, "publication", _named(request, found) | context, form)


@protected("GET", "HEAD", "POST")
def erase(request, code: str):
    rules.protection_officers_only(request.user)
    found = selectors.erasable(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    form = forms.ErasureForm(request.POST or None)
    if _done(form, lambda data: services.erase(found, actor=request.user, confirmation=data["confirmation"])):
        messages.success(request, _("The file is erased. Only that it happened remains."))
        return redirect("solidarity:protection")
    # What bars the way whatever is typed.
    obstacles = list(rules.may_be_erased(found, found.code))
    return _page(request, "erase", _named(request, found) | {"obstacles": obstacles}, form)
