import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from core.access import works_in_admin
from core.admin.autocomplete import Autocomplete
from core.admin.permissions import ForRoles
from core.admin.sidebar import navigation

FOUND_PER_KIND = 8


class ParvisAdminSite(UnfoldAdminSite):
    """The admin. Signing in goes through the same door as the pages: password, second factor, passkey or single sign-on."""

    index_title = _("Start")
    index_template = "core/admin/start.html"
    empty_value_display = "—"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Records are deleted one by one, after reading what goes with them.
        self.disable_action("delete_selected")

    def has_permission(self, request) -> bool:
        return works_in_admin(request.user)

    def get_urls(self):
        # Django's own shortcut to a record's page tells anybody the address of any record.
        others = [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]
        address = "r/<int:content_type_id>/<int:object_id>/"
        return [path(address, self.admin_view(self.view_on_site), name="view_on_site"), *others]

    def get_app_list(self, request, app_label=None):
        """The lists of one app, for its own page. Of all apps none: the sidebar says where everything is, in fewer steps."""
        return super().get_app_list(request, app_label) if app_label else []

    def get_sidebar_list(self, request) -> list[dict]:
        """The sidebar as Parvis makes it: Unfold would look through every tab for every link of it."""
        return navigation(request)

    def autocomplete_view(self, request):
        return Autocomplete.as_view(admin_site=self)(request)

    def view_on_site(self, request, content_type_id: int, object_id: int):
        """From a record's admin page to its page for readers, where it has one and the reader may see the record."""
        model = get_object_or_404(ContentType, pk=content_type_id).model_class()
        manager: Any = getattr(model, "_default_manager", None)
        if not hasattr(manager, "visible_to") or not hasattr(model, "get_absolute_url"):
            raise Http404
        return redirect(get_object_or_404(manager.visible_to(request.user), pk=object_id).get_absolute_url())

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """Only pages made for Parvis: those that other packages bring know nothing of roles and visibility."""
        if admin_class is not None and issubclass(admin_class, ForRoles):
            super().register(model_or_iterable, admin_class, **options)

    @method_decorator([never_cache, login_not_required])
    def login(self, request, extra_context=None):
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def search(self, request, extra_context=None):
        """Records by their words, a few of each kind, always fresh: what a reader may see is never read from a cache."""
        text = request.GET.get("s", "").strip()
        if not text:
            return HttpResponse()
        start = time.monotonic()
        results = [result for page in self._registry.values() for result in self._found(request, page, text)]
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html"
            if "extended" in request.GET
            else "unfold/helpers/search_results.html",
            {
                "page_obj": Paginator(results, max(len(results), 1)),
                "results": results,
                "page_counter": 0,
                "execution_time": time.monotonic() - start,
                "command_show_history": False,
            },
            headers={"HX-Trigger": "search"},
        )

    def _found(self, request, page, text: str) -> list[SearchResult]:
        place = getattr(page, "sidebar", None)
        if place is None or not page.has_view_permission(request) or not page.get_search_fields(request):
            return []
        records, _duplicates = page.get_search_results(request, page.get_queryset(request), text)
        return [
            SearchResult(
                title=str(record),
                description=str(page.opts.verbose_name),
                link=reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_change", args=[record.pk]),
                icon=place.icon,
            )
            for record in records[:FOUND_PER_KIND]
        ]
