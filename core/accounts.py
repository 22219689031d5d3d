"""Accounts are opened by an administrator, or by the city's single sign-on for people it already knows."""

from collections.abc import Collection

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.exceptions import Reason, Refused
from core.history import event_model
from core.roles import STAFF_ROLES, Role

KEPT = _("An account of the staff is never deleted, because records and their history name it: disable it.")


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin):
        """Only by an address that is verified on both sides: by the identity provider, and here by an administrator."""
        found = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        user, email = found
        return found if EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists() else None


def keep_address(user) -> None:
    """Makes the account's e-mail address the only one that signs in: an administrator vouches for it, and a former one is void."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def keep_own_access(user, *, actor, roles: Collection[str], is_active: bool) -> None:
    """Refuses, with every reason, that an administrator shuts herself out: the last one would leave nobody to let her in."""
    if user.pk is None or user.pk != actor.pk:
        return
    reasons = []
    if Role.ADMINISTRATOR in user.role_names and Role.ADMINISTRATOR not in roles:
        reasons.append(
            Reason(_("You cannot take your own administrator role away: another administrator can."), "roles")
        )
    if not is_active:
        reasons.append(Reason(_("You cannot disable your own account: another administrator can."), "is_active"))
    if reasons:
        raise Refused(reasons)


@transaction.atomic
def set_roles(user, roles: Collection[str], *, actor) -> None:
    """Leaves the person with exactly these roles.

    PermissionDenied where the actor may not change accounts; refuses what `keep_own_access` refuses.
    """
    if not may(actor, "change", type(user)):
        raise PermissionDenied
    keep_own_access(user, actor=actor, roles=roles, is_active=user.is_active)
    user.groups.set(Group.objects.filter(name__in=roles))
    # Read once for each request, and now out of date.
    user.__dict__.pop("role_names", None)


def is_kept(user) -> bool:
    """Whether the account is disabled and never deleted: that of a superuser, or of whoever ever held a role of the staff.

    What the staff did stands in records that even an administrator may not know of: whether an account can be deleted must
    not tell her of them.
    """
    from core.models import UserRole

    staff = Group.objects.filter(name__in=STAFF_ROLES).values("pk")
    return user.is_superuser or event_model(UserRole).objects.filter(user_id=user.pk, group_id__in=staff).exists()


def delete_account(user, *, actor) -> None:
    """Deletes the account. PermissionDenied where the actor may not; refuses that she deletes her own, and one that is kept."""
    if not may(actor, "delete", type(user)):
        raise PermissionDenied
    if user.pk == actor.pk:
        raise Refused([Reason(_("You cannot delete your own account: another administrator can."))])
    if is_kept(user):
        raise Refused([Reason(KEPT)])
    user.delete()
