from core.models.attached import Attached, Citation, Document, Source
from core.models.base import BaseModel, VisibleQuerySet, tracked
from core.models.user import User, UserRole

__all__ = ["Attached", "BaseModel", "Citation", "Document", "Source", "User", "UserRole", "VisibleQuerySet", "tracked"]
