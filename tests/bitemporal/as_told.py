"""What a school knows of what the council did inside: what stood when it was told last, and nothing since (R0.8)."""

from dataclasses import replace
from datetime import date

from tests.bitemporal.facts import Allocation, Answered, Ends, Entry, Fact, Override
from tests.bitemporal.model import Known

Inside = Entry | Allocation | Override


class AsTold:
    def __init__(self, facts: list[Fact]):
        self.facts = facts
        self.when_told: dict[str, list[Inside]] = {}
        # Of each school what officers have confirmed for it, or for one before it, and it was not told of.
        self.unknown: set[tuple[str, str]] = set()

    def release(self, urn: str, known: Known, today: date) -> None:
        """It is told of whatever has begun and ended by that day, as was known then; of an override with its expiry."""
        stood: list[Inside] = []
        inside: list[Inside] = [*known.all(Entry), *known.all(Allocation), *known.all(Override)]
        for each in inside:
            end = known.ends.get(each.id, each.until)
            if each.urn == urn and each.start <= today and each.start != end:
                expires = each.until if isinstance(each, Override) else None
                stood.append(replace(each, until=end if end is not None and end <= today else expires))
        self.when_told[urn] = stood
        answered = [each for each in known.all(Answered) if each.start is not None and each.start <= today]
        self.unknown -= {(urn, each.id) for each in answered}

    def known(self, urn: str, today: date) -> Known:
        mine = {each.id for each in self.facts if isinstance(each, Inside) and each.urn == urn}
        line = {urn, *Known(self.facts).predecessors(urn)}
        others = [each for each in self.facts if self._open(each, urn, mine, line, today)]
        return Known([*others, *self.when_told.get(urn, [])])

    def _open(self, fact: Fact, urn: str, mine: set[str], line: set[str], today: date) -> bool:
        if isinstance(fact, Ends):
            return fact.which not in mine
        if isinstance(fact, Answered) and fact.urn in line:
            return fact.start is not None and fact.start <= today and (urn, fact.id) not in self.unknown
        return not (isinstance(fact, Inside) and fact.urn == urn)
