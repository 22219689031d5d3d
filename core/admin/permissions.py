"""Who may open which page: asked of the roles, never of Django's flags."""

from typing import TYPE_CHECKING

from core.access import may
from core.models import BaseModel

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin as Page
else:
    Page = object


class ForRoles(Page):
    """Permissions by role and by record, for pages and for the rows within them."""

    def allowed(self, request, verb: str, obj) -> bool:
        """`obj` is the record of a page; for rows it is the record that they belong to."""
        if isinstance(obj, BaseModel) and isinstance(obj, self.model):
            return obj.allows(request.user, verb)
        return may(request.user, verb, self.model)

    def has_view_permission(self, request, obj=None) -> bool:
        return self.allowed(request, "view", obj)

    def has_add_permission(self, request, obj=None) -> bool:
        return self.allowed(request, "add", obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return self.allowed(request, "change", obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return self.allowed(request, "delete", obj)

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)
