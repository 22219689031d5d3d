"""Accounts, roles and the city's other systems: administrators only."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.urls import reverse
from oauth2_provider.models import get_application_model

from core.models import User
from core.roles import Role
from tests.admin.forms import errors, filled


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
