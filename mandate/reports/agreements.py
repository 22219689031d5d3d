"""What the report states of agreements with funders and co-funders."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from mandate.enums import ReportSection
from mandate.reports.occasions import page
from mandate.reports.statements import Asked, Period, Stated, counted, numbered, statement
from partnerships import selectors
from partnerships.enums import LIVE, AgreementKind, AgreementStatus, PartyRole
from partnerships.models import Agreement

STATUSES = [AgreementStatus.VOTED, *LIVE]


def _ours(reader, kind: AgreementKind) -> QuerySet[Agreement]:
    found = selectors.agreements(reader).filter(kind=kind, status__in=STATUSES)
    return selectors.latest_signed_first(found.exclude(parties__role=PartyRole.BENEFICIARY))


def states_agreements(key: str, section: ReportSection, kind: AgreementKind, sentence: str | Promise) -> None:
    """Registers the statement of the agreements of the kind; `sentence` takes their `count`."""
    definition = gettext_lazy(
        "Agreements of this kind that are voted, signed or in force on the day of the figures. What is granted to a partner of the "
        "City, and not to it, is told apart."
    )

    @statement(key, section, model="partnerships.agreement", definition=definition)
    def agreements(reader, period: Period) -> Iterator[Stated]:
        yield counted(
            Asked(_ours, reader, (kind,)),
            numbered(sentence),
            link=page("partnerships:agreements", kind=kind, status=list(STATUSES), granted_to_partner="false"),
        )
