"""The guards that every test stands behind."""

import socket

import pytest
import pytest_socket
from django.conf import settings
from django.template.loader import render_to_string

from core.clock import today
from tests.plugin import TODAY, with_database


def test_a_variable_missing_in_a_template_of_ours_fails_the_test() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"templates/demo\.txt uses url, which is not defined"):
        render_to_string("demo.txt", {"accounts": [], "today": None})


def test_a_variable_missing_in_the_admin_s_own_templates_is_silent() -> None:
    assert render_to_string("admin/filter.html", {"title": "Country", "choices": [{}]})


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_no_test_leaves_the_machine() -> None:
    with socket.socket() as outward, pytest.raises(pytest_socket.SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))


def test_the_day_of_the_tests() -> None:
    assert today().isoformat() == TODAY
    assert settings.MODE == "test"


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("redis+socket:///a/b.sock?virtual_host=0", "redis+socket:///a/b.sock?virtual_host=3"),
        ("redis://host:6379/0", "redis://host:6379/3"),
        ("redis://host", "redis://host/3"),
    ],
)
def test_each_worker_has_a_database_of_its_own(url: str, other: str) -> None:
    assert with_database(url, 3) == other
