"""The writes that break the rules of reports; test_constraints.py asks what each is refused by."""

from datetime import date

from django.db import connection

from mandate.models import Report, ReportBlock, ReportEntry
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, Case, copied, written
from tests.mandate.accounts import adopted

APP = "mandate_"
DAY = date(2015, 5, 4)


def _unknown_status() -> None:
    """Whatever the adoption's own rule says of it, which the database asks first."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mandate_report DROP CONSTRAINT mandate_report_adopted_on_a_day")
    copied(make.ReportFactory(), slug="other", status="else")


def _stated():
    """An entry of an adopted report."""
    return adopted({"key": "stated"}).entries.get()


def _text():
    """A text of an adopted report."""
    block = make.ReportBlockFactory()
    Report.objects.filter(pk=block.report_id).update(status="adopted", adopted_on=DAY, frozen_on=DAY)
    return block


def _in_one_transaction(**entry) -> None:
    """A statement of a draft, which the end of the transaction would refuse."""
    ReportEntry.objects.bulk_create([make.ReportEntryFactory.build(report=make.ReportFactory(), **entry)])


def _never_adopted() -> None:
    _in_one_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _adopted_empty() -> None:
    Report.objects.filter(pk=make.ReportFactory().pk).update(status="adopted", adopted_on=DAY, frozen_on=DAY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _twice() -> None:
    report = make.ReportFactory()
    ReportEntry.objects.bulk_create(make.ReportEntryFactory.build_batch(2, report=report, key="same"))


def _moved() -> None:
    """A text of a draft that is taken over into an adopted report."""
    written(make.ReportBlockFactory(position=99), report=_text().report)


REPORTS: list[Case] = [
    (APP + rule, write)
    for rule, write in (
        ("report_status_known", _unknown_status),
        ("report_dates_plausible", lambda: written(make.ReportFactory(), ends_on=FAR_OFF)),
        ("report_starts_on_by_ends_on", lambda: written(make.ReportFactory(), starts_on=date(2015, 1, 1))),
        ("report_adopted_on_a_day", lambda: written(make.ReportFactory(), status="adopted")),
        ("report_adopted_on_a_day", lambda: written(make.ReportFactory(), adopted_on=DAY, frozen_on=DAY)),
        ("report_slug_not_taken", lambda: written(make.ReportFactory(), slug="of")),
        (
            "report_adopted_on_by_frozen_on",
            lambda: written(make.ReportFactory(), status="adopted", adopted_on=date(2015, 5, 30), frozen_on=DAY),
        ),
        (
            "report_adopted_after_its_period",
            lambda: written(make.ReportFactory(), status="adopted", adopted_on=date(2014, 12, 30), frozen_on=DAY),
        ),
        (
            "report_adopted_in_both_languages",
            lambda: written(make.ReportFactory(title_en=""), status="adopted", adopted_on=DAY, frozen_on=DAY),
        ),
        ("report_adopted_states", _adopted_empty),
        ("report_adopted_stays", lambda: written(adopted(), title_fr="Autre titre")),
        ("report_adopted_stays", lambda: Report.objects.filter(pk=adopted().pk)._raw_delete("default")),
        ("reportblock_section_known", lambda: written(make.ReportBlockFactory(), section="else")),
        ("reportblock_position_once", lambda: copied(make.ReportBlockFactory())),
        ("reportblock_says_something", lambda: written(make.ReportBlockFactory(), text_fr="", text_en="")),
        ("reportblock_adopted_stays", lambda: written(_text(), text_fr="Autre texte")),
        ("reportblock_adopted_stays", lambda: copied(_text(), position=98)),
        ("reportblock_adopted_stays", lambda: ReportBlock.objects.filter(pk=_text().pk)._raw_delete("default")),
        ("reportblock_adopted_stays", _moved),
        ("reportentry_section_known", lambda: _in_one_transaction(section="else")),
        ("reportentry_unit_known", lambda: _in_one_transaction(unit="else")),
        ("reportentry_key_once", _twice),
        ("reportentry_frozen_stays", lambda: written(_stated(), value=7)),
        ("reportentry_frozen_stays", lambda: copied(_stated(), key="late")),
        ("reportentry_frozen_stays", lambda: ReportEntry.objects.filter(pk=_stated().pk)._raw_delete("default")),
        ("reportentry_frozen_at_adoption", _never_adopted),
    )
]
