"""Every record as it stood on a past day, and nothing but reading."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory

from core import clock
from core.access import may
from core.as_of import NotTold, readable_as_of, reading, schema
from core.figures import figure
from core.models import BaseModel
from core.roles import Role
from mandate.dossiers import objectives
from mandate.models import IndicatorReading, Objective
from mandate.services import start_objective
from partnerships.models import Agreement, AgreementParty, City, WatchNote
from tests import factories as make
from tests.past import ago, at_noon, move_events, written_on

pytestmark = pytest.mark.django_db

OF_TODAY = {"core.User", "core.UserRole", "core.ReminderRule", "core.ClientAccess", "core.WebhookSubscription"}
# What nobody reads as of a past day: history keeps only part of it, or it is about people under threat.
WITHHELD = {
    "events.CalendarSubscription",
    "solidarity.CommissionOpinion",
    "solidarity.Honour",
    "solidarity.Residency",
    "solidarity.ProtectedFile",
    "solidarity.FileAccess",
    "solidarity.FileRead",
    "solidarity.Publication",
    "solidarity.Erasure",
}


@pytest.fixture
def real_clock(settings):
    settings.TODAY = None


def tracked():
    return [model for model in apps.get_models() if hasattr(model, "pgh_event_model")]


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return cursor.fetchone()[0]


def raw(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def columns(space: str) -> dict[str, list[tuple[str, str]]]:
    """The columns of each table or view of the schema, with their types, in their order."""
    found: dict[str, list[tuple[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = %s::regnamespace"
            " AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped ORDER BY relname, attnum",
            [space],
        )
        for table, *column in cursor.fetchall():
            found.setdefault(table, []).append(tuple(column))
    return found


# --- the views ---


def test_every_tracked_record_has_a_view_with_the_columns_of_its_table():
    tables, views = columns("public"), columns("as_of")
    told = {model for model in tracked() if model._meta.label not in OF_TODAY} | {IndicatorReading}
    assert {model._meta.db_table for model in told} | {schema.BEGINNING} == views.keys()
    for model in told:
        assert views[model._meta.db_table] == tables[model._meta.db_table], model._meta.label


def test_every_record_is_told_of_the_past_or_exempted_by_name():
    assert {model._meta.label for model in schema.told() if schema.is_withheld(model)} == WITHHELD
    records = {model for model in apps.get_models() if issubclass(model, BaseModel) and not model._meta.proxy}
    assert {model._meta.label for model in records - set(schema.told())} == OF_TODAY - {"core.UserRole"}


@pytest.mark.parametrize("label", sorted(WITHHELD))
def test_of_what_is_withheld_no_row_is_read(label):
    model = apps.get_model(label)
    factory = next(f for f in vars(make).values() if getattr(f, "_meta", None) and f._meta.model is model)
    factory()
    assert model.objects.exists()
    with reading(ago(0)):
        assert not model.objects.exists()


def test_the_views_are_dropped_before_a_migration_and_made_after_it():
    def known() -> int | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('as_of.partnerships_city')::oid")
            return cursor.fetchone()[0]

    before = known()
    schema.drop(plan=[])
    schema.make()
    assert before is not None
    assert known() == before
    make.CityFactory()
    schema.drop(plan=["a migration"])
    assert known() is None
    with pytest.raises(NotTold, match="mise à jour|being updated"), reading(ago(0)):
        pass
    schema.make()
    assert known() not in (None, before)
    with reading(ago(0)):
        assert City.objects.count() == 1


# --- rows as they stood ---


def test_a_record_is_told_as_it_stood_at_the_end_of_each_day():
    with written_on(ago(9)):
        city = make.CityFactory(alias="first")
    with written_on(ago(7)):
        City.objects.filter(pk=city.pk).update(alias="bulk")
    with written_on(ago(5)):
        raw("UPDATE partnerships_city SET alias = 'raw' WHERE id = %s", city.pk)
    with written_on(ago(3)):
        City.objects.filter(pk=city.pk).delete()
    with written_on(ago(1)):
        make.CityFactory(alias="later")
    told = {}
    for days in range(9, -1, -1):
        with reading(ago(days)):
            told[days] = list(City.objects.values_list("alias", "version"))
    first, bulk, later = [("first", 1)], [("bulk", 2)], [("later", 1)]
    assert told == {
        9: first,
        8: first,
        7: bulk,
        6: bulk,
        5: [("raw", 3)],
        4: [("raw", 3)],
        3: [],
        2: [],
        1: later,
        0: later,
    }


def test_the_day_ends_at_midnight_in_the_city():
    with written_on(ago(2)):
        city = make.CityFactory(alias="then")
    City.objects.filter(pk=city.pk).update(alias="next day")
    move_events(at_noon(ago(1)).replace(hour=0), "pgh_created_at = now()")
    with reading(ago(2)):
        assert City.objects.get().alias == "then"
    with reading(ago(1)):
        assert City.objects.get().alias == "next day"


def test_what_the_database_computes_is_computed_of_the_values_of_then():
    with written_on(ago(5)):
        mandate = make.MandateFactory(ends_on=date(2020, 7, 3))
        movement = make.MovementFactory(amount=Decimal(100))
    moved, paid = mandate.midpoint, movement.amount_eur
    type(mandate).objects.filter(pk=mandate.pk).update(ends_on=date(2018, 7, 3))
    with reading(ago(5)):
        then = type(mandate).objects.get(pk=mandate.pk)
        assert (then.day_100, then.midpoint, then.search) == (mandate.day_100, moved, None)
        assert type(movement).objects.get().amount_eur == paid == Decimal(100)
    mandate.refresh_from_db()
    assert mandate.midpoint != moved


def test_related_rows_are_of_that_day_too():
    with written_on(ago(5)):
        agreement = make.AgreementFactory()
        party = make.AgreementPartyFactory(agreement=agreement)
    AgreementParty.objects.filter(pk=party.pk).delete()
    make.AgreementPartyFactory(agreement=agreement)
    with reading(ago(5)):
        counted = Agreement.objects.annotate(parties_count=Count("parties")).order_by("pk")
        assert [(row.pk, row.parties_count) for row in counted] == [(agreement.pk, 1)]
        assert list(Agreement.objects.get().parties.values_list("pk", flat=True)) == [party.pk]
        assert list(Agreement.objects.filter(parties=party)) == [agreement]


def test_a_figure_is_that_of_the_day_in_its_own_words():
    deputy = make.UserFactory(role=Role.DEPUTY)
    with written_on(ago(5)):
        make.RelationFactory(city=make.CityFactory())
    make.RelationFactory(city=make.CityFactory())
    figures = []
    for days in (5, 0):
        with reading(ago(days)):
            figures.append(figure("partner-cities").measure(deputy))
    assert figures == [1, 2]


def test_a_reading_that_was_taken_since_is_not_known():
    with written_on(ago(9)):
        indicator = make.IndicatorFactory()
    for days, day in ((8, date(2015, 4, 1)), (2, date(2015, 5, 1))):
        make.IndicatorReadingFactory(indicator=indicator, day=day, computed_at=at_noon(ago(days)))
    with reading(ago(5)):
        assert [row.day for row in IndicatorReading.objects.all()] == [date(2015, 4, 1)]


# --- the rights of today ---


def test_whoever_has_lost_her_role_reads_nothing_of_the_past_either():
    with written_on(ago(5)):
        make.CityFactory()
        reader = make.UserFactory(role=Role.DEPUTY)
    with reading(ago(5)):
        assert City.objects.visible_to(reader).count() == 1
    reader.groups.clear()
    reader = type(reader).objects.get(pk=reader.pk)
    with reading(ago(5)):
        assert City.objects.visible_to(reader).count() == 0


@pytest.mark.parametrize(("then", "now"), [("city", "staff"), ("staff", "city"), ("deputies", "staff")])
def test_a_text_that_was_closed_then_or_is_closed_now_is_not_read(then, now):
    reader = make.UserFactory(role=Role.DEPUTY)
    with written_on(ago(5)):
        note = make.WatchNoteFactory(audience=then)
    WatchNote.objects.filter(pk=note.pk).update(audience=now)
    with reading(ago(5)):
        assert not WatchNote.objects.visible_to(reader).exists()
        assert WatchNote.objects.get().audience == "staff"


def test_a_text_open_then_and_now_is_read_and_one_deleted_since_as_it_was():
    reader = make.UserFactory(role=Role.DEPUTY)
    with written_on(ago(5)):
        kept = make.WatchNoteFactory(audience="city")
        gone = make.WatchNoteFactory(audience="deputies")
        closed = make.WatchNoteFactory(audience="staff")
    WatchNote.objects.filter(pk__in=[gone.pk, closed.pk]).delete()
    with reading(ago(5)):
        assert set(WatchNote.objects.visible_to(reader)) == {kept, gone}


# --- reading only ---


def test_nothing_is_written_in_the_past_by_whatever_way():
    officer = make.UserFactory(role=Role.OFFICER)
    with written_on(ago(5)):
        city, objective = make.CityFactory(), make.ObjectiveFactory()
    writes = [
        lambda: City.objects.filter(pk=city.pk).update(alias="rewritten"),
        lambda: raw("UPDATE public.partnerships_city SET alias = 'rewritten'"),
        lambda: raw("DELETE FROM as_of.partnerships_city"),
        make.CityFactory,
        lambda: City.objects.get(pk=city.pk).save(),
    ]
    for write in writes:
        with pytest.raises(DatabaseError), reading(ago(5)):
            write()
    with reading(ago(5)), pytest.raises(PermissionDenied):
        start_objective(objective, actor=officer)
    city.refresh_from_db()
    assert city.alias != "rewritten"


def test_nobody_may_change_the_past_so_that_no_page_offers_it():
    officer = make.UserFactory(role=Role.OFFICER)
    make.CityFactory()
    with reading(ago(0)):
        assert [may(officer, verb, City) for verb in ("view", "add", "change", "delete")] == [True, False, False, False]
    assert may(officer, "change", City)


# --- nothing leaks ---


def settings_of_now() -> tuple:
    grouped = connection.features.allows_group_by_selected_pks
    return (setting("search_path"), setting("transaction_read_only"), clock.past_day(), clock.today(), grouped)


@pytest.mark.parametrize("failure", [None, ValueError, DatabaseError])
def test_after_a_reading_everything_is_as_before(real_clock, failure):
    city = make.CityFactory(alias="today")
    before = settings_of_now()

    def read():
        with reading(ago(0)):
            assert settings_of_now() != before
            assert setting("search_path").startswith("as_of, ")
            if failure is ValueError:
                raise ValueError
            if failure is DatabaseError:
                raw("SELECT * FROM nothing_of_this_name")

    if failure:
        with pytest.raises(failure):
            read()
    else:
        read()
    assert settings_of_now() == before
    assert not connection.needs_rollback
    City.objects.filter(pk=city.pk).update(alias="written")
    assert City.objects.get().alias == "written"


def test_a_queryset_that_is_asked_later_tells_of_today():
    with written_on(ago(5)):
        city = make.CityFactory(alias="then")
    City.objects.filter(pk=city.pk).update(alias="today")
    with reading(ago(5)):
        rows = City.objects.all()
        read = list(City.objects.all())
    assert ([row.alias for row in read], [row.alias for row in rows]) == (["then"], ["today"])


def test_a_task_that_runs_meanwhile_reads_and_writes_as_always():
    make.CityFactory()

    def task() -> tuple:
        try:
            return settings_of_now()
        finally:
            connection.close()

    before = settings_of_now()
    with ThreadPoolExecutor(1) as pool, reading(ago(0)):
        assert pool.submit(task).result() == before


def test_a_transaction_around_it_goes_on():
    with transaction.atomic():
        city = make.CityFactory(alias="one")
        with reading(ago(0)):
            pass
        City.objects.filter(pk=city.pk).update(alias="two")
    assert City.objects.get().alias == "two"


# --- which day ---


def test_today_is_that_day_unless_the_clock_is_set_by_hand(settings):
    make.CityFactory()
    with reading(ago(0)):
        assert (clock.today(), clock.past_day()) == (date(2015, 6, 1), ago(0))
    settings.TODAY = None
    with written_on(ago(5)):
        make.CityFactory()
    with reading(ago(3)):
        assert clock.today() == clock.now().date() == clock.past_day() == ago(3)
    assert clock.today() == ago(0)


def test_a_day_that_history_cannot_tell_is_refused_with_the_reason():
    with pytest.raises(NotTold, match="Rien n’est encore enregistré|Nothing is recorded yet"), reading(ago(0)):
        pass
    with written_on(ago(5)):
        make.CityFactory()
    with pytest.raises(NotTold, match="choose today or an earlier|antérieur"), reading(ago(-1)):
        pass
    with pytest.raises(NotTold, match="keeps history since|historique depuis"), reading(ago(6)):
        pass
    with pytest.raises(NotTold), reading(date.min):
        pass
    with reading(ago(5)):
        assert City.objects.count() == 1


# --- views that allow it ---


def asked(view, **query):
    request = RequestFactory().get("/", query)
    request.user = make.UserFactory(role=Role.DEPUTY)
    return view(request)


def test_a_response_that_renders_late_is_rendered_within():
    with written_on(ago(5)):
        city = make.CityFactory(alias="then")
    City.objects.filter(pk=city.pk).update(alias="today")
    template = engines["django"].from_string("{% for city in cities %}{{ city.alias }}{% endfor %}")

    @readable_as_of
    def late(request):
        return TemplateResponse(request, template, {"cities": City.objects.all()})

    assert asked(late, as_of=ago(5).isoformat()).content == b"then"
    assert asked(late).render().content == asked(late, as_of=" ").render().content == b"today"


def test_an_answer_that_streams_is_refused():
    make.CityFactory()
    streamed = readable_as_of(lambda request: StreamingHttpResponse(iter(["a"])))
    with pytest.raises(ImproperlyConfigured, match="streamed"):
        asked(streamed, as_of=ago(0).isoformat())
    assert asked(readable_as_of(lambda request: HttpResponse("a")), as_of=ago(0).isoformat()).content == b"a"


def test_objectives_that_are_counted_by_their_rows_can_be_read():
    deputy = make.UserFactory(role=Role.DEPUTY)
    with written_on(ago(5)):
        objective = make.ObjectiveFactory(at_risk=True)
        make.EvidenceFactory(objective=objective)
    Objective.objects.filter(pk=objective.pk).update(status="late")
    with reading(ago(5)):
        assert [(row.status, row.shown_by) for row in objectives(deputy, objective.mandate)] == [("at-risk", 1)]
