"""The head of a school that converts heads the converter (docs/continuity.md, W-31)."""

from dataclasses import replace
from datetime import date

from tests.bitemporal.facts import Ends, Fact, Headship
from tests.bitemporal.going_over import Note
from tests.bitemporal.left import last_day, lasts
from tests.bitemporal.model import Known
from tests.bitemporal.reading import TYPES
from tests.bitemporal.register import Succession


class HeadsThatFollow:
    def __init__(self) -> None:
        self.heads: dict[
            tuple[str, str], Note
        ] = {}  # by the converter and who heads it; ``to``: the school that she left
        self.numbers = 0

    def _head(self, known: Known, today: date) -> list[Fact] | None:
        """Of one head what follows; None when all is written."""
        wanted: dict[tuple[str, str], tuple[Succession, Headship]] = {}
        for each in known.successions():
            wanted |= {(each.urn, head.person): (each, head) for head in self._left(known, each, today)}
        for which, note in self.heads.items():
            succession, old = wanted.get(which, (None, None))
            if note.on > today and (
                succession is None or old is None or (succession.on, old.urn) != (note.on, note.to)
            ):
                return self._stays(known, which, today)
        for which, (succession, old) in wanted.items():
            there = [each for each in known.all(Headship) if each.urn == which[0] and lasts(known, each, succession.on)]
            if which not in self.heads and all(self._is_noted(each) for each in there):
                return self._heads_on(known, which, succession, old, today)
        return None

    def _left(self, known: Known, succession: Succession, today: date) -> list[Headship]:
        """Who headed the school before it to the last, as it was before she was to go over."""
        school = known.school(succession.urn)
        if school is None or not succession.carries_on or TYPES[school.type] != "converter":
            return []
        (before,) = succession.before
        found = []
        for each in [each for each in known.all(Headship) if each.urn == before]:
            note, until = self.heads.get((succession.urn, each.person)), known.until(each)
            if note is not None and note.on > today and (each.urn, until) == (note.to, note.on):
                until = note.before
            old = replace(each, until=until)
            last = last_day(known, before, succession.on)
            if until != each.start and each.start < succession.on and (until is None or until >= last):
                found.append(old)
        return found

    def _is_noted(self, head: Headship) -> bool:
        note = self.heads.get((head.urn, head.person))
        return note is not None and note.on == head.start

    def _heads_on(
        self, known: Known, which: tuple[str, str], succession: Succession, old: Headship, today: date
    ) -> list[Fact]:
        """An end that somebody planned for later stays; the end with the school itself is none."""
        on, gone = succession.on, known.school(old.urn)
        closes = gone.closed if gone is not None else None
        later = old.until if old.until is not None and old.until > max(on, closes or on) else None
        self.numbers += 1
        new = Headship(today, f"{old.id} of {which[0]} ({self.numbers})", on, later, *which, left=old.urn)
        self.heads[which] = Note(on, old.until, old.urn, new)
        return [*([Ends(today, old.id, on)] if old.until is None or old.until > on else []), new]

    def _stays(self, known: Known, which: tuple[str, str], today: date) -> list[Fact]:
        """She heads the school where she was as long as she was to."""
        note = self.heads.pop(which)
        hers = [each for each in known.all(Headship) if each.person == which[1] and known.until(each) != each.start]
        old = [each for each in hers if (each.urn, known.until(each)) == (note.to, note.on)]
        new = [each for each in hers if (each.urn, each.start) == (which[0], note.on)]
        return [
            *(replace(each, known=today, until=note.before) for each in old),
            *(Ends(today, each.id, each.start) for each in new),
        ]
