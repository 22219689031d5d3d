"""The days of a mandate, the weights of parts, who sees what shows an objective, and what indicators read."""

import ast
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError

from core.access import ApiClient, Parvis
from core.exceptions import Refused
from core.roles import Role
from mandate import measures, selectors, services
from mandate.enums import MandateMilestone
from mandate.models import EVIDENCE, Evidence, Indicator, IndicatorReading, Mandate, MilestoneDecision, Objective
from mandate.tasks import take_readings
from solidarity.models.protected import ProtectedFile
from tests import factories as make
from tests.cooperation.lives import reasons
from tests.cooperation.test_constraints import written
from tests.mandate.broken_rules import divided

TODAY = date(2015, 6, 1)


def client(*scopes: str) -> ApiClient:
    return ApiClient("invented", "Invented", frozenset(scopes))


@pytest.mark.django_db
class TestMandate:
    def days(self, mandate: Mandate) -> list[date]:
        return [day.rules for day in Mandate.objects.get(pk=mandate.pk).milestones()]

    def test_its_days_are_computed_and_move_with_its_dates(self):
        mandate = make.MandateFactory(starts_on=date(2014, 4, 5), ends_on=date(2020, 7, 3))
        expected = [date(2014, 7, 14), date(2017, 5, 19), date(2020, 7, 3)]
        assert self.days(mandate) == [day.rules for day in mandate.milestones()] == expected
        assert [day.which for day in mandate.milestones()] == list(MandateMilestone)
        mandate.starts_on, mandate.ends_on = date(2014, 4, 6), date(2020, 3, 28)
        mandate.save()
        moved = [date(2014, 7, 15), date(2017, 4, 1), date(2020, 3, 28)]
        assert self.days(mandate) == [day.computed for day in mandate.milestones()] == moved
        # Rows that nobody saved one by one move too.
        written(mandate, starts_on=date(2014, 4, 5), ends_on=date(2020, 7, 3))
        assert self.days(mandate) == expected

    def test_the_latest_decision_rules(self):
        mandate = make.MandateFactory()
        for falls_on, decided_on in (
            (date(2017, 6, 2), date(2015, 5, 2)),
            (date(2017, 6, 1), date(2015, 5, 1)),
            (date(2017, 6, 3), date(2015, 5, 2)),
        ):
            make.MilestoneDecisionFactory(mandate=mandate, falls_on=falls_on, decided_on=decided_on)
        _first, midpoint, end = mandate.milestones()
        assert (midpoint.computed, midpoint.rules) == (date(2017, 5, 19), date(2017, 6, 3))
        assert midpoint.decision == MilestoneDecision.objects.latest("pk")
        assert end.decision is None

    def test_a_decision_that_a_later_one_replaced_bars_nothing(self):
        mandate = make.MandateFactory()
        make.MilestoneDecisionFactory(mandate=mandate, falls_on=date(2020, 7, 1))
        make.MilestoneDecisionFactory(mandate=mandate, falls_on=date(2017, 6, 1))
        mandate.ends_on = date(2018, 7, 3)
        mandate.save()
        mandate.ends_on = date(2017, 5, 31)
        with pytest.raises(ValidationError, match="would fall outside the mandate"):
            mandate.save()

    def test_forms_refuse_in_the_field(self):
        mandate = make.MandateFactory()
        wrong = [
            (
                Mandate(
                    slug="a", city=mandate.city, title_fr="A", starts_on=date(2021, 1, 1), ends_on=date(2020, 1, 1)
                ),
                "ends_on",
            ),
            (
                Mandate(
                    slug="b",
                    city=make.CityFactory(),
                    title_fr="B",
                    starts_on=date(2021, 1, 1),
                    ends_on=date(2026, 1, 1),
                    previous=mandate,
                ),
                "previous",
            ),
            (make.MilestoneDecisionFactory.build(mandate=mandate, falls_on=date(2021, 1, 1)), "falls_on"),
            (make.MilestoneDecisionFactory.build(mandate=mandate, decided_on=date(2015, 6, 2)), "decided_on"),
        ]
        for record, field in wrong:
            with pytest.raises(ValidationError) as refused:
                record.save()
            assert list(refused.value.message_dict) == [field]
        with pytest.raises(ValidationError, match="already has a mandate at that time"):
            make.MandateFactory(city=mandate.city)

    def test_the_one_that_runs(self, officer):
        first = make.MandateFactory()
        ask = selectors.objectives.current_mandate
        assert ask(officer) == ask(officer, city=first.city) == ask(officer, day=first.ends_on) == first
        assert ask(officer, day=date(2014, 4, 4)) is ask(officer, city=make.CityFactory()) is ask(client()) is None
        second = make.MandateFactory(city=first.city, starts_on=first.ends_on, ends_on=date(2026, 3, 29))
        assert ask(officer, day=first.ends_on) == second
        assert ask(officer, day=first.ends_on - timedelta(days=1)) == first


@pytest.mark.django_db
class TestParts:
    def test_weights_are_set_together(self, officer):
        whole, [first, second] = divided(60, 40)
        third = make.ObjectiveFactory(mandate=whole.mandate)
        services.set_parts(whole, actor=officer, weights={second: 30, third: 70})
        assert dict(whole.parts.values_list("pk", "weight")) == {second.pk: 30, third.pk: 70}
        first.refresh_from_db()
        assert (first.parent, first.weight) == (None, None)
        services.set_parts(whole, actor=officer, weights={})
        assert not whole.parts.exists()

    def test_what_does_not_sum_or_belongs_to_another_is_refused_whole(self, officer):
        whole, [first, second] = divided(60, 40)
        other, _parts = divided(100)
        with pytest.raises(Refused) as refused:
            services.set_parts(other, actor=officer, weights={first: 60, second: 39})
        assert reasons(refused) == [
            ("The weights sum to 99, not to 100.", "weight"),
            (f"{first.reference} is already a part of another objective.", "parent"),
            (f"{second.reference} is already a part of another objective.", "parent"),
        ]
        with pytest.raises(ValidationError) as wrong:
            services.set_parts(first, actor=officer, weights={whole: 100})
        assert list(wrong.value.message_dict) == ["parent"]
        assert dict(whole.parts.values_list("pk", "weight")) == {first.pk: 60, second.pk: 40}

    def test_weights_are_asked_before_the_end(self):
        whole, [first, _second] = divided(60, 40)
        written(first, weight=59)
        with pytest.raises(ValidationError, match="The weights of the parts of an objective sum to 100"):
            services.check_weights()
        written(first, weight=60)
        services.check_weights()
        # And again only at the end.
        written(first, weight=1)
        written(first, weight=60)
        assert whole.parts.count() == 2

    def test_progress_is_weighted_however_deep(self, officer, django_assert_num_queries):
        whole, [first, second] = divided(60, 40)
        Objective.objects.bulk_create(
            make.ObjectiveFactory.build(mandate=whole.mandate, parent=second, weight=weight) for weight in (33, 67)
        )
        part = second.parts.get(weight=33)
        make.EvidenceFactory(objective=part)
        services.meet_objective(part, actor=officer)
        alone = make.ObjectiveFactory(mandate=whole.mandate)
        assert officer.has_perm("mandate.view_objective")
        with django_assert_num_queries(1):
            found = selectors.objectives.progress(officer, whole.mandate)
        assert (found[whole.pk], found[second.pk], found[part.pk]) == (Decimal("13.20"), Decimal(33), Decimal(100))
        assert (found[first.pk], found[alone.pk]) == (0, 0)


@pytest.mark.django_db
class TestEvidence:
    @pytest.fixture
    def rows(self):
        """One piece of each kind, of one objective."""
        records = {
            "mission": make.MissionFactory,
            "delegation": make.DelegationFactory,
            "event": make.EventFactory,
            "agreement": make.AgreementFactory,
            "project": make.ProjectFactory,
            "grant": make.GrantFactory,
            "membership": make.MembershipFactory,
            "document": make.DocumentFactory,
        }
        assert tuple(records) == EVIDENCE
        objective = make.ObjectiveFactory()
        return {
            kind: make.EvidenceFactory(objective=objective, **{"mission": None} | {kind: record()})
            for kind, record in records.items()
        }

    def test_each_kind_is_read_as_its_record(self, rows):
        for kind, row in rows.items():
            found = Evidence.objects.get(pk=row.pk)
            assert (found.kind, found.record) == (kind, getattr(row, kind))

    @pytest.mark.parametrize(
        ("scopes", "seen"),
        [
            ((), []),
            (("events:read",), ["mission", "delegation", "event"]),
            (("partnerships:read",), ["agreement", "membership"]),
            (("cooperation:read",), ["project"]),
            (("solidarity:read",), ["grant"]),
            (("core:read", "partnerships:read"), ["agreement", "membership", "document"]),
        ],
    )
    def test_only_what_shows_it_to_the_reader_is_there_and_counted(self, rows, scopes, seen):
        reader = client("mandate:read", *scopes)
        objective = rows["mission"].objective
        found = selectors.objectives.evidence_of(reader, objective)
        assert [row.kind for row in found] == seen
        counted = selectors.objectives.with_evidence_count(selectors.objectives.objectives(reader), reader).get()
        assert counted.shown_by == len(seen)
        assert selectors.objectives.without_evidence([counted]) == ([] if seen else [objective])
        # History tells no more.
        past = Evidence.pgh_event_model.objects.filter(Evidence.visibility(reader))
        assert past.count() == len(seen)

    def test_a_document_of_a_hidden_record_shows_nothing(self, officer, deputy):
        note = make.WatchNoteFactory(audience="staff")
        row = make.EvidenceFactory(mission=None, document=make.DocumentFactory(record=note))
        assert selectors.objectives.evidence_of(officer, row.objective).get() == row
        assert not selectors.objectives.evidence_of(deputy, row.objective).exists()

    def test_a_record_that_shows_something_is_not_deleted(self, rows):
        for row in rows.values():
            with pytest.raises((IntegrityError, Refused)):
                row.record.delete()

    def test_it_is_not_added_in_the_future(self):
        with pytest.raises(ValidationError, match="This has not happened yet"):
            make.EvidenceFactory(added_on=date(2015, 6, 2))


@pytest.mark.django_db
class TestObjectives:
    def test_what_is_late_comes_first_then_by_date(self, officer):
        mandate = make.MandateFactory()
        made = {
            name: make.ObjectiveFactory(mandate=mandate, reference=name.upper(), **values)
            for name, values in {
                "met": {"met": True},
                "later": {"due_on": date(2016, 1, 1), "due_on_precision": "day"},
                "sooner": {"on_track": True, "due_on": date(2015, 7, 1), "due_on_precision": "day"},
                "undated": {},
                "risk": {"at_risk": True},
                "late": {"late": True},
            }.items()
        }
        make.ObjectiveFactory(late=True)
        found = selectors.objectives.objectives(officer, mandate)
        assert [row.reference.lower() for row in found] == ["late", "risk", "sooner", "later", "undated", "met"]
        assert selectors.objectives.by_status(officer, mandate) == {
            "met": 1,
            "not-started": 2,
            "on-track": 1,
            "at-risk": 1,
            "late": 1,
        }
        assert made["met"] not in selectors.objectives.not_met_at(officer, mandate, MandateMilestone.MIDPOINT)

    def test_what_a_milestone_judges(self, officer):
        mandate = make.MandateFactory()
        made = {
            horizon: make.ObjectiveFactory(mandate=mandate, horizon=horizon)
            for horizon in ("first-100-days", "mid-term", "end-of-term", "whole-term")
        }
        made[""] = make.ObjectiveFactory(mandate=mandate, horizon="", kind="commitment")
        make.ObjectiveFactory(mandate=mandate, horizon="first-100-days", dropped=True)
        judged = {
            milestone: {row.horizon for row in selectors.objectives.not_met_at(officer, mandate, milestone)}
            for milestone in MandateMilestone
        }
        assert judged == {
            "day-100": {"first-100-days"},
            "midpoint": {"mid-term"},
            "end": {"end-of-term", "whole-term"},
        }
        assert (
            selectors.objectives.not_met_at(officer, mandate, MandateMilestone.DAY_100).get() == made["first-100-days"]
        )
        grouped = selectors.objectives.by_horizon(officer, mandate)
        assert {horizon: len(rows) for horizon, rows in grouped.items()} == {
            "first-100-days": 2,
            "mid-term": 1,
            "end-of-term": 1,
            "whole-term": 1,
            "": 1,
        }

    def test_rows_refuse_in_the_field(self):
        objective = make.ObjectiveFactory()
        other = make.ObjectiveFactory()
        whole, [part] = divided(100)
        whole.parent, whole.weight = part, 100
        wrong = [
            (make.ObjectiveFactory.build(mandate=objective.mandate, parent=other, weight=100), "parent"),
            (whole, "parent"),
            (
                make.ObjectivePreconditionFactory.build(objective=objective, needs=other, words_fr="", words_en=""),
                "needs",
            ),
            (
                make.ObjectivePreconditionFactory.build(objective=objective, fulfilled_on=date(2015, 6, 2)),
                "fulfilled_on",
            ),
            (make.MilestoneFactory.build(objective=objective, reached_on=date(2015, 6, 2)), "reached_on"),
            (
                make.ObjectiveAssociateFactory.build(
                    objective=objective, person=None, organisation=make.OrganisationFactory()
                ),
                "organisation",
            ),
        ]
        for record, field in wrong:
            with pytest.raises(ValidationError) as refused:
                record.save()
            assert list(refused.value.message_dict) == [field]

    def test_open_steps_are_those_of_open_objectives(self, officer):
        step = make.MilestoneFactory()
        make.MilestoneFactory(reached_on=TODAY)
        make.MilestoneFactory(objective=make.ObjectiveFactory(dropped=True))
        assert selectors.objectives.open_milestones(officer).get() == step


@pytest.mark.django_db
class TestIndicators:
    def test_a_measure_that_is_not_there_or_not_so_narrowed_is_refused(self):
        area = make.AreaFactory()
        for measure, parameter, field in (
            ("invented", "", "measure"),
            ("trips-to-area", "", "parameter"),
            ("trips-to-area", "nowhere", "parameter"),
            ("agreements-with-gender-clause", area.slug, "parameter"),
        ):
            with pytest.raises(ValidationError) as refused:
                make.IndicatorFactory(measure=measure, parameter=parameter)
            assert list(refused.value.message_dict) == [field]
        assert make.IndicatorFactory(measure="trips-to-area", parameter=area.slug).unit == "count"

    def test_two_measures_of_one_name_are_refused(self):
        for wrong in ({"name": "trips-to-area"}, {"name": "other", "parameter": "invented"}):
            with pytest.raises(ImproperlyConfigured):
                measures.measure(title="", unit="count", **wrong)(lambda *asked: measures.Measure(1))
        assert "other" not in measures.registered()

    def test_each_has_one_reading_a_day_written_over(self, officer):
        indicator = make.IndicatorFactory()
        make.IndicatorFactory(objective=indicator.objective, by_hand=True)
        make.IndicatorFactory(objective=make.ObjectiveFactory(dropped=True))
        make.IndicatorFactory(since=date(2015, 6, 2))
        make.IndicatorFactory(objective__mandate__starts_on=date(2015, 6, 2))
        make.IndicatorFactory(objective__mandate__ends_on=date(2015, 5, 31))
        assert take_readings() == 1
        # There is no agreement of which a share could have a clause: nothing to count, which is not 0.
        reading = IndicatorReading.objects.get()
        assert (reading.indicator, reading.day, reading.value) == (indicator, TODAY, None)
        clause = make.AgreementClauseFactory(agreement=make.AgreementFactory(in_force=True))
        make.AgreementFactory(in_force=True)
        assert (clause.kind, take_readings()) == ("gender-equality", 1)
        assert IndicatorReading.objects.get().value == 50

    def test_what_stands_today_is_not_asked_of_another_day(self, officer):
        clauses = make.IndicatorFactory()
        trips = make.IndicatorFactory(
            objective=clauses.objective, measure="trips-to-area", parameter=make.AreaFactory().slug
        )
        assert services.take_readings(actor=Parvis(), day=date(2015, 5, 1)) == 1
        assert IndicatorReading.objects.get().indicator == trips
        with pytest.raises(Refused, match="This day has not come yet"):
            services.take_readings(actor=Parvis(), day=date(2015, 6, 2))

    def test_trend_in_one_query(self, officer, django_assert_num_queries):
        indicator = make.IndicatorFactory(target=5, baseline=1)
        readings = {1: 2, 60: 3, 90: 4, 100: 5}
        for day, value in readings.items():
            make.IndicatorReadingFactory(indicator=indicator, day=date(2015, 1, 1) + timedelta(days=day), value=value)
        make.IndicatorFactory()
        assert officer.has_perm("mandate.view_indicator")
        with django_assert_num_queries(1):
            found = {row.pk: selectors.indicators.trend(row) for row in selectors.indicators.indicators(officer)}
        trend = found.pop(indicator.pk)
        # 30 days before the 100th day the latest reading is that of the 60th.
        assert (trend.last, trend.earlier, trend.earlier_day) == (5, 3, date(2015, 3, 2))
        assert (trend.change, trend.since_baseline, trend.improves, trend.is_reached) == (2, 4, True, True)
        [nothing] = found.values()
        assert (nothing.last, nothing.change, nothing.since_baseline, nothing.improves) == (None, None, None, None)
        assert nothing.is_reached is False

    def test_thirty_days_are_thirty_days(self, officer):
        indicator = make.IndicatorFactory(direction="at-most")
        for day, value in ((date(2015, 5, 2), 5), (date(2015, 5, 3), 7), (TODAY, 6)):
            make.IndicatorReadingFactory(indicator=indicator, day=day, value=value)
        [row] = selectors.indicators.indicators(officer, objective=indicator.objective)
        trend = selectors.indicators.trend(row)
        assert (trend.earlier, trend.change, trend.improves) == (5, 1, False)

    def test_readings_are_hidden_from_whoever_may_not_view_what_they_count(self, officer):
        reading = make.IndicatorReadingFactory(indicator__target=3)
        for reader, seen in (
            (officer, True),
            (client("mandate:read", "partnerships:read"), True),
            (client("mandate:read"), False),
            (client("partnerships:read"), False),
        ):
            assert selectors.indicators.readings(reader, reading.indicator).exists() is seen
        [row] = selectors.indicators.indicators(client("mandate:read"))
        assert (row.last_value, row.earlier_value) == (None, None)
        assert selectors.indicators.measured(client("mandate:read"), row) == measures.Measure(None)

    def test_the_registry_offers_what_it_holds(self):
        [field] = [field for field in Indicator._meta.fields if field.name == "measure"]
        assert {name for name, _title in field.flatchoices if name} == set(measures.registered())


@pytest.mark.django_db
class TestMeasures:
    def value(self, reader, name, parameter="", since=date(2015, 1, 1), until=date(2015, 12, 31)):
        return measures.registered()[name].take(reader, since, until, parameter)

    def test_trips_to_an_area(self, officer):
        area = make.AreaFactory()
        inner = make.AreaFactory(parent=area)
        city = make.CityAreaFactory(area=inner).city

        def trip(stage, place, done=True, **values):
            mission = make.MissionFactory(done=done, **values)
            make.DestinationFactory(mission=mission, stage=stage, **{"city": None} | place)
            return mission

        counted = {
            trip("actual", {"city": city}),
            trip("actual", {"area": area}),
            trip("planned", {"city": city}),
        }
        trip("planned", {"city": city}, done=False)
        trip("actual", {"city": make.CityFactory()})
        trip("actual", {"city": city}, actual_start=date(2014, 12, 31))
        elsewhere = trip("planned", {"city": city})
        make.DestinationFactory(mission=elsewhere, stage="actual")
        found = self.value(officer, "trips-to-area", area.slug)
        assert (found.value, set(found.records[0])) == (3, counted)
        assert self.value(client("mandate:read"), "trips-to-area", area.slug) == measures.Measure(None)

    def test_agreements_with_a_gender_clause(self, officer):
        agreement = make.AgreementFactory(in_force=True)
        for kind in ("gender-equality", "climate"):
            make.AgreementClauseFactory(agreement=agreement, kind=kind)
        make.AgreementFactory.create_batch(2, in_force=True)
        found = self.value(officer, "agreements-with-gender-clause")
        assert (found.value, found.records[0].get(), found.whole.count()) == (33, agreement, 3)

    def test_refuges_are_a_number_and_nothing_else(self, officer):
        make.ProtectedFileFactory(kind="refuge", begins_on=date(2014, 3, 2))
        for count, told in ((0, None), (1, None), (4, None), (5, 5)):
            missing = count - ProtectedFile.objects.filter(begins_on__year=2015).count()
            make.ProtectedFileFactory.create_batch(missing, kind="refuge", begins_on=date(2015, 3, 2))
            found = self.value(officer, "refuges-begun", since=date(2014, 4, 5), until=TODAY)
            assert found == measures.Measure(told), count

    def test_one_function_alone_is_known_of_the_protected_rooms(self):
        code = ast.parse(Path(measures.__file__).read_text())
        taken = [
            (node.module, [name.name for name in node.names])
            for node in ast.walk(code)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("solidarity")
        ]
        assert taken == [("solidarity.protection.selectors", ["hosted_in"])]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, Role.DEPUTY, Role.AUDITOR])
def test_who_reads_objectives(role):
    objective = make.ObjectiveFactory()
    found = selectors.objectives.objectives(make.UserFactory(role=role))
    assert list(found) == ([objective] if role else [])
