"""Whether reminders go out: said by a page, by an address for the orchestrator, by metrics, and by an e-mail to who can mend it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import override

from core import clock
from core.enums import Alert
from core.models import Message, ReminderRun
from core.reminders import runs
from core.reminders.health import LATE, LONG, OFTEN, Health, health
from core.roles import Role
from tests import factories as make
from tests.api.conftest import bearer
from tests.reminders.conftest import expiring

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=5)
HOUR = timedelta(hours=1)


def ran(ago: timedelta, problem: str = "", finished: bool = True) -> ReminderRun:
    moment = clock.real() - ago
    return ReminderRun.objects.create(started_at=moment, finished_at=moment if finished else None, problem=problem)


def letter(due: timedelta = timedelta(0), **values) -> Message:
    """One that has been due for so long."""
    return Message.objects.create(
        recipient=make.UserFactory(), subject="Invented", body="Invented.", due_at=clock.real() - due, **values
    )


def parked(ago: timedelta = timedelta(0)) -> Message:
    return letter(parked_at=clock.real() - ago, problem="550 no such mailbox")


class TestHealth:
    def test_nothing_has_ever_run(self):
        assert health() == Health(None, None, None, 0, None, 0, 0, None, "")
        assert (health().is_late, health().is_stuck, health().is_well) == (True, False, False)

    @pytest.mark.parametrize(("ago", "well"), [(LATE - SECOND, True), (LATE + SECOND, False)])
    def test_it_is_late_half_an_hour_after_the_last_run_that_ended_well(self, ago, well):
        ran(ago)
        ran(timedelta(0), problem="invented fault")
        assert (health().is_well, health().is_late, health().problem) == (well, not well, "invented fault")

    def test_a_run_that_was_cut_off_is_no_run(self):
        ran(LATE - SECOND)
        cut_off = ran(SECOND, finished=False)
        assert (health().is_well, health().running_since) == (True, cut_off.started_at)
        ReminderRun.objects.filter(finished_at__isnull=False).delete()
        assert health().is_late

    @pytest.mark.parametrize(("due", "stuck"), [(LONG - SECOND, False), (LONG + SECOND, True), (-HOUR, False)])
    def test_an_e_mail_is_stuck_when_it_has_been_due_for_an_hour(self, due, stuck):
        ran(timedelta(0))
        letter(due)
        found = health()
        assert (found.waiting, found.is_stuck, found.is_well) == (1, stuck, not stuck)

    def test_one_that_is_tried_in_vain_is_stuck_and_stops_nobody_else(self):
        ran(timedelta(0))
        letter(-HOUR, attempts=OFTEN - 1)
        assert not health().is_stuck
        letter(-HOUR, attempts=OFTEN)
        assert (health().deferred, health().is_stuck, health().is_well) == (1, True, True)

    def test_what_was_sent_is_not_counted(self):
        letter(9 * HOUR, sent_at=Now())
        parked()
        assert (health().waiting, health().oldest, health().parked) == (0, None, 1)

    def test_the_number_of_queries_is_fixed(self, django_assert_num_queries):
        for number in (0, 3):
            for _each in range(number):
                ran(HOUR), letter(), parked()
            with django_assert_num_queries(4):
                health()

    def test_a_real_run_makes_it_well(self):
        done = runs.run()
        assert done.finished_at >= done.started_at
        assert (health().is_well, health().last_run) == (True, done.finished_at)

    def test_runs_are_kept_for_ninety_days(self):
        old, kept = ran(timedelta(days=90, hours=1)), ran(timedelta(days=89))
        runs.run()
        assert not ReminderRun.objects.filter(pk=old.pk).exists()
        assert ReminderRun.objects.filter(pk=kept.pk).exists()


class TestOrchestrator:
    def test_200_while_reminders_go_out_and_503_otherwise(self, client):
        address = reverse("reminders-alive")
        assert (client.get(address).status_code, client.get(address).content) == (503, b"stuck")
        ran(timedelta(0))
        parked()
        assert (client.get(address).status_code, client.get(address).content) == (200, b"ok")
        letter(2 * HOUR)
        assert client.get(address).status_code == 503


@pytest.fixture
def administrators():
    """Two who can sign in and read two languages; one who cannot; and somebody else."""
    make.UserFactory(role=Role.ADMINISTRATOR, is_active=False)
    make.UserFactory(role=Role.OFFICER)
    return [make.UserFactory(role=Role.ADMINISTRATOR, language=language) for language in ("fr", "en")]


class TestAlerts:
    def sent(self) -> list[str]:
        """To whom, by the first letters of what is wrong."""
        runs.run()
        return sorted(address for message in mail.outbox for address in message.to)

    def test_a_first_run_alerts_nobody(self, administrators):
        assert self.sent() == []

    def test_the_run_that_follows_an_outage_says_so_at_any_hour_once_a_day(self, administrators):
        ran(LATE + SECOND)
        people = sorted(person.email for person in administrators)
        assert self.sent() == people
        assert self.sent() == people, "not twice on one day"
        for person in administrators:
            [message] = [message for message in mail.outbox if message.to == [person.email]]
            with override(person.language):
                assert message.subject == f"Parvis: {Alert.LATE.label}"
            assert reverse("reminders-health") in message.body
        ReminderRun.objects.all().delete()
        ran(LATE + SECOND)
        Message.objects.update(digest_on=clock.real().date() - timedelta(2))
        assert self.sent() == sorted(people * 2), "the next day it is said again"

    def test_runs_that_never_end_are_told_of(self, administrators):
        for ago in (HOUR, timedelta(minutes=5)):
            ran(ago, finished=False)
        assert len(self.sent()) == 2

    def test_a_run_that_cannot_go_on_has_told_it_before(self, administrators, monkeypatch):
        def fails(*args):
            raise MemoryError("invented fault")

        ran(LATE + SECOND)
        monkeypatch.setattr(runs, "scan", fails)
        with pytest.raises(MemoryError):
            runs.run()
        assert len(mail.outbox) == 2
        assert ReminderRun.objects.first().finished_at is None

    def test_what_is_parked_is_told_of_once(self, administrators):
        ran(timedelta(0))
        parked(HOUR)
        assert len(self.sent()) == 2
        Message.objects.filter(alert=Alert.PARKED).update(digest_on=clock.real().date() - timedelta(2))
        assert len(self.sent()) == 2, "and not every day until somebody mends it"
        parked()
        assert len(self.sent()) == 4

    def test_what_is_stuck_is_told_of(self, administrators, monkeypatch):
        ran(timedelta(0))
        letter(-HOUR, attempts=OFTEN)
        self.sent()
        assert set(Message.objects.exclude(alert="").values_list("alert", flat=True)) == {Alert.STUCK}

    def test_with_no_mail_server_it_waits_and_the_log_has_it(self, administrators, port, caplog):
        ran(LATE + SECOND)
        runs.run()
        assert Message.objects.filter(alert=Alert.LATE, sent_at=None).count() == 2
        assert "reminders_alert" in caplog.text

    def test_an_alert_is_no_digest(self, administrators, reader):
        """Whoever administers Parvis and wants digests gets both on one day."""
        ran(LATE + SECOND)
        person = reader(Role.ADMINISTRATOR, frequency="weekly")
        make.ReminderRuleFactory(roles=[Role.ADMINISTRATOR.value])
        expiring(3)
        runs.run()
        kinds = Message.objects.filter(recipient=person, sent_at__isnull=False).values_list("alert", flat=True)
        assert sorted(kinds)[-1] == "late"
        assert len(kinds) <= 2


class TestMetrics:
    def read(self, client) -> dict[str, float]:
        text = client.get(reverse("metrics")).content.decode()
        return {name: float(value) for name, value in re.findall(r"^parvis_reminders_(\w+) (\S+)$", text, re.M)}

    @pytest.fixture
    def officer_client(self, client):
        client.force_login(make.UserFactory(role=Role.OFFICER))
        return client

    def test_they_say_what_health_says(self, officer_client):
        assert self.read(officer_client) == {"waiting": 0, "deferred": 0, "parked": 0, "oldest_seconds": 0}
        ran(HOUR)
        letter(2 * HOUR), letter(-HOUR, attempts=OFTEN), parked()
        found = self.read(officer_client)
        assert 3600 <= found.pop("last_run_seconds") < 3700
        assert 7200 <= found.pop("oldest_seconds") < 7300
        assert found == {"waiting": 2, "deferred": 1, "parked": 1}

    def test_those_of_django_stand_beside_them(self, officer_client):
        assert b"django_http_requests_total" in officer_client.get(reverse("metrics")).content

    @pytest.mark.parametrize(("role", "status"), [(Role.ADMINISTRATOR, 200), (Role.DEPUTY, 403), (Role.AUDITOR, 403)])
    def test_who_mends_reminders_reads_them(self, client, role, status):
        client.force_login(make.UserFactory(role=role))
        assert client.get(reverse("metrics")).status_code == status

    @pytest.mark.parametrize(("scope", "status"), [("core:read", 200), ("partnerships:read", 403)])
    def test_a_system_with_the_scope_reads_them(self, scope, status):
        assert bearer(scope).get(reverse("metrics")).status_code == status

    def test_a_stranger_does_not(self, client):
        assert client.get(reverse("metrics")).status_code == 401
