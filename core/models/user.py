from functools import cached_property
from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.enums import Language
from core.models.base import BaseModel, VisibleQuerySet, in_context, tracked
from core.roles import Role


class UserManager(BaseUserManager.from_queryset(VisibleQuerySet)):  # type: ignore[misc]  # a class made at run time
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


@tracked
class User(BaseModel, AbstractUser):
    """A person who signs in with an e-mail address. What she may do comes from her roles (groups), never from here."""

    username = None  # type: ignore[assignment]  # Django's own way to leave out an inherited field
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    directorate = models.CharField(_("directorate"), max_length=120, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    untracked = ("password", "last_login")

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="core_user_email_unique",
                violation_error_message=_("This e-mail address has an account."),
            )
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    @cached_property
    def role_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def roles(self) -> list[Role]:
        return [role for role in Role if role in self.role_names]


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.DeleteEvent(),
    model_name="RoleEvent",
    **in_context(),
)
class UserRole(User.groups.through):  # type: ignore[name-defined]  # Django makes this class when it reads the field
    """A role that a person holds: a view of Django's table, so that its history is kept like that of every record."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        # An update would turn one role into another without either being given or taken away.
        triggers = [pgtrigger.Protect(name="given_or_taken", operation=pgtrigger.Update)]
