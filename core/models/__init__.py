from core.models.attached import Attached, Citation, Document, Source
from core.models.base import BaseModel, VisibleQuerySet, tracked
from core.models.clients import ClientAccess
from core.models.exports import Export
from core.models.lasting import OPEN, Lasting, LastingQuerySet
from core.models.once import IdempotencyKey
from core.models.reminders import (
    Message,
    MutedRule,
    Notification,
    ReminderPreference,
    ReminderRule,
    ReminderRun,
)
from core.models.user import User, UserRole
from core.models.webhooks import WebhookDelivery, WebhookPosition, WebhookSubscription

__all__ = [
    "OPEN",
    "Attached",
    "BaseModel",
    "Citation",
    "ClientAccess",
    "Document",
    "Export",
    "IdempotencyKey",
    "Lasting",
    "LastingQuerySet",
    "Message",
    "MutedRule",
    "Notification",
    "ReminderPreference",
    "ReminderRule",
    "ReminderRun",
    "Source",
    "User",
    "UserRole",
    "VisibleQuerySet",
    "WebhookDelivery",
    "WebhookPosition",
    "WebhookSubscription",
    "tracked",
]
