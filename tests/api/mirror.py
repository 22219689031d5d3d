"""A copy that knows nothing but what the API answers, and those who write random changes while it follows."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random
from threading import Condition, Event, Thread
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from rest_framework.test import APIClient

from cooperation.models import FundingLine, Project
from core.enums import Audience
from core.models import Citation, Document
from events.models import Meeting, MeetingNote
from mandate.models import Evidence, Objective
from partnerships.models import Agreement, AgreementParty, Area, City, CityArea, Relation, WatchNote
from tests import factories


class Copy:
    """A copy of one resource: every row once, then again and again what changed since and what is gone."""

    def __init__(self, api: APIClient, resource: str):
        self.api, self.resource = api, resource
        self.rows: dict[int, dict] = {}
        self.since: str | None = None

    def follow(self) -> None:
        # What changed comes first, what is gone after it: a record that goes in between is dropped, one that comes back is
        # told the next time.
        changed, settled_at = self._read(
            "", {"paging": "cursor"} | ({"updated_since": self.since} if self.since else {})
        )
        self.rows |= {row["id"]: row for row in changed}
        if self.since:
            for row in self._read("deletions/", {"since": self.since})[0]:
                self.rows.pop(row["id"], None)
        self.since = settled_at

    def _read(self, address: str, query: dict[str, str]) -> tuple[list[dict], str]:
        rows: list[dict] = []
        page = self._get(f"/api/v1/{self.resource}/{address}", query | {"page_size": "200"})
        settled_at = page["settled_at"]
        while True:
            rows += page["results"]
            if page["next"] is None:
                return rows, settled_at
            page = self._get(page["next"])

    def _get(self, address: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        response = self.api.get(address, query)
        assert response.status_code == 200, response.content
        return response.json()


COPIED = (
    "cities", "city-areas", "relations", "agreements", "agreement-parties", "watch-notes", "documents", "citations",
    "projects", "funding-lines", "meetings", "meeting-notes", "objectives", "evidence",
)  # fmt: skip


class NothingToChange(Exception):
    """Of what was to be changed there is none, or others hold it."""


REFUSED = (DatabaseError, ValidationError, ProtectedError, NothingToChange)


class Writer:
    """Changes chosen by chance, through the models, in bulk and in bare SQL; `done` counts the rows that each kind changed."""

    def __init__(self, seed: int):
        self.random = Random(seed)
        self.number = seed * 1_000_000
        self.done: Counter[str] = Counter()

    def change(self) -> None:
        """One transaction of one to three changes; sometimes it is given up. What the rules refuse leaves nothing."""
        made: Counter[str] = Counter()
        try:
            with transaction.atomic():
                self._wait_for_nobody()
                for _turn in range(self.random.randint(1, 3)):
                    kind = self.random.choice(self.KINDS)
                    made[kind.__name__] += kind(self) or 0
                if self.random.random() < 0.05:
                    transaction.set_rollback(True)
                    made.clear()
        except REFUSED:
            return
        self.done += made

    def _wait_for_nobody(self) -> None:
        """Whoever meets somebody's lock gives up, so that nobody waits for each other."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")

    # --- what there is to choose from ---

    def _any(self, model: Any) -> Any:
        """A record chosen by chance, which nobody else holds."""
        found = self._maybe(model)
        if found is None:
            raise NothingToChange
        return found

    def _maybe(self, model: Any) -> Any:
        """A record near a number chosen by chance, which nobody else holds; None where there is none."""
        keys = model.objects.order_by("pk").values_list("pk", flat=True)
        first, last = keys.first(), keys.last()
        if first is None:
            return None
        near = model.objects.filter(pk__gte=self.random.randint(first, last)).order_by("pk")
        return near.select_for_update(skip_locked=True, of=("self",)).first()

    def _word(self) -> str:
        self.number += 1
        return f"Mot {self.number}"

    def _audience(self) -> str:
        return self.random.choice([Audience.STAFF, Audience.DEPUTIES, Audience.CITY, Audience.CITY])

    # --- changes: each says how many rows it changed ---

    def city_added(self) -> int:
        self.number += 1
        names = {"slug": f"c-{self.number}", "name_fr": self._word(), "name_en": self._word()}
        City.objects.create(country=self._any(City).country, **names)
        return 1

    def city_renamed(self) -> int:
        city = self._any(City)
        city.name_fr = self._word()
        city.save()
        return 1

    def cities_renamed_in_bulk(self) -> int:
        key = self._any(City).pk
        return City.objects.filter(pk__range=(key, key + 9)).update(name_en=self._word())

    def city_renamed_in_sql(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE partnerships_city SET alias = %s WHERE id = %s", [self._word(), self._any(City).pk])
            return cursor.rowcount

    def city_deleted(self) -> int:
        return self._any(City).delete()[0]

    def area_given(self) -> int:
        CityArea.objects.create(city=self._any(City), area=self._any(Area))
        return 1

    def area_renamed(self) -> int:
        return Area.objects.filter(pk=self._any(Area).pk).update(name_fr=self._word())

    def area_moved_or_taken(self) -> int:
        link = self._any(CityArea)
        if self.random.random() < 0.5:
            return link.delete()[0]
        return CityArea.objects.filter(pk=link.pk).update(city=self._any(City))

    def relation_added(self) -> int:
        kind = self.random.choice(["partner", "comparator", "promising"])
        Relation.objects.create(city=self._any(City), kind=kind, description_fr=self._word())
        return 1

    def relation_ended(self) -> int:
        relation = self._any(Relation)
        if self.random.random() < 0.5:
            return relation.delete()[0]
        return Relation.objects.filter(pk=relation.pk).update(until=date(2015, 1, 1), until_precision="day")

    def agreement_written(self) -> int:
        found = Agreement.objects.filter(pk=self._any(Agreement).pk)
        return found.update(title_fr=self._word())

    def party_changed(self) -> int:
        party = self._maybe(AgreementParty)
        if party and self.random.random() < 0.4:
            return party.delete()[0]
        AgreementParty.objects.create(agreement=self._any(Agreement), city=self._any(City))
        return 1

    def note_added(self) -> int:
        WatchNote.objects.create(
            city=self._any(City),
            noted_on=date(2015, 5, 4),
            title=self._word(),
            text="Texte.",
            audience=self._audience(),
        )
        return 1

    def note_shown_or_hidden(self) -> int:
        note = self._any(WatchNote)
        return WatchNote.objects.filter(pk=note.pk).update(audience=self._audience(), title=self._word())

    def note_deleted(self) -> int:
        note = self._any(WatchNote)
        return note.delete()[0] if self.random.random() < 0.3 else 0

    def cited(self) -> int:
        record = self._any(self.random.choice([WatchNote, City]))
        Citation.objects.create(record=record, source=self.source, section=self._word())
        return 1

    def citation_changed(self) -> int:
        return self._changed_or_deleted(Citation, "note_fr")

    def document_changed(self) -> int:
        return self._changed_or_deleted(Document, "title")

    def _changed_or_deleted(self, model: Any, field: str) -> int:
        found = self._any(model)
        if self.random.random() < 0.3:
            return found.delete()[0]
        return model.objects.filter(pk=found.pk).update(**{field: self._word()})

    def project_written(self) -> int:
        return Project.objects.filter(pk=self._any(Project).pk).update(title_fr=self._word())

    def euros_moved(self) -> int:
        line = self._any(FundingLine)
        factories.MovementFactory(line=line, amount=self.random.randint(1, 1000), on=date(2015, 3, 2))
        return 1

    def meeting_note_written(self) -> int:
        note = self._maybe(MeetingNote)
        if note and self.random.random() < 0.7:
            return MeetingNote.objects.filter(pk=note.pk).update(audience=self._audience(), text=self._word())
        values = {"noted_on": date(2015, 3, 3), "text": self._word(), "audience": self._audience()}
        MeetingNote.objects.create(meeting=self._any(Meeting), **values)
        return 1

    def evidence_changed(self) -> int:
        evidence = self._maybe(Evidence)
        if evidence and self.random.random() < 0.5:
            return evidence.delete()[0]
        Evidence.objects.create(objective=self._any(Objective), document=self._any(Document), added_on=date(2015, 5, 4))
        return 1

    KINDS: tuple[Callable[["Writer"], int], ...] = (
        city_added, city_added, city_added, city_renamed, cities_renamed_in_bulk, cities_renamed_in_bulk,
        city_renamed_in_sql, city_renamed_in_sql, city_deleted, city_deleted, area_given, area_given, area_renamed,
        area_moved_or_taken, relation_added, relation_ended, agreement_written, party_changed, note_added, note_added,
        note_shown_or_hidden, note_shown_or_hidden, note_deleted, cited, cited, citation_changed, document_changed,
        project_written, euros_moved, meeting_note_written, evidence_changed,
    )  # fmt: skip
    source: Any = None


def world() -> None:
    """What the writers begin with."""
    Writer.source = factories.SourceFactory()
    cities = factories.CityFactory.create_batch(30)
    factories.AreaFactory.create_batch(3)
    factories.AgreementFactory.create_batch(4, signed=True)
    for number, city in enumerate(cities[:12]):
        audience = Audience.CITY if number % 3 else Audience.STAFF
        note = factories.WatchNoteFactory(city=city, audience=audience)
        factories.DocumentFactory(record=note)
        factories.EvidenceFactory(mission=None, document=factories.DocumentFactory(record=note))
    for _number in range(4):
        factories.MovementFactory()
        factories.MeetingNoteFactory(audience=Audience.CITY)


class LateWriter(Thread):
    """Changes rows and commits only when it is told to: what it wrote bears a moment that others have long passed."""

    def __init__(self, seed: int):
        super().__init__(daemon=True)
        self.writer, self.written, self.may_end = Writer(seed), Event(), Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.writer._wait_for_nobody()
                for kind in (
                    Writer.city_added,
                    Writer.city_renamed,
                    Writer.note_shown_or_hidden,
                    Writer.relation_added,
                ):
                    self.writer.done[kind.__name__] += kind(self.writer)
                self.written.set()
                assert self.may_end.wait(60)
        except REFUSED:
            self.writer.done.clear()
        finally:
            self.written.set()
            connection.close()


class Writers:
    """Several writers at once, each with a connection of its own, until they have changed enough rows together."""

    def __init__(self, rows: int, seed: int, threads: int = 3):
        self.writers = [Writer(seed + place) for place in range(threads)]
        self.failures: list[Exception] = []
        self.moved = Condition()
        self.threads = [
            Thread(target=self._run, args=(writer, rows // threads), daemon=True) for writer in self.writers
        ]

    def _run(self, writer: Writer, rows: int) -> None:
        try:
            while writer.done.total() < rows:
                writer.change()
                with self.moved:
                    self.moved.notify()
        except Exception as failure:  # noqa: BLE001  # told by the test that waits for it
            self.failures.append(failure)
        finally:
            connection.close()

    def wait_for(self, rows: int) -> None:
        """Until so many rows were changed, or nobody writes any more."""
        with self.moved:
            while self.done().total() < rows and self.are_writing:
                self.moved.wait(1)

    @property
    def are_writing(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def done(self) -> Counter[str]:
        return sum((writer.done for writer in self.writers), Counter())
