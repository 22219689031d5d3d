"""What the report states of what comes back every year: exchange programmes with their editions, residency programmes."""

from collections.abc import Collection, Iterator

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperation.enums import ExchangeKind, PracticeKind
from cooperation.models import ExchangeProgramme, GoodPractice
from cooperation.selectors import projects
from core.templatetags.parvis import number
from mandate.enums import ReportSection, Unit
from mandate.reports.account import Text
from mandate.reports.occasions import page
from mandate.reports.statements import Asked, Period, Stated, counted, if_any, numbered, statement
from solidarity.enums import ResidencyKind
from solidarity.models import ResidencyProgramme
from solidarity.selectors import honours


def states_programmes(
    key: str, section: ReportSection, kinds: Collection[ExchangeKind], sentence: str | Promise
) -> None:
    """Registers the statement of the exchange programmes of these kinds; `sentence` takes their `count`."""
    definition = gettext_lazy(
        "Exchange programmes of these kinds, each with its editions in the calendar years of the period; editions are not known "
        "of a programme of which none was ever recorded."
    )

    @statement(key, section, model="cooperation.exchangeprogramme", definition=definition)
    def programmes(reader, period: Period) -> Iterator[Stated]:
        known = period.once("programmes", lambda: list(projects.programmes(reader)))
        found = [programme for programme in known if programme.kind in kinds]
        yield Stated(
            lambda: str(sentence) % {"count": number(len(found))},
            len(found),
            Unit.COUNT,
            records=found,
            rows=[_editions(programme, period) for programme in found if programme.editions.all()],
        )


def _editions(programme: ExchangeProgramme, period: Period) -> tuple[Text, int]:
    held = sum(edition.year in period.years for edition in programme.editions.all())
    return lambda: _("%(programme)s, editions") % {"programme": programme}, held


def states_practices(key: str, section: ReportSection, kind: PracticeKind, sentence: str | Promise) -> None:
    """Registers the statement of the good practices of the kind; `sentence` takes their `count`."""
    definition = gettext_lazy(
        "Good practices of this kind that are recorded on the day of the figures, of other cities and of ours."
    )

    @statement(key, section, model="cooperation.goodpractice", definition=definition)
    def practices(reader, period: Period) -> Iterator[Stated]:
        link = f"{page('cooperation:practices')}#kind-{kind}-title"
        yield from if_any(counted(Asked(_practices, reader, (kind,)), numbered(sentence), link=link))


def _practices(reader, kind: PracticeKind) -> QuerySet[GoodPractice]:
    return projects.practices(reader).filter(kind=kind)


def states_residencies(key: str, section: ReportSection, kinds: Collection[ResidencyKind]) -> None:
    """Registers the statement of the residency programmes of these kinds, each by itself: what the programme offers, and
    nothing of whom it hosts."""
    definition = gettext_lazy(
        "What the programme offers a year, as the City states it. Whom it hosts is told nowhere in a report: a consent can be "
        "withdrawn, an adopted report cannot be changed."
    )

    @statement(key, section, model="solidarity.residencyprogramme", definition=definition)
    def residencies(reader, period: Period) -> Iterator[Stated]:
        known = period.once("residencies", lambda: list(honours.programmes(reader)))
        for programme in (row for row in known if row.kind in kinds):
            yield Stated(
                _offered(programme),
                programme.volume_per_year,
                Unit.COUNT,
                records=[programme],
                part=programme.slug,
            )


def _offered(programme: ResidencyProgramme) -> Text:
    def text() -> str:
        told = {"programme": programme.name, "count": number(programme.volume_per_year)}
        if programme.volume_per_year is None:
            return _("%(programme)s: how many people a year is not known") % told
        if programme.volume_is_about:
            return _("%(programme)s: about %(count)s a year") % told
        return _("%(programme)s: %(count)s a year") % told

    return text
