"""One protected file invented for the demonstration, sealed and opened by the services that officers use."""

from datetime import timedelta

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from core import clock
from core.demo import ACCOUNTS, DOMAIN
from core.exceptions import Refused
from core.loading import Fault, Tallies, Unloadable
from core.models import User
from core.roles import Role
from solidarity.enums import FileKind, FileLevel
from solidarity.models.protected import Erasure, ProtectedFile
from solidarity.protection import services

CODE = "DEM0-F1CT"


def make(reason: str, tallies: Tallies) -> None:
    """Makes the invented file where the demo's accounts are there to be named, and it is not there yet; one that was erased
    does not come back. Raises Unloadable where a rule refuses it.

    It is in no tally: what a command prints must not count files.
    """
    officers = _of_demo(Role.PROTECTION_OFFICER)
    named = _of_demo(Role.OFFICER)
    if len(officers) < 2 or not named:
        return
    erased = Erasure.objects.filter(kind=FileKind.REFUGE, erased_by__in=officers)
    if ProtectedFile.objects.filter(code=CODE).exists() or erased.exists():
        return
    try:
        with transaction.atomic(), pghistory.context(client="Parvis", reason=reason):
            _make(officers[0], officers[1], named[0])
    except (Refused, ValidationError) as error:
        said = [str(reason) for reason in error] if isinstance(error, Refused) else error.messages
        raise Unloadable(Fault(sentence, file="solidarity/protection/samples.py") for sentence in said) from error


def _of_demo(role: Role) -> list[User]:
    """The demo's own accounts of the role, in their order: nobody else is ever named for an invented file."""
    addresses = [f"{name}@{DOMAIN}" for name, held in ACCOUNTS if held == role]
    found = {user.email: user for user in User.objects.filter(email__in=addresses, is_active=True)}
    return [found[address] for address in addresses if address in found]


def _make(opener: User, other: User, officer: User) -> None:
    """Opened by one protection officer, who names an officer; the other one, who was not named, had an emergency.

    Its days go by the day of the demo: a file that is to be erased in the past cannot be opened.
    """
    today = clock.today()
    file = services.open_file(
        actor=opener,
        code=CODE,
        kind=FileKind.REFUGE,
        level=FileLevel.PROTECTED,
        erase_on=today + timedelta(days=760),
        begins_on=today - timedelta(days=90),
        ends_on=today + timedelta(days=275),
        reason="Exemple inventé : accueil d’une année au titre du réseau des villes refuges.",
        pseudonym="Exemple inventé — « Hirondelle »",
        identity="Exemple inventé : ce nom n’est celui de personne.",
        whereabouts="Exemple inventé : aucune adresse.",
        situation="Exemple inventé : menaces après la parution d’un livre qui n’existe pas.",
        host="Exemple inventé : une structure d’accueil, littérature.",
        support="Exemple inventé : logement, bourse, accompagnement.",
        follow_up="Exemple inventé : une lecture en public est envisagée.",
        notes="Exemple inventé : rien d’autre.",
    )
    services.grant_access(
        file,
        actor=opener,
        user=officer,
        until=clock.now() + timedelta(days=60),
        reason="Exemple inventé : suit l’accueil au quotidien.",
    )
    services.break_glass(
        actor=other,
        code=CODE,
        reason="Exemple inventé : appel de nuit, et personne d’autre n’était joignable.",
    )
