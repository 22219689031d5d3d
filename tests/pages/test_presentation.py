"""The marks of ties, the steps of an agreement's life, and the order of expiries."""

from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from cooperation.charts import Bar
from cooperation.templatetags.portfolio import as_rows
from core.citations import by_source
from core.enums import SourceKind
from core.models import Citation
from core.roles import Role
from core.templatetags.parvis import as_links, as_options, percent
from core.translated import labelled
from mandate.reports.shown import Named
from partnerships import charts, presentation, selectors
from partnerships.enums import AgreementKind, RelationKind
from partnerships.models import Relation
from partnerships.presentation import FAMILY_OF_AGREEMENT, FAMILY_OF_RELATION, Family
from tests import factories
from tests.pages.conftest import partner_city


def test_every_kind_of_tie_has_a_family():
    assert set(FAMILY_OF_RELATION) == set(RelationKind)
    assert set(FAMILY_OF_AGREEMENT) == set(AgreementKind)
    assert FAMILY_OF_RELATION[RelationKind.COMPARATOR] == Family.COMPARATOR
    assert Family.COMPARATOR not in FAMILY_OF_AGREEMENT.values()


def test_the_families_of_partnership_differ_in_shape_and_not_in_colour_alone():
    shapes = {family: render_to_string("partnerships/mark.html", {"family": family}) for family in list(Family)[:4]}
    assert len(set(shapes.values())) == 4


@pytest.mark.django_db
def test_a_city_bears_one_mark_a_family_with_the_words_of_its_ties():
    city, _agreement = partner_city()
    factories.RelationFactory(city=city, kind="project-city")
    factories.RelationFactory(city=city, kind="memory", until=date(2014, 1, 1), until_precision="day")
    officer = factories.UserFactory(role=Role.OFFICER)
    read = selectors.cities(officer).get(pk=city.pk)
    assert [(mark.family, mark.words) for mark in presentation.marks(read)] == [
        (Family.FRIENDSHIP, str(RelationKind.PARTNER.label).capitalize()),
        (Family.COOPERATION, f"{str(AgreementKind.COOPERATION.label).capitalize()}, {RelationKind.PROJECT_CITY.label}"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "period",
    [
        {},
        {"since": date(2015, 6, 1), "since_precision": "day"},
        {"since": date(2015, 6, 2), "since_precision": "day"},
        {"until": date(2015, 6, 1), "until_precision": "day"},
        {"until": date(2015, 5, 31), "until_precision": "day"},
        {"until": date(2015, 1, 1), "until_precision": "year"},
        {"until": date(2014, 1, 1), "until_precision": "year"},
        {"until": date(2015, 6, 1), "until_precision": "season"},
        {"until": date(2015, 3, 1), "until_precision": "season"},
        {"until": date(2015, 5, 1), "until_precision": "month"},
        {"until": date(2015, 6, 1), "until_precision": "month"},
        {"until_precision": "unknown"},
        {"since_precision": "unknown"},
    ],
)
def test_what_holds_today_is_the_same_for_a_row_and_for_the_database(period):
    row = factories.RelationFactory(**period)
    assert row.holds_on(date(2015, 6, 1)) == Relation.objects.holding_on(date(2015, 6, 1)).filter(pk=row.pk).exists()


@pytest.mark.django_db
def test_the_steps_of_a_draft_name_each_lack_once():
    draft = factories.AgreementFactory(object_fr="", forecast_amount=None)
    steps = presentation.life_steps(draft)
    assert [step.state for step in steps] == ["current", "todo", "todo", "todo"]
    lacks = [str(reason) for step in steps for reason in step.missing]
    assert len(lacks) == len(set(lacks)) > 5


@pytest.mark.django_db
def test_a_vote_that_nobody_recorded_is_not_shown_as_done():
    _city, agreement = partner_city()
    assert agreement.deliberation is None
    assert [step.state for step in presentation.life_steps(agreement)] == ["done", "undocumented", "current", "todo"]


@pytest.mark.django_db
def test_agreements_that_lack_the_same_are_named_together():
    first, second = partner_city()[1], partner_city()[1]
    third = factories.AgreementFactory(signed=True, deliberation=factories.DeliberationFactory())
    found = presentation.by_what_is_missing([third, first, second])
    assert [lack.agreements for lack in found] == [[first, second], [third]]
    assert [len(lack.reasons) for lack in found] == [3, 2]


@pytest.mark.django_db
def test_the_timeline_draws_the_soonest_first_within_the_picture():
    last_days = (date(2018, 1, 31), date(2015, 7, 1), None)
    agreements = [factories.AgreementFactory(signed=True, expires_on=last) for last in last_days]
    drawn = charts.expiry_timeline(agreements)
    assert [row.agreement for row in drawn.rows] == [agreements[1], agreements[0]]
    assert [row.is_near for row in drawn.rows] == [True, False]
    assert all(0 <= float(row.x.rstrip("%")) <= 100 for row in drawn.rows)
    assert [year for _x, year in drawn.ticks] == [2016, 2017, 2018]
    assert charts.expiry_timeline([agreements[2]]) is None


@pytest.mark.django_db
def test_the_timeline_says_with_whom_in_a_few_words():
    long, lonely = (factories.AgreementFactory(signed=True, expires_on=date(2016, 1, day)) for day in (1, 2))
    for name in ("Ville d'exemple au nom particulièrement long", "Autre ville"):
        factories.AgreementPartyFactory(agreement=long, city=factories.CityFactory(name_fr=name))
    drawn = charts.expiry_timeline([long, lonely])
    assert [row.label for row in drawn.rows] == ["Ville d'exemple au nom pa… +1", lonely.reference]


@pytest.mark.django_db
def test_a_place_that_supports_several_facts_is_named_once():
    source = factories.SourceFactory()
    city = factories.CityFactory()
    for fact in ("latitude", "longitude"):
        factories.CitationFactory(record=city, source=source, section="note 1", fact=fact)
    (cited,) = by_source(Citation.objects.select_related("source"))
    assert (cited.source, cited.places) == (source, ["note 1"])


def test_invented_samples_are_announced_on_every_page_and_marked_where_they_are_cited(client, deputy):
    sentence = "This demonstration holds invented samples, marked as such."
    city = factories.CityFactory()
    citation = factories.CitationFactory(record=city)
    assert sentence not in deputy.get("/networks/").content.decode()
    assert "invented sample" not in deputy.get(city.get_absolute_url()).content.decode()
    citation.source.kind = SourceKind.SAMPLE
    citation.source.save()
    assert citation.source.is_sample
    assert not citation.source.is_outside
    assert sentence in deputy.get("/networks/").content.decode()
    assert '<span class="outside">invented sample</span>' in deputy.get(city.get_absolute_url()).content.decode()
    stranger = client.get("/accessibility/", headers={"Accept-Language": "en"}).content.decode()
    assert "Demonstration: it is 1 June 2015" in stranger
    assert sentence not in stranger


def test_options_links_and_rows_that_are_written_in_one_go_escape_what_they_hold():
    options = [("a", "one & two"), ('b"', "<i>")]
    assert as_options(options, "a") == (
        '<option value="a" selected>One &amp; two</option><option value="b&quot;">&lt;i&gt;</option>'
    )
    with translation.override("en"):
        several = as_options([("a", "one"), ("b", "two"), ("c", "<i>")], "a,c")
    assert several == (
        '<option value="a,c" selected>Several: one, &lt;i&gt;</option>'
        '<option value="a">One</option><option value="b">Two</option><option value="c">&lt;i&gt;</option>'
    )
    linked, plain = Named("<b>", "R&D", "/x/"), Named("<b>", "", "")
    assert as_links([linked, plain]) == (
        '<li><a href="/x/">&lt;b&gt;</a> <span class="muted">R&amp;D</span></li><li>&lt;b&gt;</li>'
    )
    assert as_rows([Bar("<b>", "1 & 2", "50%", "/x/"), Bar("<b>", "", "0%")]) == (
        '<tr><th scope="row"><a href="/x/">&lt;b&gt;</a></th><td class="number">1 &amp; 2</td></tr>'
        '<tr><th scope="row">&lt;b&gt;</th><td class="number"></td></tr>'
    )


@pytest.mark.parametrize(
    ("language", "rate", "said"), [("fr", "12,5\xa0%", "Statut\xa0: signé"), ("en", "12.5%", "Statut: signé")]
)
def test_rates_and_what_stands_after_a_label_are_written_as_the_language_writes_them(language, rate, said):
    with translation.override(language):
        assert percent(Decimal("12.5")) == rate
        assert percent(None) == ""
        assert labelled("Statut", "signé") == said
