"""What changed on a mandate's page since its reader was there before."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.roles import Role
from mandate.models import Evidence, IndicatorReading, Milestone, Objective
from mandate.visits import KEY
from tests import factories as make
from tests.pages.conftest import full
from tests.past import ago, at_noon, written_on

pytestmark = pytest.mark.django_db

MANDATE = "/mandate/example-2014-2020/"


@pytest.fixture
def mandate():
    with written_on(ago(40)):
        return make.MandateFactory(slug="example-2014-2020")


def news(client) -> str:
    page = client.get(MANDATE).content.decode()
    part = page[page.index('id="changes"') :]
    return " ".join(part[: part.index("</section>")].split())


def was_here(client, mandate, moment) -> None:
    """The reader's session says that she looked at the page at the moment."""
    session = client.session
    session[KEY] = {str(mandate.pk): {"seen": moment.isoformat(), "since": None}}
    session.save()


def test_the_first_visit_tells_of_the_last_thirty_days(deputy, mandate):
    with written_on(ago(35)):
        old = make.ObjectiveFactory(mandate=mandate, reference="O-OLD")
    with written_on(ago(29)):
        make.ObjectiveFactory(mandate=mandate, reference="O-NEW")
    said = news(deputy)
    assert "What changed in the last 30 days" in said
    assert f'<a href="{MANDATE}O-NEW/">O-NEW</a>' in said
    assert "new on the list" in said
    assert old.reference not in said


def test_a_later_visit_tells_of_what_came_since_the_last(deputy, mandate):
    with written_on(ago(8)):
        make.ObjectiveFactory(mandate=mandate, reference="O-SEEN")
        judged = make.ObjectiveFactory(mandate=mandate, reference="O-JUDGED", on_track=True)
    with written_on(ago(2)):
        Objective.objects.filter(pk=judged.pk).update(status="late", status_reason="Invented", wording_en="Said anew")
    was_here(deputy, mandate, at_noon(ago(5)))
    said = news(deputy)
    assert "What changed since your last visit" in said
    assert "On track → Late" in said or "on track → late" in said
    assert "changed: wording in English" in said
    assert "O-SEEN" not in said


def test_it_goes_on_telling_the_same_until_the_reader_was_away(deputy, mandate):
    with written_on(ago(2)):
        make.ObjectiveFactory(mandate=mandate, reference="O-NEW")
    was_here(deputy, mandate, at_noon(ago(5)))
    assert ["O-NEW" in news(deputy) for _look in range(3)] == [True, True, True]
    kept = deputy.session[KEY][str(mandate.pk)]
    was_here(deputy, mandate, clock.real() - timedelta(minutes=31))
    assert kept["since"] == at_noon(ago(5)).isoformat()
    assert "O-NEW" not in news(deputy)
    assert "Nothing: no objective" in news(deputy)


def test_milestones_evidence_and_readings_are_told_with_their_objective(deputy, mandate):
    with written_on(ago(8)):
        objective = make.ObjectiveFactory(mandate=mandate, reference="O-1")
        reached, gone, moved = (
            make.MilestoneFactory(objective=objective, title_fr=title, title_en="") for title in ("Un", "Deux", "Trois")
        )
        removed = make.EvidenceFactory(objective=objective)
        indicator = make.IndicatorFactory(objective=objective, title_en="Invented count", measure="trips")
        other = make.ObjectiveFactory(mandate=mandate)
        same = make.IndicatorFactory(objective=other, title_en="Invented constant", measure="trips")
    for day, moment, value in ((date(2015, 5, 1), ago(8), 2), (date(2015, 5, 20), ago(1), 3)):
        for read, stated in ((indicator, value), (same, 5)):
            make.IndicatorReadingFactory(indicator=read, day=day, value=stated, computed_at=at_noon(moment))
    with written_on(ago(2)):
        Milestone.objects.filter(pk=reached.pk).update(reached_on=date(2015, 5, 20))
        Milestone.objects.filter(pk=moved.pk).update(note_en="Later")
        Milestone.objects.filter(pk=gone.pk).delete()
        make.MilestoneFactory(objective=objective, title_fr="Quatre", title_en="Four")
        Evidence.objects.filter(pk=removed.pk).delete()
        make.EvidenceFactory(objective=objective)
        make.EvidenceFactory(objective=objective)
    was_here(deputy, mandate, at_noon(ago(5)))
    said = news(deputy)
    for words in (
        'milestone reached: <span lang="fr">Un</span>',
        'milestone taken away: <span lang="fr">Deux</span>',
        'milestone changed: <span lang="fr">Trois</span>',
        "new milestone: <span>Four</span>",
        "2 new pieces of evidence",
        "1 piece of evidence taken away",
        "read: <span>Invented count</span> — 3, before 2",
    ):
        assert words in said, words
    assert "Invented constant" not in said
    assert said.count(">O-1</a>") == 1


def test_what_came_and_went_or_was_put_back_is_no_change(deputy, mandate):
    with written_on(ago(8)):
        objective = make.ObjectiveFactory(mandate=mandate, wording_en="As it was")
    with written_on(ago(2)):
        Objective.objects.filter(pk=objective.pk).update(wording_en="A slip")
        Objective.objects.filter(pk=objective.pk).update(wording_en="As it was")
        Milestone.objects.filter(pk=make.MilestoneFactory(objective=objective).pk).delete()
    was_here(deputy, mandate, at_noon(ago(5)))
    assert "Nothing: no objective" in news(deputy)


def test_evidence_that_the_reader_may_not_see_is_not_told(reader, mandate):
    with written_on(ago(8)):
        objective = make.ObjectiveFactory(mandate=mandate)
    with written_on(ago(2)):
        note = make.WatchNoteFactory(audience="staff")
        make.EvidenceFactory(objective=objective, mission=None, document=make.DocumentFactory(record=note))
    shown = {}
    for role in (Role.DEPUTY, Role.OFFICER):
        client = reader(role)
        was_here(client, mandate, at_noon(ago(5)))
        shown[role] = "1 new piece of evidence" in news(client)
    assert shown == {Role.DEPUTY: False, Role.OFFICER: True}


def test_the_list_is_short_and_says_how_much_more_there_is(deputy, mandate):
    with written_on(ago(2)):
        for number in range(8):
            make.ObjectiveFactory(mandate=mandate, reference=f"O-{number}")
        make.ObjectiveFactory(reference="O-ELSEWHERE")
    said = news(deputy)
    assert said.count("<li>") == 6
    assert "and 2 more objectives and commitments" in said
    assert "O-ELSEWHERE" not in said


def test_each_mandate_and_each_session_has_visits_of_its_own(reader, deputy, mandate):
    with written_on(ago(2)):
        make.ObjectiveFactory(mandate=mandate, reference="O-NEW")
        other = make.MandateFactory(slug="other")
    was_here(deputy, mandate, clock.real() - timedelta(hours=1))
    assert "O-NEW" not in news(deputy)
    assert "What changed in the last 30 days" in deputy.get(other.get_absolute_url()).content.decode()
    assert "What changed since your last visit" in news(deputy)
    assert "O-NEW" in news(reader(Role.DEPUTY))


def test_neither_a_narrowed_list_nor_the_past_tells_of_it_or_counts_as_a_visit(deputy, mandate):
    for query in ({"status": "met"}, {"as_of": ago(1).isoformat()}):
        page = deputy.get(MANDATE, query)
        assert page.status_code == 200
        assert 'id="changes"' not in page.content.decode()
    assert KEY not in deputy.session


def test_more_changes_ask_no_more(deputy, mandate):
    counted = []
    for _row in range(2):
        with written_on(ago(2)):
            indicator = full(mandate).indicators.first()
        IndicatorReading.objects.update(computed_at=at_noon(ago(7)))
        was_here(deputy, mandate, at_noon(ago(5)))
        make.IndicatorReadingFactory(indicator=indicator, day=date(2015, 6, 2), value=9)
        deputy.get(MANDATE)
        with CaptureQueriesContext(connection) as captured:
            deputy.get(MANDATE)
        counted.append(len(captured))
    assert counted[0] == counted[1]
