from core.models.attached import Attached, Citation, Document, Source
from core.models.base import BaseModel, VisibleQuerySet, tracked
from core.models.lasting import OPEN, Lasting, LastingQuerySet
from core.models.user import User, UserRole

__all__ = [
    "OPEN",
    "Attached",
    "BaseModel",
    "Citation",
    "Document",
    "Lasting",
    "LastingQuerySet",
    "Source",
    "User",
    "UserRole",
    "VisibleQuerySet",
    "tracked",
]
