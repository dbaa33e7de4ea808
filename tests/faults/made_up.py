"""Made schools and made outcomes: unique values, so that whatever is seen later can be traced to who said it."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from infra.demo import bodies, people
from infra.demo.registers import GO_LIVE, schools

HEAD = (
    "URN,LA (code),EstablishmentName,TypeOfEstablishment (code),EstablishmentStatus (name),OpenDate,CloseDate,"
    "PhaseOfEducation (name),Postcode,Trusts (code),Trusts (name),GOR (name)"
)
FIRST_URN = 900_000
REGIONS = {"937": "West Midlands", "801": "South West"}


def register_file(number: int, first: int, count: int) -> tuple[list[str], bytes]:
    """So many made schools and their register; each has the file's number in its name."""
    urns = [str(FIRST_URN + n) for n in range(first, first + count)]
    lines = [HEAD]
    for n, urn in enumerate(urns):
        authority = ("937", "801")[n % 2]
        lines.append(
            f"{urn},{authority},Made school {n} of file {number},1,Open,01-09-2010,,Primary,CV34 4RL,,,"
            f"{REGIONS[authority]}"
        )
    return urns, "\n".join(lines).encode()


@dataclass
class Sayings:
    """Bodies of requests from one seed; each names something that nobody has said before."""

    dice: random.Random
    today: date = GO_LIVE
    _counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.urns = [urn for urn, school in schools().items() if school.maintained and school.open_on(GO_LIVE)]
        self.consortia = [body for body in bodies.warwickshire() if body.kind == "primary-consortium"]
        self.groups = [body for body in bodies.warwickshire() if body.kind == "area-analysis-group"]
        self.made: list[str] = []
        self.holders: dict[str, int] = {}
        stay = [urn for urn in self.urns if schools()[urn].closed is None]
        self._called, self._moved = itertools.cycle(stay), itertools.cycle(stay)

    def number(self) -> str:
        return f"F{next(self._counter):08}"

    def outcome(
        self, published: date | None = None, *, urn: str | None = None, dice: random.Random | None = None
    ) -> dict[str, Any]:
        day, dice = published or self.today, dice or self.dice
        return {
            "urn": urn or dice.choice(self.urns),
            "inspection_number": self.number(),
            "kind": "graded",
            "inspection_started_on": min(day, self.today).isoformat(),
            "published_on": day.isoformat(),
            "headline": dice.randint(1, 4),
            "safeguarding_effective": True,
        }

    def outcomes(self, count: int) -> list[dict[str, Any]]:
        """Of as many different schools, made ones too once they are there."""
        chosen = self.dice.sample([*self.urns, *self.made], count)
        return [self.outcome(urn=urn) for urn in chosen]

    def meeting(self) -> tuple[str, dict[str, Any]]:
        """A day far off that nobody has named yet; every fifth one of a group, whose agenda waits for it (W-25)."""
        n = next(self._counter)
        of_group = self.dice.random() < 0.2
        body = self.dice.choice(self.groups if of_group else self.consortia)
        on = date.fromordinal(date(2100, 1, 1).toordinal() + n)
        kind = "area-analysis-group" if of_group else "heads"
        return f"meeting {n}", {"body_id": str(body.id), "kind": kind, "on": on.isoformat()}

    def la_category(self) -> tuple[str, str, dict[str, Any]]:
        reason = f"entry {next(self._counter)}"
        on = self.today + timedelta(days=self.dice.randint(0, 1))  # from tomorrow: something for the next day to turn
        body = {"category": self.dice.randint(1, 4), "from": on.isoformat(), "reason": reason}
        return reason, self.dice.choice(self.urns), body

    def call(self) -> tuple[str, str]:
        """At the next of the schools that stay open, in turn."""
        n = next(self._counter)
        return f"call {n}", next(self._called)

    def new_details(self) -> tuple[str, str, dict[str, Any]]:
        """Of the next head, in turn, an address that nobody has named yet."""
        n = next(self._counter)
        return f"details {n}", str(people.head_of(next(self._moved)).id), {"email": f"head.{n}@moved.example"}

    def change_of_chair(self) -> tuple[str, str, dict[str, Any]]:
        """The next of those who may chair the body, in turn."""
        body = self.dice.choice(self.consortia)
        fit = people.fit_to_chair(body.members, bodies.STORIED)[2:]
        turn = self.holders[body.name] = self.holders.get(body.name, -1) + 1
        head = people.head_of(fit[turn % len(fit)].urn)
        asked = {"post": "chair", "person_id": str(head.id), "from": self.today.isoformat(), "route": "meeting"}
        return f"{body.id} {self.today}", str(body.id), asked
