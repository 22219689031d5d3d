"""The briefing: all that a reader may know before she meets a city, gathered by one call, for the page, the PDF and the API.

Each line comes from a selector that starts from `visible_to(reader)`: what the reader may not see is not there, and leaves
no trace in a count.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.dossiers import projects_of_city
from cooperation.enums import LIVE as LIVE_PROJECTS
from cooperation.models import ProjectTheme
from cooperation.selectors.money import with_money
from core import clock, dates, written
from core.templatetags.parvis import euros
from core.translated import fallback_language
from events import rules
from events.enums import AHEAD, MeetingStatus, MissionStatus, Quality
from events.models import Leg, Meeting, Mission, Outcome, Participant, Promise, Tie
from events.selectors import occasions, promises
from partnerships import dossiers as register
from partnerships import selectors as partnerships
from partnerships.enums import AgreementStatus
from partnerships.models import Agreement, City, Person, PersonRole, Relation
from solidarity.dossiers import grants_in_city

# How many of the past trips, visits, events and meetings a briefing recalls.
RECALLED = 6


@dataclass(frozen=True)
class Line:
    """One fact: what, when, in more detail; `alert` where it asks for attention (said in words besides). `language` is that of
    `what`, where it is not the reader's."""

    what: str
    detail: str = ""
    when: str = ""
    link: str = ""
    alert: bool = False
    language: str = ""


@dataclass(frozen=True)
class Section:
    """`empty` says why there is nothing, where there is nothing."""

    key: str
    title: str
    lines: list[Line]
    empty: str


@dataclass(frozen=True)
class Part:
    """The trip itself, or one of its cities."""

    title: str
    sections: list[Section]


@dataclass(frozen=True)
class Briefing:
    title: str
    subtitle: str
    made_on: date
    parts: list[Part] = field(default_factory=list)


def briefing(subject: City | Mission, reader) -> Briefing:
    """What this reader may know before the meeting, in the active language. The subject is one that she sees."""
    if isinstance(subject, City):
        title = _("Briefing: %(city)s") % {"city": subject.name}
        return Briefing(title, str(subject.country), clock.today(), [_city(subject, reader)])
    cities = City.objects.visible_to(reader).select_related("country")
    shown = {place.city_id for place in occasions.places(subject) if place.city_id}
    # A trip that concerns a city need not go there: what took place with it counts all the same.
    ties = _of(occasions.ties, subject, reader)
    shown |= {tie.city_id for tie in ties if tie.city_id}
    met = [_city(city, reader, before=subject) for city in cities.filter(pk__in=shown)]
    title = _("Briefing: %(mission)s") % {"mission": subject.title}
    when = _when(*subject.starts, *subject.ends) or subject.when
    return Briefing(title, when, clock.today(), [_trip(subject, ties, reader), *met])


def _of(parts: Callable[..., QuerySet], mission: Mission, reader) -> list[Any]:
    """What the mission has of these parts."""
    return written.rows(_parts_of, reader, parts, written.Key(mission.pk))


def _parts_of(reader, parts: Callable[..., QuerySet], mission: int) -> QuerySet:
    return parts(reader, mission=mission)


def _when(start: date | None, precision: str, end: date | None = None, end_precision: str = "") -> str:
    first, last = dates.display(start, precision), dates.display(end, end_precision)
    return f"{first} – {last}" if last and last != first else first


def _told(record, detail: str = "", when: str = "", *, name: str = "title", alert: bool = False) -> Line:
    """A record by its name, which leads to its page."""
    language = fallback_language(record, name)
    return Line(getattr(record, name), detail, when, record.get_absolute_url(), alert, language)


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


# --- the trip ---


def _trip(mission: Mission, ties: Iterable[Tie], reader) -> Part:
    return Part(
        _("The mission"),
        [
            Section("purpose", _("Purpose"), _purpose(mission, ties), _("No purpose is recorded.")),
            Section("delegation", _("Delegation"), _travellers(mission, reader), _("Nobody is named yet.")),
            Section(
                "travel",
                _("Travel"),
                [_leg(leg) for leg in _of(occasions.legs, mission, reader)],
                _("No leg is recorded."),
            ),
            Section(
                "programme",
                _("Programme"),
                [
                    Line(
                        item.what,
                        item.place,
                        _when_and_from(item.day, item.starts_at, item.ends_at),
                        language=fallback_language(item, "what"),
                    )
                    for item in _of(occasions.programme, mission, reader)
                ],
                _("The programme is not drawn up yet."),
            ),
            Section(
                "meetings",
                _("Meetings"),
                [
                    _meeting(row)
                    for row in occasions.meetings(reader)
                    .filter(mission=mission)
                    .exclude(status=MeetingStatus.CANCELLED)
                    .order_by("day", "starts_at")
                ],
                _("No meeting is planned yet."),
            ),
            Section("cost", _("Cost"), _cost(mission), _("No cost is recorded.")),
        ],
    )


def _purpose(mission: Mission, ties: Iterable[Tie]) -> list[Line]:
    about = [str(tie) for tie in ties]
    lines = [Line(mission.purpose, language=fallback_language(mission, "purpose"))] if mission.purpose else []
    if mission.status == MissionStatus.CANCELLED:
        lines.insert(0, Line(_("The mission is cancelled."), mission.cancelled_reason, alert=True))
    where = _joined(*dict.fromkeys(str(place) for place in occasions.places(mission)))
    if where:
        lines.append(Line(_("Destinations"), where))
    if mission.event:
        lines.append(Line(_("For the event"), mission.event.title, link=mission.event.get_absolute_url()))
    if about:
        lines.append(Line(_("It is about"), "; ".join(about)))
    return lines


def _travellers(mission: Mission, reader) -> list[Line]:
    lines = [_traveller(taking) for taking in mission.participants.all()]
    lacking = [*rules.mandate_warnings(mission), *rules.left_without(mission)]
    lines += [Line(str(reason), alert=True) for reason in lacking]
    covered = occasions.coverage_of(reader, mission)
    if mission.emblematic and covered.missing:
        missing = ", ".join(group.name for group in covered.missing)
        lines.append(Line(_("Council groups not represented"), missing, alert=True))
    return lines


def _traveller(taking: Participant) -> Line:
    quality = taking.get_quality_display()
    if taking.quality == Quality.CIVIL_SOCIETY and taking.category:
        quality = _joined(quality, taking.get_category_display())
    people = ngettext("%(count)s person", "%(count)s people", taking.headcount or 0) % {"count": taking.headcount}
    detail = _joined(capfirst(quality), taking.group, people if (taking.headcount or 0) > 1 else "")
    return Line(str(taking), "\n".join(filter(None, (detail, _sent_by(taking)))))


def _sent_by(taking: Participant) -> str:
    """The special mandate or the mission order, with its date (A13)."""
    if taking.mandate:
        voted = dates.display(taking.mandate.voted_on, taking.mandate.voted_on_precision)
        number = _("special mandate: %(number)s") % {"number": taking.mandate.number or taking.mandate.title}
        return _joined(capfirst(number), _("voted: %(voted)s") % {"voted": voted} if voted else "")
    if taking.order_number:
        number = _("mission order: %(number)s") % {"number": taking.order_number}
        return _joined(capfirst(number), dates.display(taking.ordered_on, "day"))
    return ""


def _leg(leg: Leg) -> Line:
    people = leg.passengers or 0
    carried = ngettext("%(count)s person", "%(count)s people", people) % {"count": people} if people else ""
    detail = _joined(capfirst(leg.get_mode_display()), leg.carrier, carried)
    return Line(str(leg), detail, _when_and_from(leg.leaves_on, leg.leaves_at, leg.arrives_at))


def _cost(mission: Mission) -> list[Line]:
    costs = ((_("Planned cost"), mission.planned_cost), (_("Actual cost"), mission.actual_cost))
    return [Line(what, euros(cost)) for what, cost in costs if cost is not None]


def _when_and_from(day: date | None, first: time | None, last: time | None, precision: str = "day") -> str:
    """The day, and from when to when where a time is known."""
    times = [moment.strftime("%H:%M") for moment in (first, last) if moment]
    return _joined(dates.display(day, precision), "–".join(times))


def _meeting(meeting: Meeting) -> Line:
    """With whom, where, on what; and of the notes, those that the reader may see."""
    people = _joined(*(taking for taking in meeting.participants.all()))
    notes = [f"{dates.display(note.noted_on, 'day')} — {note.text}" for note in meeting.notes.all()]
    detail = [people, _joined(meeting.place, meeting.city), meeting.agenda, *notes]
    when = _when_and_from(meeting.day, meeting.starts_at, meeting.ends_at, meeting.day_precision)
    return _told(meeting, "\n".join(text for text in detail if text), when)


# --- a city ---


def _city(city: City, reader, before: Mission | None = None) -> Part:
    """The ten things to know of a city; `before` is the trip that the briefing is for, which is no past of its own."""
    met = _occasions_with(city, reader, before)
    makers: list[tuple[str, str, Callable[[], Iterable[Line]], str]] = [
        ("promises", _("Open promises"), lambda: _promises(city, reader), _("Nothing is promised and still open.")),
        ("relations", _("Relations"), lambda: _relations(city, reader), _("No tie is recorded.")),
        ("agreements", _("Agreements"), lambda: _agreements(city, reader), _("No agreement is recorded.")),
        ("projects", _("Projects and money"), lambda: _projects(city, reader), _("No project names the city.")),
        ("grants", _("Solidarity grants"), lambda: _grants(city, reader), _("No grant is spent there.")),
        (
            "networks",
            _("Networks in common"),
            lambda: (
                Line(str(row.network), link=row.network.get_absolute_url())
                for row in register.common_networks(reader, city)
            ),
            _("No network in common is recorded."),
        ),
        ("people", _("People"), lambda: _people(city, reader), _("Nobody is recorded.")),
        (
            "past",
            _("What took place"),
            lambda: _past(city, reader, met, before),
            _("No trip, visit or meeting is recorded."),
        ),
        ("coming", _("What is coming"), lambda: _coming(city, reader, met, before), _("Nothing else is planned.")),
        ("watch", _("Political watch"), lambda: _watch(city, reader), _("There is no note that you may read.")),
    ]
    sections = [Section(key, title, list(make()), empty) for key, title, make, empty in makers]
    return Part(_joined(city.name, city.country), sections)


def _promises(city: City, reader) -> Iterable[Line]:
    overdue = set(promises.overdue_promises(reader).filter(promises.about_city(city)).values_list("pk", flat=True))
    for promise in _alone(promises.open_promises_with(reader, [city.pk])).select_related("responsible"):
        yield _promise(promise, promise.pk in overdue)


def _promise(promise: Promise, overdue: bool) -> Line:
    made = dates.display(promise.made_on, promise.made_on_precision)
    detail = _joined(
        promise.get_side_display(),
        promise.responsible,
        _("made on %(day)s") % {"day": made} if made else "",
        _("overdue") if overdue else "",
    )
    due = dates.display(promise.due_on, promise.due_on_precision)
    return _told(promise, capfirst(detail), due, name="what", alert=overdue)


def _relations(city: City, reader) -> Iterable[Line]:
    for tie in Relation.objects.visible_to(reader).filter(city=city):
        if tie.holds_on(clock.today()):
            yield Line(capfirst(tie.get_kind_display()), tie.description, dates.display(tie.since, tie.since_precision))


def _agreements(city: City, reader) -> Iterable[Line]:
    found = partnerships.latest_signed_first(_alone(partnerships.agreements(reader)))
    found = found.filter(parties__city=city).distinct()
    expiring = set(partnerships.expiring(reader).filter(parties__city=city).values_list("pk", flat=True))
    for agreement in found:
        yield _told(
            agreement,
            _joined(capfirst(agreement.get_status_display()), _expiry(agreement)),
            dates.display(agreement.signed_on, agreement.signed_on_precision),
            alert=agreement.pk in expiring,
        )


def _expiry(agreement: Agreement) -> str:
    if agreement.status not in (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE):
        return ""
    if agreement.open_ended:
        return _("without end")
    if agreement.expires_on is None:
        return _("end not known")
    return _("until %(day)s") % {"day": dates.display(agreement.expires_on, "day")}


def _projects(city: City, reader) -> Iterable[Line]:
    fields = Prefetch("fields", ProjectTheme.objects.visible_to(reader).select_related("theme"))
    for project in with_money(_alone(projects_of_city(reader, city)).prefetch_related(fields), reader):
        money = ""
        if project.has_money:  # type: ignore[attr-defined]  # annotated by with_money
            money = _("%(committed)s committed, %(disbursed)s disbursed") % {
                "committed": euros(project.committed),  # type: ignore[attr-defined]
                "disbursed": euros(project.disbursed),  # type: ignore[attr-defined]
            }
        begun = dates.display(project.actual_start, project.actual_start_precision)
        detail = _joined(capfirst(project.get_stage_display()), *(row.theme for row in project.fields.all()), money)
        yield _told(project, detail, begun if project.stage in LIVE_PROJECTS else "")


def _grants(city: City, reader) -> Iterable[Line]:
    # More joins than these, and the database would read every grant before it looks for those of the city.
    for grant in grants_in_city(reader, city).select_related(None).select_related("beneficiary").prefetch_related(None):
        paid = grant.paid  # type: ignore[attr-defined]  # annotated by the selector
        detail = _joined(
            capfirst(grant.get_stage_display()),
            grant.beneficiary,
            euros(grant.amount_granted) if grant.amount_granted is not None else "",
            _("%(amount)s paid") % {"amount": euros(paid)} if paid else "",
        )
        yield _told(grant, detail)


def _people(city: City, reader) -> Iterable[Line]:
    """Those who hold a function today. No address and no telephone: a briefing is carried about."""
    seen = Person.objects.visible_to(reader)
    roles = PersonRole.objects.visible_to(reader).filter(city=city, person__in=seen).holding_on(clock.today())
    for role in roles.select_related("person", "organisation").order_by("person__name"):
        since = dates.display(role.since, role.since_precision) if role.since else ""
        yield Line(role.person.name, _joined(role.title, role.organisation), since)


def _meetings_but(before: Mission | None, found: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Without those of the trip that the briefing is for, which it tells itself."""
    return found.exclude(mission=before) if before else found


def _past(city: City, reader, met: Iterable[Any], before: Mission | None) -> Iterable[Line]:
    found: list[tuple[date | None, Line]] = []
    for record in met:
        if record.has_taken_place:
            start, precision = record.starts
            outcomes = "\n".join(outcome.what for outcome in record.outcomes.all())
            found.append((start, _told(record, outcomes, _when(start, precision, *record.ends))))
    held = _meetings_but(before, occasions.meetings_with(reader, city)).filter(status=MeetingStatus.HELD)
    held = held.order_by(F("day").desc(nulls_last=True), "-pk")
    found += [(meeting.day, _meeting(meeting)) for meeting in held[:RECALLED]]
    found.sort(key=lambda dated: dated[0] or date.min, reverse=True)
    return [line for _day, line in found[:RECALLED]]


def _coming(city: City, reader, met: Iterable[Any], before: Mission | None) -> Iterable[Line]:
    """By their first day, those without any last."""
    found: list[tuple[date | None, time | None, Line]] = []
    for record in met:
        if record.status in AHEAD:
            when = _when(*record.starts, *record.ends) or record.when
            found.append((record.starts[0], None, _told(record, capfirst(record.get_status_display()), when)))
    planned = occasions.to_come(_alone(occasions.meetings_with(reader, city)))
    for meeting in _meetings_but(before, planned):
        when = _when_and_from(meeting.day, meeting.starts_at, meeting.ends_at, meeting.day_precision)
        line = _told(meeting, capfirst(meeting.get_status_display()), when)
        found.append((meeting.day, meeting.starts_at, line))
    found.sort(key=lambda dated: (dated[0] or date.max, dated[1] or time.min))
    return [line for _day, _time, line in found]


def _occasions_with(city: City, reader, before: Mission | None) -> list[Any]:
    outcomes = Prefetch("outcomes", Outcome.objects.visible_to(reader))
    trips = occasions.missions_to(reader, city)
    if before:
        trips = trips.exclude(pk=before.pk)
    rows: tuple[QuerySet, ...] = (trips, occasions.delegations_from(reader, city), occasions.events_with(reader, city))
    # Of each no more is said than what it was, when, and what came out of it.
    return [record for found in rows for record in _alone(found).prefetch_related(outcomes)]


def _alone(found: QuerySet) -> QuerySet:
    """The rows without those around them, which a briefing does not tell."""
    return found.select_related(None).prefetch_related(None)


def _watch(city: City, reader) -> Iterable[Line]:
    for note in partnerships.watch_notes(reader, city)[:RECALLED]:
        yield Line(note.title, note.text, dates.display(note.noted_on, "day"))
