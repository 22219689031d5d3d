"""Made on the Paris data, the report states from records what the communication of May 2015 states, and says what it cannot."""

from datetime import date

import pytest
from django.db import transaction
from django.utils.translation import override

from core import loading
from core.roles import Role
from mandate.enums import ACCOUNTS, ReportSection
from mandate.models import Report
from mandate.reports.account import Account, Entry
from mandate.reports.writing import Everyone, account
from tests.factories import UserFactory
from tests.mandate.communication_2015 import LACKING, STATED, Lacking, Said

END = date(2015, 5, 31)
DEMO = date(2015, 6, 1)
# Of these the reference file states amounts that are shown side by side and never added up.
DECLARED = {6_700_000, 2_000_000, 1_000_000}


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        loading.load("load_paris", files=loading.registered())
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def accounts(paris, django_db_blocker) -> dict[date, Account]:
    """The account as the day of the demo and the last of the period make it, for whoever signs in."""
    from django.conf import settings

    made = {}
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, override("en"):
        for day in (END, DEMO):
            patch.setattr(settings, "TODAY", day)
            made[day] = account(Report.objects.get(slug="communication-2015"), Everyone())
    return made


def stated(found: Account) -> dict[str, Entry]:
    return {entry.key: entry for section in found.sections for entry in section.entries}


def shows(entry: Entry, proof: str) -> bool:
    return not proof or any(proof == record.reference or record.link.endswith(proof) for record in entry.records)


@pytest.mark.parametrize("day", [END, DEMO], ids=str)
@pytest.mark.parametrize("fact", STATED, ids=lambda fact: f"{fact.line}-{fact.name}-{fact.statement}-{fact.proof}")
def test_it_states_it_with_the_record_behind_it(accounts, fact: Said, day):
    entry = stated(accounts[day])[fact.statement]
    assert shows(entry, fact.proof), entry
    if fact.value is not None:
        assert entry.value == fact.value


@pytest.mark.parametrize("day", [END, DEMO], ids=str)
@pytest.mark.parametrize("fact", [fact for fact in LACKING if fact.words], ids=lambda fact: f"{fact.line}-{fact.name}")
def test_it_says_in_words_what_no_record_holds(accounts, fact: Lacking, day):
    said = [entry.note.en if entry.note else "" for entry in stated(accounts[day]).values()]
    said += [entry.label.en for entry in stated(accounts[day]).values()]
    assert any(fact.words in sentence for sentence in said), fact.why


def test_what_is_lacking_is_stated_nowhere(accounts):
    """A fact of which no record is kept stands under its own name in no statement."""
    proofs = [record for entry in stated(accounts[DEMO]).values() for record in entry.records]
    told = {fact.name for fact in STATED}
    for fact in LACKING:
        assert fact.why
        assert fact.name in told or not any(record.link.endswith(f"/{fact.name}/") for record in proofs), fact


def test_the_sections_stand_in_the_order_of_the_communication(accounts):
    found = accounts[DEMO]
    assert [section.section for section in found.sections] == list(ReportSection)
    keys = list(stated(found))
    of_facts = [keys.index(fact.statement) for fact in STATED]
    firsts = [
        min(of_facts[place] for place in range(len(STATED)) if section_of(found, place) == part) for part in ACCOUNTS
    ]
    assert firsts == sorted(firsts)
    for section in found.sections:
        assert bool(section.entries) == (section.section in ACCOUNTS)


def section_of(found: Account, place: int) -> ReportSection:
    return stated(found)[STATED[place].statement].section


def test_declared_amounts_are_told_apart_and_never_added_up(accounts):
    entries = stated(accounts[DEMO])
    declared = {key: entry for key, entry in entries.items() if key.startswith("declared")}
    assert {int(entry.value) for entry in declared.values()} == DECLARED
    assert len(declared) == 5
    for entry in declared.values():
        assert "never added up" in entry.definition.en
        assert not entry.rows
    sums = {int(a.value + b.value) for a in declared.values() for b in declared.values() if a is not b}
    money = {int(entry.value) for entry in entries.values() if entry.unit == "EUR" and entry.value is not None}
    assert money == DECLARED
    assert not money & (sums - DECLARED)


def test_money_that_nobody_recorded_is_not_known_rather_than_0(accounts):
    entries = stated(accounts[DEMO])
    for key in ("envelopes-voted", "envelopes-committed", "paid", "grants-voted", "external-money"):
        assert (entries[key].value, entries[key].unit) == (None, "EUR"), key
        assert entries[key].note, key
    assert entries["gender-projects"].value is None
    # Lists that the department keeps: nothing in them is none.
    assert entries["delegations-received"].value == entries["european-applications"].value == 0


def test_every_statement_is_in_both_languages_and_proved(accounts):
    for entry in stated(accounts[DEMO]).values():
        for text in (entry.label, entry.definition, *([entry.note] if entry.note else ())):
            assert text.fr, entry.key
            assert text.en, entry.key
        counted = entry.unit == "count" and not entry.key.startswith(("chairs-", "residencies-", "rotation"))
        if counted and entry.value:
            assert len(entry.records) == entry.value, entry.key


def test_nobody_is_named_who_may_have_to_be_forgotten(accounts):
    """A consent can be withdrawn, an adopted report cannot: recipients of honours and residents stay on their own pages."""
    for entry in stated(accounts[DEMO]).values():
        assert not any("Charlie" in record.name.fr for record in entry.records), entry.key


@pytest.mark.django_db
def test_its_texts_are_a_draft_of_our_own_from_the_day_of_the_mandate(accounts):
    report = Report.objects.get(slug="communication-2015")
    assert (report.starts_on, report.ends_on, report.is_draft) == (date(2014, 4, 5), END, True)
    notes = [citation.note_en for citation in report.citations.all()]
    assert any("written for Parvis" in note for note in notes)
    assert any("without a day" in note for note in notes)
    drafted = {section.section: section for section in account(report, UserFactory(role=Role.DEPUTY)).sections}
    assert all(drafted[section].blocks for section in ACCOUNTS)
    # A draft is for the department and the deputies.
    assert not any(section.blocks for section in accounts[DEMO].sections)
