"""What becomes of the allocations of a school that others continue, or that closes (docs/continuity.md, W-18)."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from tests.bitemporal.facts import Allocation, Ends, Fact, Held
from tests.bitemporal.left import is_gone, is_maintained, last_day, to_the_end
from tests.bitemporal.model import Known


class Note(NamedTuple):
    """What was written for a day: something ended on it, that was to end ``before``; and what goes on, at which
    school."""

    on: date
    before: date | None = None
    to: str | None = None
    goes_on: Held | None = None


class GoingOver:
    def __init__(self) -> None:
        self.allocations: dict[str, Note] = {}
        self.ended: dict[str, Note] = {}  # allocations that end with their school
        self.numbers = 0

    def _allocation(self, known: Known, today: date) -> list[Fact] | None:
        """Of one allocation what follows; None when all is written. One that ended with its school stays ended when that
        opens again."""
        for which, note in list(self.ended.items()):
            school = known.school(known.thing(which).urn)
            closes = school.closed if school is not None else None
            if note.on <= today and (closes is None or closes > today):
                del self.ended[which]
        held = {each.id: replace(each, until=known.until(each)) for each in known.all(Allocation)}
        held = {which: each for which, each in held.items() if each.until != each.start}
        were = {which: self._as_it_was(each) for which, each in held.items()}
        given: dict[str, tuple[date, str | None]] = {}
        for each in known.successions():
            for which, old in were.items():
                if old.urn in each.before and to_the_end(known, old, last_day(known, old.urn, each.on), each.on):
                    carries_on = each.carries_on and is_maintained(known, each.urn)
                    if each.carries_on or is_gone(known, old.urn):
                        given.setdefault(which, (each.on, each.urn if carries_on else None))
        for which, note in self.allocations.items():
            if note.on > today and given.get(which) != (note.on, note.to):
                return self._taken_back(known, self.allocations, which, today)
        for which, (on, to) in given.items():
            if which not in self.allocations:
                return self._goes_over(were[which], held, on, to, today)
        for which, old in were.items():
            school = known.school(old.urn)
            closes, note = (school.closed if school is not None else None), self.ended.get(which)
            if which in given:
                continue
            if closes is None and note is not None and note.on > today:
                return self._taken_back(known, self.ended, which, today)
            runs_on = closes is not None and old.start < closes and (old.until is None or old.until > closes)
            if runs_on and closes is not None and (note is None or note.on != closes):
                self.ended[which] = Note(closes, old.until)
                return [Ends(today, which, closes)]
        return None

    def _as_it_was(self, old: Allocation) -> Allocation:
        """Before its end was written here: the day may have moved since."""
        for notes in (self.allocations, self.ended):
            note = notes.get(old.id)
            if note is not None and old.until == note.on:
                old = replace(old, until=note.before)
        return old

    def _goes_over(
        self, old: Allocation, held: dict[str, Allocation], on: date, to: str | None, today: date
    ) -> list[Fact]:
        until = old.until if old.until is not None and old.until > on else None
        new = None
        if to is not None and not any(
            each.urn == to and (each.until is None or each.until > on) for each in held.values()
        ):
            self.numbers += 1
            new = Allocation(today, f"{old.id} of {to} ({self.numbers})", on, until, to, old.person)
        self.allocations[old.id] = Note(on, old.until, to, new)
        ends: list[Fact] = [Ends(today, old.id, on)] if held[old.id].until != on else []
        return [*ends, *([new] if new is not None else [])]

    def _taken_back(self, known: Known, notes: dict[str, Note], which: str, today: date) -> list[Fact]:
        """What was written for a day to come and doesn't follow any more; what an officer has changed since stays."""
        note, old = notes.pop(which), known.thing(which)
        found: list[Fact] = []
        if old.until == note.on:
            found.append(replace(old, known=today, until=note.before))
        if note.goes_on is not None and known.thing(note.goes_on.id) == note.goes_on:
            found.append(Ends(today, note.goes_on.id, note.goes_on.start))
        return found
