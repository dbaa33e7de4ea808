"""Many small authorities in one database, for races: a cell is an authority with one body of five schools, one trust,
and officers. Everybody and everything in it is invented.
"""

import asyncio
import json
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from services.membership.domain.appointment import Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.listing import Listing, Source
from services.membership.domain.office import Term
from services.membership.domain.school import Status
from services.membership.store.people import Person
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from shared.contracts.envelope import read_envelope, unpack
from shared.failures import sqlstate
from shared.messaging.cause import new_id
from shared.store import Store, UnitOfWork
from tests.bitemporal import model, tables

Act = Callable[[UnitOfWork], Awaitable[Any]]
BEGIN = date(2024, 1, 1)
CELLS = 10
SEED = int(os.environ.get("CONSORTIA_SEED", "20240901"))
AT_ONCE = 4  # pairs in flight; each of their transactions has its own connection
PEOPLE = ("chair", "deputy", "other chair", "leader", "chief", "head")
A_DAY = timedelta(days=1)
LOCK_TIMEOUT = "55P03"


class WrongAnswers(AssertionError):
    """Somebody else speaks, or was told of, than what is committed gives."""


@dataclass
class Cell:
    """``maintained``: all five are; else all five are academies of its trust."""

    number: int
    maintained: bool
    body: UUID = field(default_factory=new_id)
    people: dict[str, UUID] = field(default_factory=lambda: {name: uuid4() for name in PEOPLE})

    @property
    def authority(self) -> str:
        return f"R{self.number:02}"

    @property
    def trust(self) -> str:
        return f"T{self.number:02}"

    @property
    def urns(self) -> list[str]:
        return [f"8{self.number:02}{place:03}" for place in range(1, 6)]

    def lines(self) -> list[Listing]:
        kind = "1" if self.maintained else "34"
        trust = None if self.maintained else self.trust
        return [
            Listing(
                urn, Source.GIAS, BEGIN, authority=self.authority, name=f"School {urn}", phase="Primary",
                type_code=kind, status=Status.OPEN, trust_id=trust,
            )
            for urn in self.urns
        ]  # fmt: skip

    def taken_on(self, *, joined: bool) -> TakenOn:
        who, long_ago = self.people, date(2020, 9, 1)
        offices = (new_id(), new_id(), new_id())
        return TakenOn(
            authority=self.authority,
            routing_policy="warwickshire",
            people=[Person(who[name], self.authority, f"Invented {name}", "a@example.org", None) for name in PEOPLE],
            bodies=[
                Body(self.body, self.authority, "primary-consortium", "A", (), long_ago, None, None, "04-01", *offices)
            ],
            headships=[
                Headship(who["chair"], self.urns[0], long_ago, None),
                Headship(who["deputy"], self.urns[2], long_ago, None),
            ],
            terms=[
                Term(new_id(), new_id(), self.body, post, who[post], long_ago, None, "taken-on")
                for post in ("chair", "deputy")
            ],
            memberships=[Membership(self.body, urn, long_ago, None, True) for urn in self.urns] if joined else [],
            trust_contacts=[]
            if self.maintained
            else [TrustContact(self.trust, "school-improvement-partner", who["leader"], long_ago, None)],
        )


@dataclass
class Crowd:
    """Cells, a seeded generator, and the day. ``told`` is the last state that the events gave of each school."""

    store: Store
    cells: list[Cell]
    random: random.Random
    today: date = BEGIN
    told: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    categories: dict[str, int | None] = field(default_factory=dict)
    reassigned: int = 0

    async def begin(self, *, joined: bool = True) -> None:
        await self.clock(BEGIN)
        await self.store.run(lambda uow: keep_schools(uow, [line for cell in self.cells for line in cell.lines()]))
        for cell in self.cells:
            await self.store.run(lambda uow, cell=cell: take_on(uow, cell.taken_on(joined=joined)))  # type: ignore[misc]
        await self.check(first=True)

    async def clock(self, day: date) -> None:
        await self.store.run(
            lambda uow: uow.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
            )
        )
        self.today = day

    async def tomorrow(self, *, turned: bool = True) -> None:
        await self.clock(self.today + A_DAY)
        if turned:
            await self.turn()

    async def turn(self) -> None:
        while (await self.store.run(turn_days)) > 0:
            pass

    async def race(self, heats: Iterable[Sequence[Act]]) -> None:
        """The acts of a heat start together, give or take; a few heats are on the way at any moment."""
        waiting = list(heats)
        self.random.shuffle(waiting)
        drawn = iter([(heat, [self.random.randrange(12) for _ in heat]) for heat in waiting])

        async def runner() -> None:
            for heat, late in drawn:
                await asyncio.gather(*(self._start(act, by) for act, by in zip(heat, late, strict=True)))

        await asyncio.gather(*(runner() for _ in range(AT_ONCE)))

    async def _start(self, act: Act, late: int) -> None:
        """``late``: how many other steps of the loop go first; no wall clock is asked."""
        for _ in range(late):
            await asyncio.sleep(0)
        while True:
            try:
                return await self.store.run(act)
            except DBAPIError as problem:
                if sqlstate(problem) != LOCK_TIMEOUT:  # on a busy machine somebody waits too long, and asks again
                    raise

    # -- what must hold after every wave --

    async def check(self, *, first: bool = False) -> None:
        urns = [urn for cell in self.cells for urn in cell.urns]
        async with self.store.unit() as uow:
            facts = self._by_cell(await tables.facts(uow, urns))
            answers = await tables.answers(uow, urns)
            records = await uow.rows("select key, headers, value from outbox order by id")
            offices = {row.id: row.post for row in await uow.rows(_OFFICES)}
            await uow.execute("delete from outbox")
        wrong = [] if first else self._follow(records, offices)
        for cell in self.cells:
            known = model.Known(facts[cell.number])
            for urn in cell.urns:
                for matter in model.MATTERS:
                    wrong += self._history(urn, matter, answers.get((urn, matter), []))
                speakers = [known.speaker(urn, matter, self.today) for matter in model.MATTERS]
                right = (known.category(urn, self.today).value, *speakers)
                stored = [
                    [each.who for each in answers.get((urn, matter), []) if each.covers(self.today)]
                    for matter in model.MATTERS
                ]
                if stored != [[who] for who in right[1:]]:
                    wrong.append(f"{urn}: {stored} is stored, {right[1:]} is right on {self.today}")
                if first:
                    self.told[urn], self.categories[urn] = right[1:], right[0]
                elif (self.categories[urn], *self.told[urn]) != right:
                    wrong.append(f"{urn}: told {self.categories[urn]} {self.told[urn]}, right is {right}")
        if wrong:
            raise WrongAnswers("\n".join([f"{len(wrong)} of {len(urns)} schools and more", *wrong[:10]]))

    def _by_cell(self, facts: Iterable[model.Fact]) -> dict[int, list[model.Fact]]:
        owners = {str(cell.body): cell.number for cell in self.cells}
        owners |= {urn: cell.number for cell in self.cells for urn in cell.urns}
        owners |= {name: cell.number for cell in self.cells for name in (cell.authority, cell.trust)}
        found: dict[int, list[model.Fact]] = defaultdict(list)
        for fact in facts:
            owner = next(owners[v] for v in (getattr(fact, n, None) for n in _OWNED_BY) if v in owners)
            found[owner].append(fact)
        return found

    def _follow(self, records: Sequence[Any], offices: dict[str, str]) -> list[str]:
        """Nothing lost and nothing told twice: each change begins with what the one before it left."""
        wrong = []
        for record in records:
            kind, data = read_envelope(unpack(record.headers)).type, json.loads(record.value)
            if kind.endswith("category-in-force.changed.v1"):
                if data["before"] != self.categories[data["urn"]] or data["before"] == data["after"]:
                    wrong.append(f"{data['urn']}: {data} after {self.categories[data['urn']]}")
                self.categories[data["urn"]] = data["after"]
            if kind.endswith("representation.reassigned.v1"):
                before, after = (
                    tuple(_who(data[f"{matter}_{when}"], offices) for matter in model.MATTERS)
                    for when in ("before", "after")
                )
                if before != self.told[data["urn"]] or before == after:
                    wrong.append(f"{data['urn']}: {before} to {after} after {self.told[data['urn']]}")
                self.told[data["urn"]] = after
                self.reassigned += 1
        return wrong

    def _history(self, urn: str, matter: str, periods: Sequence[tables.Period]) -> list[str]:
        ends = [BEGIN, *(each.until for each in periods)]
        if [each.start for each in periods] == ends[:-1] and ends[-1] is None:
            return []
        return [f"{urn}, {matter}: a gap or an overlap in {[(each.start, each.until) for each in periods]}"]


_OWNED_BY = ("urn", "body", "authority", "trust")
_OFFICES = """
    select chair_office::text as id, 'chair' as post from body union all
    select deputy_office::text, 'deputy' from body union all select acting_chair_office::text, 'acting-chair' from body
"""


def _who(told: dict[str, Any], offices: dict[str, str]) -> model.Who:
    return model.Who(told["role"], told["body_id"], offices.get(told["office_id"]), told["trust_id"], told["person_id"])
