"""The mandate of Paris as the documents set it: every demand and announcement, what it is measured by, and where it says so."""

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pghistory
import pytest
import yaml
from django.db import transaction
from django.utils.translation import override

from core import clock, deadlines, loading
from core.access import Parvis
from core.history import event_model
from core.loading import Rows, Tally, Unloadable, load
from core.models import BaseModel, Citation, ReminderPreference, ReminderRule
from core.roles import Role
from mandate import loaders, samples
from mandate.measures import registered
from mandate.models import (
    Evidence,
    Indicator,
    IndicatorReading,
    Mandate,
    Milestone,
    MilestoneDecision,
    Objective,
    ObjectiveAssociate,
    ObjectivePrecondition,
)
from mandate.selectors.indicators import measured
from mandate.selectors.objectives import current_mandate, not_met_at, progress
from partnerships.models import City
from partnerships.selectors import partner_cities
from tests.factories import UserFactory

READER = Parvis()
TODAY = date(2015, 6, 1)
REASON = "load_paris"
# How many the mission letter of 16 May 2014 and the communication of May 2015 have.
IN_DOCUMENTS = {
    ("objective", "whole-term"): 2,
    ("objective", "first-100-days"): 10,
    ("objective", "mid-term"): 13,
    ("objective", "end-of-term"): 7,
    ("commitment", ""): 25,
}
BY_HAND_ALONE = {"O-100-5", "O-MID-1", "O-MID-5", "O-END-1", "O-END-6"} | {
    f"C-{number}" for number in (5, 10, 11, 12, 22, 24)
}


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(REASON, files=loading.registered())
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(paris, db):
    pass


def own_files() -> list[tuple[Path, Rows]]:
    return [(path, rows) for path, rows in loading.registered() if path.is_relative_to(loaders.DATA)]


def written() -> list[dict]:
    """The rows of the objectives as the files have them."""
    files = [path for path, rows in own_files() if rows is loaders.OBJECTIVE]
    return [row for path in files for row in yaml.safe_load(path.read_text(encoding="utf-8"))["rows"]]


def of(*references: str):
    return Objective.objects.filter(mandate__slug="paris-2014-2020", reference__in=references)


# --- what the documents say ---


def test_the_mandate_has_its_three_days_and_no_decision_moved_them():
    mandate = Mandate.objects.get()
    assert (mandate.slug, mandate.city.slug) == ("paris-2014-2020", "paris")
    assert [day.rules for day in mandate.milestones()] == [date(2014, 7, 14), date(2017, 5, 19), date(2020, 7, 3)]
    assert current_mandate(READER) == mandate
    assert all(citation.source.is_outside for citation in mandate.citations.all())
    assert not MilestoneDecision.objects.exists()


def test_our_own_city_is_no_partner():
    assert not partner_cities(READER).filter(slug="paris").exists()
    city = City.objects.get(slug="paris")
    assert (city.latitude, city.relations.count()) == (None, 0)


def test_every_demand_and_announcement_is_there_with_its_words():
    assert dict(Counter(Objective.objects.values_list("kind", "horizon"))) == IN_DOCUMENTS
    rows = {row["reference"]: row for row in written()}
    assert len(rows) == Objective.objects.count() == 57
    for objective in Objective.objects.all():
        row = rows[objective.reference]
        assert (objective.wording_fr, objective.wording_en) == (row["wording_fr"], row["wording_en"])


def test_dates_are_no_more_exact_than_the_documents():
    dated = {
        row.reference: (row.due_on, row.due_on_precision) for row in Objective.objects.filter(due_on__isnull=False)
    }
    assert dated == {
        "O-100-9": (date(2014, 1, 1), "year"),
        "O-MID-1": (date(2015, 12, 1), "month"),
        "O-MID-2": (date(2015, 1, 1), "year"),
        "O-MID-4": (date(2015, 12, 1), "month"),
        "O-MID-11": (date(2014, 9, 1), "season"),
        "C-10": (date(2020, 1, 1), "year"),
        "C-16": (date(2016, 1, 1), "year"),
        "C-17": (date(2016, 1, 1), "year"),
    }
    in_words = set(Objective.objects.exclude(due_words_fr="").values_list("reference", flat=True))
    assert in_words == {"O-100-10", "O-MID-3", "O-MID-4", "O-MID-13", "C-6", "C-9", "C-14", "C-15", "C-21", "C-24"}
    step = Milestone.objects.get()
    assert (step.objective.reference, step.due_on, step.due_on_precision) == ("O-100-4", date(2014, 9, 1), "season")


def test_nothing_is_asserted_that_no_document_says():
    started = Objective.objects.exclude(status="not-started").get()
    assert (started.reference, started.status) == ("C-4", "on-track")
    assert started.citations.filter(fact="status", source__slug="seed-0").exists()
    assert not Objective.objects.exclude(owner=None).exists()
    assert not Objective.objects.exclude(parent=None).exists()
    assert not ObjectiveAssociate.objects.exists()
    assert not IndicatorReading.objects.exists()
    entrusted = Objective.objects.exclude(owner_words_fr="")
    assert set(entrusted.values_list("kind", flat=True)) == {"objective"}
    assert {objective.owner_words_fr for objective in entrusted} == {
        "Patrick Klugman (relations internationales et francophonie) et Hermano Sanches Ruivo (Europe)"
    }


def test_the_press_conference_waits_for_two_things():
    conditions = ObjectivePrecondition.objects.all()
    assert {row.objective.reference for row in conditions} == {"O-100-10"}
    assert [row.words_en for row in conditions] == [
        "The first trips are known.",
        "The City's set-up for COP21 is final.",
    ]
    assert not any(row.is_fulfilled for row in conditions)


def test_on_day_100_everything_of_the_first_100_days_is_left():
    left = not_met_at(READER, Mandate.objects.get(), "day-100")
    assert {objective.reference for objective in left} == {f"O-100-{number}" for number in range(1, 11)}


def test_everything_says_where_it_comes_from():
    for model in (Mandate, Objective, ObjectivePrecondition, Milestone, Indicator):
        assert not [record for record in model.objects.all() if not record.citations.exists()], model
    for objective in Objective.objects.all():
        named = "seed-2" if objective.kind == "objective" else "seed-0"
        assert {citation.source.slug for citation in objective.citations.select_related("source")} == {named}
        assert all(citation.section for citation in objective.citations.all())


# --- what shows it ---


def test_each_is_measured_or_honestly_judged_by_hand():
    measures = registered()
    by_hand = set()
    for objective in Objective.objects.prefetch_related("indicators"):
        indicators = list(objective.indicators.all())
        assert indicators, objective
        for indicator in indicators:
            assert indicator.title_fr
            assert indicator.title_en
            if indicator.is_judged_by_hand:
                assert indicator.judged_words_fr.startswith("Par ")
                assert indicator.judged_words_en.startswith("By ")
            else:
                assert indicator.measure in measures
        if all(indicator.is_judged_by_hand for indicator in indicators):
            by_hand.add(objective.reference)
    assert by_hand == BY_HAND_ALONE


def test_a_target_stands_where_a_document_states_one():
    targets = {
        (row.objective.reference, row.measure, row.parameter): int(row.target)
        for row in Indicator.objects.exclude(target=None).select_related("objective")
    }
    assert targets == {
        ("O-100-6", "trips-to-city", "new-york"): 1,
        ("O-100-7", "trips-to-city", "madrid"): 1,
        ("O-100-7", "trips-to-city", "berlin"): 1,
        ("O-100-8", "bilateral-meetings", "new-york"): 1,
        ("O-100-10", "events-of-kind", "press"): 1,
        ("O-MID-4", "event-held", "EVT-FORUM-PARIS"): 1,
        ("O-MID-7", "emblematic-with-all-groups", ""): 100,
        ("O-MID-8", "trips-to-city", "bucharest"): 1,
        ("C-6", "fund-budget-of-year", "waste"): 1_000_000,
        ("C-9", "programme-cities", "start-up-exchange"): 7,
        ("C-10", "", ""): 100_000,
        ("C-13", "rotation-repeats", ""): 0,
        ("C-15", "refuges-begun", ""): 1,
        ("C-16", "event-held", "EVT-ICORN-2016"): 1,
        ("C-18", "agreements-with-gender-clause", ""): 100,
        ("C-18", "projects-with-gender-marker", ""): 100,
    }
    assert set(Indicator.objects.filter(direction="at-most").values_list("objective__reference", flat=True)) == {"C-13"}
    for indicator in Indicator.objects.exclude(target=None):
        assert indicator.citations.filter(fact="target").exists(), indicator


# What the loaded data give on 1 June 2015, of the indicators that find anything to count.
FOUND = {
    ("O-100-1", "network-meetings", ""): 1,
    ("O-100-1", "networks-joined", ""): 6,
    ("O-100-1", "networks-chaired", ""): 2,
    ("O-100-3", "projects-beyond-tradition", ""): 29,
    ("O-100-4", "meetings-of-network", "aimf"): 1,
    ("O-GEN-1", "transversal-projects", ""): 0,
    ("O-GEN-2", "trips", ""): 1,
    ("O-MID-2", "remembrance-events", ""): 1,
    ("O-MID-8", "agreements-in-area", "europe-central-eastern"): 0,
    ("O-MID-10", "ambassadors-in-agreement-countries", ""): 0,
    ("O-END-4", "external-money-of-year", ""): 0,
    ("O-END-5", "projects-in-priority-fields", ""): 17,
    ("C-7", "projects-in-field", "social-inclusion"): 4,
    # Fewer than five, which is not told.
    ("C-15", "refuges-begun", ""): None,
    ("C-18", "agreements-with-gender-clause", ""): 25,
    ("C-18", "projects-with-gender-marker", ""): 0,
}


def test_what_the_loaded_records_answer_and_by_which_records():
    found = {}
    for indicator in Indicator.objects.exclude(measure="").select_related("objective__mandate"):
        key = (indicator.objective.reference, indicator.measure, indicator.parameter)
        measure = measured(READER, indicator)
        if measure is not None and measure.value is not None:
            found[key] = measure.value
            if measure.value and indicator.measure != "refuges-begun":
                assert any(behind.exists() for behind in measure.records), key
    assert {key: found.get(key) for key in FOUND} == FOUND
    # Nobody recorded which groups were on the trip to Auschwitz; there is no envelope; no agreement to divide by.
    for nothing in (
        ("O-MID-7", "emblematic-with-all-groups", ""),
        ("C-6", "fund-budget-of-year", "waste"),
        ("O-END-2", "external-per-city-euro", ""),
    ):
        assert nothing not in found


def test_evidence_is_what_the_wording_names():
    shown: dict[str, set[str]] = {}
    for row in Evidence.objects.select_related("objective", "mission", "event", "agreement", "project"):
        assert row.note_fr
        assert row.note_en
        shown.setdefault(row.objective.reference, set()).add(row.record.reference)
    assert shown["O-100-7"] == {"MIS-MADRID", "MIS-BERLIN"}
    assert shown["O-MID-7"] == {"MIS-AUSCHWITZ", "MIS-YEREVAN", "MIS-ISRAEL-PALESTINE"}
    assert shown["C-18"] == {"AGR-KINSHASA"}
    assert shown["O-MID-4"] == {"EVT-FORUM-PARIS"}
    assert len(shown) == 26
    assert set(Evidence.objects.filter(note_en__startswith="Asked for").values_list("event__status", flat=True)) == {
        None,
        "planned",
    }
    done = Evidence.objects.filter(note_en__startswith="Asked for", mission__status="done")
    assert not done.exists()


# --- the usual reminders ---


def test_every_kind_of_deadline_reminds_somebody():
    rules = ReminderRule.objects.all()
    assert {rule.kind for rule in rules} == set(deadlines.kinds())
    for rule in rules:
        assert rule.title_fr
        assert rule.title_en
        assert rule.channels == ["e-mail", "in-app"]
        assert rule.is_active


def test_the_days_of_the_mandate_are_told_60_days_before_and_on_the_day():
    told = ReminderRule.objects.filter(kind="mandate-milestone")
    assert [rule.days_before for rule in told] == [60, 0]
    for rule in told:
        assert set(rule.roles) == {Role.ADMINISTRATOR, Role.OFFICER, Role.DEPUTY, Role.MAYORS_OFFICE}
    due = ReminderRule.objects.get(kind="objective-due", days_before=30)
    assert (due.to_owner, due.roles, due.escalation_days, due.escalation_role) == (True, ["officer"], 14, "deputy")
    assert ReminderRule.objects.get(kind="mission-mandate").days_before == 45
    notice = ReminderRule.objects.get(kind="agreement-notice")
    assert (notice.days_before, notice.escalation_role) == (60, "deputy")


# --- loading ---


def within(rows: Rows) -> set[type[BaseModel]]:
    return {rows.model}.union(*(within(child) for child in rows.children.values()))


def test_a_second_run_changes_nothing_and_leaves_what_a_person_did():
    models = set().union(*(within(rows) for _path, rows in own_files()))

    def state():
        return {model: event_model(model).objects.count() for model in {*models, Citation}}

    before = state()
    tallies = load(REASON, files=own_files())
    assert state() == before
    assert not any(tally.created or tally.changed or tally.removed for tally in tallies.values())
    rule = ReminderRule.objects.get(kind="network-dues")
    rule.days_before, rule.is_active = 45, False
    with pghistory.context(client="test"):
        rule.save()
    load(REASON, files=own_files())
    rule.refresh_from_db()
    assert (rule.days_before, rule.is_active) == (45, False)


@pytest.mark.parametrize("day", [date(2014, 6, 1), date(2016, 1, 1)])
def test_the_data_tell_of_their_own_day_whatever_day_the_demo_shows(settings, day):
    settings.TODAY = day
    with clock.not_before(settings.DATA_DAY):
        assert clock.today() == clock.now().date() == max(day, TODAY)
        load(REASON, files=own_files())
    assert clock.today() == clock.now().date() == day


ONE_OBJECTIVE = """
rows:
- mandate: paris-2014-2020
  reference: T-1
  horizon: mid-term
  wording_fr: Un objectif
  due_on: 2015-12
  preconditions:
    - {needs: paris-2014-2020 / O-100-2, citations: [{source: seed-2}]}
  indicators:
    - {title_fr: Voyages, measure: trips-to-area, parameter: europe, citations: [{source: seed-2}]}
  evidence:
    - {mission: MIS-ROME}
  citations: [{source: seed-2}]
"""
BAD = [
    ("mandate: paris-2014-2020\n", "mandate: nowhere\n", 2, "mandate: There is no mandate “nowhere”."),
    ("reference: T-1", "reference: t 1", 3, "reference: A reference is written in capital letters"),
    ("horizon: mid-term", "kind: objective", 2, "horizon: An objective of the mission letter has the term"),
    ("due_on: 2015-12", "due_on: bientôt", 6, "due_on: “bientôt” is not a date"),
    ("due_on: 2015-12", "weight: 40", 6, "weight: A part has a weight from 1 to 100"),
    ("due_on: 2015-12", "status: on-track", 2, "What was judged has the day on which it was"),
    ("due_on: 2015-12", "owner: somebody", 6, "owner: No file can name"),
    ("O-100-2", "O-NOWHERE", 8, "needs: There is no objective “paris-2014-2020 / O-NOWHERE”."),
    ("paris-2014-2020 / O-100-2", "O-100-2", 8, "needs: There is no objective “O-100-2”."),
    ("parameter: europe", "parameter: nowhere", 10, "parameter: There is nothing of this short name."),
    ("measure: trips-to-area, parameter: europe, ", "", 10, "Choose a measure, or say how it is judged by hand."),
    ("measure: trips-to-area", "measure: guesses", 10, "measure: "),
    ("mission: MIS-ROME", "mission: MIS-NOWHERE", 12, "mission: There is no mission “MIS-NOWHERE”."),
    ("mission: MIS-ROME", "mission: MIS-ROME, event: EVT-COP21", 12, "A piece of evidence is one record"),
    ("mission: MIS-ROME", "membership: aimf", 12, "membership: No file can name memberships."),
    ("due_on: 2015-12", "parent: paris-2014-2020 / O-MID-1\n  weight: 40", 1, "The weights of the parts"),
]


def test_bad_rows_are_named_with_file_and_line(tmp_path):
    path = tmp_path / "example" / "data" / "rows.yaml"
    path.parent.mkdir(parents=True)
    text = ONE_OBJECTIVE.lstrip("\n")
    for old, new, line, said in BAD:
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")
        with override("en"), pytest.raises(Unloadable) as refused:
            load("test_load", files=[(path, loaders.OBJECTIVE)])
        faults = [str(fault) for fault in refused.value]
        assert any(fault.startswith(f"example/data/rows.yaml:{line}: ") and said in fault for fault in faults), (
            new,
            faults,
        )
        assert not of("T-1").exists()
    path.write_text(text, encoding="utf-8")
    assert load("test_load", files=[(path, loaders.OBJECTIVE)])[Objective].created == 1


def test_a_rule_without_recipient_is_named_too(tmp_path):
    path = tmp_path / "rows.yaml"
    rule = "rows:\n- {title_fr: Règle, kind: network-dues, days_before: 3, channels: [in-app]}\n"
    for spoilt, said in (
        (rule, "A rule needs somebody to remind"),
        (rule.replace("network-dues", "tea-time"), "kind: There is no such kind of deadline."),
    ):
        path.write_text(spoilt, encoding="utf-8")
        with override("en"), pytest.raises(Unloadable) as refused:
            load("test_load", files=[(path, loaders.RULE)])
        assert any(said in str(fault) for fault in refused.value)


# --- samples ---


def test_samples_show_parts_an_owner_a_decision_and_readings_and_touch_nothing_real():
    before = list(of(*(row["reference"] for row in written())).order_by("pk").values_list("pk", "version", "status"))
    officer = UserFactory(email="officer@demo.test", role=Role.OFFICER)
    for _each in range(2):
        load("load_samples", files=loading.registered(samples=True))
        samples.make("load_samples", defaultdict(Tally))
    assert (
        list(of(*(row["reference"] for row in written())).order_by("pk").values_list("pk", "version", "status"))
        == before
    )
    mandate = Mandate.objects.get(slug="sample-mandate")
    assert progress(READER, mandate)[Objective.objects.get(reference="EX-1").pk] == 50
    assert [day.rules for day in mandate.milestones()][1] == date(2016, 2, 1)
    owned = Objective.objects.get(reference=samples.OWNED)
    assert (owned.owner, owned.due_on) == (officer, date(2015, 6, 21))
    wish = ReminderPreference.objects.get(user=officer)
    assert (wish.quiet_from, wish.quiet_until, wish.quiet_weekends) == (None, None, False)
    days = set(IndicatorReading.objects.values_list("day", flat=True))
    assert days == {date(2015, month, 1) for month in range(1, 7)}
    assert current_mandate(READER).slug == "paris-2014-2020"
    for record in (mandate, *Objective.objects.filter(mandate=mandate)):
        assert record.citations.filter(source__kind="sample").exists()
        assert "inventé" in str(getattr(record, "wording_fr", "") or record.title_fr)
