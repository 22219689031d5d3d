"""Who may open which page: asked of the roles, never of Django's flags."""

from typing import TYPE_CHECKING

from core.access import may

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin as Page
else:
    Page = object


class ForRoles(Page):
    """Permissions by role, for pages and for the rows within them."""

    def has_view_permission(self, request, obj=None) -> bool:
        return may(request.user, "view", self.model)

    def has_add_permission(self, request, obj=None) -> bool:
        return may(request.user, "add", self.model)

    def has_change_permission(self, request, obj=None) -> bool:
        return may(request.user, "change", self.model)

    def has_delete_permission(self, request, obj=None) -> bool:
        return may(request.user, "delete", self.model)

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)
