"""Honours and residencies as the documents tell them, the invented nomination, and the invented protected file of the demo."""

from datetime import date

import pytest
from django.core import mail
from django.db import transaction

from core import demo
from core.access import Parvis
from core.figures import figure
from core.loading import Unloadable
from core.models import Citation, User
from core.roles import Role
from solidarity import sample_honours
from solidarity.enums import HONOUR_LIFE
from solidarity.models import CommissionOpinion, Honour, ProgrammeHost, Residency, ResidencyProgramme
from solidarity.models.protected import Erasure, FileAccess, FileRead, ProtectedFile
from solidarity.protection import samples, selectors, services
from tests.factories import UserFactory
from tests.solidarity.loaded import run, state

OF_HONOURS = {CommissionOpinion, Honour, ProgrammeHost, Residency, ResidencyProgramme}


@pytest.fixture(scope="module")
def paris(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        run("load_paris")
        run("load_samples")
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(paris, db):
    pass


def real(model):
    return model.objects.exclude(citations__source__kind="sample")


# --- what the documents say ---


def test_two_titles_were_awarded_in_2015_and_one_recipient_is_not_named():
    rows = real(Honour).values_list(
        "reference", "kind", "stage", "recipient", "year", "exceptional", "awarded_on", "awarded_on_precision"
    )
    kind, day = "honorary-citizenship", (date(2015, 1, 1), "year")
    assert set(rows) == {
        ("HON-CHARLIE", kind, "awarded", "Charlie Hebdo", 2015, True, *day),
        ("HON-2015-UNNAMED", kind, "awarded", "", 2015, False, *day),
    }
    assert not real(CommissionOpinion).exists()
    assert not Honour.objects.exclude(deliberation=None).exists()


def test_four_programmes_are_told_with_what_is_stated_and_no_more():
    names = ("slug", "kind", "network__slug", "volume_per_year", "volume_is_about", "duration_months", "since")
    assert set(ResidencyProgramme.objects.values_list(*names)) == {
        ("artists-in-residence", "artists", None, 10, True, None, None),
        ("icorn-refuge", "refuge", "icorn", 1, False, 12, date(2011, 1, 1)),
        ("house-of-journalists", "journalists", None, None, False, None, None),
        ("advanced-studies", "researchers", None, None, False, None, None),
    }
    assert set(ProgrammeHost.objects.values_list("programme__slug", "organisation__slug")) == {
        ("artists-in-residence", "cite-internationale-arts"),
        ("artists-in-residence", "recollets"),
        ("house-of-journalists", "house-of-journalists"),
        ("advanced-studies", "institute-advanced-study"),
    }
    assert not Residency.objects.exists()


def test_all_of_it_is_cited_from_the_communication():
    for model in (Honour, ProgrammeHost, ResidencyProgramme):
        for record in real(model):
            assert {citation.source.slug for citation in record.citations.all()} == {"seed-0"}, record


def test_the_figure_counts_titles_by_year():
    awarded = figure("honours-awarded")
    assert awarded.measure(Parvis()) == 2
    assert [(row.key, row.measured) for row in awarded.breakdowns["year"](Parvis())] == [("2015", 2)]


# --- the invented nomination ---


def test_the_invented_nomination_waits_for_one_group():
    invented = Honour.objects.get(citations__source__kind="sample")
    assert (invented.reference, invented.stage, invented.foreign_policy) == ("HON-EXEMPLE-1", "nominated", True)
    assert invented.recipient.startswith("Exemple inventé — ")
    spoken = invented.opinions.order_by("group__slug").values_list("group__slug", "opinion")
    assert list(spoken) == [
        ("sample-group-a", "favourable"),
        ("sample-group-b", "favourable"),
        ("sample-group-c", "abstains"),
    ]
    for opinion in invented.opinions.all():
        assert opinion.citations.get().source.kind == "sample"
    missing = {reason.field for reason in HONOUR_LIFE.missing(invented, "examine")}
    assert missing == {"examined_on", "opinion_fr", "opinions"}


def test_a_second_run_changes_nothing_and_what_a_person_removed_stays_removed():
    before = state(OF_HONOURS | {Citation})
    said = run("load_paris") + run("load_samples")
    assert state(OF_HONOURS | {Citation}) == before
    assert {line.rpartition(" ")[2] for line in said.splitlines()} == {"unchanged"}
    Honour.objects.get(reference=sample_honours.REFERENCE).delete()
    assert "honours: 1 kept as a person left them\n" in run("load_samples")
    assert not Honour.objects.filter(reference=sample_honours.REFERENCE).exists()


def test_a_nomination_that_a_rule_refuses_is_named(monkeypatch):
    monkeypatch.setattr(sample_honours, "REFERENCE", "HON exemple")
    with pytest.raises(Unloadable) as refused:
        sample_honours.make("load_samples", {})
    [fault] = refused.value
    assert str(fault).startswith("solidarity/sample_honours.py:1: HON exemple: ")


# --- the invented protected file ---


@pytest.fixture
def accounts() -> list[User]:
    return demo.create_demo_accounts()


def test_there_is_no_protected_file_where_there_are_no_accounts_of_the_demo():
    """Other people's accounts are never named for an invented file."""
    UserFactory.create_batch(2, role=Role.PROTECTION_OFFICER)
    UserFactory(role=Role.OFFICER)
    run("load_samples")
    assert not ProtectedFile.objects.exists()


def test_the_invented_file_is_sealed_named_for_two_and_was_opened_once_in_an_emergency(
    accounts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as after:
        run("load_samples")
    assert len(after) == 1  # the alarm
    file = ProtectedFile.objects.get()
    accesses = FileAccess.objects.values_list("user__email", "origin", "granted_by__email")
    assert set(accesses) == {
        ("protection@demo.test", "opened", None),
        ("officer@demo.test", "granted", "protection@demo.test"),
        ("protection-2@demo.test", "break-glass", None),
    }
    assert all(access.is_current for access in FileAccess.objects.all())
    opener = User.objects.get(email="protection@demo.test")
    assert {services.read(file, name, actor=opener).startswith("Exemple inventé") for name in services.TEXTS} == {True}
    assert {row.field for row in FileRead.objects.all()} == set(services.TEXTS)
    raw = ProtectedFile.objects.values_list(*services.TEXTS).get()
    assert all(text.startswith("gAAAA") for text in raw)
    assert selectors.hosted_in(2015) is None


def test_the_file_is_counted_nowhere_and_made_once(accounts):
    first = run("load_samples")
    before = state({ProtectedFile, FileAccess})
    again = run("load_samples")
    # The demo's officer, who was not there before, has got an objective of his own.
    assert {line for line in first.splitlines() if "objectives:" not in line} <= set(again.splitlines())
    assert state({ProtectedFile, FileAccess}) == before
    assert not {line for line in first.splitlines() if "protected" in line}
    assert samples.CODE not in first


def test_a_file_that_was_erased_does_not_come_back(accounts):
    run("load_samples")
    opener = User.objects.get(email="protection@demo.test")
    services.erase(ProtectedFile.objects.get(), actor=opener, confirmation=samples.CODE)
    run("load_samples")
    assert not ProtectedFile.objects.exists()
    assert Erasure.objects.count() == 1
    assert mail.outbox == []


def test_two_protection_officers_are_told_apart(accounts):
    officers = [user for user in accounts if Role.PROTECTION_OFFICER in user.role_names]
    assert len({str(user) for user in officers}) == len(officers) == 2
