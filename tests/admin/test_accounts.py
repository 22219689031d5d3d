"""Accounts, roles and the city's other systems: administrators only."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.urls import reverse
from oauth2_provider.models import get_application_model

from core import history
from core.models import User
from core.roles import Role
from tests.admin.forms import errors, filled
from tests.factories import UserFactory


def test_an_administrator_opens_an_account_with_its_role(administrator):
    address = reverse("admin:core_user_add")
    values = filled(administrator, address, email="New.Person@Example.test", first_name="New", last_name="Person")
    values |= {"roles": [Role.DEPUTY.value], "new_password": "invented-password-2015"}
    response = administrator.post(address, values)
    assert response.status_code == 302, errors(response)
    user = User.objects.get(email="new.person@example.test")
    assert user.role_names == {Role.DEPUTY.value}
    assert user.check_password("invented-password-2015")
    assert EmailAddress.objects.get(user=user).email == user.email


def test_an_account_without_password_waits_for_single_sign_on(administrator):
    address = reverse("admin:core_user_add")
    assert administrator.post(address, filled(administrator, address, email="sso@example.test")).status_code == 302
    assert not User.objects.get(email="sso@example.test").has_usable_password()


def test_a_weak_password_is_refused(administrator):
    address = reverse("admin:core_user_add")
    values = filled(administrator, address, email="weak@example.test", new_password="12345")
    assert "password" in errors(administrator.post(address, values)).lower()
    assert not User.objects.filter(email="weak@example.test").exists()


def test_a_changed_role_is_kept_and_a_former_address_is_void(administrator, deputy):
    address = reverse("admin:core_user_change", args=[deputy.user.pk])
    EmailAddress.objects.create(user=deputy.user, email=deputy.user.email, verified=True, primary=True)
    values = filled(administrator, address, email="moved@example.test", roles=[Role.OFFICER.value])
    assert administrator.post(address, values).status_code == 302
    user = User.objects.get(pk=deputy.user.pk)
    assert user.role_names == {Role.OFFICER.value}
    assert [known.email for known in EmailAddress.objects.filter(user=user)] == ["moved@example.test"]
    assert user.check_password("invented-password")


def test_the_secret_of_a_system_is_shown_once_and_kept_as_a_hash(administrator, officer):
    address = reverse("admin:oauth2_provider_application_add")
    assert officer.get(address).status_code == 403
    response = administrator.post(address, {"name": "Invented system", "_save": "1"}, follow=True)
    system = get_application_model().objects.get()
    (message,) = [str(message) for message in response.context["messages"] if "Secret:" in str(message)]
    secret = message.split("Secret: ")[1].split(". Copy")[0]
    assert check_password(secret, system.client_secret)
    change = administrator.get(reverse("admin:oauth2_provider_application_change", args=[system.pk]))
    assert change.status_code == 200
    assert secret not in change.content.decode()


def test_the_history_says_which_roles_were_given_and_taken_away_by_whom_and_why(administrator, deputy):
    address = reverse("admin:core_user_change", args=[deputy.user.pk])
    values = filled(administrator, address, roles=[Role.OFFICER.value], change_reason="Invented move to the department")
    response = administrator.post(address, values)
    assert response.status_code == 302, errors(response)
    page = administrator.get(reverse("admin:core_user_history", args=[deputy.user.pk]))
    entries = page.context["page"].object_list
    by_her = {(entry.verb, entry.change.reason) for entry in entries if entry.change.author == str(administrator.user)}
    assert by_her == {
        ("Role given: International-relations officer", "Invented move to the department"),
        ("Role taken away: Deputy", "Invented move to the department"),
    }
    assert [entry.verb for entry in entries if not entry.change.author and entry.verb] == ["Role given: Deputy"]
    text = page.content.decode()
    assert "Role taken away: Deputy" in text
    assert "Invented move to the department" in text


def test_a_save_that_leaves_the_roles_alone_leaves_no_trace_of_them(administrator, deputy):
    address = reverse("admin:core_user_change", args=[deputy.user.pk])
    assert administrator.post(address, filled(administrator, address, last_name="Renamed")).status_code == 302
    assert [role for role, _change in history.changes_of_roles(deputy.user)] == ["Deputy"]


def test_an_administrator_cannot_shut_herself_out(administrator):
    address = reverse("admin:core_user_change", args=[administrator.user.pk])
    values = filled(administrator, address, roles=[Role.OFFICER.value], last_name="Never written")
    del values["is_active"]
    response = administrator.post(address, values)
    assert response.status_code == 200
    found = response.context["adminform"].form.errors
    assert found["roles"] == ["You cannot take your own administrator role away: another administrator can."]
    assert found["is_active"] == ["You cannot disable your own account: another administrator can."]
    user = User.objects.get(pk=administrator.user.pk)
    assert (user.role_names, user.is_active) == ({Role.ADMINISTRATOR.value}, True)
    assert user.last_name != "Never written"


def test_an_administrator_may_change_the_rest_of_her_own_account(administrator):
    address = reverse("admin:core_user_change", args=[administrator.user.pk])
    both = [Role.ADMINISTRATOR.value, Role.OFFICER.value]
    response = administrator.post(address, filled(administrator, address, roles=both))
    assert response.status_code == 302, errors(response)
    assert User.objects.get(pk=administrator.user.pk).role_names == set(both)


def test_another_administrator_may_take_the_role_away_and_disable_the_account(administrator):
    other = UserFactory(role=Role.ADMINISTRATOR)
    address = reverse("admin:core_user_change", args=[other.pk])
    values = filled(administrator, address, roles=[])
    del values["is_active"]
    response = administrator.post(address, values)
    assert response.status_code == 302, errors(response)
    user = User.objects.get(pk=other.pk)
    assert (user.role_names, user.is_active) == (set(), False)


def test_an_administrator_cannot_delete_her_own_account(administrator, deputy):
    own = reverse("admin:core_user_delete", args=[administrator.user.pk])
    response = administrator.post(own, {"post": "yes"}, follow=True)
    assert "You cannot delete your own account: another administrator can." in response.content.decode()
    assert User.objects.filter(pk=administrator.user.pk).exists()
    assert (
        administrator.post(reverse("admin:core_user_delete", args=[deputy.user.pk]), {"post": "yes"}).status_code == 302
    )
    assert not User.objects.filter(pk=deputy.user.pk).exists()
