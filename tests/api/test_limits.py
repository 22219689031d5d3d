"""How often a caller may ask, what the answers say of it, and which web applications may call from a browser."""

import os
import uuid

import pytest
import redis
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient

from core import throttling
from core.models import ClientAccess
from core.roles import Role
from tests import factories as make
from tests.api.conftest import bearer, signed_in
from tests.api.test_clients import SECRET, ask, basic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
CITIES = "/api/v1/cities/"
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def three(settings):
    settings.API_REQUESTS_PER_MINUTE = 3


@pytest.fixture
def one_token(settings):
    settings.API_TOKENS_PER_MINUTE = 2


def told(response) -> tuple[str, str, str | None]:
    return response["RateLimit-Policy"], response["RateLimit"], response.headers.get("Retry-After")


# --- the API ---


def test_every_answer_tells_what_is_left_and_the_last_when_to_come_back(three, time_machine):
    api = bearer()
    policy = '"default";q=3;w=60'
    assert told(api.get(CITIES)) == (policy, '"default";r=2;t=42', None)
    assert told(api.get("/api/v1/")) == (policy, '"default";r=1;t=42', None)
    assert told(api.delete(CITIES)) == (policy, '"default";r=0;t=42', None)
    refused = api.get(CITIES)
    assert (refused.status_code, told(refused)) == (429, (policy, '"default";r=0;t=42', "42"))
    assert refused["Content-Type"] == "application/problem+json"
    time_machine.move_to("2015-06-01 12:01:00+00:00", tick=False)
    assert told(api.get(CITIES)) == (policy, '"default";r=2;t=60', None)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_refusal_is_a_problem_in_the_callers_language(three, language):
    api = signed_in(Role.OFFICER, language)
    for _each in range(3):
        assert api.get(CITIES).status_code == 200
    response = api.get(CITIES)
    body = response.json()
    assert (response.status_code, response["Content-Language"]) == (429, language)
    with override(language):
        detail = gettext("At most %(most)s requests a minute: the next one is answered in %(seconds)s s.")
        assert body == {
            "type": "urn:parvis:problem:quota-exceeded",
            "title": gettext("These are too many requests: wait a moment."),
            "status": 429,
            "detail": detail % {"most": 3, "seconds": 42},
            "instance": CITIES,
            "errors": [],
        }


def test_what_is_refused_counts_too(three):
    api = bearer("events:read")
    assert [api.get(CITIES).status_code for _each in range(4)] == [403, 403, 403, 429]


def test_each_caller_has_a_count_of_its_own(three):
    callers = [bearer(), bearer(), signed_in(Role.OFFICER), signed_in(Role.OFFICER)]
    for api in callers:
        assert [api.get(CITIES).status_code for _each in range(4)] == [200, 200, 200, 429]


def test_two_tokens_of_a_client_share_its_count(three):
    client = make.ApiClientFactory(client_secret=SECRET)
    statuses = []
    for _each in range(4):
        token = ask(client).json()["access_token"]
        statuses.append(APIClient().get(CITIES, headers={"Authorization": f"Bearer {token}"}).status_code)
    assert statuses == [200, 200, 200, 429]


def test_a_client_with_a_number_of_its_own_has_that(three):
    api = bearer()
    ClientAccess.objects.update(requests_per_minute=5)
    assert [api.get(CITIES).status_code for _each in range(6)] == [200] * 5 + [429]


def test_strangers_have_a_tenth_for_each_address_and_bad_tokens_are_strangers(settings):
    settings.API_REQUESTS_PER_MINUTE = 20

    def ask_from(address: str, **headers):
        return Client(REMOTE_ADDR=address).get(CITIES, headers=headers).status_code

    assert [ask_from("192.0.2.1"), ask_from("192.0.2.1", Authorization="Bearer guess")] == [401, 401]
    assert ask_from("192.0.2.1", Authorization="Bearer other") == 429
    assert ask_from("192.0.2.2") == 401
    assert bearer().get(CITIES, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_one_household_of_ipv6_is_one_address(settings):
    settings.API_REQUESTS_PER_MINUTE = 10
    found = [
        Client(REMOTE_ADDR=address).get(CITIES).status_code
        for address in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")
    ]
    assert found == [401, 429, 401]


def test_a_request_whose_address_nobody_knows_is_answered():
    assert Client(REMOTE_ADDR="").get(CITIES).status_code == 401


def test_addresses_that_do_not_exist_and_the_description_are_counted(settings):
    settings.API_REQUESTS_PER_MINUTE = 10
    for address in ("/api/v1/unicorns/", reverse("api:docs")):
        client = Client(REMOTE_ADDR=f"192.0.2.{len(address)}")
        assert "RateLimit" in client.get(address).headers
        assert client.get(address).status_code == 429


def test_pages_are_not_counted():
    assert "RateLimit" not in Client().get("/accounts/login/").headers


@pytest.fixture
def dead(monkeypatch):
    """Counters that do not answer, tried anew by each test."""
    nowhere = redis.Connection(host="127.0.0.1", port=9, socket_connect_timeout=0.2)
    monkeypatch.setattr(throttling, "_connection", lambda: nowhere)
    monkeypatch.setattr(throttling.counter, "paused_until", 0.0)


def test_without_counters_everybody_is_answered_and_it_is_logged_once(dead, three, one_token, caplog):
    api = bearer()
    answers = [api.get(CITIES) for _each in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("RateLimit" in answer.headers for answer in answers)
    logged = [record for record in caplog.records if "requests_are_not_counted" in str(record.msg)]
    assert [record.levelname for record in logged] == ["ERROR"]
    client = make.ApiClientFactory(client_secret=SECRET)
    assert [ask(client).status_code for _each in range(4)] == [200] * 4


def test_counters_that_come_back_count(dead, three, monkeypatch):
    api = bearer()
    assert "RateLimit" not in api.get(CITIES).headers
    monkeypatch.undo()
    monkeypatch.setattr(throttling.counter, "paused_until", 0.0)
    assert "RateLimit" in api.get(CITIES).headers


def test_a_connection_that_was_closed_meanwhile_is_made_anew(three):
    api = bearer()
    assert "RateLimit" in api.get(CITIES).headers
    throttling._server().client_kill_filter(_id=own_connection(), skipme=False)
    assert "RateLimit" in api.get(CITIES).headers


def test_a_question_that_was_broken_off_leaves_no_answer_behind(monkeypatch):
    keys = [f"invented-{uuid.uuid4()}" for _each in range(2)]
    assert [throttling._one_more(keys[0]) for _each in range(3)] == [1, 2, 3]
    connection = throttling._connection()

    def broken_off():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(connection, "read_response", broken_off)
        with pytest.raises(KeyboardInterrupt):
            throttling._one_more(keys[0])
    assert throttling._one_more(keys[1]) == 1


def test_a_process_that_was_forked_asks_over_no_connection_of_its_parent():
    throttling._connection()
    child = os.fork()
    if not child:
        os._exit(int(throttling._of_thread.connection is not None))
    assert os.waitpid(child, 0)[1] == 0


def own_connection() -> int:
    """The number of this thread's connection, as Valkey calls it."""
    connection = throttling._connection()
    connection.send_command("CLIENT", "ID")
    return connection.read_response()


def test_a_count_ends_by_itself():
    bearer().get(CITIES)
    server = throttling._server()
    # Other tests count at the same time: theirs may end while these are looked at.
    keys = server.keys(f"*:quota:client:{AccessToken.objects.get().application_id}:*")
    assert keys
    assert all(0 < server.ttl(key) <= 2 * throttling.WINDOW for key in keys)


# --- the token server ---


def tries(client, *secrets: str, address: str, path: str = "/o/token/"):
    caller = Client(REMOTE_ADDR=address, headers={"Accept-Language": "en"})
    return [caller.post(path, FORM, headers=basic(client, secret)) for secret in secrets]


def test_guesses_end_and_the_right_secret_is_not_tried_after_them(one_token):
    client = make.ApiClientFactory(client_secret=SECRET)
    answers = tries(client, "a", "b", SECRET, address="192.0.2.10")
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    last = answers[-1]
    assert last.json() == {
        "error": "temporarily_unavailable",
        "error_description": "Too many attempts to sign in: wait a moment.",
    }
    assert (last["Retry-After"], last["Cache-Control"]) == ("42", "no-store")
    assert last["RateLimit-Policy"] == '"address";q=6;w=60, "client";q=2;w=60, "client-everywhere";q=30;w=60'
    assert last["RateLimit"] == '"address";r=3;t=42, "client";r=0;t=42, "client-everywhere";r=27;t=42'


def test_a_stranger_who_guesses_does_not_shut_the_client_out(one_token):
    client = make.ApiClientFactory(client_secret=SECRET)
    tries(client, *"abcdef", address="192.0.2.11")
    [answer] = tries(client, SECRET, address="192.0.2.12")
    assert answer.status_code == 200


def test_one_address_that_tries_many_clients_is_stopped(one_token):
    found = [tries(make.ApiClientFactory(), "a", address="192.0.2.13")[0].status_code for _each in range(7)]
    assert found == [401] * 6 + [429]


def test_many_addresses_that_try_one_client_are_stopped(one_token):
    client = make.ApiClientFactory(client_secret=SECRET)
    found = [tries(client, "a", address=f"198.51.100.{number}")[0].status_code for number in range(31)]
    assert found == [401] * 30 + [429]


@pytest.mark.parametrize("path", ["/o/token/", "/o/revoke_token/", "/o/introspect/"])
def test_every_door_that_takes_a_secret_is_counted(one_token, path):
    client = make.ApiClientFactory(client_secret=SECRET)
    answers = tries(client, *"abc", address=f"203.0.113.{len(path)}", path=path)
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]


def test_the_client_is_counted_however_it_names_itself(one_token):
    client = make.ApiClientFactory(client_secret=SECRET)
    caller = Client(REMOTE_ADDR="192.0.2.14")
    coded = "".join(f"%{ord(letter):02x}" for letter in client.client_id)

    class Coded:
        client_id = coded

    caller.post("/o/token/", FORM, headers=basic(Coded, "a"))
    caller.post("/o/token/", FORM | {"client_id": client.client_id, "client_secret": "b"})

    class Other:
        client_id = "someone-else"

    hidden = FORM | {"client_id": client.client_id, "client_secret": SECRET}
    assert caller.post("/o/token/", hidden, headers=basic(Other, "c")).status_code == 429


# --- CORS ---

ORIGIN = "https://map.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,if-match",
}


@pytest.fixture
def allowed(settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


def cors(response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.lower().startswith("access-control-")}


def test_an_origin_that_was_named_reads_with_a_token(allowed):
    response = bearer().get(CITIES, headers={"Origin": ORIGIN})
    assert cors(response) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": (
            "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate"
        ),
    }
    assert "origin" in response["Vary"].lower()


def test_a_preflight_is_answered_before_anybody_signs_in(allowed):
    answer = Client().options(CITIES, headers=PREFLIGHT)
    assert answer.status_code == 200
    told = cors(answer)
    assert told["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in told["access-control-allow-methods"]
    assert {"authorization", "if-match", "idempotency-key"} <= set(told["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in told
    assert cors(Client().options("/o/token/", headers=PREFLIGHT))


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example",
        "http://map.example",
        "https://map.example:8443",
        "https://sub.map.example",
        "https://map.example.evil.example",
        "null",
    ],
)
def test_no_other_origin_is_let_in(allowed, origin):
    assert cors(bearer().get(CITIES, headers={"Origin": origin})) == {}
    assert "access-control-allow-origin" not in cors(Client().options(CITIES, headers=PREFLIGHT | {"Origin": origin}))


@pytest.mark.parametrize(
    "address", ["/", "/admin/", "/accounts/login/", "/o/introspect/", "/o/revoke_token/", "/apiary/"]
)
def test_nothing_but_the_api_is_for_other_origins(allowed, address):
    assert cors(Client().get(address, headers={"Origin": ORIGIN})) == {}


def test_unless_somebody_is_named_nobody_is_let_in(settings):
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert cors(bearer().get(CITIES, headers={"Origin": ORIGIN})) == {}


def test_a_refusal_can_be_read_too(allowed, three):
    api = bearer()
    answers = [api.get(CITIES, headers={"Origin": ORIGIN}) for _each in range(4)]
    assert answers[-1].status_code == 429
    assert cors(answers[-1])["access-control-allow-origin"] == ORIGIN
