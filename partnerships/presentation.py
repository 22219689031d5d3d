"""How the register is shown: the four families of ties with their colours and shapes, and an agreement's life as steps."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import clock, dates
from core.exceptions import Reason
from core.templatetags.parvis import number
from partnerships.enums import AGREEMENT_LIFE, AgreementKind, AgreementStatus, PartyRole, RelationKind
from partnerships.models import Agreement, City, Relation


class Family(models.TextChoices):
    """What a tie looks like, in the order in which a city's ties are named. The shape of each is in `mark.html`."""

    TWINNING = "twinning", gettext_lazy("Twinning")
    FRIENDSHIP = "friendship", gettext_lazy("Friendship and partnership")
    COOPERATION = "cooperation", gettext_lazy("Cooperation")
    SOLIDARITY = "solidarity", gettext_lazy("Solidarity")
    OTHER = "other", gettext_lazy("Other tie")
    COMPARATOR = "comparator", gettext_lazy("Model to learn from, not a partner")


FAMILY_OF_RELATION: dict[str, Family] = {
    RelationKind.PARTNER: Family.FRIENDSHIP,
    RelationKind.STRENGTHENING: Family.FRIENDSHIP,
    RelationKind.PROMISING: Family.OTHER,
    RelationKind.PROJECT_CITY: Family.COOPERATION,
    RelationKind.EVENT_HOST: Family.OTHER,
    RelationKind.DESTINATION: Family.OTHER,
    RelationKind.CULTURAL_SEASON: Family.OTHER,
    RelationKind.SOLIDARITY: Family.SOLIDARITY,
    RelationKind.EMERGENCY: Family.SOLIDARITY,
    RelationKind.MEMORY: Family.OTHER,
    RelationKind.COMPARATOR: Family.COMPARATOR,
}
FAMILY_OF_AGREEMENT: dict[str, Family] = {
    AgreementKind.FRIENDSHIP: Family.FRIENDSHIP,
    AgreementKind.COOPERATION: Family.COOPERATION,
    AgreementKind.TWINNING: Family.TWINNING,
    AgreementKind.FUNDER: Family.OTHER,
    AgreementKind.COFUNDING: Family.OTHER,
    AgreementKind.INTENT: Family.OTHER,
}


@dataclass(frozen=True)
class Mark:
    """A family and the words of the ties that it gathers, e.g. cooperation: “Cooperation agreement, project city”."""

    family: Family
    words: str


def marks(city: City) -> list[Mark]:
    """The city's ties of today, one mark a family. The city comes from `selectors.cities`, which has read what is needed."""
    words: dict[Family, list[str]] = {}
    today = clock.today()
    for party in city.live_parties:  # type: ignore[attr-defined]  # prefetched by selectors.cities
        if party.role == PartyRole.COUNTERPART:
            kind = party.agreement.kind
            words.setdefault(FAMILY_OF_AGREEMENT[kind], []).append(str(AgreementKind(kind).label))
    for relation in city.relations.all():
        if relation.holds_on(today):
            words.setdefault(FAMILY_OF_RELATION[relation.kind], []).append(str(RelationKind(relation.kind).label))
    return [Mark(family, capfirst(", ".join(dict.fromkeys(words[family])))) for family in Family if family in words]


def family_order(relation: Relation) -> int:
    """The place of a tie among a city's ties: what binds most comes first."""
    return list(Family).index(FAMILY_OF_RELATION[relation.kind])


@dataclass(frozen=True)
class LifeStep:
    """A step of an agreement's life: `state` is `done`, `current`, `undocumented` (passed, nobody recorded how) or `todo`."""

    label: str | Promise
    state: str
    when: str = ""
    missing: tuple[Reason, ...] = ()


_PATH = (
    (AgreementStatus.DRAFT, ""),
    (AgreementStatus.VOTED, "vote"),
    (AgreementStatus.SIGNED, "sign"),
    (AgreementStatus.IN_FORCE, "enter_into_force"),
)


def life_steps(agreement: Agreement) -> list[LifeStep]:
    """From draft to in force, with what is missing for the steps to come, then how it ended where it did."""
    states = [status.value for status, verb in _PATH]
    over = agreement.status not in states
    reached = states.index(agreement.status) if not over else (3 if agreement.in_force_on else 2)
    steps: list[LifeStep] = []
    named: set[str] = set()
    for position, (status, verb) in enumerate(_PATH):
        label = capfirst(str(status.label))
        if position > reached:
            if over:
                continue
            reasons = tuple(reason for reason in AGREEMENT_LIFE.missing(agreement, verb) if str(reason) not in named)
            named |= {str(reason) for reason in reasons}
            steps.append(LifeStep(label, "todo", missing=reasons))
        else:
            steps.append(
                LifeStep(label, _state(agreement, status, position == reached and not over), _when(agreement, status))
            )
    if over:
        steps.append(LifeStep(capfirst(agreement.get_status_display()), "current", _end(agreement)))
    return steps


def _state(agreement: Agreement, status: AgreementStatus, is_current: bool) -> str:
    if is_current:
        return "current"
    return "undocumented" if status == AgreementStatus.VOTED and agreement.deliberation is None else "done"


def _when(agreement: Agreement, status: AgreementStatus) -> str:
    if status == AgreementStatus.VOTED:
        deliberation = agreement.deliberation
        if deliberation is None:
            return _("deliberation not known")
        voted = dates.display(deliberation.voted_on, deliberation.voted_on_precision)
        return ", ".join(part for part in (voted, deliberation.number or "") if part)
    if status == AgreementStatus.SIGNED:
        return dates.display(agreement.signed_on, agreement.signed_on_precision)
    if status == AgreementStatus.IN_FORCE and agreement.in_force_on:
        return dates.display(agreement.in_force_on, "day")
    return ""


def _end(agreement: Agreement) -> str:
    last = agreement.ended_on or agreement.expires_on
    return dates.display(last, "day") if last else ""


def next_missing(agreement: Agreement) -> tuple[Reason, ...]:
    """What the next step of its life still lacks; nothing for an agreement in force or over."""
    for position, (status, _verb) in enumerate(_PATH[:-1]):
        if agreement.status == status:
            return tuple(AGREEMENT_LIFE.missing(agreement, _PATH[position + 1][1]))
    return ()


@dataclass(frozen=True)
class Forecast:
    """Euros: `first` as the agreement was signed (None = not known), `change` by its amendments (None = none of them names one)."""

    first: Decimal | None
    change: Decimal | None

    @property
    def is_changed(self) -> bool:
        return self.change is not None

    @property
    def total(self) -> Decimal | None:
        return None if self.first is None else self.first + (self.change or 0)


def forecast(agreement: Agreement) -> Forecast:
    """What the agreement is to cost, its amendments included. The agreement comes from `dossiers.agreement_dossier`."""
    changes = [row.amount_change for row in agreement.amendments.all() if row.amount_change is not None]
    return Forecast(agreement.forecast_amount, sum(changes, Decimal(0)) if changes else None)


def headline(live: Collection[Agreement]) -> str:
    """How many agreements are signed, and how many of them are known to have effect: `6 agreements signed, none in force`."""
    if not live:
        return _("No agreement is signed")
    signed = ngettext("%(count)s agreement signed", "%(count)s agreements signed", len(live))
    return f"{signed % {'count': number(len(live))}}, {in_force(sum(row.status == AgreementStatus.IN_FORCE for row in live))}"


def in_force(count: int) -> str:
    return _("%(count)s in force") % {"count": number(count)} if count else _("none in force")


@dataclass(frozen=True)
class SameLack:
    """Agreements whose next step lacks the same things: said once for all of them."""

    reasons: tuple[Reason, ...]
    agreements: list[Agreement]


def by_what_is_missing(agreements: Iterable[Agreement]) -> list[SameLack]:
    """The agreements put together by what their next step lacks, the most frequent lack first."""
    found: dict[tuple[str, ...], SameLack] = {}
    for agreement in agreements:
        reasons = next_missing(agreement)
        found.setdefault(tuple(str(reason) for reason in reasons), SameLack(reasons, [])).agreements.append(agreement)
    return sorted(found.values(), key=lambda lack: -len(lack.agreements))
