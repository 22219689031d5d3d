"""Mandates and objectives in the admin: the three days, the handover, a judged life, parts that sum to 100, what shows it."""

from datetime import date

import pytest
from django.db.models import Q
from django.urls import reverse

from core.roles import Role
from events.models import Mission
from mandate.admin.rows import NARROWED_BY
from mandate.measures import PARAMETERS
from mandate.models import Evidence, Mandate, MilestoneDecision, Objective
from tests import factories as make
from tests.admin.conftest import _client
from tests.admin.forms import body, done, errors, filled, page, perform, queries, row_errors, rows
from tests.api import lives

pytestmark = pytest.mark.django_db


def listed(name: str, question: str = "") -> str:
    return reverse(f"admin:mandate_{name}_changelist") + question


def add(name: str) -> str:
    return reverse(f"admin:mandate_{name}_add")


def act(record, name: str) -> str:
    return reverse(f"admin:mandate_{record._meta.model_name}_{name}", args=[record.pk])


def found(answer) -> list[str]:
    return [str(record) for record in answer.context["cl"].result_list]


# --- mandates ---


def test_a_mandate_shows_its_days_and_the_decision_that_moves_one(officer):
    mandate = make.MandateFactory()
    row = {"which": "midpoint", "falls_on": "2017-06-01", "decided_on": "2015-05-04", "reason": "Raison"}
    done(officer.post(page(mandate), filled(officer, page(mandate), **rows("decisions", row))))
    shown = [(day.which, day.computed, day.rules) for day in officer.get(page(mandate)).context["mandate"]["days"]]
    assert shown == [
        ("day-100", date(2014, 7, 14), date(2014, 7, 14)),
        ("midpoint", date(2017, 5, 19), date(2017, 6, 1)),
        ("end", date(2020, 7, 3), date(2020, 7, 3)),
    ]
    assert "Mid-term: 1 June 2017" in body(officer, listed("mandate")).replace("mid-term:", "Mid-term:")


def test_a_decision_is_added_and_never_changed(administrator):
    decision = make.MilestoneDecisionFactory()
    mandate = decision.mandate
    tampered = {"decisions-0-reason": "Autre raison", "decisions-0-id": decision.pk, "decisions-0-DELETE": "on"}
    done(administrator.post(page(mandate), filled(administrator, page(mandate), **tampered)))
    assert MilestoneDecision.objects.get().reason == decision.reason
    administrator.user.is_superuser = True
    administrator.user.save()
    done(administrator.post(page(mandate), filled(administrator, page(mandate), title_en="Other", **tampered)))
    assert (MilestoneDecision.objects.get().reason, Mandate.objects.get().title_en) == (decision.reason, "Other")


def test_a_mandate_that_cannot_be_is_refused(officer):
    mandate = make.MandateFactory()
    outside = {"which": "end", "falls_on": "2021-01-01", "decided_on": "2015-05-04", "reason": "Raison"}
    answer = officer.post(page(mandate), filled(officer, page(mandate), **rows("decisions", outside)))
    assert row_errors(answer, "decisions", 0) == {"falls_on": ["A milestone falls within its mandate."]}
    backwards = officer.post(page(mandate), filled(officer, page(mandate), ends_on="2014-04-05"))
    assert backwards.context["adminform"].form.errors["ends_on"] == ["A mandate ends after it starts."]
    other = {"title_fr": "Autre", "slug": "autre", "city": mandate.city.pk, "starts_on": "2020-07-02"}
    answer = officer.post(add("mandate"), filled(officer, add("mandate"), **other, ends_on="2026-03-28"))
    assert "The city already has a mandate at that time." in errors(answer)
    assert Mandate.objects.count() == 1


# --- the handover ---


def next_mandate(**values) -> dict:
    return {"title_fr": "Suivante", "slug": "suivante", "ends_on": "2026-03-28", **values}


def test_a_handover_is_read_once_more_before_it_is_done(officer):
    mandate = make.MandateFactory()
    kept, left = (make.ObjectiveFactory(mandate=mandate, reference=name) for name in ("KEPT", "LEFT"))
    make.ObjectiveFactory(mandate=mandate, reference="MET", met=True)
    address = act(mandate, "hand_over")
    form = officer.get(address).context["form"]
    assert list(form.fields["objectives"].queryset) == [kept, left]
    chosen = next_mandate(objectives=[kept.pk])
    review = officer.post(address, chosen)
    assert (review.context["review"], review.context["carried"]) == (True, [kept])
    assert Mandate.objects.count() == 1
    answer = officer.post(address, chosen | {"confirmed": "1"})
    new = Mandate.objects.get(previous=mandate)
    assert answer["Location"] == page(new)
    assert [(row.reference, row.continues) for row in new.objectives.all()] == [("KEPT", kept)]
    assert new.starts_on == mandate.ends_on
    assert page(new) in body(officer, page(mandate))
    assert "hand-over" not in body(officer, page(mandate))
    assert officer.get(address).status_code == 403


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"ends_on": "2020-07-03"}, "ends_on", "A mandate ends after it starts."),
        ({"ends_on": ""}, "ends_on", "This field is required."),
        ({"starts_on": "2020-07-02"}, "__all__", "A mandate follows one of the same city that ended before it."),
        ({"slug": "taken"}, "slug", "Mandate with this Short name already exists."),
    ],
)
def test_a_handover_that_cannot_be_is_refused_in_its_form(officer, change, field, sentence):
    mandate = make.MandateFactory(slug="taken")
    address = act(mandate, "hand_over")
    answer = officer.post(address, next_mandate(**change) | {"confirmed": "1"})
    assert answer.status_code == 200
    assert sentence in answer.context["form"].errors[field]
    assert Mandate.objects.count() == 1


def test_a_handover_carries_nothing_over_that_is_not_offered(officer):
    mandate = make.MandateFactory()
    other = make.ObjectiveFactory()
    answer = officer.post(act(mandate, "hand_over"), next_mandate(objectives=[other.pk], confirmed="1"))
    assert "is not one of the available choices" in str(answer.context["form"].errors["objectives"])


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SOLIDARITY_OFFICER])
def test_who_only_reads_hands_nothing_over_and_weighs_nothing(role):
    objective = make.ObjectiveFactory()
    client = _client(role)
    for record, name in ((objective.mandate, "hand_over"), (objective, "set_parts")):
        assert client.get(act(record, name)).status_code == 403
        assert client.post(act(record, name), {}).status_code == 403


# --- the life of an objective ---


def test_an_objective_is_added_judged_shown_and_met(officer):
    mandate, mission = make.MandateFactory(), make.MissionFactory()
    typed = {
        "reference": "O-MID-9",
        "kind": "objective",
        "horizon": "mid-term",
        "wording_fr": "Objectif",
        "due_on": "2016-12-01",
        "owner": officer.user.pk,
        **rows("milestones", {"title_fr": "Étape", "due_on": "2015-05-01"}),
    }
    opened = filled(officer, add("objective"))
    assert opened["mandate"] == mandate.pk
    done(officer.post(add("objective"), opened | typed))
    objective = Objective.objects.get()
    assert (objective.owner, objective.due_on_precision) == (officer.user, "day")
    refused = perform(officer, objective, "warn")
    assert "Say why." in str(refused.context["form"].errors)
    done(perform(officer, objective, "warn", reason="Raison"))
    trip = {"mission": mission.pk, "added_on": "2015-06-01"}
    refused = perform(officer, objective, "meet")
    assert "Nothing shows it yet: add a piece of evidence." in str(refused.context["form"].errors)
    assert "Nothing yet." in body(officer, page(objective))
    done(officer.post(page(objective), filled(officer, page(objective), **rows("evidence", trip))))
    assert page(mission) in body(officer, page(objective))
    done(perform(officer, objective, "meet"))
    objective.refresh_from_db()
    assert (objective.status, objective.judged_on) == ("met", date(2015, 6, 1))
    kept = filled(officer, page(objective), **{"evidence-0-DELETE": "on"})
    answer = officer.post(page(objective), kept)
    assert "The objective is met: something must go on showing it." in errors(answer)
    assert Evidence.objects.exists()


def test_an_objective_that_is_needed_first_is_a_link_on_the_button(officer):
    objective = lives.objective()
    needed = objective.preconditions.get().needs
    shown = body(officer, page(objective))
    assert f'A precondition is not fulfilled: <a class="underline" href="{page(needed)}">' in shown


def test_what_a_row_of_an_objective_may_not_say_is_refused_beside_its_field(officer):
    objective = make.ObjectiveFactory()
    needing = make.ObjectivePreconditionFactory(
        objective=make.ObjectiveFactory(mandate=objective.mandate), needs=objective, words_fr="", words_en=""
    ).objective
    mission, event = make.MissionFactory(), make.EventFactory()
    opened = filled(officer, page(objective))
    for prefix, row, field, sentence in (
        ("associates", {"organisation": make.OrganisationFactory(kind="ngo").pk}, "organisation", "Only a directorate"),
        ("preconditions", {"needs": objective.pk}, "needs", "An objective cannot wait for itself."),
        ("preconditions", {"needs": needing.pk}, "__all__", "Two objectives cannot wait for each other"),
        ("preconditions", {"needs": make.ObjectiveFactory().pk}, "needs", "needs one of its own mandate"),
        ("milestones", {"title_fr": "Étape", "reached_on": "2015-06-02"}, "reached_on", "in the future"),
        ("evidence", {"mission": mission.pk, "event": event.pk}, "__all__", "is one record: choose one."),
        ("evidence", {"note_fr": "Rien"}, "__all__", "is one record: choose one."),
        ("indicators", {"title_fr": "Vide"}, "measure", "Choose a measure, or say how it is judged by hand."),
        ("indicators", {"title_fr": "Autre", "measure": "happiness"}, "measure", "Select a valid choice."),
        ("indicators", {"title_fr": "Où", "measure": "trips-to-area"}, "parameter", "the short name is missing"),
        ("indicators", {"title_fr": "Où", "measure": "trips-to-area", "parameter": "mars"}, "parameter", "nothing of"),
    ):
        default = {"direction": "at-least"} if prefix == "indicators" else {}
        answer = officer.post(page(objective), opened | rows(prefix, default | row))
        assert sentence in str(row_errors(answer, prefix, 0)[field]), (prefix, row)
        assert not getattr(objective, prefix).exists()


def test_whoever_answers_is_chosen_by_name_and_accounts_stay_closed(officer):
    gone = make.UserFactory(is_active=False, first_name="Gone", last_name="Invented")
    objective = make.ObjectiveFactory(owner=gone)
    other = make.UserFactory(is_active=False)
    choices = officer.get(page(objective)).context["adminform"].form.fields["owner"].queryset
    assert {gone, officer.user} <= set(choices)
    assert other not in choices
    assert reverse("admin:core_user_changelist") not in body(officer, page(objective))


def test_an_objective_that_was_judged_is_not_deleted(administrator):
    judged, new = make.ObjectiveFactory(late=True), make.ObjectiveFactory()
    assert administrator.get(page(judged, "delete")).status_code == 403
    assert administrator.post(page(new, "delete"), {"post": "yes"}).status_code == 302
    assert list(Objective.objects.all()) == [judged]


def test_a_part_is_not_deleted_from_a_whole_that_would_not_sum(administrator):
    whole = make.ObjectiveFactory()
    done(administrator.post(act(whole, "set_parts"), parts(version(administrator, whole), *two_of(whole))))
    part = whole.parts.first()
    answer = administrator.post(page(part, "delete"), {"post": "yes"}, follow=True)
    assert "The weights of the parts of an objective sum to 100." in answer.content.decode()
    assert whole.parts.count() == 2


# --- parts and weights ---


def two_of(whole) -> list[tuple]:
    return [(make.ObjectiveFactory(mandate=whole.mandate).pk, weight) for weight in (60, 40)]


def version(client, whole) -> int:
    return client.get(act(whole, "set_parts")).context["version"]


def parts(opened: int, *lines) -> dict:
    found = {"version": opened, "parts-TOTAL_FORMS": len(lines), "parts-INITIAL_FORMS": 0}
    for place, (part, weight) in enumerate(lines):
        found |= {f"parts-{place}-part": part, f"parts-{place}-weight": weight}
    return found


def test_parts_are_weighed_together_in_one_save(officer):
    whole = make.ObjectiveFactory()
    (one, _sixty), (other, _forty) = two_of(whole)
    address = act(whole, "set_parts")
    for lines, expected in (
        ([(one, 60), (other, 40), ("", "")], {one: 60, other: 40}),
        ([(one, 10), (other, 90)], {one: 10, other: 90}),
        ([("", ""), (other, 100)], {other: 100}),
        ([("", "")], {}),
    ):
        done_or_told(officer.post(address, parts(version(officer, whole), *lines)))
        assert dict(whole.parts.values_list("pk", "weight")) == expected
    assert Objective.objects.count() == 3


def done_or_told(answer) -> None:
    assert answer.status_code == 302, answer.context["formset"].non_form_errors()


def test_parts_are_listed_with_what_is_met_of_them(officer):
    whole = make.ObjectiveFactory()
    make.ObjectiveFactory(met=True, mandate=whole.mandate, parent=whole, weight=25)
    make.ObjectiveFactory(mandate=whole.mandate, parent=whole, weight=75)
    shown = officer.get(page(whole)).context["objective"]
    assert [(part.weight, met) for part, _address, met in shown["parts"]] == [(75, 0), (25, 100)]
    assert shown["progress"] == 25
    part = whole.parts.first()
    assert page(whole) in body(officer, page(part))


def test_weights_that_do_not_sum_are_refused_beside_them(officer):
    whole = make.ObjectiveFactory()
    (one, _sixty), (other, _forty) = two_of(whole)
    above = make.ObjectiveFactory(mandate=whole.mandate)
    Objective.objects.filter(pk=whole.pk).update(parent=above, weight=100)
    for lines, sentence in (
        ([(one, 60), (other, 30)], "The weights sum to 90, not to 100."),
        ([(one, 60), (one, 40)], "An objective is named twice."),
        ([(one, 0), (other, 100)], "greater than or equal to 1"),
        ([(above.pk, 100)], "An objective cannot be a part of its own parts."),
    ):
        answer = officer.post(act(whole, "set_parts"), parts(version(officer, whole), *lines))
        assert answer.status_code == 200
        assert sentence in str(answer.context["formset"].non_form_errors())
        assert sentence in answer.content.decode()
        assert not whole.parts.exists()


def test_a_line_that_says_half_is_refused_in_its_field(officer):
    whole = make.ObjectiveFactory()
    (one, _sixty), _other = two_of(whole)
    elsewhere = make.ObjectiveFactory()
    answer = officer.post(
        act(whole, "set_parts"), parts(version(officer, whole), (one, ""), ("", 40), (elsewhere.pk, 5), (one, "x"))
    )
    shown = answer.context["formset"].errors
    assert shown[0] == {"weight": ["Say how much it weighs."]}
    assert shown[1] == {"part": ["Say which part this is."]}
    assert "not one of the available choices" in str(shown[2]["part"])
    assert shown[3] == {"weight": ["Enter a whole number."]}


@pytest.mark.parametrize("opened", ["old", "", "x"])
def test_parts_that_somebody_else_changed_meanwhile_are_not_overwritten(officer, opened):
    whole = make.ObjectiveFactory()
    seen = version(officer, whole) if opened == "old" else opened
    Objective.objects.filter(pk=whole.pk).update(note_fr="changed meanwhile")
    answer = officer.post(act(whole, "set_parts"), parts(seen, *two_of(whole)))
    assert "This record was changed since you opened it." in str(answer.context["formset"].non_form_errors())
    assert not whole.parts.exists()


# --- lists and what nobody may see ---


def test_lists_of_objectives_are_narrowed(officer):
    person = make.UserFactory(first_name="Ana", last_name="Invented")
    late = make.ObjectiveFactory(late=True, owner=person)
    past = make.ObjectiveFactory(mandate=late.mandate, due_on=date(2015, 5, 1), due_on_precision="month")
    shown = make.EvidenceFactory(objective__mandate=late.mandate, objective__at_risk=True).objective
    for question, expected in (
        ("", [late, past, shown]),
        ("?view=late", [late, past]),
        ("?view=at-risk", [shown]),
        ("?view=nothing-yet", [late, past]),
        ("?shown=no", [late, past]),
        ("?shown=yes", [shown]),
        (f"?owner={person.pk}", [late]),
        ("?owner=nobody", []),
        ("?status__exact=late", [late]),
        (f"?mandate__id__exact={late.mandate.pk}", [late, past, shown]),
        (f"?q={past.reference}", [past]),
    ):
        assert found(officer.get(listed("objective", question))) == [str(one) for one in expected], question
    for question in ("?evidence__isnull=False", "?owner__email__startswith=a"):
        assert officer.get(listed("objective", question)).status_code == 302


def test_the_start_page_says_what_is_late_and_what_nothing_shows(officer):
    make.ObjectiveFactory(late=True)
    make.MilestoneFactory(due_on=date(2015, 5, 1), due_on_precision="month")
    cards = {card.title: card.count for card in officer.get(reverse("admin:index")).context["cards"]}
    assert cards["Late objectives of the mandate"] == 1
    assert cards["Objectives that nothing shows yet"] == 2
    assert cards["Steps of objectives past their date"] == 1


@pytest.fixture
def without_missions(officer, monkeypatch):
    """An officer to whom missions are closed: no role is so today, and a role may become so."""
    monkeypatch.setattr(Mission, "visibility", classmethod(lambda cls, reader: Q(pk__in=[])))
    return officer


def test_evidence_that_the_reader_may_not_see_is_nowhere(without_missions):
    shown = make.EvidenceFactory(mission__title_en="Hidden trip", mission__title_fr="Voyage caché")
    objective = shown.objective
    for address in (page(objective), page(objective, "history"), listed("objective"), listed("objective", "?shown=no")):
        answer = body(without_missions, address)
        assert "Hidden trip" not in answer
        assert "Voyage caché" not in answer
    assert found(without_missions.get(listed("objective", "?shown=yes"))) == []
    assert "Nothing yet." in body(without_missions, page(objective))
    row = rows("evidence", {"mission": shown.mission.pk})
    answer = without_missions.post(page(objective), filled(without_missions, page(objective), **row))
    assert "not one of the available choices" in str(row_errors(answer, "evidence", 0)["mission"])


# --- indicators ---


def test_an_indicator_says_what_it_measures_now_and_what_is_behind_it(officer):
    clause = make.AgreementClauseFactory(agreement__in_force=True)
    make.AgreementPartyFactory(agreement=clause.agreement)
    indicator = lives.indicator(target=60)
    shown = officer.get(page(indicator))
    assert shown.context["indicator"]["now"] == "100\N{NO-BREAK SPACE}% (records: 1)"
    assert [address for _record, address in shown.context["indicator"]["records"]] == [page(clause.agreement)]
    assert shown.context["indicator"]["trend"] == "+10\N{NO-BREAK SPACE}% since 1 April 2015 (better)"
    within = body(officer, page(indicator.objective))
    assert "100\N{NO-BREAK SPACE}% (records: 1)" in within
    assert "+10\N{NO-BREAK SPACE}% since 1 April 2015 (better)" in within
    row = body(officer, listed("indicator"))
    assert "50\N{NO-BREAK SPACE}% on 1 June 2015" in row
    assert "at least 60\N{NO-BREAK SPACE}%" in row
    by_hand = make.IndicatorFactory(by_hand=True)
    assert "Jugé par une personne inventée." in body(officer, page(by_hand))


def test_a_measure_is_chosen_by_its_title_and_its_parameter_explained(officer):
    fields = officer.get(add("indicator")).context["adminform"].form.fields
    choices = dict(fields["measure"].choices)
    assert (choices[""], str(choices["trips-to-area"])) == ("judged by hand", "Trips to an area")
    told = fields["parameter"].help_text
    assert told.endswith("Empty for every other measure.")
    assert "Trips to an area" in told[told.index("The short name of an area for: ") :].partition(".")[0]


def test_every_way_to_narrow_a_measure_is_said_in_words():
    assert NARROWED_BY.keys() == PARAMETERS.keys()


def test_the_target_that_shows_a_met_objective_is_not_raised_away(officer):
    indicator = lives.indicator(target=50)
    objective = indicator.objective
    done(perform(officer, objective, "meet"))
    answer = officer.post(page(indicator), filled(officer, page(indicator), target="60"))
    assert "The objective is met: something must go on showing it." in errors(answer)


def test_the_page_of_an_objective_asks_the_database_once_more_for_the_name_of_each_chosen_record(officer):
    objective = lives.objective()
    one = queries(officer, page(objective))
    for _ in range(3):
        make.EvidenceFactory(objective=objective)
        make.MilestoneFactory(objective=objective)
        make.ObjectiveAssociateFactory(objective=objective)
    assert queries(officer, page(objective)) == one + 6
