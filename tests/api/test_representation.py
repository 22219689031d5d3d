"""What cities and agreements look like, to the last key."""

from datetime import date

import pytest

from core.api.serializers import Moment
from tests import factories

pytestmark = pytest.mark.django_db


def kept(record) -> dict:
    """What the database keeps of every record."""
    record.refresh_from_db()
    moment = Moment().to_representation
    return {"version": record.version, "created_at": moment(record.created_at), "updated_at": moment(record.updated_at)}


def page(*results) -> dict:
    return {"count": len(results), "is_more": False, "next": None, "previous": None, "results": list(results)}


def test_a_city_alone_and_in_the_list(api):
    city = factories.CityFactory(
        slug="example", name_fr="Ville", name_en="Town", latitude="14.7000", longitude="-17.4000"
    )
    lies = factories.CityAreaFactory(city=city)
    relation = factories.RelationFactory(city=city, since=date(2014, 9, 1), since_precision="month")
    expected = {
        "id": city.pk,
        "slug": "example",
        "name_fr": "Ville",
        "name_en": "Town",
        "alias": "",
        "country": city.country.pk,
        "kind": "city",
        "latitude": "14.7000",
        "longitude": "-17.4000",
        "is_partner": True,
        "areas": [
            {
                "id": lies.area.pk,
                "slug": lies.area.slug,
                "name_fr": lies.area.name_fr,
                "name_en": lies.area.name_en,
                "parent": None,
                **kept(lies.area),
            }
        ],
        "relations": [
            {
                "id": relation.pk,
                "city": city.pk,
                "country": None,
                "kind": "partner",
                "description_fr": relation.description_fr,
                "description_en": relation.description_en,
                "since": "2014-09-01",
                "since_precision": "month",
                "until": None,
                "until_precision": "",
                **kept(relation),
            }
        ],
        **kept(city),
    }
    assert api.get(f"/api/v1/cities/{city.pk}/").json() == expected
    assert api.get("/api/v1/cities/").json() == page(expected)


def test_an_agreement_alone_and_in_the_list(api):
    agreement = factories.AgreementFactory(
        reference="AGR-2015-0042", in_force=True, forecast_amount=1500, expires_on=date(2018, 3, 9)
    )
    party = factories.AgreementPartyFactory(agreement=agreement)
    clause = factories.AgreementClauseFactory(agreement=agreement)
    amendment = factories.AmendmentFactory(agreement=agreement, number=1, amount_change="-20.50")
    expected = {
        "id": agreement.pk,
        "reference": "AGR-2015-0042",
        "title_fr": agreement.title_fr,
        "title_en": agreement.title_en,
        "kind": "cooperation",
        "status": "in-force",
        "object_fr": "Objet inventé.",
        "object_en": "",
        "forecast_amount": "1500.00",
        "deliberation": agreement.deliberation.pk,
        "signed_on": "2015-03-02",
        "signed_on_precision": "day",
        "transmitted_to_prefect_on": "2015-03-09",
        "in_force_on": "2015-03-10",
        "expires_on": "2018-03-09",
        "open_ended": False,
        "notice_months": None,
        "tacit_renewal": False,
        "ended_on": None,
        "state_authorisation": "",
        "renews": None,
        "renewed_by": None,
        "parties": [
            {
                "id": party.pk,
                "agreement": agreement.pk,
                "city": party.city.pk,
                "organisation": None,
                "role": "counterpart",
                **kept(party),
            }
        ],
        "clauses": [
            {"id": clause.pk, "agreement": agreement.pk, "kind": "gender-equality", "text": "", **kept(clause)}
        ],
        "amendments": [
            {
                "id": amendment.pk,
                "agreement": agreement.pk,
                "number": 1,
                "object": "Invented change.",
                "signed_on": None,
                "signed_on_precision": "",
                "amount_change": "-20.50",
                "new_expiry": None,
                "deliberation": None,
                **kept(amendment),
            }
        ],
        **kept(agreement),
    }
    assert api.get(f"/api/v1/agreements/{agreement.pk}/").json() == expected
    assert api.get("/api/v1/agreements/").json() == page(expected)


def test_what_falls_due_is_listed_with_its_record(api):
    agreement = factories.AgreementFactory(in_force=True, expires_on=date(2015, 9, 1))
    factories.AgreementFactory(in_force=True, expires_on=date(2016, 9, 1))
    assert api.get("/api/v1/deadlines/").json() == page(
        {
            "due": "2015-09-01",
            "kind": "agreement-expiry",
            "what": f"{agreement.title_en} expires",
            "link": f"http://testserver{agreement.get_absolute_url()}",
            "record": {"content_type": "partnerships.agreement", "object_id": agreement.pk},
        }
    )
    assert api.get("/api/v1/deadlines/?since=2015-06-01&until=2016-12-31").json()["count"] == 2


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        (
            "since=2015-06-02&until=2015-06-01",
            "until",
            "The last day is not before the first, nor more than ten years after.",
        ),
        ("until=9999-12-31", "until", "The last day is not before the first, nor more than ten years after."),
        ("since=9990-01-01", "since", "This is more than a hundred years away."),
        ("since=tomorrow", "since", "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
    ],
)
def test_an_impossible_period_is_refused(api, query, field, sentence):
    response = api.get(f"/api/v1/deadlines/?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": field, "message": sentence}]


def test_each_figure_counts_the_records_behind_its_links(api):
    party = factories.AgreementPartyFactory(agreement__in_force=True)
    factories.AgreementClauseFactory(agreement=party.agreement)
    factories.AgreementPartyFactory(agreement__signed=True)
    factories.AgreementFactory()
    factories.AmbassadorFactory(country=party.city.country)
    figures = {figure["name"]: figure for figure in api.get("/api/v1/figures/").json()["results"]}
    shown = {name: (figure["value"], figure["part"], figure["whole"]) for name, figure in figures.items()}
    expected = {
        "partner-cities": (2, None, None),
        "live-agreements": (2, None, None),
        "agreements-in-force": (1, None, None),
        "ambassador-coverage": (50, 1, 2),
        "gender-clause": (50, 1, 2),
    }
    assert {name: shown[name] for name in expected} == expected
    for name, figure in figures.items():
        assert figure["on"] == "2015-06-01"
        assert api.get(f"/api/v1/figures/{name}/").json() == figure
        assert api.get(figure["link"]).status_code == 200, name
    for name in expected:
        figure = figures[name]
        counted = figure["value"] if figure["part"] is None else figure["whole"]
        assert api.get(figure["link"]).json()["count"] == counted, name
        if figure["part_link"]:
            assert api.get(figure["part_link"]).json()["count"] == figure["part"], name


def test_there_is_no_figure_by_another_name(api):
    assert api.get("/api/v1/figures/happiness/").status_code == 404
