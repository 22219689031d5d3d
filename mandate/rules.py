"""Who may do what with mandates and objectives, and what each verb of an objective needs."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.exceptions import Reason
from core.roles import ADD, ALL, EDIT, READ, VIEW, Permissions, Role
from mandate.enums import OBJECTIVE_LIFE
from mandate.models import Evidence, Indicator, Objective

RECORDS = ("mandate", "objective")
# Rows of an objective: plans are edited daily, and whoever may change it may also take them away.
PARTS = ("objectiveassociate", "objectiveprecondition", "milestone", "evidence", "indicator")
# A decision is never changed or taken back: another one replaces it.
_DECIDE = {"milestonedecision": frozenset({VIEW, ADD})}

_ALL = dict.fromkeys((*RECORDS, *PARTS), ALL) | _DECIDE
_READ = dict.fromkeys((*RECORDS, *PARTS, "milestonedecision"), READ)

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: _ALL,
    Role.OFFICER: _ALL | dict.fromkeys(RECORDS, EDIT),
    Role.SOLIDARITY_OFFICER: _READ,
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
