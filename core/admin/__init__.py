"""The admin: what every record's pages share (`base`), and the pages of core's own records."""

from core.admin import applications, attached, users

__all__ = ["applications", "attached", "users"]
