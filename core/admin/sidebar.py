"""The sidebar: every list that the reader may open, in working order; and what each admin page loads and links to."""

from collections.abc import Iterator

from django.contrib import admin
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REFERENCE = gettext_lazy("Reference data")
ADMINISTRATION = gettext_lazy("Administration")


def navigation(request) -> list[dict]:
    """Groups of lists, each where its page's `sidebar` puts it, and the ways out to the pages and the API."""
    start = reverse("admin:index")
    groups: dict[str, list[dict]] = {"": [_entry(request, _("Start"), "home", start, active=request.path == start)]}
    places = [(place, page) for page in admin.site._registry.values() if (place := getattr(page, "sidebar", None))]
    for place, page in sorted(places, key=lambda found: found[0].order):
        if page.has_view_permission(request):
            address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
            entry = _entry(request, capfirst(str(page.opts.verbose_name_plural)), place.icon, address)
            groups.setdefault(str(place.group), []).append(entry)
    groups[_("Saved views")] = [
        view
        for place, page in sorted(places, key=lambda found: found[0].order)
        for view in saved_views(request, page, place)
    ]
    groups[_("Elsewhere in Parvis")] = [
        _entry(request, _("Pages"), "public", reverse("home"), active=False),
        _entry(request, _("API documentation"), "api", reverse("api:docs"), active=False),
    ]
    return [
        {"title": title, "items": items, "separator": bool(title), "collapsible": title == _("Saved views")}
        for title, items in groups.items()
    ]


def _entry(request, title: str, icon: str, link: str, active: bool | None = None) -> dict:
    """A line of the sidebar, marked on the pages that lie under its address unless it says itself when."""
    on = request.path.startswith(link) if active is None else active
    return {"title": title, "icon": icon, "link": link, "active": on, "has_permission": True}


def saved_views(request, page, place) -> Iterator[dict]:
    """The saved views of one list, each one click away."""
    if not page.has_view_permission(request):
        return
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    for view in getattr(page, "views", ()):
        chosen = request.path == address and request.GET.get("view") == view.name
        title = f"{str(page.opts.verbose_name_plural).capitalize()} — {view.label}"
        yield _entry(request, title, place.icon, f"{address}?view={view.name}", active=chosen)


def account_links(request) -> list[dict]:
    return [
        {"title": _("Change password"), "link": reverse("account_change_password")},
        {"title": _("Second factor and passkeys"), "link": reverse("mfa_index")},
    ]


def language_address(request) -> str:
    return reverse("language")


def style(request) -> str:
    return static("core/admin.css")


def script(request) -> str:
    return static("core/admin.js")


def favicon(request) -> str:
    return static("favicon.svg")
