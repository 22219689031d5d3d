"""Enters in the ledger what falls due, once for each rule, record, day, person and channel."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Q, QuerySet

from core.access import Parvis
from core.deadlines import Deadline, Source, kinds
from core.enums import TO_PEOPLE
from core.models import MutedRule, ReminderRule, User
from core.reminders.troubles import Attempt, at_once
from core.roles import ROLES

# The ledger grows by what is new, in one statement: lines that it holds already are left out before they are written, and
# one that fell silent waits again, because what was met or moved is due once more.
ENTER = """
INSERT INTO core_notification AS held (rule_id, content_type_id, object_id, due_on, recipient_id, channel)
SELECT DISTINCT %s, %s, found.key, found.due, %s, way.channel
FROM ({rows}) AS found (key, due) CROSS JOIN unnest(%s::text[]) AS way (channel)
WHERE NOT EXISTS (
    SELECT FROM core_notification AS known
    WHERE known.rule_id = %s AND known.content_type_id = %s AND known.object_id = found.key
      AND known.due_on = found.due AND known.recipient_id = %s AND known.channel = way.channel
      AND known.silenced_at IS NULL
)
ON CONFLICT (rule_id, content_type_id, object_id, due_on, recipient_id, channel)
DO UPDATE SET silenced_at = NULL WHERE held.silenced_at IS NOT NULL
"""


@dataclass(frozen=True)
class Window:
    """The due dates of which a rule speaks on a day, both included."""

    since: date
    until: date

    @classmethod
    def of(cls, rule: ReminderRule, today: date, later: int = 0) -> "Window":
        """`later`: so many days after the rule's own moment, for an escalation."""
        moment = rule.days_before - later
        return cls(today + timedelta(min(moment, 0) - rule.catch_up_days), today + timedelta(moment))


def scan(today: date, attempt: Attempt = at_once) -> int:
    """How many lines were entered: of every rule in use, for every person whom it names and who may see the record."""
    people: dict[str, list[User]] = {role: list(_active(Q(groups__name=role))) for role in ROLES}
    muted: dict[int, set[int]] = defaultdict(set)
    for rule_id, user_id in MutedRule.objects.values_list("rule_id", "user_id"):
        muted[rule_id].add(user_id)
    rules = ReminderRule.objects.filter(is_active=True, channels__overlap=TO_PEOPLE)
    rules = rules.select_related("person").order_by("pk")
    return sum(_remind_of(rule, today, people, muted[rule.pk], attempt) for rule in rules)


def _remind_of(
    rule: ReminderRule, today: date, people: dict[str, list[User]], muted: set[int], attempt: Attempt
) -> int:
    return attempt(f"{rule.kind}, {rule.pk}", lambda: _remind(rule, source_of(rule), today, people, muted)) or 0


def source_of(rule: ReminderRule) -> Source:
    """Refuses, so that somebody hears of it, a rule that no deadline answers to any more."""
    if rule.kind not in kinds():
        raise LookupError(f"there is no kind of deadline {rule.kind}")
    return kinds()[rule.kind]


def _active(condition: Q) -> QuerySet[User]:
    return User.objects.filter(condition, is_active=True).order_by("pk").distinct()


def _remind(rule: ReminderRule, source: Source, today: date, people: dict[str, list[User]], muted: set[int]) -> int:
    window = Window.of(rule, today)
    named = {user.pk: user for role in rule.roles for user in people[role]}
    if rule.person and rule.person.is_active:
        named[rule.person.pk] = rule.person
    entered = sum(_enter(rule, source, window, user) for user in named.values() if user.pk not in muted)
    if rule.to_owner:
        entered += _enter_for_owners(rule, source, window, muted)
    if rule.escalation_days:
        later = Window.of(rule, today, rule.escalation_days)
        entered += sum(
            _enter(rule, source, later, user) for user in people[rule.escalation_role] if user.pk not in muted
        )
    return entered


def _enter(rule: ReminderRule, source: Source, window: Window, user: User) -> int:
    if source.rows is None:
        return _enter_found(rule, user, source.find(user, window.since, window.until))
    rows = source.rows(user, window.since, window.until)
    try:
        sql, params = rows.order_by().values_list("pk", "due").query.sql_with_params()
    except EmptyResultSet:  # a reader who may see none of them: Django asks the database nothing
        return 0
    return _insert(rule, user, rows.model, sql, params)


def _insert(rule: ReminderRule, user: User, model: type[models.Model], rows: str, params: Sequence[Any]) -> int:
    kind = ContentType.objects.get_for_model(model).pk
    with connection.cursor() as cursor:
        cursor.execute(
            ENTER.replace("{rows}", rows),
            [rule.pk, kind, user.pk, *params, sorted(set(rule.channels) & set(TO_PEOPLE)), rule.pk, kind, user.pk],
        )
        return cursor.rowcount


def _enter_found(rule: ReminderRule, user: User, told: Iterable[Deadline]) -> int:
    """The same for deadlines that are worked out in Python."""
    by_model: dict[type[models.Model], list[Deadline]] = defaultdict(list)
    for found in told:
        by_model[type(found.record)].append(found)
    return sum(
        _insert(
            rule,
            user,
            model,
            "SELECT * FROM unnest(%s::bigint[], %s::date[])",
            [[found.record.pk for found in each], [found.due for found in each]],
        )
        for model, each in by_model.items()
    )


def _enter_for_owners(rule: ReminderRule, source: Source, window: Window, muted: set[int]) -> int:
    """Whoever answers for a record is reminded of it while she may see it."""
    owned: dict[User, list[Deadline]] = defaultdict(list)
    for found in source.find(Parvis(), window.since, window.until):
        if isinstance(found.owner, User) and found.owner.is_active and found.owner.pk not in muted:
            owned[found.owner].append(found)
    return sum(_enter_found(rule, owner, _seen(owner, each)) for owner, each in owned.items())


def _seen(reader: User, deadlines: list[Deadline]) -> list[Deadline]:
    """Those of records that the reader may see; a query for each kind of record."""
    keys: dict[type[models.Model], set[int]] = defaultdict(set)
    for found in deadlines:
        keys[type(found.record)].add(found.record.pk)
    seen = {
        model: set(model.objects.visible_to(reader).filter(pk__in=asked).values_list("pk", flat=True))  # type: ignore[attr-defined]  # records of Parvis
        for model, asked in keys.items()
    }
    return [found for found in deadlines if found.record.pk in seen[type(found.record)]]
