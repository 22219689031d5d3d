"""The admin: what every record's pages share (`base`), and the pages of core's own records."""

from core.admin import applications, attached, reminders, users, webhooks

__all__ = ["applications", "attached", "reminders", "users", "webhooks"]
