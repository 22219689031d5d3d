"""The address by which a person stops the reminders of one rule from an e-mail, without signing in."""

from django.core import signing

from core.models import ReminderRule, User

_signer = signing.Signer(salt="core.reminders.mute")


def token(user: User, rule: ReminderRule) -> str:
    """What the address holds: the person and the rule, signed. It mutes this rule for this person and opens nothing."""
    return _signer.sign_object([user.pk, rule.pk])


def read(text: str) -> tuple[User, ReminderRule] | None:
    """Whom and what the address speaks of; None for one that Parvis did not make, or whose account or rule is gone."""
    try:
        user, rule = _signer.unsign_object(text)
    except (signing.BadSignature, ValueError):
        return None
    found = User.objects.filter(pk=user, is_active=True).first(), ReminderRule.objects.filter(pk=rule).first()
    return found if all(found) else None  # type: ignore[return-value]  # neither is None
