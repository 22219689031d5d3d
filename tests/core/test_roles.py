"""Every model x role x verb: what is allowed, in one table that a person can read."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from core.access import ApiClient, may
from core.models import BaseModel
from core.roles import Role
from tests.factories import UserFactory

ALL = "view add change delete"
EDIT = "view add change"
READ = "view"
ADD = "view add"
NAMED = "view change"

# model: administrator, officer, solidarity officer, protection officer, deputy (and the mayor's office), auditor
ALLOWED = {
    "core.user": (ALL, "", "", "", "", ""),
    "core.clientaccess": (ALL, "", "", "", "", ""),
    "core.reminderrule": (ALL, EDIT, EDIT, EDIT, READ, READ),
    "core.webhooksubscription": (ALL, "", "", "", "", ""),
    "core.source": (ALL, EDIT, EDIT, EDIT, READ, READ),
    "core.citation": (ALL, ALL, ALL, ALL, READ, READ),
    "core.document": (ALL, ALL, ALL, ALL, READ, READ),
    "partnerships.country": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.countrystatus": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.area": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.city": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.cityarea": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.relation": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.renewaldecision": (ADD, ADD, READ, READ, READ, READ),
    "partnerships.watchnote": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.organisation": (ALL, EDIT, EDIT, READ, READ, READ),
    "partnerships.person": (ALL, EDIT, EDIT, READ, READ, READ),
    "partnerships.personrole": (ALL, ALL, ALL, READ, READ, READ),
    "partnerships.councilgroup": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.deliberation": (ALL, EDIT, EDIT, READ, READ, READ),
    "partnerships.agreement": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.agreementparty": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.agreementclause": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.amendment": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.network": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.membership": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.dues": (ALL, EDIT, READ, READ, READ, READ),
    "partnerships.networkseat": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.networkcity": (ALL, ALL, READ, READ, READ, READ),
    "partnerships.ambassador": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.theme": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.purposecode": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.councilleadtime": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.framework": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.exchangeprogramme": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.fundingprogramme": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.filing": (ALL, EDIT, READ, READ, READ, READ),
    "cooperation.project": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.projectcity": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.projectorganisation": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.projecttheme": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.projectstep": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.expertassignment": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.resultindicator": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.resultperiod": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.fundingline": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.movement": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.culturalproject": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.culturaldestination": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.edition": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.label": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.fundingcall": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.calltheme": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.callcountry": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.application": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.goodpractice": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.practiceuptake": (ALL, ALL, READ, READ, READ, READ),
    "cooperation.forecast": (ADD, ADD, READ, READ, READ, READ),
    "solidarity.fund": (ALL, READ, EDIT, READ, READ, READ),
    "solidarity.envelope": (ALL, READ, EDIT, READ, READ, READ),
    "solidarity.legalthreshold": (ALL, READ, EDIT, READ, READ, READ),
    "solidarity.declaredaid": (ALL, READ, EDIT, READ, READ, READ),
    "solidarity.publicaccounts": (ALL, READ, EDIT, READ, READ, READ),
    "solidarity.fundservice": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.fundparameter": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.resourcebase": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.grant": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.grantplace": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.piece": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.allocation": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.grantagreement": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.instalment": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.payment": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.financialreport": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.reportline": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.crisis": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.crisisplace": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.healthindicator": (ALL, READ, ALL, READ, READ, READ),
    "solidarity.residencyprogramme": (ALL, ALL, READ, ALL, READ, READ),
    "solidarity.programmehost": (ALL, ALL, READ, ALL, READ, READ),
    "solidarity.residency": (ALL, ALL, READ, ALL, READ, READ),
    "solidarity.honour": (ALL, ALL, READ, ALL, READ, READ),
    "solidarity.commissionopinion": (ALL, ALL, READ, ALL, READ, READ),
    # Opens no file: it lets somebody be named for one.
    "solidarity.protectedfile": ("", NAMED, NAMED, EDIT, "", ""),
    "solidarity.fileaccess": ("", READ, READ, EDIT, "", ""),
    "solidarity.fileread": ("", READ, READ, EDIT, "", ""),
    "solidarity.publication": ("", "", "", EDIT, "", ""),
    "solidarity.erasure": ("", "", "", EDIT, "", ""),
    "events.mission": (ALL, ALL, READ, READ, READ, READ),
    "events.delegation": (ALL, ALL, READ, READ, READ, READ),
    "events.event": (ALL, ALL, READ, READ, READ, READ),
    "events.meeting": (ALL, ALL, READ, READ, READ, READ),
    "events.meetingnote": (ALL, ALL, READ, READ, READ, READ),
    "events.promise": (ALL, ALL, EDIT, READ, READ, READ),
    "events.tie": (ALL, ALL, ALL, READ, READ, READ),
    "events.destination": (ALL, ALL, READ, READ, READ, READ),
    "events.leg": (ALL, ALL, READ, READ, READ, READ),
    "events.participant": (ALL, ALL, READ, READ, READ, READ),
    "events.programmeitem": (ALL, ALL, READ, READ, READ, READ),
    "events.expertise": (ALL, ALL, READ, READ, READ, READ),
    "events.precondition": (ALL, ALL, READ, READ, READ, READ),
    "events.bidstage": (ALL, ALL, READ, READ, READ, READ),
    "events.outcome": (ALL, ALL, READ, READ, READ, READ),
    "events.councilsitting": (ALL, EDIT, READ, READ, READ, READ),
    "events.emissionfactor": (ALL, EDIT, READ, READ, READ, READ),
    "events.calendarsubscription": (EDIT, EDIT, EDIT, EDIT, EDIT, EDIT),
    "mandate.mandate": (ALL, EDIT, READ, READ, READ, READ),
    "mandate.milestonedecision": (ADD, ADD, READ, READ, READ, READ),
    "mandate.objective": (ALL, EDIT, READ, READ, READ, READ),
    "mandate.objectiveassociate": (ALL, ALL, READ, READ, READ, READ),
    "mandate.objectiveprecondition": (ALL, ALL, READ, READ, READ, READ),
    "mandate.milestone": (ALL, ALL, READ, READ, READ, READ),
    "mandate.evidence": (ALL, ALL, READ, READ, READ, READ),
    "mandate.indicator": (ALL, ALL, READ, READ, READ, READ),
    "mandate.report": (ALL, ALL, EDIT, READ, READ, READ),
    "mandate.reportblock": (ALL, ALL, ALL, READ, READ, READ),
    "mandate.reportentry": (READ, READ, READ, READ, READ, READ),
}
COLUMNS = [*enumerate(role for role in Role if role != Role.MAYORS_OFFICE), (4, Role.MAYORS_OFFICE)]
VERBS = ("view", "add", "change", "delete")


def records():
    return [model for model in apps.get_models() if issubclass(model, BaseModel) and not model._meta.proxy]


def test_the_table_names_every_model():
    assert {model._meta.label_lower for model in records()} == set(ALLOWED)


@pytest.mark.django_db
@pytest.mark.parametrize(("column", "role"), COLUMNS, ids=[role.value for _column, role in COLUMNS])
def test_a_role_may_do_what_the_table_says_and_nothing_else(column, role):
    person = UserFactory(role=role)
    actual = {
        model._meta.label_lower: " ".join(verb for verb in VERBS if may(person, verb, model)) for model in records()
    }
    assert actual == {label: verbs[column] for label, verbs in ALLOWED.items()}


@pytest.mark.django_db
def test_roles_are_exactly_the_groups_in_the_database():
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}


@pytest.mark.django_db
def test_nobody_without_a_role_sees_anything():
    stranger = UserFactory()
    for model in records():
        assert not may(stranger, "view", model)
        assert not model._default_manager.visible_to(stranger).exists()


@pytest.mark.django_db
def test_a_disabled_account_may_nothing():
    person = UserFactory(role=Role.ADMINISTRATOR, is_active=False)
    assert not any(may(person, verb, model) for verb in VERBS for model in records())


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (set(), ()),
        ({"partnerships:read"}, ("view",)),
        ({"partnerships:write"}, ("add", "change", "delete")),
        ({"partnerships:read", "partnerships:write"}, VERBS),
        ({"core:read", "core:write"}, ()),
    ],
)
def test_a_client_may_do_what_its_scopes_say(scopes, allowed):
    client = ApiClient("invented", "Invented", frozenset(scopes))
    city = apps.get_model("partnerships", "City")
    assert tuple(verb for verb in VERBS if may(client, verb, city)) == allowed


def test_scopes_of_an_app_never_reach_people_s_accounts():
    client = ApiClient("invented", "Invented", frozenset({"core:read", "core:write"}))
    user = apps.get_model("core", "User")
    assert not any(may(client, verb, user) for verb in VERBS)
