"""What falls due in a mandate, and what is said of it."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core import deadlines
from core.enums import Precision
from core.roles import Role
from mandate import services
from mandate.enums import MandateMilestone
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mandate():
    return make.MandateFactory(starts_on=date(2014, 4, 5), ends_on=date(2020, 7, 3))


@pytest.fixture
def officer():
    return make.UserFactory(role=Role.OFFICER)


def due(reader, kind, since=date(2014, 1, 1), until=date(2021, 1, 1)):
    return [found for found in deadlines.due(reader, since=since, until=until) if found.kind == kind]


def test_the_three_days_of_a_mandate_move_with_its_dates_and_by_decision(mandate, officer):
    days = [date(2014, 7, 14), date(2017, 5, 19), date(2020, 7, 3)]
    assert [found.due for found in due(officer, "mandate-milestone")] == days
    make.MilestoneDecisionFactory(mandate=mandate, which=MandateMilestone.DAY_100, falls_on=date(2014, 9, 1))
    assert [found.due for found in due(officer, "mandate-milestone")] == [date(2014, 9, 1), *days[1:]]
    assert due(make.UserFactory(), "mandate-milestone") == []


def test_before_the_day_it_lists_what_is_not_met_and_from_the_day_on_it_reports(mandate, officer, monkeypatch):
    left, met = (make.ObjectiveFactory(mandate=mandate, horizon="first-100-days") for _each in range(2))
    make.EvidenceFactory(objective=met)
    services.meet_objective(met, actor=officer)
    with translation.override("en"):
        monkeypatch.setattr(settings, "TODAY", date(2014, 6, 1))
        [day] = due(officer, "mandate-milestone", until=date(2014, 12, 31))
        assert "1 of 2 objectives not met" in day.what
        assert [left.reference in line for line in day.details()] == [True]
        monkeypatch.setattr(settings, "TODAY", date(2014, 7, 14))
        [day] = due(officer, "mandate-milestone", until=date(2014, 12, 31))
        assert "1 of 2 objectives met" in day.what
        assert len(day.details()) == 2


def test_an_objective_falls_due_on_the_last_day_of_what_is_known_and_falls_silent_once_met(mandate, officer):
    owner = make.UserFactory(role=Role.OFFICER)
    objective = make.ObjectiveFactory(
        mandate=mandate, due_on=date(2015, 12, 1), due_on_precision=Precision.MONTH, owner=owner
    )
    step = make.MilestoneFactory(objective=objective, due_on=date(2015, 6, 30), due_on_precision=Precision.DAY)
    [found] = due(officer, "objective-due")
    assert (found.due, found.record, found.owner) == (date(2015, 12, 31), objective, owner)
    [found] = due(officer, "objective-step")
    assert (found.due, found.record) == (step.due_on, step)
    assert due(officer, "objective-due", until=date(2015, 12, 30)) == []
    make.EvidenceFactory(objective=objective)
    services.meet_objective(objective, actor=officer)
    assert due(officer, "objective-due") == due(officer, "objective-step") == []


def test_the_number_of_queries_does_not_grow(mandate, officer):
    def asked() -> int:
        reader = type(officer).objects.get(pk=officer.pk)
        with CaptureQueriesContext(connection) as queries:
            due(reader, "mandate-milestone")
        return len(queries)

    make.ObjectiveFactory(mandate=mandate, due_on=date(2015, 1, 1), due_on_precision="day")
    first = asked()
    for number in range(3):
        make.ObjectiveFactory(mandate=mandate, due_on=date(2015, 2, 1) + timedelta(number), due_on_precision="day")
    assert asked() == first
