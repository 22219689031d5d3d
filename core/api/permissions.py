"""Whether the caller may ask this at all; which records she sees is said by `visible_to`."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission

from core.access import ApiClient, may

UNREADABLE = gettext_lazy("You may not write a record that you could not read.")
ASKED = {"GET": "view", "HEAD": "view", "POST": "change", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def asked(view, method: str) -> str:
    """The verb of `core.access.may` that a request to the view needs; a workflow's verb changes the record. A view that
    `only_reads` changes none, whatever method it is asked by."""
    if getattr(view, "only_reads", False):
        return "view"
    return "add" if getattr(view, "action", None) in ("create", "bulk_create") else ASKED.get(method, "view")


def scopes_of(view, method: str) -> tuple[str, ...]:
    """The scopes of which a client needs one for the request."""
    verb = "read" if asked(view, method) == "view" else "write"
    return tuple(f"{app}:{verb}" for app in view.opened_by())


class MayDo(BasePermission):
    """Asks `core.access.may` for the view's model; a view without one (`app` instead) is read by whoever signs in.

    401 where nobody is signed in, 403 naming the missing scope or right.
    """

    def has_permission(self, request, view):
        user = request.user
        if not (user and user.is_authenticated and user.is_active):
            return False
        if getattr(view, "action", "") is None:
            return True  # no such method here: the answer is 405, whoever asks
        verb = asked(view, request.method)
        if isinstance(user, ApiClient):
            self._check_scope(user, scopes_of(view, request.method))
        if view.model is not None and not may(user, verb, view.model):
            names = {"verb": _VERBS[verb](), "model": view.model._meta.verbose_name_plural}
            raise PermissionDenied(_("Your role does not let you %(verb)s: %(model)s.") % names)
        return True

    @staticmethod
    def _check_scope(client: ApiClient, scopes: tuple[str, ...]) -> None:
        if client.scopes.intersection(scopes):
            return
        if len(scopes) == 1:
            sentence = _("The access token lacks the scope “%(scope)s”.") % {"scope": scopes[0]}
        else:
            sentence = _("The access token has none of these scopes: %(scopes)s.") % {"scopes": ", ".join(scopes)}
        refusal: Any = PermissionDenied(sentence)
        refusal.auth_header = f'Bearer realm="parvis", error="insufficient_scope", scope="{" ".join(scopes)}"'
        raise refusal

    def has_object_permission(self, request, view, obj):
        if not obj.allows(request.user, asked(view, request.method)):
            raise PermissionDenied(_("You may not change the record that this belongs to."))
        return True


_VERBS = {
    "view": lambda: _("read"),
    "add": lambda: _("add"),
    "change": lambda: _("change"),
    "delete": lambda: _("delete"),
}
