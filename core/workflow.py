"""A record's life: which verb leads from which state to which, and what is missing before it may.

An app declares a `Workflow` in its `enums.py`; its `rules.py` adds guards (`@life.guard("sign")`), which return the
reasons that stand in the way; its `services.py` names the function of each verb (`@life.service("sign")`). The
database holds the same transitions by a trigger (`Workflow.trigger()`), the admin draws its buttons, the API its
actions and the docs their table from `steps()` and `transitions`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
import pgtrigger
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.access import may
from core.exceptions import LostEdit, Reason, Refused
from core.models import BaseModel

Guard = Callable[..., Iterable[Reason]]


@dataclass(frozen=True)
class Transition:
    """One verb. `fields` are the model's fields that it asks for; `needs_reason` that it must be justified, and
    `keeps_reason` that the record itself says why it stands there (in the `reason_field` of its life).

    A verb without `target` leaves the state as it is: it starts something else.
    """

    verb: str
    label: str | Promise
    sources: tuple[str, ...]
    target: str | None
    fields: tuple[str, ...] = ()
    needs_reason: bool = False
    keeps_reason: bool = False


@dataclass(frozen=True)
class Step:
    """A verb as it stands for one record: what is missing before it may happen (nothing = it may)."""

    transition: Transition
    missing: tuple[Reason, ...]

    @property
    def ready(self) -> bool:
        return not self.missing


@dataclass
class Workflow:
    """`field` holds the state; `reason_field`, where there is one, why the record stands in a state that must be justified."""

    field: str
    transitions: tuple[Transition, ...]
    reason_field: str = ""
    guards: dict[str, list[Guard]] = dataclasses.field(default_factory=dict)
    actor_guards: dict[str, list[Guard]] = dataclasses.field(default_factory=dict)
    services: dict[str, Callable] = dataclasses.field(default_factory=dict)

    def transition(self, verb: str) -> Transition:
        return next(transition for transition in self.transitions if transition.verb == verb)

    def guard(self, verb: str, *, of_actor: bool = False):
        """Adds a guard: a function of the record that returns the reasons why the verb may not happen yet.

        With `of_actor` it is a function of the record and of who would do it.
        """

        def register(function: Guard) -> Guard:
            (self.actor_guards if of_actor else self.guards).setdefault(verb, []).append(function)
            return function

        return register

    def service(self, verb: str):
        """Names the function `(record, *, actor, reason="", **fields)` that carries out the verb."""

        def register(function: Callable) -> Callable:
            self.services[verb] = function
            return function

        return register

    def missing(self, record: BaseModel, verb: str, actor=None) -> tuple[Reason, ...]:
        """What stands in the way of the verb; with an actor, also what bars the way to her."""
        found = [reason for guard in self.guards.get(verb, ()) for reason in guard(record)]
        if actor is not None:
            found += [reason for guard in self.actor_guards.get(verb, ()) for reason in guard(record, actor)]
        return tuple(found)

    def steps(self, record: BaseModel, reader) -> list[Step]:
        """The verbs that lead on from where the record stands, for a reader who may change it."""
        if not may(reader, "change", type(record)):
            return []
        state = getattr(record, self.field)
        return [
            Step(transition, self.missing(record, transition.verb, reader))
            for transition in self.transitions
            if state in transition.sources
        ]

    def perform(self, record: BaseModel, verb: str, **values):
        """Carries out a verb by its service, so that admin, API and code take the same way."""
        return self.services[verb](record, **values)

    def trigger(self) -> pgtrigger.Trigger:
        """The same transitions in the database: no SQL takes a record from a state to one that no verb leads to."""
        pairs = sorted(
            {
                (source, transition.target)
                for transition in self.transitions
                if transition.target
                for source in transition.sources
            }
        )
        return pgtrigger.FSM(name=f"{self.field}_life", field=self.field, transitions=pairs)


@transaction.atomic
def advance(
    life: Workflow,
    record: BaseModel,
    verb: str,
    *,
    actor,
    reason: str = "",
    version: int | None = None,
    stamps: Mapping[str, Any] | None = None,
    **values,
):
    """Takes a record along one transition and returns it as it now stands.

    Refuses (with every reason) a verb that does not lead on from the record's state, a missing justification and
    whatever the guards name; PermissionDenied where the actor may not change it; LostEdit where `version` is given and
    the record has changed since. Writes only the transition's own fields, the state, and the `stamps` of its service
    (who approved, say).
    """
    model = type(record)
    if not may(actor, "change", model):
        raise PermissionDenied
    locked = model._default_manager.visible_to(actor).select_for_update(of=("self",)).get(pk=record.pk)
    check_version(locked, version)
    transition = life.transition(verb)
    _refuse_wrong_state(life, locked, transition)
    for name in transition.fields:
        if name in values:
            setattr(locked, name, values.pop(name))
    if values:
        raise TypeError(f"{verb} does not take {', '.join(values)}")
    reasons = list(life.missing(locked, verb, actor))
    if transition.needs_reason and not reason.strip():
        reasons.append(Reason(_("Say why."), "reason"))
    if reasons:
        raise Refused(reasons)
    for name, value in (stamps or {}).items():
        setattr(locked, name, value)
    if transition.target:
        setattr(locked, life.field, transition.target)
        if life.reason_field:
            setattr(locked, life.reason_field, reason.strip() if transition.keeps_reason else "")
    with pghistory.context(reason=reason, verb=verb):
        locked.save()
    return locked


def _refuse_wrong_state(life: Workflow, record: BaseModel, transition: Transition) -> None:
    if getattr(record, life.field) not in transition.sources:
        label = getattr(record, f"get_{life.field}_display")()
        sentence = _("“%(verb)s” is not possible now: the state is “%(state)s”.")
        raise Refused([Reason(sentence % {"verb": transition.label, "state": label})])


def check_version(record: BaseModel, version: int | None) -> None:
    """Refuses an edit based on an older version of the record; None = the caller did not read it first."""
    if version is not None and version != record.version:
        raise LostEdit(
            [Reason(_("This record was changed since you opened it. Read it again, then make your change."))]
        )
