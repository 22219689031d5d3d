"""The report to the Council: what it lacks before its adoption, what it keeps, who reads what, what it is compared with."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pgtrigger
import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.exceptions import LostEdit
from core.history import changes
from core.loading import Tallies, Tally
from core.roles import Role
from mandate import sample_report, services
from mandate.enums import ACCOUNTS, REPORT_LIFE
from mandate.models import Report, ReportBlock, ReportEntry
from mandate.reports import statements
from mandate.reports.account import Account, Change, Entry
from mandate.reports.statements import NAMED, Period, statement
from mandate.reports.writing import Everyone, account, frozen
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, refuses
from tests.mandate.accounts import adopted
from tests.solidarity.lives import grant_in, law_in_force, pay

pytestmark = pytest.mark.django_db

TODAY = date(2015, 6, 1)
SECRET = "Known To Nobody"


@pytest.fixture
def auditor(db):
    return make.UserFactory(role=Role.AUDITOR)


def written(**values) -> Report:
    """A draft that lacks nothing: on 2015 up to May, with a text in each section that states facts."""
    report = make.ReportFactory(**{"starts_on": date(2015, 1, 1), "ends_on": date(2015, 5, 31)} | values)
    for section in ACCOUNTS:
        make.ReportBlockFactory(report=report, section=section)
    return report


def entries(found: Account) -> dict[str, Entry]:
    return {entry.key: entry for section in found.sections for entry in section.entries}


def kept(report: Report) -> str:
    """Everything that the database holds of what the report states."""
    return json.dumps(list(ReportEntry.objects.filter(report=report).order_by("position").values()), default=str)


# --- what it lacks ---


class TestAdoption:
    def test_everything_that_is_missing_is_named_at_once(self, officer):
        report = make.ReportFactory(title_en="", ends_on=date(2015, 6, 2))
        make.ReportBlockFactory(report=report, section="diplomacy", position=1, text_en="")
        make.ReportBlockFactory(report=report, section="values", position=1, heading_en="", heading_fr="Mémoire")
        make.ReportBlockFactory(report=report, section="values", position=2, heading_en="", heading_fr="")
        said = refuses(REPORT_LIFE, report, "adopt", officer, adopted_on=date(2015, 6, 3))
        assert said == [
            ("The title is missing: in English.", "title_en"),
            ("“Invented heading” (city diplomacy) is not complete: in English.", "blocks"),
            ("“Mémoire” (universal values and remembrance) is not complete: in English.", "blocks"),
            ("The section “international solidarity” has no text.", "blocks"),
            ("The section “international influence” has no text.", "blocks"),
            ("Its period ends on 2 June 2015 only.", "ends_on"),
            ("The day of the adoption is yet to come.", "adopted_on"),
        ]
        assert not ReportEntry.objects.exists()

    def test_not_before_its_last_day(self, officer):
        report = written()
        said = refuses(REPORT_LIFE, report, "adopt", officer, adopted_on=date(2015, 5, 30))
        assert said == [("It is adopted on the last day of its period at the earliest.", "adopted_on")]
        assert services.adopt_report(report, actor=officer, adopted_on=date(2015, 5, 31)).adopted_on == report.ends_on
        assert Report.objects.get().stands_on == TODAY  # that of the figures, which were frozen later

    def test_it_is_adopted_today_with_its_deliberation_and_why(self, officer):
        deliberation = make.DeliberationFactory(voted_on=TODAY)
        done = services.adopt_report(written(), actor=officer, deliberation=deliberation, reason="heard")
        assert (done.status, done.adopted_on, done.deliberation) == ("adopted", TODAY, deliberation)
        assert changes(done, officer)[0].reason == "heard"
        assert done.entries.count() == len(entries(account(done, officer))) > 0
        connection.check_constraints()

    def test_whoever_may_not_change_it_adopts_nothing(self, deputy, auditor):
        report = written()
        with pytest.raises(PermissionDenied):
            services.adopt_report(report, actor=deputy)
        with pytest.raises(Report.DoesNotExist):
            services.adopt_report(report, actor=auditor)
        assert not ReportEntry.objects.exists()

    def test_an_older_version_is_not_adopted(self, officer):
        report = written()
        make.ReportFactory._meta.model.objects.filter(pk=report.pk).update(title_fr="Autre titre")
        with pytest.raises(LostEdit):
            services.adopt_report(report, actor=officer, version=report.version)
        assert not ReportEntry.objects.exists()

    def test_the_database_holds_its_life(self, officer):
        done = services.adopt_report(written(), actor=officer)
        said = refuses(REPORT_LIFE, done, "adopt", officer)
        assert said == [("“Record the adoption” is not possible now: the state is “adopted”.", "")]
        connection.check_constraints()
        draft = written()
        assert_database_holds(REPORT_LIFE, draft, ["draft", "adopted"])


# --- what it keeps ---


class TestFreeze:
    @pytest.fixture
    def done(self, officer):
        make.RelationFactory(kind="partner")
        done = services.adopt_report(written(), actor=officer)
        connection.check_constraints()
        return done

    @pytest.mark.parametrize(
        ("rule", "write"),
        [
            ("reportentry_frozen_stays", lambda: ReportEntry.objects.update(value=7)),
            ("reportentry_frozen_stays", lambda: ReportEntry.objects.all()._raw_delete("default")),
            ("reportblock_adopted_stays", lambda: ReportBlock.objects.update(text_fr="Autre")),
            ("report_adopted_stays", lambda: Report.objects.update(title_fr="Autre")),
        ],
    )
    def test_no_sql_changes_it(self, done, rule, write):
        before = kept(done)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            write()
        assert refused.value.__cause__.diag.constraint_name == f"mandate_{rule}"
        assert kept(done) == before

    def test_nothing_that_changes_afterwards_changes_it(self, done, officer, auditor):
        before = account(done, officer)
        assert entries(before)["partner-cities"].value == 1
        make.RelationFactory(kind="partner")
        assert account(done, officer) == before == account(done, auditor)
        live = entries(account(make.ReportFactory(ends_on=TODAY), officer))
        assert live["partner-cities"].value == 2

    def test_what_is_kept_reads_as_what_was_live(self, officer):
        report = written()
        make.EventFactory(held=True, kind="commemoration")
        make.DeclaredAidFactory(amount=Decimal("12.50"))
        make.MissionFactory(done=True)
        make.ExchangeProgrammeFactory(kind="staff")
        live = entries(account(report, Everyone()))
        done = services.adopt_report(report, actor=officer)
        assert entries(account(done, officer)) == live


# --- who reads what ---


class TestVisibility:
    @pytest.fixture
    def notes(self):
        """One note of the political watch for each audience."""
        return {audience: make.WatchNoteFactory(audience=audience) for audience in ("staff", "deputies", "city")}

    def test_a_draft_differs_by_its_reader(self, officer, deputy, auditor, notes):
        report = written()
        counts = [entries(account(report, reader))["political-watch"].value for reader in (officer, deputy)]
        assert counts == [3, 2]
        assert account(report, deputy).sections[1].blocks
        assert not Report.objects.visible_to(auditor).exists()

    def test_an_adopted_one_keeps_what_everyone_may_read_and_not_that_there_was_more(self, officer, auditor, notes):
        done = services.adopt_report(written(), actor=officer)
        found = entries(account(done, officer))["political-watch"]
        assert (found.value, [proof.link for proof in found.records]) == (1, [f"/cities/{notes['city'].city.slug}/"])
        said = kept(done)
        for audience in ("staff", "deputies"):
            assert notes[audience].city.slug not in said
            assert notes[audience].title not in said
        assert entries(account(done, auditor)) == entries(account(done, officer))

    def test_an_adopted_one_states_nothing_where_only_some_may_read(self, officer, notes):
        for audience in ("staff", "deputies"):
            notes[audience].delete()
        notes["city"].audience = "deputies"
        notes["city"].save()
        report = written()
        assert entries(account(report, officer))["political-watch"].value == 1
        assert "political-watch" not in entries(account(services.adopt_report(report, actor=officer), officer))

    def test_people_under_threat_are_in_no_report_and_not_counted(self, officer):
        file = make.ProtectedFileFactory(begins_on=date(2015, 2, 2))
        make.HonourFactory(awarded=True, recipient=SECRET)
        make.ResidencyFactory(resident=SECRET, since=date(2015, 2, 2), since_precision="day")
        report = written()
        with CaptureQueriesContext(connection) as asked:
            done = services.adopt_report(report, actor=officer)
        assert SECRET not in kept(done)
        assert file.code not in kept(done)
        assert "protectedfile" not in " ".join(query["sql"] for query in asked)
        assert entries(account(done, officer))["honours-awarded"].value == 1

    def test_whoever_may_view_nothing_else_is_told_nothing_of_a_draft(self):
        report = written()
        nobody = make.UserFactory()
        assert not entries(account(report, nobody))

    def test_everyone_has_no_right_that_a_reader_of_reports_lacks(self):
        everyone = Everyone()
        for role in (Role.AUDITOR, Role.DEPUTY, Role.MAYORS_OFFICE, Role.PROTECTION_OFFICER):
            reader = make.UserFactory(role=role)
            assert all(
                reader.has_perm(known.model.replace(".", ".view_"))
                for known in statements.registered()
                if known.is_for(everyone)
            )
        assert all(known.is_for(everyone) for known in statements.registered())
        assert not everyone.has_perm("mandate.change_report")
        assert not everyone.has_perms(["mandate.view_report", "solidarity.view_protectedfile"])


# --- compared ---


class TestComparison:
    def test_with_the_last_adopted_one_that_ended_before(self, officer):
        adopted(
            {"key": "partner-cities", "unit": "count", "value": 3},
            {"key": "grants-voted", "unit": "EUR", "value": None},
            {"key": "gender-clause", "unit": "count", "value": 1},
            {"key": "grant-range-any", "unit": "", "value": None},
            slug="last",
            title_en="The last one",
        )
        adopted({"key": "partner-cities", "unit": "count", "value": 99}, slug="older", ends_on=date(2014, 6, 30))
        make.RelationFactory(kind="partner")
        found = account(written(), officer)
        assert (found.compared_with, found.compared_link) == ("The last one", "/report/last/")
        # In another unit nothing is compared, and of what was not known nothing is subtracted.
        assert found.changes == {
            "partner-cities": Change(Decimal(3), Decimal(-2)),
            "grants-voted": Change(None, None),
        }

    def test_neither_with_a_draft_nor_with_a_later_one_nor_with_itself(self, officer):
        make.ReportFactory()
        late = adopted({"key": "partner-cities", "unit": "count", "value": 3}, ends_on=date(2015, 5, 1))
        assert account(written(ends_on=date(2015, 5, 1)), officer).compared_with == ""
        assert account(late, officer).compared_with == ""

    def test_an_adopted_one_is_compared_with_what_it_kept(self, officer):
        adopted({"key": "partner-cities", "unit": "count", "value": 3})
        done = services.adopt_report(written(), actor=officer)
        make.RelationFactory(kind="partner")
        assert account(done, officer).changes["partner-cities"] == Change(Decimal(3), Decimal(-3))

    def test_what_is_not_known_now_is_not_subtracted(self, officer):
        adopted({"key": "grants-voted", "unit": "EUR", "value": 500})
        assert account(written(), officer).changes["grants-voted"] == Change(Decimal(500), None)


class TestSample:
    @pytest.fixture(autouse=True)
    def _source(self, db):
        make.SourceFactory(slug="invented-samples", kind="sample")

    def made(self) -> Tallies:
        tallies: Tallies = defaultdict(Tally)
        sample_report.make("load_samples", tallies)
        connection.check_constraints()
        return tallies

    def test_the_invented_report_is_made_once_adopted_and_compared_with(self, officer):
        assert self.made()[Report].created == 1
        assert self.made()[Report].unchanged == 1
        report = Report.objects.get()
        assert (report.status, report.entries.count()) == ("adopted", len(sample_report.FIGURES))
        assert "inventé" in report.title_fr
        assert report.citations.get().source.kind == "sample"
        found = account(written(), officer)
        assert found.compared_with == report.title
        # Every figure that it invents is one that the next report states, in the same unit.
        assert set(found.changes) == set(sample_report.FIGURES)

    def test_not_before_its_own_day_and_not_again_where_somebody_took_it_away(self, settings):
        settings.TODAY = date(2014, 2, 9)
        assert not self.made()[Report].created
        settings.TODAY = date(2014, 2, 10)
        assert self.made()[Report].created == 1
        with pgtrigger.ignore():
            Report.objects.all().delete()
        assert not self.made()[Report].created


# --- figures ---


class TestMoney:
    def test_voted_committed_and_paid_are_told_apart(self, officer):
        law_in_force()
        envelope = make.EnvelopeFactory(commitment_authorised=90000, payment_credits=90000)
        grant = grant_in("in-payment", (envelope, 20000))
        pay(grant, 5000)
        make.DeclaredAidFactory(amount=6_700_000)
        found = entries(account(written(), officer))
        values = {key: found[key].value for key in ("envelopes-voted", "envelopes-committed", "paid", "grants-voted")}
        assert values == {"envelopes-voted": 90000, "envelopes-committed": 20000, "paid": 5000, "grants-voted": 20000}
        assert [bar.value for bar in found["paid"].rows] == [5000]
        assert not any(entry.value == 6_790_000 for entry in found.values())

    def test_0_is_not_the_same_as_not_known(self, officer):
        report = written()
        assert entries(account(report, officer))["grants-voted"].value is None
        make.EnvelopeFactory(commitment_authorised=0, payment_credits=0)
        found = entries(account(report, officer))
        assert (found["grants-voted"].value, found["paid"].value, found["envelopes-voted"].value) == (0, 0, 0)
        assert found["grants-voted"].note is None

    def test_a_grant_for_two_countries_counts_whole_in_each_and_once_in_the_figure(self, officer):
        law_in_force()
        grant = grant_in("voted")
        for _each in range(2):
            make.GrantPlaceFactory(grant=grant)
        found = entries(account(written(), officer))["grants-by-country"]
        assert (found.value, [bar.value for bar in found.rows]) == (20000, [20000, 20000])
        assert entries(account(written(), officer))["grants-by-theme"].rows[0].label.en == "no field stated"


def test_the_votes_are_proved_by_field_and_by_country_too(officer):
    law_in_force()
    placed, elsewhere = grant_in("voted"), grant_in("voted")
    make.GrantPlaceFactory(grant=placed)
    found = entries(account(written(), officer))
    proved = {
        key: [record.reference for record in found[key].records]
        for key in ("grants-voted", "grants-by-theme", "grants-by-country")
    }
    both_of_them = sorted([placed.reference, elsewhere.reference])
    # Whoever names no place is not in the figure by country.
    assert proved == {
        "grants-voted": both_of_them,
        "grants-by-theme": both_of_them,
        "grants-by-country": [placed.reference],
    }


def test_half_as_many_are_named_where_a_page_lists_them_all(officer):
    make.MissionFactory.create_batch(11, done=True)
    make.WatchNoteFactory.create_batch(11, city=make.CityFactory(), audience="city")
    found = entries(account(written(), officer, named=20))
    told = {key: (len(found[key].records), found[key].total) for key in ("trips", "political-watch")}
    assert told == {"trips": (10, 11), "political-watch": (11, None)}
    assert len(entries(account(written(), officer))["trips"].records) == 11


def test_events_count_in_the_period_in_which_they_began_and_undated_ones_apart(officer):
    make.EventFactory(kind="summit", held=True, actual_start=date(2015, 1, 1))
    make.EventFactory(kind="summit", held=True, actual_start=date(2015, 5, 31))
    make.EventFactory(kind="summit", held=True, actual_start=date(2014, 12, 31))
    make.EventFactory(kind="summit", held=True, actual_start=None, actual_start_precision="unknown")
    make.EventFactory(kind="summit", planned_start=date(2014, 3, 2), planned_start_precision="day")
    found = entries(account(written(), officer))
    assert [found[f"summits-{part}"].value for part in ("held", "undated", "planned")] == [2, 1, 1]


def test_trips_are_told_by_destination(officer):
    city = make.CityFactory(name_en="Bridge Example")
    for _each in range(2):
        make.DestinationFactory(mission=make.MissionFactory(done=True), city=city, stage="actual")
    make.DestinationFactory(mission=make.MissionFactory(done=True))
    found = entries(account(written(), officer))["trips"]
    assert (found.value, found.rows[0].label.en, [bar.value for bar in found.rows]) == (3, "Bridge Example", [2, 1])


def test_more_records_than_are_named_are_counted(officer):
    city = make.CityFactory()
    make.WatchNoteFactory.create_batch(NAMED + 1, city=city, audience="city")
    found = entries(account(written(), officer))["political-watch"]
    assert (found.value, len(found.records)) == (NAMED + 1, NAMED)
    assert found.note.en == "The first 100 of 101 records are named."


def test_a_report_of_any_period_is_made_without_being_saved(officer):
    found = account(Report(title_en="Any", title_fr="Tout", starts_on=TODAY, ends_on=TODAY), officer)
    assert (found.title, found.is_draft, found.stands_on) == ("Any", True, TODAY)
    assert entries(found)
    assert not Report.objects.exists()


# --- the registry ---


@pytest.mark.parametrize(
    ("key", "section", "definition"),
    [("partner-cities", "diplomacy", "Words"), ("new", "introduction", "Words"), ("new", "diplomacy", "")],
)
def test_a_statement_is_new_of_an_account_and_defined(key, section, definition):
    with pytest.raises(ImproperlyConfigured):
        statement(key, section, model="core.user", definition=definition)(lambda reader, period: iter(()))


def test_every_statement_has_a_definition_in_both_languages():
    for known in statements.registered():
        words = statements.both(known.words)
        assert words.fr, known.key
        assert words.en, known.key


def test_long_short_names_stay_apart():
    keys = {statements._key("declared", "x" * 59 + end) for end in ("a", "b")}
    assert len(keys) == 2
    assert max(map(len, keys)) == 60


def test_a_period_reads_once():
    period = Period(TODAY, TODAY)
    assert [period.once("what", lambda value=value: value) for value in (1, 2)] == [1, 1]


# --- queries ---


def world() -> None:
    """A record behind most statements."""
    city = make.CityAreaFactory().city
    for kind in ("partner", "strengthening", "promising", "comparator", "solidarity"):
        make.RelationFactory(city=city, kind=kind)
    agreement = make.AgreementFactory(signed=True, kind="cooperation")
    make.AgreementPartyFactory(agreement=agreement, city=city)
    for role in ("chair", "initiator"):
        make.MembershipFactory(role=role)
    make.DestinationFactory(mission=make.MissionFactory(done=True, emblematic=True), city=city)
    make.MissionFactory(planned=True)
    for kind in ("summit", "commemoration", "forum", "major", "exhibition"):
        make.EventFactory(held=True, kind=kind)
        make.EventFactory(kind=kind)
    make.GrantPlaceFactory(grant=grant_in("voted"), city=city)
    make.ProjectCityFactory(project__stage="in-preparation", city=city)
    for kind in ("tandem", "season", "tour"):
        make.CulturalProjectFactory(kind=kind, status="current", year=2015)
    make.EditionFactory(programme__kind="staff")
    make.ResidencyProgrammeFactory()
    make.DeclaredAidFactory()
    make.CrisisFactory()
    make.HonourFactory(awarded=True)
    make.WatchNoteFactory(audience="city")
    make.GoodPracticeFactory(kind="smart")


def test_it_asks_no_more_of_a_larger_world(officer):
    law_in_force()
    report = written()
    adopted({"key": "partner-cities", "unit": "count", "value": 3})

    def asked() -> int:
        with CaptureQueriesContext(connection) as context:
            account(Report.objects.get(pk=report.pk), officer)
        return len(context)

    world()
    asked()  # whoever asks first reads her permissions
    small = asked()
    for _each in range(3):
        world()
    assert asked() == small <= 105


def test_what_is_frozen_is_what_everyone_is_told(officer):
    law_in_force()
    world()
    report = written()
    rows = frozen(report)
    assert [row.key for row in rows] == list(entries(account(report, Everyone())))
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
