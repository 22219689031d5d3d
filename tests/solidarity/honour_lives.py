"""Honours taken along by their services."""

from datetime import date

from core.roles import Role
from partnerships.models import CouncilGroup
from solidarity import services
from solidarity.models import Honour
from tests import factories as make

WHY = "for an invented reason"
COMMISSION = date(2015, 5, 11)
WAY = ["nominated", "examined", "voted", "awarded"]
STOPPED = {"rejected": ("examined", "reject"), "withdrawn": ("voted", "withdraw")}


def honour_officer():
    return make.UserFactory(role=Role.OFFICER)


def spoken(honour: Honour) -> Honour:
    """Every group that there is has given its opinion."""
    for group in CouncilGroup.objects.exclude(honour_opinions__honour=honour):
        make.CommissionOpinionFactory(honour=honour, group=group)
    return honour


def honour_in(stage: str, *, actor=None, **values) -> Honour:
    """An honour taken to the stage by its services, two groups of the Council agreeing."""
    actor = actor or honour_officer()
    make.CouncilGroupFactory.create_batch(2)
    honour = spoken(make.HonourFactory(**values))
    goal, stop = STOPPED.get(stage, (stage, ""))
    for step in WAY[1 : WAY.index(goal) + 1]:
        honour = _forward(honour, step, actor)
    return services.HONOUR_LIFE.perform(honour, stop, actor=actor, reason=WHY) if stop else honour


def _forward(honour: Honour, step: str, actor) -> Honour:
    match step:
        case "examined":
            return services.examine_honour(honour, actor=actor, examined_on=COMMISSION, opinion_fr="Avis inventé.")
        case "voted":
            return services.vote_honour(honour, actor=actor, deliberation=voted_on(date(2015, 5, 18)))
    return services.award_honour(honour, actor=actor, awarded_on=date(2015, 5, 28))


def voted_on(day: date | None, precision: str = "day"):
    return make.DeliberationFactory(voted_on=day, voted_on_precision=precision)


def given(verb: str) -> dict:
    """What the verb asks of whoever carries it out."""
    return {
        "examine": lambda: {"examined_on": COMMISSION, "opinion_fr": "Avis inventé."},
        "vote": lambda: {"deliberation": voted_on(date(2015, 5, 18))},
        "award": lambda: {"awarded_on": date(2015, 5, 28)},
        "reject": lambda: {"reason": WHY},
        "withdraw": lambda: {"reason": WHY},
    }[verb]()
