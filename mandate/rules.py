"""Who may do what with mandates and objectives, and what each verb of an objective needs."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import clock
from core.exceptions import Reason
from core.roles import ADD, ALL, EDIT, READ, VIEW, Permissions, Role
from core.templatetags.parvis import day
from mandate.enums import ACCOUNTS, OBJECTIVE_LIFE, REPORT_LIFE
from mandate.models import Evidence, Indicator, Objective, Report

RECORDS = ("mandate", "objective")
# Rows of an objective: plans are edited daily, and whoever may change it may also take them away.
PARTS = ("objectiveassociate", "objectiveprecondition", "milestone", "evidence", "indicator")
# A decision is never changed or taken back: another one replaces it.
_DECIDE = {"milestonedecision": frozenset({VIEW, ADD})}
# Nobody writes what an adopted report states: its adoption does.
_REPORT = {"report": ALL, "reportblock": ALL, "reportentry": READ}

_ALL = dict.fromkeys((*RECORDS, *PARTS), ALL) | _DECIDE | _REPORT
_READ = dict.fromkeys((*RECORDS, *PARTS, "milestonedecision", *_REPORT), READ)

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: _ALL,
    Role.OFFICER: _ALL | dict.fromkeys(RECORDS, EDIT),
    # The report is written by both: the second part of it is about their money.
    Role.SOLIDARITY_OFFICER: _READ | {"report": EDIT, "reportblock": ALL},
    Role.PROTECTION_OFFICER: _READ,
    Role.DEPUTY: _READ,
    Role.AUDITOR: _READ,
}


@OBJECTIVE_LIFE.guard("meet", of_actor=True)
def something_shows_it(objective: Objective, actor) -> Iterator[Reason]:
    """Evidence that the actor may see, or an indicator whose last reading reaches its target."""
    if Evidence.objects.visible_to(actor).filter(objective=objective).exists():
        return
    measured = Indicator.objects.visible_to(actor).filter(objective=objective, target__isnull=False).exclude(measure="")
    indicators = list(measured.with_readings(actor))
    if any(indicator.reaches(indicator.last_value) for indicator in indicators):
        return
    yield Reason(_("Nothing shows it yet: add a piece of evidence."), "evidence")
    for indicator in indicators:
        sentence = _("“%(indicator)s” does not reach its target.")
        yield Reason(sentence % {"indicator": indicator.title}, "indicators")


@OBJECTIVE_LIFE.guard("meet")
def its_preconditions_are_fulfilled(objective: Objective) -> Iterator[Reason]:
    for condition in objective.preconditions.select_related("needs"):
        if not condition.is_fulfilled:
            yield Reason(_("A precondition is not fulfilled: %(what)s.") % {"what": condition}, "preconditions")


@REPORT_LIFE.guard("adopt")
def it_is_written_in_both_languages(report: Report) -> Iterator[Reason]:
    for name, label in (("title_fr", _("in French")), ("title_en", _("in English"))):
        if not getattr(report, name):
            yield Reason(_("The title is missing: %(language)s.") % {"language": label}, name)
    for block in report.blocks.all():
        for language, label in (("fr", _("in French")), ("en", _("in English"))):
            headed = bool(block.heading_fr or block.heading_en)
            if not getattr(block, f"text_{language}") or (headed and not getattr(block, f"heading_{language}")):
                sentence = _("“%(text)s” (%(section)s) is not complete: %(language)s.")
                told = {"text": block, "section": block.get_section_display(), "language": label}
                yield Reason(sentence % told, "blocks")


@REPORT_LIFE.guard("adopt")
def each_part_has_a_text(report: Report) -> Iterator[Reason]:
    written = {block.section for block in report.blocks.all()}
    for section in ACCOUNTS:
        if section not in written:
            yield Reason(_("The section “%(section)s” has no text.") % {"section": section.label}, "blocks")


@REPORT_LIFE.guard("adopt")
def its_period_is_over(report: Report) -> Iterator[Reason]:
    today = clock.today()
    if report.ends_on > today:
        yield Reason(_("Its period ends on %(day)s only.") % {"day": day(report.ends_on)}, "ends_on")
    elif report.adopted_on and report.adopted_on < report.ends_on:
        yield Reason(_("It is adopted on the last day of its period at the earliest."), "adopted_on")
    if report.adopted_on and report.adopted_on > today:
        yield Reason(_("The day of the adoption is yet to come."), "adopted_on")
