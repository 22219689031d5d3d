"""From a deadline to an e-mail: entered once, worded for its reader, told once; what is no longer due falls silent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from core import clock
from core.enums import TO_PEOPLE, Channel
from core.models import Message, Notification, ReminderRule
from core.reminders import runs, services
from core.reminders.scan import scan
from core.reminders.writing import write
from core.roles import Role
from tests import factories as make
from tests.reminders.conftest import expiring, ledger

pytestmark = pytest.mark.django_db
DEPUTY = Role.DEPUTY.value


def to() -> list[str]:
    """Who got an e-mail, one name for each."""
    return sorted(address for message in mail.outbox for address in message.to)


def move(agreement, days: int) -> None:
    agreement.expires_on += timedelta(days)
    agreement.save()


def test_it_is_told_once_however_often_it_runs(officer, agreement):
    rule = make.ReminderRuleFactory(channels=[Channel.EMAIL, Channel.IN_APP])
    done = [runs.run() for _again in range(3)]
    assert [(run.entered, run.told, run.sent, run.problem) for run in done] == [
        (2, 2, 1, ""),
        (0, 0, 0, ""),
        (0, 0, 0, ""),
    ]
    assert to() == [officer.email]
    assert agreement.title in mail.outbox[0].body
    assert ledger(rule=rule) == {"told": 2, "silent": 0, "waiting": 0}
    assert services.unread(officer) == 1


def test_each_reads_it_in_her_language(reader, agreement):
    people = {language: reader(language=language) for language in ("fr", "en")}
    make.ReminderRuleFactory()
    runs.run()
    for language, person in people.items():
        [message] = [message for message in mail.outbox if message.to == [person.email]]
        with override(language):
            what = gettext("%(agreement)s expires") % {"agreement": agreement.title}
            assert message.subject == gettext("Parvis: %(what)s") % {"what": what}
    assert len({message.subject for message in mail.outbox}) == 2


class TestMoving:
    def test_what_waited_for_the_old_day_falls_silent_and_the_new_day_is_told(self, officer, agreement):
        make.ReminderRuleFactory()
        scan(clock.today())
        move(agreement, 3)
        runs.run()
        assert ledger() == {"told": 1, "silent": 1, "waiting": 0}
        move(agreement, 1)
        runs.run()
        assert len(mail.outbox) == 2

    def test_moved_there_and_back_it_is_told_of_the_day_that_fell_silent(self, officer, agreement):
        make.ReminderRuleFactory()
        scan(clock.today())
        move(agreement, 3)
        runs.run()
        move(agreement, -3)
        runs.run()
        assert ledger() == {"told": 2, "silent": 0, "waiting": 0}
        assert len(mail.outbox) == 2

    def test_moved_there_and_back_it_is_not_told_twice_of_one_day(self, officer, agreement):
        make.ReminderRuleFactory()
        for days in (0, 3, -3):
            move(agreement, days)
            runs.run()
        assert len(mail.outbox) == 2

    def test_moved_out_of_sight_it_is_told_when_its_time_comes(self, officer, agreement, settings):
        make.ReminderRuleFactory()
        move(agreement, 200)
        runs.run()
        assert mail.outbox == []
        settings.TODAY = agreement.expires_on - timedelta(30)
        runs.run()
        assert len(mail.outbox) == 1


class TestSilence:
    def test_what_is_met_before_it_is_told(self, officer, agreement):
        make.ReminderRuleFactory()
        scan(clock.today())
        type(agreement).objects.filter(pk=agreement.pk).update(status="expired", tacit_renewal=False)
        assert write() == 1
        assert (ledger(), mail.outbox) == ({"told": 0, "silent": 1, "waiting": 0}, [])
        runs.run()
        assert mail.outbox == []

    def test_a_rule_that_is_muted_before_and_one_that_is_muted_after_it_was_entered(self, officer, reader, agreement):
        other, rule = reader(), make.ReminderRuleFactory()
        services.mute(actor=other, rule=rule)
        assert scan(clock.today()) == 1
        services.mute(actor=officer, rule=rule)
        runs.run()
        assert (mail.outbox, ledger()) == ([], {"told": 0, "silent": 1, "waiting": 0})
        for person in (officer, other):
            services.unmute(actor=person, rule=rule)
        runs.run()
        assert to() == sorted([officer.email, other.email])

    def test_a_rule_out_of_use_tells_nothing_and_tells_it_when_it_is_in_use_again(self, officer, agreement):
        rule = make.ReminderRuleFactory()
        scan(clock.today())
        ReminderRule.objects.update(is_active=False)
        runs.run()
        assert (mail.outbox, ledger()) == ([], {"told": 0, "silent": 1, "waiting": 0})
        ReminderRule.objects.filter(pk=rule.pk).update(is_active=True)
        runs.run()
        assert to() == [officer.email]

    def test_a_closed_account_before_it_is_entered_and_before_it_is_worded(self, officer, reader, agreement):
        make.ReminderRuleFactory()
        reader(is_active=False)
        assert scan(clock.today()) == 1
        type(officer).objects.filter(pk=officer.pk).update(is_active=False)
        runs.run()
        assert (mail.outbox, ledger()) == ([], {"told": 0, "silent": 1, "waiting": 0})


class TestRules:
    def test_a_rule_that_is_edited_tells_nothing_twice(self, officer, agreement):
        rule = make.ReminderRuleFactory()
        runs.run()
        rule.days_before, rule.title_fr = 60, "Autre rappel inventé"
        rule.save()
        runs.run()
        assert len(mail.outbox) == 1
        rule.channels = [Channel.EMAIL, Channel.IN_APP]
        rule.save()
        runs.run()
        assert (len(mail.outbox), services.unread(officer)) == (1, 1)

    def test_a_channel_that_is_named_twice_is_one(self, officer, agreement):
        rule = make.ReminderRuleFactory()
        ReminderRule.objects.filter(pk=rule.pk).update(channels=["e-mail", "e-mail"])
        assert [scan(clock.today()), scan(clock.today())] == [1, 0]

    def test_whoever_is_named_in_three_ways_is_told_once(self, reader, agreement):
        person = reader(Role.OFFICER)
        make.ReminderRuleFactory(person=person, escalation_days=10, escalation_role=Role.OFFICER.value)
        move(agreement, -15)
        runs.run()
        assert to() == [person.email]

    def test_after_the_day(self, officer, agreement, settings):
        make.ReminderRuleFactory(days_before=-5, catch_up_days=3)
        told = []
        for after in (4, 5, 8, 9):
            settings.TODAY = agreement.expires_on + timedelta(after)
            told.append(scan(settings.TODAY))
            Notification.objects.all().delete()
        assert told == [0, 1, 1, 0]

    def test_escalates_so_many_days_later_and_only_if_it_is_still_due(self, officer, reader, agreement, settings):
        deputy, done = reader(DEPUTY), expiring(20)
        make.ReminderRuleFactory(escalation_days=7, escalation_role=DEPUTY)
        settings.TODAY = agreement.expires_on - timedelta(24)
        runs.run()
        assert to() == [officer.email] * 2
        type(done).objects.filter(pk=done.pk).update(tacit_renewal=True)
        settings.TODAY += timedelta(1)
        runs.run()
        assert to() == sorted([officer.email] * 2 + [deputy.email])
        assert agreement.title in mail.outbox[-1].body

    def test_an_escalation_that_waits_falls_silent_with_what_it_was_about(self, officer, reader, agreement):
        deputy = reader(DEPUTY)
        make.ReminderRuleFactory(escalation_days=7, escalation_role=DEPUTY)
        move(agreement, -10)
        scan(clock.today())
        type(agreement).objects.filter(pk=agreement.pk).update(tacit_renewal=True)
        runs.run()
        assert (mail.outbox, ledger(recipient=deputy)["silent"]) == ([], 1)


class TestWhoMaySee:
    def test_a_reader_without_rights_gets_no_line(self, reader, agreement):
        stranger, role_less = reader(role=None), make.UserFactory()
        make.ReminderRuleFactory(roles=[], person=stranger)
        make.ReminderRuleFactory(roles=[], person=role_less, kind="objective-due")
        done = runs.run()
        assert (done.entered, done.problem, Notification.objects.count()) == (0, "", 0)

    def test_who_loses_the_right_before_it_is_worded_is_told_nothing(self, officer, agreement):
        make.ReminderRuleFactory(channels=list(TO_PEOPLE))
        scan(clock.today())
        officer.groups.clear()
        runs.run()
        assert (mail.outbox, ledger()) == ([], {"told": 0, "silent": 2, "waiting": 0})

    def test_whoever_answers_for_a_record_is_told_if_she_may_see_it(self, reader):
        make.ReminderRuleFactory(kind="objective-due", roles=[], to_owner=True)
        day = {"due_on": clock.today() + timedelta(10), "due_on_precision": "day"}
        owner = reader(DEPUTY)
        for person in (owner, owner, reader(role=None), reader(is_active=False), None):
            make.ObjectiveFactory(owner=person, **day)
        runs.run()
        assert to() == [owner.email] * 2
        assert ledger() == {"told": 2, "silent": 0, "waiting": 0}

    def test_the_number_of_queries_for_owners_grows_with_them_and_not_with_their_records(self, reader):
        make.ReminderRuleFactory(kind="objective-due", roles=[], to_owner=True)
        owner, day = reader(), clock.today()

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                scan(day)
            return len(queries)

        make.ObjectiveFactory(owner=owner, due_on=day, due_on_precision="day")
        scan(day)
        before = asked()
        for _each in range(4):
            make.ObjectiveFactory(owner=owner, due_on=day, due_on_precision="day")
        assert asked() == before
        assert ledger()["waiting"] == 5


@pytest.mark.parametrize("frequency", ["instant", "weekly"])
def test_the_number_of_queries_of_writing_grows_with_people_and_not_with_lines(reader, frequency):
    reader(frequency=frequency)
    make.ReminderRuleFactory(channels=list(TO_PEOPLE))
    counts = []
    for lines in (2, 6):
        for days in range(lines):
            expiring(days)
        scan(clock.today())
        Message.objects.update(digest_on=None)
        with CaptureQueriesContext(connection) as queries:
            write()
        counts.append(len(queries))
    assert ledger()["waiting"] == 8, "the e-mails are written"
    assert counts[0] == counts[1]


class TestFailures:
    """What fails for one keeps nobody else back, is noted, and is told when it is mended."""

    def test_a_kind_that_cannot_be_worded_waits_and_the_others_are_told(self, officer, agreement, monkeypatch):
        make.ReminderRuleFactory()
        make.ReminderRuleFactory(kind="objective-due")
        make.ObjectiveFactory(due_on=clock.today(), due_on_precision="day")
        scan(clock.today())
        real = type(agreement).get_absolute_url

        def fails(self):
            raise LookupError("invented fault")

        monkeypatch.setattr(type(agreement), "get_absolute_url", fails)
        done = runs.run()
        assert "LookupError: invented fault" in done.problem
        assert ledger() == {"told": 1, "silent": 0, "waiting": 1}
        monkeypatch.setattr(type(agreement), "get_absolute_url", real)
        assert runs.run().problem == ""
        assert ledger() == {"told": 2, "silent": 0, "waiting": 0}

    def test_a_rule_whose_kind_is_gone_is_noted_and_the_others_are_told(self, officer, agreement):
        rule = make.ReminderRuleFactory()
        gone = make.ReminderRuleFactory()
        ReminderRule.objects.filter(pk=gone.pk).update(kind="gone")
        done = runs.run()
        assert done.problem == f"gone, {gone.pk}: LookupError: there is no kind of deadline gone"
        assert ledger(rule=rule)["told"] == 1

    def test_webhooks_that_cannot_be_told_keep_no_e_mail_back(self, officer, agreement, monkeypatch):
        def fails(*args):
            raise KeyError("invented fault")

        make.ReminderRuleFactory()
        monkeypatch.setattr(runs.systems, "tell", fails)
        done = runs.run()
        assert (done.problem, done.sent) == ("webhooks: KeyError: 'invented fault'", 1)

    def test_lines_of_a_kind_that_is_gone_wait(self, officer, agreement):
        rule = make.ReminderRuleFactory()
        scan(clock.today())
        ReminderRule.objects.filter(pk=rule.pk).update(kind="gone")
        assert "gone" in runs.run().problem
        assert ledger() == {"told": 0, "silent": 0, "waiting": 1}
