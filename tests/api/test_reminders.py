"""Rules of reminders as another system keeps them, what the caller was told, and deadlines by kind and owner."""

from datetime import date, timedelta

import pytest

from core import clock
from core.enums import Channel
from core.models import Notification, ReminderRule
from core.roles import Role
from tests import factories as make
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db

RULES, TOLD, DUE = "/api/v1/reminder-rules/", "/api/v1/notifications/", "/api/v1/deadlines/"
RULE = {
    "title_fr": "Règle inventée",
    "title_en": "Invented rule",
    "kind": "agreement-expiry",
    "days_before": 60,
    "to_owner": True,
    "roles": ["officer"],
    "person": None,
    "channels": ["e-mail", "in-app"],
    "escalation_days": 7,
    "escalation_role": "mayors-office",
    "catch_up_days": 30,
    "is_active": True,
}


def told(user, **values) -> Notification:
    agreement = make.AgreementFactory(in_force=True, expires_on=date(2015, 6, 20))
    values = {"channel": Channel.IN_APP, "told_at": clock.real(), "what": "Invented sentence"} | values
    return Notification.objects.create(
        rule=values.pop("rule", None) or make.ReminderRuleFactory(),
        record=agreement,
        due_on=agreement.expires_on,
        recipient=user,
        link=agreement.get_absolute_url(),
        details=["Not renewed"],
        **values,
    )


@pytest.fixture
def deputy():
    user = make.UserFactory(role=Role.DEPUTY)
    api = signed_in(Role.DEPUTY)
    api.force_login(user)
    api.user = user
    return api


# --- rules ---


def test_a_rule_is_written_read_in_words_changed_and_deleted():
    api = signed_in(Role.ADMINISTRATOR)
    answer = api.post(RULES, RULE)
    assert answer.status_code == 201, answer.content
    data = answer.json()
    assert {name: data[name] for name in RULE} == RULE
    assert data["in_words"] == (
        "60 days before, to whoever answers for the record and International-relations officer by e-mail and on the"
        " pages of Parvis; 7 days later, if it is still due, to: Mayor’s office."
    )
    address = f"{RULES}{data['id']}/"
    changed = api.patch(address, {"days_before": -1}, headers={"If-Match": "*"})
    assert changed.json()["in_words"].startswith("1 day after, to")
    assert api.delete(address, headers={"If-Match": "*"}).status_code == 204


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"kind": "nonsense"}, "kind", "There is no such kind of deadline."),
        ({"to_owner": False, "roles": []}, "roles", "A rule needs somebody to remind"),
        ({"channels": []}, "channels", ""),
        ({"roles": ["emperor"]}, "roles", "emperor"),
        ({"days_before": 731}, "", "Between two years before and two years after."),
        ({"escalation_role": ""}, "escalation_role", "An escalation has a number of days"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_by_name(changes, field, sentence):
    answer = signed_in(Role.OFFICER).post(RULES, RULE | changes)
    assert answer.status_code == 400
    found = messages(answer)
    assert any(name.startswith(field) and sentence in text for name, text in found.items()), found


def test_a_rule_that_has_told_something_is_taken_out_of_use():
    rule = told(make.UserFactory()).rule
    api = signed_in(Role.ADMINISTRATOR)
    answer = api.delete(f"{RULES}{rule.pk}/", headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert "take it out of use instead" in str(answer.json())
    assert api.patch(f"{RULES}{rule.pk}/", {"is_active": False}, headers={"If-Match": "*"}).status_code == 200
    assert api.get(RULES, {"is_active": "true"}).json()["count"] == 0


def test_deputies_read_rules_and_write_none():
    make.ReminderRuleFactory()
    api = signed_in(Role.DEPUTY)
    assert api.get(RULES).json()["count"] == 1
    assert api.post(RULES, RULE).status_code == 403
    assert not ReminderRule.objects.filter(title_en="Invented rule").exists()


# --- what I was told ---


def test_the_caller_reads_what_she_was_told_and_nobody_else(deputy):
    line = told(deputy.user)
    told(deputy.user, told_at=None, what="")
    told(deputy.user, channel=Channel.EMAIL)
    told(make.UserFactory())
    answer = deputy.get(TOLD).json()
    assert answer["count"] == 1
    record = line.record
    assert {name: value for name, value in answer["results"][0].items() if name != "told_at"} == {
        "id": line.pk,
        "rule": line.rule_id,
        "content_type": "partnerships.agreement",
        "object_id": record.pk,
        "due_on": "2015-06-20",
        "channel": "in-app",
        "what": "Invented sentence",
        "details": ["Not renewed"],
        "link": f"http://testserver{record.get_absolute_url()}",
        "read_at": None,
    }
    assert signed_in(Role.ADMINISTRATOR).get(f"{TOLD}{line.pk}/").status_code == 404
    assert bearer().get(TOLD).json()["count"] == 0
    assert bearer("events:read").get(TOLD).status_code == 403


def test_what_is_marked_as_read_stays_read_since_the_first_time(deputy):
    line = told(deputy.user)
    address = f"{TOLD}{line.pk}/mark-read/"
    first = deputy.post(address).json()["read_at"]
    assert first is not None
    assert deputy.post(address).json()["read_at"] == first
    assert deputy.get(TOLD, {"unread": "true"}).json()["count"] == 0
    assert deputy.get(TOLD, {"unread": "false"}).json()["count"] == 1
    assert deputy.get(address).status_code == 405
    assert deputy.post(f"{TOLD}{told(make.UserFactory()).pk}/mark-read/").status_code == 404
    assert deputy.post(TOLD, {}).status_code == 405
    assert bearer("core:read").post(address).status_code == 403


def test_unread_comes_first_and_nonsense_is_refused(deputy):
    read = told(deputy.user, read_at=clock.real())
    unread = told(deputy.user, told_at=clock.real() - timedelta(days=1))
    assert [row["id"] for row in deputy.get(TOLD).json()["results"]] == [unread.pk, read.pk]
    assert deputy.get(TOLD, {"unread": "perhaps"}).status_code == 400
    assert deputy.get(TOLD, {"recipient": "1"}).status_code == 400


def test_what_i_was_told_is_read_in_as_many_queries_for_one_as_for_three(deputy, django_assert_num_queries):
    rule = make.ReminderRuleFactory()
    for _more in range(2):
        told(deputy.user, rule=rule)
        deputy.get(TOLD)
        with django_assert_num_queries(4):
            deputy.get(TOLD)


# --- deadlines ---


def test_deadlines_are_narrowed_by_kind_and_to_my_own(deputy):
    make.AgreementFactory(in_force=True, expires_on=date(2015, 6, 15))
    make.DuesFactory(due_on=date(2015, 6, 20))
    kinds = {row["kind"] for row in deputy.get(DUE).json()["results"]}
    assert {"agreement-expiry", "network-dues"} <= kinds
    narrowed = deputy.get(DUE, {"kind": "network-dues"}).json()
    assert [row["due"] for row in narrowed["results"]] == ["2015-06-20"]
    assert deputy.get(f"{DUE}?kind=network-dues&kind=agreement-expiry").json()["count"] == 2
    assert deputy.get(DUE, {"owner": "me"}).json()["count"] == 0
    for wrong in ({"kind": "nonsense"}, {"owner": "you"}):
        assert deputy.get(DUE, wrong).status_code == 400
