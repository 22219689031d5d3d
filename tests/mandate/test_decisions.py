"""What waits for a decision: which records, by when, for whom; and the page on which one verb is confirmed."""

import re
from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from mandate.decisions import kinds, listed, told, waiting
from partnerships.enums import AgreementStatus
from partnerships.models import Agreement
from solidarity import law
from solidarity.models import Grant
from tests import factories as make
from tests.pages.conftest import call_for, paid_project
from tests.solidarity.lives import grant_in, law_in_force

pytestmark = pytest.mark.django_db

COUNCIL = date(2015, 6, 15)
# Queries of the page, reading the session, the user and her roles included.
LIST = 42


def found(reader) -> list[tuple[str, str | None, str]]:
    """Kind, day and text of each decision, in its order."""
    return [(row.kind, row.due and row.due.isoformat(), row.what) for row in told(reader, waiting(reader))]


def titles(reader) -> list[str]:
    return [what for _kind, _due, what in found(reader)]


def signed_in(role: Role, language: str = "en") -> Client:
    user = make.UserFactory(role=role, language=language, is_staff=role != Role.DEPUTY)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def ending(day: date, **values) -> Agreement:
    return make.AgreementFactory(in_force=True, expires_on=day, **values)


def council():
    return make.CouncilSittingFactory(starts_on=COUNCIL, ends_on=COUNCIL)


# --- agreements ---


@pytest.mark.parametrize(
    ("last", "notice", "tacit", "due", "why"),
    [
        ("2015-09-30", None, False, "2015-09-30", "It ends on 30 September 2015"),
        (
            "2016-01-31",
            3,
            False,
            "2015-10-31",
            "Notice is given by 31 October 2015 at the latest; it ends on 31 January 2016",
        ),
        ("2015-07-31", 3, False, "2015-07-31", "It ends on 31 July 2015"),
        (
            "2015-12-31",
            6,
            True,
            "2015-06-30",
            "It renews itself on 31 December 2015 unless notice is given by 30 June 2015",
        ),
        ("2015-06-01", None, True, "2015-06-01", "It ends on 1 June 2015"),
        ("2015-12-01", None, False, "2015-12-01", "It ends on 1 December 2015"),
        (
            "2015-05-31",
            None,
            False,
            "2015-05-31",
            "Its last day was 31 May 2015, and nobody has noted what becomes of it",
        ),
    ],
)
def test_an_agreement_waits_until_its_notice_and_then_until_its_end(deputy, last, notice, tacit, due, why):
    ending(date.fromisoformat(last), notice_months=notice, tacit_renewal=tacit)
    (decision,) = told(deputy, waiting(deputy))
    assert (decision.kind, decision.due.isoformat(), decision.why) == ("agreement-renewal", due, why)


@pytest.mark.parametrize(
    ("last", "values"),
    [
        ("2015-12-02", {}),
        ("2016-01-31", {"notice_months": 1}),
        ("2015-07-31", {"notice_months": 3, "tacit_renewal": True}),
        ("2015-05-31", {"tacit_renewal": True}),
    ],
)
def test_an_agreement_does_not_wait_too_early_nor_where_it_renews_itself_anyway(deputy, last, values):
    ending(date.fromisoformat(last), **values)
    assert found(deputy) == []


def test_an_agreement_whose_renewal_is_prepared_waits_no_more(officer):
    agreement = ending(date(2015, 9, 30))
    assert titles(officer) == [agreement.title]
    make.AgreementFactory(renews=agreement, kind=agreement.kind)
    assert titles(officer) == []


# --- grants, missions, calls, objectives ---


def test_grants_wait_for_the_next_council_the_oldest_application_first(deputy):
    late, early = grant_in("under-review", received_on=date(2015, 3, 2)), grant_in("under-review")
    ready = grant_in("proposed")
    grant_in("submitted")
    grant_in("voted")
    assert found(deputy) == [
        ("grant-proposal", None, early.title),
        ("grant-proposal", None, late.title),
        ("grant-vote", None, ready.title),
    ]
    council()
    assert {due for _kind, due, _what in found(deputy)} == {"2015-06-15"}


def test_a_voted_grant_waits_for_its_signature_where_the_law_asks_for_one_or_one_is_prepared(deputy):
    law_in_force()
    large = grant_in("voted", (make.EnvelopeFactory(), 23001))
    prepared = grant_in("voted")
    make.GrantAgreementFactory(grant=prepared)
    grant_in("voted")  # below the threshold
    grant_in("voted", (make.EnvelopeFactory(), 23001), beneficiary=make.OrganisationFactory(kind="institution"))
    grant_in("signed")
    body_of_two = grant_in("voted", (make.EnvelopeFactory(), 12000)).beneficiary
    assert set(titles(deputy)) == {large.title, prepared.title}
    # Of two grants to one body in a year the sum counts.
    grant_in("voted", (make.EnvelopeFactory(), 12000), beneficiary=body_of_two)
    assert [row[:2] for row in found(deputy)] == [("grant-signature", None)] * 4
    assert {row.key for row in waiting(deputy, only=["grant-signature"])} == {
        grant.pk for grant in Grant.objects.filter(stage="voted") if law.needs_convention(grant) or grant == prepared
    }
    page = body(signed_in(Role.DEPUTY), "/decisions/")
    assert "Waits for: Record the signature of the agreement" in page


def test_missions_wait_until_the_day_before_the_first_on_which_they_may_leave(deputy):
    def trip(name: str, day: date | None, precision: str = "day", **values):
        values = {"planned": True} | values
        make.MissionFactory(
            title_en=name, planned_start=day, planned_start_precision=precision if day else "", **values
        )

    trip("soon", date(2015, 6, 20))
    trip("idea", date(2015, 7, 1), planned=False)
    trip("month", date(2015, 6, 1), "month")
    trip("season", date(2015, 6, 1), "season")
    trip("autumn", date(2015, 9, 1), "season")
    trip("past", date(2015, 5, 20))
    trip("past month", date(2015, 5, 1), "month")
    trip("far", date(2015, 9, 2))
    trip("undated", None)
    make.MissionFactory(confirmed=True)
    assert [(due, what) for _kind, due, what in found(deputy)] == [
        ("2015-06-01", "month"),
        ("2015-06-01", "season"),
        ("2015-06-19", "soon"),
        ("2015-06-30", "idea"),
        ("2015-08-31", "autumn"),
    ]


def test_calls_wait_while_the_council_can_still_see_their_file(deputy):
    project = paid_project()
    make.CouncilLeadTimeFactory(days=60, since=date(2014, 1, 1), until=None)
    call_for(project, deadlines=[date(2015, 7, 31)], title_en="today")
    call_for(project, deadlines=[date(2015, 7, 30)], title_en="too late")
    call_for(project, deadlines=[date(2015, 12, 1)], title_en="far")
    answered = call_for(project, deadlines=[date(2015, 8, 31)], title_en="answered")
    make.ApplicationFactory(call=answered, project=project)
    make.CallThemeFactory(call__title_en="other field", call__deadlines=[date(2015, 8, 31)])
    assert [row for row in found(deputy) if row[0] == "call-council"] == [("call-council", "2015-06-01", "today")]


def test_late_objectives_of_the_mandates_that_run_wait(deputy):
    running = make.MandateFactory()
    over = make.MandateFactory(starts_on=date(2008, 3, 21), ends_on=date(2014, 4, 5))
    make.ObjectiveFactory(mandate=running, late=True, wording_en="noted")
    make.ObjectiveFactory(
        mandate=running, on_track=True, due_on=date(2014, 1, 1), due_on_precision="year", wording_en="passed"
    )
    make.ObjectiveFactory(mandate=running, due_on=date(2015, 6, 1), due_on_precision="day", wording_en="due today")
    make.ObjectiveFactory(mandate=running, met=True)
    make.ObjectiveFactory(mandate=over, late=True)
    assert [row for row in found(deputy) if row[0] == "objective-late"] == [
        ("objective-late", "2014-12-31", "passed"),
        ("objective-late", None, "noted"),
    ]


def test_a_text_in_the_other_language_says_which_one(deputy):
    ending(date(2015, 9, 30), title_en="")
    (decision,) = told(deputy, waiting(deputy))
    assert decision.language == "fr"


def test_a_kind_is_registered_once():
    taken = next(iter(kinds()))
    with pytest.raises(ImproperlyConfigured, match=taken):
        listed(taken, "Twice", Agreement, lambda reader: Agreement.objects.none())(lambda reader, record: None)


# --- who ---


def test_nothing_waits_for_whoever_may_see_nothing():
    ending(date(2015, 9, 30))
    grant_in("proposed")
    assert waiting(make.UserFactory()) == []


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.OFFICER, ["Prepare the renewal", "End early"]),
        (Role.SOLIDARITY_OFFICER, ["Propose to the Council", "Reject"]),
        (Role.DEPUTY, []),
        (Role.AUDITOR, []),
        (Role.ADMINISTRATOR, ["Prepare the renewal", "End early", "Propose to the Council", "Reject"]),
    ],
)
def test_each_role_has_the_verbs_that_it_may_do_and_reads_who_has_the_others(role, offered):
    ending(date(2015, 9, 30))
    grant_in("under-review")
    page = body(signed_in(role), "/decisions/")
    shown = re.findall(r'href="/decisions/[^"]+">([^<]+)<', page)
    assert shown == offered
    waits = re.findall(r"Waits for: ([^<]+)<span class=\"second\">Who can: ([^<]+)<", page)
    assert waits == [
        row
        for row in [
            ("Prepare the renewal", "Administrator and International-relations officer"),
            ("Propose to the Council", "Administrator and Solidarity officer"),
        ]
        if row[0] not in offered
    ]


def test_the_home_page_offers_the_usual_verb_to_those_who_may():
    agreement = ending(date(2015, 9, 30))
    address = f"/decisions/agreement-renewal/{agreement.pk}/prepare_renewal/"
    assert address in body(signed_in(Role.OFFICER), "/")
    for role in (Role.DEPUTY, Role.AUDITOR):
        assert "/decisions/agreement" not in body(signed_in(role), "/")


# --- the page of a verb ---


def address(agreement: Agreement, verb: str = "prepare_renewal") -> str:
    return f"/decisions/agreement-renewal/{agreement.pk}/{verb}/"


def test_a_verb_is_asked_for_on_a_page_of_its_own_then_done_and_said():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    page = body(client, address(agreement))
    assert "<h1>Prepare the renewal</h1>" in page
    assert f'name="version" value="{agreement.version}"' in page
    done = client.post(address(agreement), {"version": agreement.version, "reason": "Invented reason"}, follow=True)
    assert done.redirect_chain == [("/decisions/", 302)]
    assert f"Prepare the renewal: {agreement}." in done.content.decode()
    assert Agreement.objects.get(renews=agreement).status == AgreementStatus.DRAFT
    assert titles(client.user) == []


def test_a_verb_writes_what_it_asks_for():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    client.post(
        address(agreement, "end"), {"version": agreement.version, "ended_on": "2015-05-31", "reason": "Invented reason"}
    )
    agreement.refresh_from_db()
    assert (agreement.status, agreement.ended_on) == (AgreementStatus.ENDED, date(2015, 5, 31))


def test_a_refused_verb_shows_every_reason_and_writes_nothing():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    refused = client.post(address(agreement, "end"), {"version": agreement.version})
    page = refused.content.decode()
    assert refused.status_code == 409
    for reason in ("The date on which it ended is missing.", "Say why."):
        assert reason in page
    agreement.refresh_from_db()
    assert agreement.status == AgreementStatus.IN_FORCE


def test_what_bars_the_way_is_said_before_anybody_fills_it_in():
    instructor = make.UserFactory(role=Role.SOLIDARITY_OFFICER, language="en", is_staff=True)
    grant = grant_in("under-review", actor=instructor)
    grant.pieces.all().delete()
    client = Client()
    client.force_login(instructor)
    page = body(client, f"/decisions/grant-proposal/{grant.pk}/propose/")
    assert "You instructed this file: somebody else proposes it." in page
    assert page.count("A piece of the file is missing") == 2
    assert "The opinion of the review is missing." not in page
    assert '<button class="primary">Propose' not in page
    refused = client.post(
        f"/decisions/grant-proposal/{grant.pk}/propose/", {"version": grant.version, "amount_granted": "20000"}
    )
    assert refused.status_code == 409
    assert "You instructed this file: somebody else proposes it." in refused.content.decode()
    assert "The opinion of the review is missing." in refused.content.decode()
    assert Grant.objects.get(pk=grant.pk).stage == "under-review"


def test_a_grant_is_proposed_from_the_list_by_another_than_who_instructed_it():
    grant, client = grant_in("under-review"), signed_in(Role.SOLIDARITY_OFFICER)
    done = client.post(
        f"/decisions/grant-proposal/{grant.pk}/propose/",
        {"version": grant.version, "amount_granted": "20000", "opinion": "Invented opinion."},
    )
    assert done.status_code == 302
    grant.refresh_from_db()
    assert (grant.stage, grant.approved_by) == ("proposed", client.user)
    assert [kind for kind, _due, _what in found(client.user)] == ["grant-vote"]


def test_an_edit_of_an_older_version_is_refused():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    read = agreement.version
    agreement.title_en = "Changed meanwhile"
    agreement.save()
    refused = client.post(address(agreement), {"version": read})
    assert refused.status_code == 412
    assert "This record was changed since you opened it." in refused.content.decode()
    assert not Agreement.objects.filter(renews=agreement).exists()


def test_a_verb_that_was_done_meanwhile_is_refused_in_words():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    client.post(address(agreement, "end"), {"version": 1, "ended_on": "2015-05-31", "reason": "Invented reason"})
    agreement.refresh_from_db()
    page = body(client, address(agreement, "end"))
    assert "“End early” is not possible now: the state is “ended”." in page
    again = client.post(address(agreement, "end"), {"version": agreement.version, "reason": "Invented reason"})
    assert again.status_code == 409
    assert "“End early” is not possible now: the state is “ended”." in again.content.decode()


@pytest.mark.parametrize("version", ["", "x", "1.5"])
def test_a_form_without_its_version_is_refused_in_words(version):
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    refused = client.post(address(agreement), {"version": version})
    assert refused.status_code == 422
    assert "This form is not whole: open the page again." in refused.content.decode()
    assert not Agreement.objects.filter(renews=agreement).exists()


def test_a_field_that_cannot_be_read_is_refused_beside_it():
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    refused = client.post(
        address(agreement, "end"), {"version": agreement.version, "ended_on": "soon", "reason": "Invented reason"}
    )
    assert refused.status_code == 422
    assert 'class="errorlist" id="id_ended_on_error"' in refused.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "agreement-renewal/{pk}/sign/",
        "agreement-renewal/{pk}/delete/",
        "agreement-renewal/999999/end/",
        "nothing/{pk}/end/",
        "dormant-partnership/{pk}/end/",
    ],
)
def test_what_is_not_offered_does_not_exist(path):
    agreement, client = ending(date(2015, 9, 30)), signed_in(Role.OFFICER)
    target = f"/decisions/{path.format(pk=agreement.pk)}"
    assert client.get(target).status_code == 404
    assert client.post(target, {"version": agreement.version}).status_code == 404


def test_a_record_that_the_reader_may_not_see_does_not_exist():
    agreement = ending(date(2015, 9, 30))
    client = Client()
    client.force_login(make.UserFactory())
    assert client.get(address(agreement)).status_code == 404
    assert client.post(address(agreement), {"version": agreement.version}).status_code == 404


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER, Role.MAYORS_OFFICE])
def test_who_may_not_decide_is_refused(role):
    agreement, client = ending(date(2015, 9, 30)), signed_in(role)
    assert client.get(address(agreement)).status_code == 403
    assert client.post(address(agreement), {"version": agreement.version}).status_code == 403
    assert not Agreement.objects.filter(renews=agreement).exists()


def test_a_stranger_is_sent_to_sign_in(client):
    agreement = ending(date(2015, 9, 30))
    for target in ("/decisions/", address(agreement)):
        assert client.get(target).url.startswith("/accounts/login/")


# --- the list ---


def test_the_list_is_narrowed_by_kind_and_says_what_it_cannot_read():
    client = signed_in(Role.DEPUTY)
    ending(date(2015, 9, 30), title_en="Ends")
    grant_in("proposed", title_en="Proposed")
    page = body(client, "/decisions/?kind=grant-vote")
    assert "Proposed" in page
    assert ">Ends<" not in page
    wrong = body(client, "/decisions/?kind=nonsense")
    assert "This list cannot be narrowed as asked." in wrong
    assert ">Ends<" not in wrong
    assert "No decision of this kind waits." in body(client, "/decisions/?kind=mission-confirmation")
    assert ">Ends<" in body(client, "/decisions/?kind=&page=zero")


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nothing waits for a decision."), ("fr", "Aucune décision n’attend.")]
)
def test_an_empty_list_says_why_in_both_languages(language, sentence):
    assert sentence in body(signed_in(Role.DEPUTY, language), "/decisions/")


def test_a_long_list_has_pages():
    client = signed_in(Role.DEPUTY)
    make.AgreementFactory.create_batch(26, in_force=True, expires_on=date(2015, 9, 30))
    assert "Page 1 of 2" in body(client, "/decisions/")
    assert body(client, "/decisions/?page=2").count("Waits for:") == 1


def world() -> None:
    """One more of each kind."""
    ending(date(2015, 6, 20))
    grant_in("under-review")
    grant_in("proposed")
    trip = make.MissionFactory(planned=True, planned_start=date(2015, 6, 20), planned_start_precision="day")
    make.DestinationFactory(mission=trip)
    call_for(paid_project(), deadlines=[date(2015, 7, 15)])
    make.ObjectiveFactory(late=True)
    make.RelationFactory()


def test_more_decisions_ask_no_more_of_the_database():
    council()
    client = signed_in(Role.ADMINISTRATOR)
    counted = []
    for rows in (1, 2):
        for _row in range(rows):
            world()
        body(client, "/decisions/")
        with CaptureQueriesContext(connection) as asked:
            page = body(client, "/decisions/")
        counted.append((page.count('<th scope="row">') >= 6, len(asked)))
    assert counted == [(True, LIST), (True, LIST)]
