"""Honours and residencies in the admin: from the nomination to the award, the warning of a legal risk, who may do what."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core.roles import Role
from solidarity.models import Honour, Residency, ResidencyProgramme
from tests import factories as make
from tests.admin.forms import body, done, errors, filled, page, perform, queries, rows
from tests.solidarity.honour_lives import honour_in

ADD = "admin:solidarity_honour_add"
RISK = "It takes a stance on French foreign policy: record a legal opinion."


def test_an_officer_takes_an_honour_from_the_nomination_to_the_award(officer):
    groups = [make.CouncilGroupFactory(name=name) for name in ("Groupe A", "Groupe B")]
    add = reverse(ADD)
    done(officer.post(add, filled(officer, add, recipient="Ada Exemple", year="2015", nominated_on="2015-05-04")))
    honour = Honour.objects.get(recipient="Ada Exemple")
    assert (honour.stage, honour.kind) == ("nominated", "honorary-citizenship")

    shown = body(officer, page(honour))
    assert "The group Groupe A has not given its opinion." in shown
    assert page(honour, "life", "examine") not in shown  # barred while a group is silent
    spoken = [{"group": group.pk, "opinion": "favourable"} for group in groups]
    done(officer.post(page(honour), filled(officer, page(honour), **rows("opinions", *spoken))))
    assert page(honour, "life", "examine") in body(officer, page(honour))

    refused = perform(officer, honour, "examine", examined_on="2015-06-02")
    told = refused.context["form"].errors
    assert told["examined_on"] == ["This has not happened yet: the date is in the future."]
    assert told["opinion_fr"] == ["The opinion of the commission is missing."]
    done(perform(officer, honour, "examine", examined_on="2015-05-11", opinion_fr="Avis favorable."))
    vote = make.DeliberationFactory(voted_on=date(2015, 5, 18))
    assert perform(officer, honour, "vote").context["form"].errors["deliberation"] == [
        "The Council's deliberation is missing."
    ]
    done(perform(officer, honour, "vote", deliberation=vote.pk))
    early = perform(officer, honour, "award", awarded_on="2015-05-17")
    assert early.context["form"].errors["awarded_on"] == ["An honour is awarded after the Council's vote."]
    done(perform(officer, honour, "award", awarded_on="2015-05-28"))
    honour.refresh_from_db()
    assert (honour.stage, honour.awarded_on_precision, honour.deliberation) == ("awarded", "day", vote)

    corrected = filled(officer, page(honour), awarded_on="2015-05-27", follow_up_fr="Une lettre.")
    done(officer.post(page(honour), corrected))
    honour.refresh_from_db()
    assert (honour.awarded_on, honour.follow_up_fr) == (date(2015, 5, 27), "Une lettre.")


def test_a_second_opinion_of_a_group_is_refused_with_nothing_written(officer):
    opinion = make.CommissionOpinionFactory()
    again = rows("opinions", {"group": opinion.group_id, "opinion": "abstains"}, already=1)
    answer = officer.post(page(opinion.honour), filled(officer, page(opinion.honour), **again))
    assert "group" in errors(answer).lower()
    assert opinion.honour.opinions.get().opinion == "favourable"


def test_a_legal_risk_is_told_on_top_until_a_legal_opinion_is_recorded(officer):
    honour = make.HonourFactory(foreign_policy=True)
    assert RISK in body(officer, page(honour))
    done(officer.post(page(honour), filled(officer, page(honour), legal_opinion="Avis inventé.")))
    assert RISK not in body(officer, page(honour))
    assert RISK not in body(officer, page(make.HonourFactory()))


def test_why_it_ended_is_told_first_and_changed_by_nobody(officer):
    honour = honour_in("rejected")
    answer = officer.get(page(honour))
    assert "for an invented reason" in answer.content.decode()
    assert "closed_reason" not in answer.context["adminform"].form.fields
    assert answer.context["life"]["buttons"] == []


def test_lists_are_cut_by_views_and_name_a_recipient_that_no_document_names(officer):
    make.HonourFactory(reference="HON-UNNAMED", recipient="", awarded=True)
    make.HonourFactory(reference="HON-OPEN")
    address = reverse("admin:solidarity_honour_changelist")
    awarded, ahead = body(officer, address + "?view=awarded"), body(officer, address + "?view=open")
    assert "not named by the documents" in awarded
    assert ("HON-UNNAMED" in awarded, "HON-OPEN" in awarded) == (True, False)
    assert ("HON-UNNAMED" in ahead, "HON-OPEN" in ahead) == (False, True)


def test_a_list_of_programmes_counts_its_hosts_and_residencies_in_as_many_queries(officer):
    address = reverse("admin:solidarity_residencyprogramme_changelist")
    programme = make.ProgrammeHostFactory(programme__volume_per_year=10, programme__volume_is_about=True).programme
    make.ResidencyFactory.create_batch(2, programme=programme)
    shown = officer.get(address)
    assert "about 10" in shown.content.decode()
    [row] = shown.context["cl"].result_list
    assert row.residency_count == 2
    few = queries(officer, address)
    for _more in range(3):
        make.ProgrammeHostFactory(programme=programme)
        make.ResidencyFactory(programme=make.ProgrammeHostFactory().programme)
    assert queries(officer, address) == few


def test_a_programme_is_made_with_its_hosts_and_refused_beside_the_field(officer):
    host = make.OrganisationFactory()
    add = reverse("admin:solidarity_residencyprogramme_add")
    whole = {"name_fr": "Refuge", "slug": "refuge", "kind": "refuge", "duration_months": "12"}
    answer = officer.post(add, filled(officer, add, **whole | {"duration_months": "61"}))
    assert "Ensure this value is less than or equal to 60." in errors(answer)
    done(officer.post(add, filled(officer, add, **whole, **rows("hosts", {"organisation": host.pk}))))
    assert ResidencyProgramme.objects.get().hosts.get().organisation == host


def test_a_residency_that_ends_before_it_begins_is_refused(officer):
    residency = make.ResidencyFactory()
    days = {"since": "2015-05-04", "since_precision": "day", "until": "2015-05-03", "until_precision": "day"}
    answer = officer.post(page(residency), filled(officer, page(residency), **days))
    assert errors(answer) == "The end cannot be before the beginning."
    assert Residency.objects.get().since is None


@pytest.mark.parametrize("role", [Role.SOLIDARITY_OFFICER, Role.AUDITOR])
def test_those_who_only_read_change_nothing(role, db):
    client, honour = Client(), make.HonourFactory()
    client.force_login(make.UserFactory(role=role, language="en"))
    shown = client.get(page(honour))
    assert shown.context["has_change_permission"] is False
    assert shown.context["life"]["buttons"] == []
    assert client.post(page(honour), {"recipient": "Changed"}).status_code == 403
    assert client.post(page(honour, "life", "reject"), {"reason": "Whim"}).status_code == 403
    honour.refresh_from_db()
    assert honour.stage == "nominated"


def test_protected_files_have_no_page_in_the_admin(administrator):
    index = administrator.get(reverse("admin:index")).content.decode()
    for name in ("protectedfile", "fileaccess", "fileread", "publication", "erasure"):
        assert f"/solidarity/{name}/" not in index
        assert administrator.get(f"/admin/solidarity/{name}/").status_code == 404
