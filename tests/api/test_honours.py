"""Honours and residencies over the API: whole representations, verbs, refusals, filters; and no way to a protected file."""

import pytest

from core.roles import Role
from solidarity import models
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.api.resources import RESOURCES
from tests.api.test_lists import queries
from tests.api.test_representation import kept, page
from tests.solidarity.honour_lives import honour_in

pytestmark = pytest.mark.django_db
ANY = {"If-Match": "*"}


def honour_json(honour, **values) -> dict:
    opinion = honour.opinions.get()
    return {
        "id": honour.pk,
        "reference": honour.reference,
        "kind": "honorary-citizenship",
        "stage": "nominated",
        "closed_reason": "",
        "recipient": honour.recipient,
        "organisation": None,
        "year": 2015,
        "exceptional": False,
        "why_fr": "",
        "why_en": "",
        "nominated_on": None,
        "examined_on": None,
        "opinion_fr": "",
        "foreign_policy": False,
        "legal_opinion": "",
        "deliberation": None,
        "awarded_on": None,
        "awarded_on_precision": "",
        "follow_up_fr": "",
        "follow_up_en": "",
        "opinions": [
            {
                "id": opinion.pk,
                "honour": honour.pk,
                "group": opinion.group_id,
                "opinion": "favourable",
                "note": "",
                **kept(opinion),
            }
        ],
        **values,
        **kept(honour),
    }


@pytest.fixture
def honour() -> models.Honour:
    """Nominated, the one group of the Council agreeing."""
    return factories.CommissionOpinionFactory().honour


def test_an_honour_alone_and_in_the_list(api, honour):
    assert api.get(f"/api/v1/honours/{honour.pk}/").json() == honour_json(honour)
    assert api.get("/api/v1/honours/").json() == page(honour_json(honour))


def test_a_programme_and_a_residency_read_whole(api):
    host = factories.ProgrammeHostFactory(
        programme__volume_per_year=10,
        programme__volume_is_about=True,
        programme__since="2011-01-01",
        programme__since_precision="year",
    )
    programme = host.programme
    assert api.get("/api/v1/residency-programmes/").json() == page(
        {
            "id": programme.pk,
            "slug": programme.slug,
            "name_fr": programme.name_fr,
            "name_en": programme.name_en,
            "kind": "artists",
            "network": None,
            "volume_per_year": 10,
            "volume_is_about": True,
            "duration_months": None,
            "since": "2011-01-01",
            "since_precision": "year",
            "audience_fr": "",
            "audience_en": "",
            "note_fr": "",
            "note_en": "",
            "hosts": [{"id": host.pk, "programme": programme.pk, "organisation": host.organisation_id, **kept(host)}],
            **kept(programme),
        }
    )
    residency = factories.ResidencyFactory(programme=programme, host=host.organisation, discipline="music")
    assert api.get(f"/api/v1/residencies/{residency.pk}/").json() == {
        "id": residency.pk,
        "programme": programme.pk,
        "resident": residency.resident,
        "host": host.organisation_id,
        "discipline": "music",
        "since": None,
        "since_precision": "",
        "until": None,
        "until_precision": "",
        "support_fr": "",
        "support_en": "",
        "follow_up_fr": "",
        "follow_up_en": "",
        **kept(residency),
    }


def test_an_honour_takes_as_many_queries_however_many_groups_spoke(honour):
    """Token, honour, opinions."""
    address = f"/api/v1/honours/{honour.pk}/"
    assert len(queries(bearer(), address)) == 2
    factories.CommissionOpinionFactory.create_batch(3, honour=honour)
    assert len(queries(bearer(), address)) == 2


# --- the life ---


def test_an_honour_lives_from_the_nomination_to_the_award(api):
    group = factories.CouncilGroupFactory(name="Groupe inventé")
    body = {"recipient": "Exemple Inventée", "year": 2015, "nominated_on": "2015-05-04"}
    created = api.post("/api/v1/honours/", body)
    assert (created.status_code, created.json()["stage"]) == (201, "nominated"), created.content
    address = created.headers["Location"].removeprefix("http://testserver").rstrip("/")
    steps = {step["verb"]: step for step in api.get(f"{address}/steps/").json()}
    assert steps["examine"]["missing"] == [
        {"field": "examined_on", "message": "The day of the commission is missing."},
        {"field": "opinion_fr", "message": "The opinion of the commission is missing."},
        {"field": "opinions", "message": f"The group {group} has not given its opinion."},
    ]
    assert [(verb, step["ready"]) for verb, step in steps.items()] == [
        ("examine", False),
        ("reject", True),
        ("withdraw", True),
    ]
    commission = {"examined_on": "2015-05-11", "opinion_fr": "Avis favorable."}
    early = api.post(f"{address}/examine/", commission)
    assert (early.status_code, messages(early)) == (
        409,
        {"opinions": f"The group {group} has not given its opinion."},
    )
    opinion = {"honour": created.json()["id"], "group": group.pk, "opinion": "abstains"}
    assert api.post("/api/v1/commission-opinions/", opinion).status_code == 201
    examined = api.post(f"{address}/examine/", commission)
    assert (examined.status_code, examined.json()["stage"]) == (200, "examined"), examined.content
    voted = api.post(f"{address}/vote/", {"deliberation": factories.DeliberationFactory(voted_on="2015-05-18").pk})
    assert voted.json()["stage"] == "voted"
    awarded = api.post(f"{address}/award/", {"awarded_on": "2015-05-28"})
    assert (awarded.json()["stage"], awarded.json()["awarded_on_precision"]) == ("awarded", "day")
    assert awarded.json() == api.get(f"{address}/").json()
    assert api.get(f"{address}/steps/").json() == []


@pytest.mark.parametrize("verb", ["reject", "withdraw"])
def test_what_stops_needs_its_reason_and_keeps_it(api, honour, verb):
    address = f"/api/v1/honours/{honour.pk}/{verb}/"
    assert messages(api.post(address)) == {"reason": "Say why."}
    stopped = api.post(address, {"reason": "Invented reason"})
    assert (stopped.status_code, stopped.json()["closed_reason"]) == (200, "Invented reason")


@pytest.mark.parametrize(
    ("verb", "given", "code", "expected"),
    [
        ("award", {}, 409, {"awarded_on": "The day of the award is missing."}),
        ("award", {"awarded_on": "2015-05-17"}, 409, {"awarded_on": "An honour is awarded after the Council's vote."}),
        ("award", {"awarded_on": "2015-06-02"}, 400, {"awarded_on": "This has not happened yet: the date is in the future."}),
        ("award", {"awarded_on": "2015"}, 400, {"awarded_on": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}),
        ("award", {"stage": "awarded"}, 400, {"stage": "There is no such field."}),
        ("reject", {"reason": "Too late"}, 409, {"": "“Reject” is not possible now: the state is “voted”."}),
    ],
)  # fmt: skip
def test_a_voted_honour_refuses_by_field(api, verb, given, code, expected):
    honour = honour_in("voted")
    response = api.post(f"/api/v1/honours/{honour.pk}/{verb}/", given)
    assert (response.status_code, messages(response)) == (code, expected)
    honour.refresh_from_db()
    assert honour.stage == "voted"


# --- bad input ---


@pytest.mark.parametrize(
    ("resource", "change", "field", "sentence"),
    [
        ("honours", {"stage": "awarded"}, "stage", "This field cannot be written."),
        ("honours", {"closed_reason": "Whim"}, "closed_reason", "This field cannot be written."),
        ("honours", {"kind": "knighthood"}, "kind", '"knighthood" is not a valid choice.'),
        ("honours", {"year": 1815}, "year", "A year lies between 1990 and 2100."),
        ("honours", {"reference": "hon 1"}, "reference", "A reference is written in capital letters and digits, with single hyphens between them."),
        ("honours", {"nominated_on": "2015-06-02"}, "nominated_on", "This has not happened yet: the date is in the future."),
        ("honours", {"nominated_on": "2015-05-04", "examined_on": "2015-05-03"}, "examined_on", "The commission sits after the nomination."),
        ("honours", {"awarded_on": "2015-05-04", "awarded_on_precision": "day"}, "awarded_on", "An honour that is awarded has the date on which it was (which may be “not known”), and no other has."),
        ("residency-programmes", {"volume_per_year": 0}, "volume_per_year", "Ensure this value is greater than or equal to 1."),
        ("residency-programmes", {"duration_months": 61}, "duration_months", "Ensure this value is less than or equal to 60."),
        ("residency-programmes", {"kind": "spies"}, "kind", '"spies" is not a valid choice.'),
        ("residency-programmes", {"slug": "taken"}, "slug", "Residency programme with this Short name already exists."),
        ("residencies", {"resident": ""}, "resident", "This field may not be blank."),
        ("residencies", {"discipline": "espionage"}, "discipline", '"espionage" is not a valid choice.'),
        ("residencies", {"since": "2015-05-04", "since_precision": "day", "until": "2015-05-03", "until_precision": "day"}, "until", "The end cannot be before the beginning."),
        ("commission-opinions", {"opinion": "perhaps"}, "opinion", '"perhaps" is not a valid choice.'),
        ("programme-hosts", {"organisation": 10**6}, "organisation", "There is no such record: 1000000."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(api, resource, change, field, sentence):
    programme = factories.ResidencyProgrammeFactory(slug="taken")
    body = {
        "honours": {"recipient": "Exemple"},
        "residency-programmes": {"slug": "new", "name_fr": "Nouveau", "kind": "artists"},
        "residencies": {"programme": programme.pk, "resident": "Exemple"},
        "commission-opinions": {
            "honour": factories.HonourFactory().pk,
            "group": factories.CouncilGroupFactory().pk,
            "opinion": "favourable",
        },
        "programme-hosts": {"programme": programme.pk, "organisation": factories.OrganisationFactory().pk},
    }[resource]
    model = RESOURCES[resource].model
    before = model.objects.count()
    refused = api.post(f"/api/v1/{resource}/", body | change)
    assert (refused.status_code, messages(refused)) == (400, {field: sentence})
    assert model.objects.count() == before
    assert api.post(f"/api/v1/{resource}/", body).status_code == 201


def test_a_group_speaks_once_and_an_institution_hosts_once(api):
    opinion, host = factories.CommissionOpinionFactory(), factories.ProgrammeHostFactory()
    again = {"honour": opinion.honour_id, "group": opinion.group_id, "opinion": "unfavourable"}
    twice = api.post("/api/v1/commission-opinions/", again)
    assert (twice.status_code, messages(twice)) == (400, {"": "This group has already given its opinion."})
    twice = api.post("/api/v1/programme-hosts/", {"programme": host.programme_id, "organisation": host.organisation_id})
    assert (twice.status_code, messages(twice)) == (400, {"": "This institution already hosts the programme."})


# --- filters ---


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["VOTED", "BARE", "BODY"]),
        ("q=ecrivaine", ["VOTED"]),
        ("stage=voted&stage=nominated", ["VOTED", "BARE", "BODY"]),
        ("stage=voted", ["VOTED"]),
        ("kind=medal", ["BODY"]),
        ("year=2014", ["BODY"]),
        ("organisation=body", ["BODY"]),
        ("deliberation={deliberation}", ["VOTED"]),
        ("exceptional=true", ["BODY"]),
        ("foreign_policy=true", ["VOTED"]),
        ("foreign_policy=false", ["BARE", "BODY"]),
        ("group=left", ["BARE"]),
        ("opinion=abstains", ["BARE"]),
        ("opinion=abstains&opinion=favourable", ["VOTED", "BARE"]),
    ],
)
def test_honours_are_narrowed(api, query, expected):
    voted = honour_in("voted", reference="HON-VOTED", recipient="Une écrivaine", foreign_policy=True, year=2016)
    bare = factories.HonourFactory(reference="HON-BARE")
    factories.CommissionOpinionFactory(honour=bare, group__slug="left", opinion="abstains")
    body = factories.OrganisationFactory(slug="body")
    factories.HonourFactory(reference="HON-BODY", organisation=body, kind="medal", exceptional=True, year=2014)
    response = api.get(f"/api/v1/honours/?{query.format(deliberation=voted.deliberation_id)}")
    assert response.status_code == 200, response.content
    assert [row["reference"].removeprefix("HON-") for row in response.json()["results"]] == expected


@pytest.mark.parametrize(
    ("resource", "query", "count"),
    [
        ("residency-programmes", "kind=refuge", 1),
        ("residency-programmes", "slug=other", 1),
        ("residency-programmes", "host=house", 1),
        ("residency-programmes", "network=net", 1),
        ("residency-programmes", "q=nulle+part", 0),
        ("residencies", "programme=hosted", 1),
        ("residencies", "kind=refuge", 1),
        ("residencies", "kind=artists", 0),
        ("residencies", "host=house", 1),
        ("residencies", "discipline=music&discipline=dance", 1),
        ("residencies", "q=exemple", 1),
        ("programme-hosts", "programme=hosted", 1),
        ("programme-hosts", "organisation=house&programme=other", 0),
    ],
)
def test_residencies_are_narrowed(api, resource, query, count):
    house = factories.OrganisationFactory(slug="house")
    hosted = factories.ResidencyProgrammeFactory(
        slug="hosted", kind="refuge", network=factories.NetworkFactory(slug="net")
    )
    factories.ProgrammeHostFactory(programme=hosted, organisation=house)
    factories.ProgrammeHostFactory(programme__slug="other")
    factories.ResidencyFactory(programme=hosted, host=house, discipline="music", resident="Exemple")
    response = api.get(f"/api/v1/{resource}/?{query}")
    assert (response.status_code, response.json().get("count")) == (200, count), response.content


def test_the_figure_counts_the_records_behind_its_link(api):
    factories.HonourFactory.create_batch(2, awarded=True)
    factories.HonourFactory(awarded=True, year=2014)
    factories.HonourFactory()
    figure = api.get("/api/v1/figures/honours-awarded/").json()
    assert figure["value"] == 3
    assert api.get(figure["link"]).json()["count"] == 3


# --- who may ---


def test_a_token_writes_with_the_scope_and_roles_that_read_change_nothing(honour):
    body, patch = {"recipient": "Exemple"}, {"why_en": "Changed"}
    reader = bearer("solidarity:read")
    assert reader.get(f"/api/v1/honours/{honour.pk}/").status_code == 200
    assert reader.post("/api/v1/honours/", body).status_code == 403
    for role in (Role.SOLIDARITY_OFFICER, Role.DEPUTY, Role.AUDITOR):
        person = signed_in(role)
        assert person.patch(f"/api/v1/honours/{honour.pk}/", patch, headers=ANY).status_code == 403
        assert person.get(f"/api/v1/honours/{honour.pk}/steps/").json() == []
    for role in (Role.OFFICER, Role.PROTECTION_OFFICER):
        person = signed_in(role)
        changed = person.patch(f"/api/v1/honours/{honour.pk}/", {"why_en": role.value}, headers=ANY)
        assert (changed.status_code, changed.json()["why_en"]) == (200, role.value)


def test_no_resource_knows_protected_files():
    protected = {"protectedfile", "fileaccess", "fileread", "publication", "erasure"}
    assert not {view.model._meta.model_name for view in RESOURCES.values()} & protected
