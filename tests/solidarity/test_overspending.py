"""Fifty at once on one envelope: never a euro too much, nobody waits for ever, and who is refused is told why."""

import json
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, OperationalError, connection, transaction
from django.utils.translation import override

from core.exceptions import Refused
from core.roles import Role
from solidarity import services
from solidarity.models import Grant, Payment
from solidarity.rules import committed
from tests import factories as make
from tests.api.conftest import token_for
from tests.solidarity.lives import bulk_proposed, moved

pytestmark = pytest.mark.django_db(transaction=True)

MANY, AT_ONCE = 50, 10
PATIENCE = 60  # seconds until all are answered
TIMEOUTS = "SET statement_timeout = '20s'; SET lock_timeout = '20s'"
OVER_COMMITTED = "The authorised commitment (AE) of the envelope is exceeded."
OVER_PAID = "The payment credits (CP) of the fund for that year are exceeded."


def answers(acts) -> list[str]:
    """What each act is told, each on a connection of its own: "" where it got through. A timeout or a deadlock fails."""

    @override("en")
    def answer(act) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute(TIMEOUTS)
            act()
        except Refused as refused:
            return str(refused)
        except ValidationError as refused:
            return refused.messages[0]
        except IntegrityError as refused:
            return refused.__cause__.diag.message_primary
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result(timeout=PATIENCE) for future in [pool.submit(answer, act) for act in acts]]


# --- the ways to commit, and to pay ---


def by_service(grant, deliberation):
    services.vote_grant(grant, actor=make.UserFactory(role=Role.SOLIDARITY_OFFICER), deliberation=deliberation)


def by_raw_sql(grant, deliberation):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE solidarity_grant SET stage = 'voted', deliberation_id = %s WHERE id = %s",
            [deliberation.pk, grant.pk],
        )


def by_api(token, grant, deliberation):
    from rest_framework.test import APIClient

    client = APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_AUTHORIZATION=f"Bearer {token}")
    answer = client.post(f"/api/v1/grants/{grant.pk}/vote/", {"deliberation": deliberation.pk}, format="json")
    if answer.status_code != 200:
        assert answer.status_code in (400, 409), answer.content
        raise Refused([error["message"] for error in answer.json()["errors"]])


def pay_by_model(row: Payment):
    row.save()


def pay_by_raw_sql(row: Payment):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO solidarity_payment (grant_id, allocation_id, paid_on, amount, reference) VALUES (%s, %s, %s, %s, %s)",
            [row.grant_id, row.allocation_id, row.paid_on, row.amount, row.reference],
        )


def tight(**envelope):
    """An envelope with room for three of the fifty."""
    return make.EnvelopeFactory(**{"commitment_authorised": 3000, "payment_credits": 3000} | envelope)


class TestCommitments:
    def assert_three_got_through(self, envelope, said):
        assert Counter(map(bool, said)) == {False: 3, True: MANY - 3}
        assert committed(envelope=envelope) == 3000
        assert Grant.objects.filter(stage="voted").count() == 3
        assert all("left to commit" in told or OVER_COMMITTED.rstrip(".") in told for told in said if told), set(said)

    @pytest.mark.parametrize("way", [by_service, by_raw_sql])
    def test_fifty_votes_on_one_envelope(self, way):
        envelope, deliberation = tight(), make.DeliberationFactory()
        grants = bulk_proposed(envelope, MANY, 1000)
        self.assert_three_got_through(envelope, answers([partial(way, grant, deliberation) for grant in grants]))

    def test_fifty_systems_over_the_api(self):
        envelope, deliberation = tight(), make.DeliberationFactory()
        grants = bulk_proposed(envelope, MANY, 1000)
        token = token_for("solidarity:read", "solidarity:write", "partnerships:read")
        said = answers([partial(by_api, token, grant, deliberation) for grant in grants])
        self.assert_three_got_through(envelope, said)

    def test_whoever_comes_by_whichever_way_and_the_envelope_shrinks_meanwhile(self):
        envelope, deliberation = tight(commitment_authorised=10000), make.DeliberationFactory()
        grants = bulk_proposed(envelope, MANY - 10, 1000)
        acts = [partial((by_service, by_raw_sql)[n % 2], grant, deliberation) for n, grant in enumerate(grants)]
        shrink = partial(type(envelope).objects.filter(pk=envelope.pk).update, commitment_authorised=5000)
        answers([*acts[:20], *[shrink] * 10, *acts[20:]])
        envelope.refresh_from_db()
        assert committed(envelope=envelope) <= envelope.commitment_authorised
        assert committed(envelope=envelope) >= 5000

    def test_crossed_envelopes_do_not_hold_each_other_for_ever(self):
        """Grants that draw on the same two envelopes, written in opposite orders."""
        first, second = tight(), tight()
        grants = [make.GrantFactory(amount_asked=1000, amount_granted=1000, opinion="Invented.") for _ in range(MANY)]
        for number, grant in enumerate(grants):
            for envelope in (first, second) if number % 2 else (second, first):
                make.AllocationFactory(grant=grant, envelope=envelope, amount=500)
        grants = moved(grants, "submitted", "under-review", "proposed")
        deliberation = make.DeliberationFactory()
        said = answers(
            [partial((by_service, by_raw_sql)[n % 2], grant, deliberation) for n, grant in enumerate(grants)]
        )
        assert (said.count(""), committed(envelope=first), committed(envelope=second)) == (6, 3000, 3000)


class TestPayments:
    @pytest.mark.parametrize("way", [pay_by_model, pay_by_raw_sql])
    @pytest.mark.parametrize("bound", ["credits", "allocation"])
    def test_fifty_payments(self, way, bound):
        credits, amount, number = {"credits": (3000, 1000, MANY), "allocation": (90000, 3000, 1)}[bound]
        envelope = tight(commitment_authorised=90000, payment_credits=credits)
        grants = bulk_proposed(envelope, number, amount)
        grants = moved(grants, "voted", deliberation=make.DeliberationFactory())
        grants = moved(grants, "in-payment")
        rows = [
            make.PaymentFactory.build(
                grant=grant, allocation=grant.allocations.get(), amount=Decimal(1000), reference=f"P-{n}"
            )
            for n, grant in enumerate(grants * (MANY // number))
        ]
        said = answers([partial(way, row) for row in rows])
        assert Counter(map(bool, said)) == {False: 3, True: MANY - 3}
        assert sum(Payment.objects.values_list("amount", flat=True)) == 3000
        words = OVER_PAID if bound == "credits" else "The payments of this allocation"
        assert all(words in told for told in said if told), set(said)


class TestIsolation:
    """A transaction that reads an older state of the sums is not let in."""

    def test_repeatable_read_moves_no_money(self):
        (grant,) = bulk_proposed(tight(), 1, 1000)
        deliberation = make.DeliberationFactory()

        def act():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                by_raw_sql(grant, deliberation)

        with pytest.raises(InternalError, match="read committed"):
            act()
        assert Grant.objects.get().stage == "proposed"

    def test_under_serializable_the_others_are_asked_to_try_again(self):
        """PostgreSQL itself sees that they cannot all have happened one after the other."""
        envelope, deliberation = tight(commitment_authorised=1000), make.DeliberationFactory()

        def act(grant):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    by_raw_sql(grant, deliberation)
            except OperationalError as error:
                raise Refused([str(error.__cause__.sqlstate)]) from error

        said = answers([partial(act, grant) for grant in bulk_proposed(envelope, AT_ONCE, 1000)])
        assert (said.count(""), committed(envelope=envelope)) == (1, 1000)
        assert set(said) <= {"", "40001", OVER_COMMITTED}


WORKER = """
import json, sys, time, psycopg
params, grant, deliberation = json.loads(sys.argv[1])
with psycopg.connect(**params) as connection:
    connection.execute("UPDATE solidarity_grant SET stage = 'voted', deliberation_id = %s WHERE id = %s", [deliberation, grant])
    print("holds", flush=True)
    time.sleep(600)
"""


def test_workers_killed_in_mid_transaction_leave_nothing_behind():
    envelope, deliberation = tight(commitment_authorised=1000), make.DeliberationFactory()
    other = tight(commitment_authorised=1000)
    killed = [*bulk_proposed(envelope, 1, 1000), *bulk_proposed(other, 1, 1000)]
    waiting = [*bulk_proposed(envelope, 1, 1000), *bulk_proposed(other, 1, 1000)]
    wanted = ("dbname", "user", "password", "host", "port")
    params = {name: value for name, value in connection.get_connection_params().items() if name in wanted}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps([params, grant.pk, deliberation.pk])],
            stdout=subprocess.PIPE,
            text=True,
        )
        for grant in killed
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "holds\n"
        with ThreadPoolExecutor(1) as pool:
            acts = [partial(by_service, waiting[0], deliberation), partial(by_raw_sql, waiting[1], deliberation)]
            said = pool.submit(answers, acts)
            with pytest.raises(TimeoutError):
                said.result(timeout=1)
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
            assert said.result(timeout=PATIENCE) == ["", ""]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(10)
            worker.stdout.close()
    stages = dict(Grant.objects.values_list("pk", "stage"))
    assert stages == {grant.pk: "proposed" for grant in killed} | {grant.pk: "voted" for grant in waiting}
    assert (committed(envelope=envelope), committed(envelope=other)) == (1000, 1000)
