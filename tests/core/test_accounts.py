"""Roles of a person: who gives them, what is refused, and the trace that each change leaves."""

import pghistory
import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.utils.translation import override

from core.accounts import delete_account, keep_own_access, set_roles
from core.exceptions import Refused
from core.history import changes_of_roles
from core.models import User
from core.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str, str, str]]:
    with override("en"):
        return [(change.action, role, change.author, change.reason) for role, change in changes_of_roles(user)]


def test_roles_given_and_taken_away_are_kept_with_who_and_why():
    administrator = UserFactory(role=Role.ADMINISTRATOR, first_name="Example", last_name="Administrator")
    person = UserFactory(role=Role.DEPUTY)
    with pghistory.context(user=administrator.pk, reason="a move"):
        set_roles(person, [Role.OFFICER], actor=administrator)
    assert person.role_names == {Role.OFFICER}
    assert sorted(told(person)[:2]) == [
        ("delete", "Deputy", "Example Administrator", "a move"),
        ("insert", "International-relations officer", "Example Administrator", "a move"),
    ]
    assert told(person)[2:] == [("insert", "Deputy", "", "")]


def test_roles_changed_by_sql_are_kept_too():
    person = UserFactory(role=Role.DEPUTY)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_user_groups WHERE user_id = %s", [person.pk])
    assert told(person)[0] == ("delete", "Deputy", "", "")


def test_a_role_whose_group_is_gone_is_still_told():
    group = Group.objects.create(name="invented")
    person = UserFactory()
    person.groups.add(group)
    key = group.pk
    group.delete()
    assert [(action, role) for action, role, _author, _reason in told(person)] == [
        ("delete", f"deleted record {key}"),
        ("insert", f"deleted record {key}"),
    ]


def test_a_role_is_given_or_taken_away_never_rewritten():
    person = UserFactory(role=Role.DEPUTY)
    other = Group.objects.get(name=Role.ADMINISTRATOR)
    with pytest.raises(Error, match="Cannot update"), connection.cursor() as cursor:
        cursor.execute("UPDATE core_user_groups SET group_id = %s WHERE user_id = %s", [other.pk, person.pk])


def test_the_history_of_roles_cannot_be_rewritten():
    person = UserFactory(role=Role.DEPUTY)
    with pytest.raises(Error, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_roleevent WHERE user_id = %s", [person.pk])


def test_every_reason_why_an_administrator_may_not_shut_herself_out_is_told_at_once():
    administrator = UserFactory(role=Role.ADMINISTRATOR)
    with pytest.raises(Refused) as refused:
        keep_own_access(administrator, actor=administrator, roles=[], is_active=False)
    assert [reason.field for reason in refused.value] == ["roles", "is_active"]
    with pytest.raises(Refused):
        set_roles(administrator, [Role.OFFICER], actor=administrator)
    with pytest.raises(Refused):
        delete_account(administrator, actor=administrator)
    assert User.objects.get(pk=administrator.pk).role_names == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_give_roles_and_delete_accounts(role):
    actor, person = UserFactory(role=role), UserFactory()
    with pytest.raises(PermissionDenied):
        set_roles(person, [Role.ADMINISTRATOR], actor=actor)
    with pytest.raises(PermissionDenied):
        delete_account(person, actor=actor)
    assert User.objects.get(pk=person.pk).role_names == set()
