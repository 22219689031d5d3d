"""Whatever the clock does, nothing is lost and nothing is told twice: jumps, nights of summer time, outages, quiet hours."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from core.enums import Frequency
from core.models import Message, Notification, ReminderPreference
from core.reminders import runs
from core.reminders.scan import scan
from core.reminders.writing import SHOWN, digest_day, is_quiet
from core.roles import Role
from tests import factories as make
from tests.reminders.conftest import ledger

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2015, 6, 2)


@pytest.fixture(autouse=True)
def _real_day(settings):
    """Parvis goes by the clock of the machine, which the tests set."""
    settings.TODAY = None


@contextmanager
def at(moment: datetime):
    with time_machine.travel(moment, tick=False):
        yield


def run_at(day: date, hour: int = 12, minute: int = 0):
    with at(datetime.combine(day, time(hour, minute), PARIS)):
        return runs.run()


def expires(day: date):
    with at(datetime(2015, 3, 12, 12, tzinfo=PARIS)):
        return make.AgreementFactory(in_force=True, expires_on=day)


def told_at_most_once() -> bool:
    """No line of the ledger stands in two e-mails, and no e-mail was sent twice."""
    identities = [message.extra_headers["Message-ID"] for message in mail.outbox]
    return len(set(identities)) == len(identities)


class TestJumps:
    @pytest.mark.parametrize("frequency", Frequency.values)
    def test_a_clock_that_jumps_a_day_forth_and_back(self, reader, frequency):
        reader(frequency=frequency)
        make.ReminderRuleFactory()
        agreements = [expires(TUESDAY + timedelta(days)) for days in range(28, 34)]
        for days in (0, 1, 0, 1, 1, 0, 0, 2, 1, 3, 2, 1, 10):
            run_at(TUESDAY + timedelta(days))
        assert ledger() == {"told": len(agreements), "silent": 0, "waiting": 0}
        assert told_at_most_once()
        text = "".join(message.body for message in mail.outbox)
        assert [text.count(agreement.title) for agreement in agreements] == [1] * len(agreements)

    def test_what_was_told_a_day_early_is_not_told_on_its_day(self, officer):
        make.ReminderRuleFactory()
        expires(TUESDAY + timedelta(31))
        assert [run_at(TUESDAY + timedelta(days)).sent for days in (1, 0, 1)] == [1, 0, 0]

    def test_an_e_mail_that_was_put_off_waits_by_the_clock_of_the_database(self, officer, server):
        """A machine whose clock is wrong (here by years) does not put it off by as much."""
        make.ReminderRuleFactory()
        expires(TUESDAY + timedelta(30))
        server.refused[officer.email] = "450 later"
        run_at(TUESDAY)
        put_off = Message.objects.get()
        assert put_off.due_at - put_off.written_at < timedelta(minutes=2)


# In 2015 clocks went from 2 to 3 on 29 March and from 3 to 2 on 25 October, both Sundays.
NIGHTS = [date(2015, 3, 29), date(2015, 10, 25)]


@pytest.mark.parametrize("night", NIGHTS)
class TestNightsOfSummerTime:
    def every_quarter(self, night: date) -> dict[datetime, int]:
        """How many e-mails each run sent, from noon to noon; by the hours that passed, not by the wall."""
        moment = datetime.combine(night - timedelta(1), time(12), PARIS).astimezone(ZoneInfo("UTC"))
        sent = {}
        for _run in range(25 * 4):
            with at(moment):
                if done := runs.run().sent:
                    sent[moment.astimezone(PARIS)] = done
            moment += timedelta(minutes=15)
        return sent

    def test_the_digest_comes_once_at_eight_by_the_wall(self, reader, night):
        reader(frequency=Frequency.DAILY)
        make.ReminderRuleFactory()
        expires(night + timedelta(30))
        assert list(self.every_quarter(night)) == [datetime.combine(night, time(8), PARIS)]

    def test_quiet_hours_end_once_and_all_is_told_then(self, reader, night):
        reader(quiet_from=time(22), quiet_until=time(2, 30))
        make.ReminderRuleFactory()
        expires(night + timedelta(30))
        [moment] = self.every_quarter(night)
        # 02:30 does not exist in March: the next minute that does. In October it comes twice, and the first counts.
        assert moment.replace(tzinfo=None) == datetime.combine(night, time(3) if night.month == 3 else time(2, 30))
        assert moment.fold == 0
        assert ledger() == {"told": 1, "silent": 0, "waiting": 0}


class TestOutages:
    def test_after_a_week_nothing_is_lost_or_doubled(self, officer):
        make.ReminderRuleFactory()
        days = range(25, 45)
        for agreement in (expires(TUESDAY + timedelta(number)) for number in days):
            assert agreement.expires_on
        before = run_at(TUESDAY).sent
        after = run_at(TUESDAY + timedelta(7)).sent
        assert (before, after) == (6, 7)
        assert (run_at(TUESDAY + timedelta(7)).sent, told_at_most_once()) == (0, True)

    def test_the_digest_of_the_week_that_nobody_sent_on_monday_comes_once_somebody_can(self, reader):
        reader(frequency=Frequency.WEEKLY)
        make.ReminderRuleFactory()
        agreements = [expires(TUESDAY + timedelta(30)), expires(TUESDAY + timedelta(42))]
        # Monday the 8th is missed: the first run is on Thursday.
        sent = {day: run_at(date(2015, 6, day)).sent for day in (11, 12, 13, 14, 15, 16) if day not in (13, 14)}
        assert sent == {11: 1, 12: 0, 15: 1, 16: 0}
        assert [agreement.title in mail.outbox[number].body for number, agreement in enumerate(agreements)] == [
            True
        ] * 2

    def test_a_day_of_digests_that_was_missed_is_in_the_next_one(self, reader):
        reader(frequency=Frequency.DAILY, language="en")
        make.ReminderRuleFactory()
        for days in (30, 31, 32):
            expires(TUESDAY + timedelta(days))
        assert [run_at(TUESDAY + timedelta(days)).told for days in (0, 2, 2, 3)] == [1, 2, 0, 0]
        assert len(mail.outbox) == 2
        assert mail.outbox[1].subject == "Parvis: 2 reminders"

    @pytest.mark.parametrize(("days_before", "catch_up_days"), [(30, 30), (0, 1), (60, 7)])
    def test_it_is_caught_up_with_until_so_many_days_after_the_day_itself(self, officer, days_before, catch_up_days):
        make.ReminderRuleFactory(days_before=days_before, catch_up_days=catch_up_days)
        last = TUESDAY + timedelta(catch_up_days)
        expires(TUESDAY)
        assert scan(last + timedelta(1)) == 0
        assert scan(last) == 1
        assert scan(TUESDAY - timedelta(days_before + 1)) == 0

    def test_for_a_rule_that_speaks_afterwards_until_so_many_days_after_its_moment(self, officer):
        make.ReminderRuleFactory(days_before=-10, catch_up_days=5)
        expires(TUESDAY)
        entered = {after: scan(TUESDAY + timedelta(after)) for after in (9, 16, 15, 10)}
        assert entered == {9: 0, 16: 0, 15: 1, 10: 0}

    def test_what_was_entered_before_a_long_outage_is_told_after_it(self, officer):
        """What has a line in the ledger is not lost, however long nobody worded it."""
        make.ReminderRuleFactory(catch_up_days=1)
        expires(TUESDAY)
        scan(TUESDAY)
        assert run_at(TUESDAY + timedelta(90)).sent == 1


class TestQuietHours:
    @pytest.mark.parametrize(
        ("since", "until", "quiet", "loud"),
        [
            ("20:00", "07:00", ["20:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "19:59"]),
            ("12:00", "14:00", ["12:00", "13:59"], ["14:00", "11:59", "00:00"]),
            (None, None, [], ["00:00", "12:00"]),
        ],
    )
    def test_the_first_minute_is_quiet_and_the_last_is_not(self, since, until, quiet, loud):
        wish = ReminderPreference(
            quiet_from=since and time.fromisoformat(since), quiet_until=until and time.fromisoformat(until)
        )
        for expected, moments in ((True, quiet), (False, loud)):
            for moment in moments:
                assert is_quiet(wish, datetime.combine(TUESDAY, time.fromisoformat(moment), PARIS)) is expected, moment

    def test_whoever_chose_nothing_is_written_to_on_working_days_between_seven_and_eight_in_the_evening(self, db):
        make.UserFactory(role=Role.OFFICER)
        make.ReminderRuleFactory()
        for days in range(29, 40):
            expires(TUESDAY + timedelta(days))
        sent = {
            (day, hour): done
            for day in range(4, 9)
            for hour in (0, 6, 7, 19, 20, 23)
            if (done := run_at(date(2015, 6, day), hour).sent)
        }
        # The 6th and the 7th are a week-end: what fell due meanwhile comes on Monday.
        assert sent == {(4, 7): 4, (5, 7): 1, (8, 7): 3}

    def test_what_was_written_before_and_not_sent_waits_for_the_morning(self, reader, server):
        person = reader(quiet_from=time(20), quiet_until=time(7))
        make.ReminderRuleFactory()
        expires(TUESDAY + timedelta(30))
        server.refused[person.email] = "450 later"
        assert run_at(TUESDAY, 19, 59).sent == 0
        server.refused = {}
        Message.objects.update(due_at=Message.objects.get().written_at)
        assert [run_at(TUESDAY, 20).sent, run_at(TUESDAY + timedelta(1), 7).sent] == [0, 1]


class TestDigests:
    @pytest.mark.parametrize(
        ("frequency", "moment", "day"),
        [
            (Frequency.INSTANT, "2015-06-02T12:00", None),
            (Frequency.DAILY, "2015-06-02T07:59", None),
            (Frequency.DAILY, "2015-06-02T08:00", "2015-06-02"),
            (Frequency.WEEKLY, "2015-06-01T07:59", None),
            (Frequency.WEEKLY, "2015-06-01T08:00", "2015-06-01"),
            (Frequency.WEEKLY, "2015-06-07T23:59", "2015-06-01"),
        ],
    )
    def test_the_day_of_the_digest(self, frequency, moment, day):
        found = digest_day(
            ReminderPreference(frequency=frequency), datetime.fromisoformat(moment).replace(tzinfo=PARIS)
        )
        assert found == (day and date.fromisoformat(day))

    def test_one_digest_shows_a_hundred_lines_and_says_how_many_more(self, reader):
        reader(frequency=Frequency.DAILY, language="en")
        make.ReminderRuleFactory()
        first = expires(TUESDAY + timedelta(10))
        for number in range(SHOWN + 2):
            first.pk, first._state.adding, first.reference = None, True, f"AGR-2015-9{number:03d}"
            type(first).objects.bulk_create([first])
        assert run_at(TUESDAY).told == SHOWN + 3
        [message] = mail.outbox
        assert message.subject == f"Parvis: {SHOWN + 3} reminders"
        assert message.body.count(first.get_absolute_url()[:12]) == SHOWN
        assert "3 more on your page" in message.body
        assert not Notification.objects.filter(told_at=None).exists()

    def test_a_digest_has_no_address_that_stops_one_rule(self, reader, officer):
        reader(frequency=Frequency.DAILY)
        make.ReminderRuleFactory()
        expires(TUESDAY + timedelta(30))
        run_at(TUESDAY)
        assert sorted("List-Unsubscribe" in message.extra_headers for message in mail.outbox) == [False, True]
