"""Lives through the real past again: registers, take-on, then each day on which something happened, in order.

The test clock is set to each day in turn, and everything has caught up before the next one, so that every service learns
of an outcome on the day of its publication. What came before 1 September 2023 is taken on as state and history, without
consequences.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from infra.demo import bodies, people
from infra.demo.calendar import Meeting, meetings
from infra.demo.client import Answer, Consortia
from infra.demo.outcomes import Outcome, published
from infra.demo.registers import BRISTOL, GIAS, GO_LIVE, GROUP_LINKS, LINKS, OFSTED, WARWICKSHIRE

# Kind, file, and the day on which it was so.
REGISTERS = (
    ("gias", GIAS, date(2024, 6, 17)),
    ("group-links", GROUP_LINKS, date(2022, 7, 18)),
    ("school-links", LINKS, date(2025, 4, 22)),
    ("ofsted", OFSTED, date(2025, 8, 31)),
)

LAST_DAY = date(2025, 9, 30)  # the day after the last outcome in the file

AT_ONCE = 8  # requests in flight where their order does not matter
CHUNK = 400  # outcomes in one request

Progress = Callable[[str, int, int], None]  # what is done, how many are done, of how many


class NotImported(Exception):
    def __init__(self, name: str, state: str, problems: object):
        super().__init__(f"{name} was not imported ({state}): {problems}")


@dataclass
class Day:
    """What became so, or became known, on one day."""

    documents: list[bodies.Document] = field(default_factory=list)
    allocated: list[people.Allocation] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def diary(after: date, until: date) -> dict[date, Day]:
    """The days from ``after`` (not itself) to ``until`` on which anything happened."""
    days: dict[date, Day] = {}
    for authority in (WARWICKSHIRE, BRISTOL):
        for on, document in bodies.take_on(authority).items():
            days.setdefault(on, Day()).documents.append(document)
    for allocation in people.ALLOCATIONS:
        days.setdefault(allocation.since, Day()).allocated.append(allocation)
    for on, outcomes in published():
        days.setdefault(on, Day()).outcomes.extend(outcomes)
    return {on: day for on, day in sorted(days.items()) if after < on <= until}


def history() -> list[Outcome]:
    """Everything published before the demo's first day."""
    return [outcome for on, outcomes in published() if on < GO_LIVE for outcome in outcomes]


@dataclass
class Replay:
    """Drives the services through the past. ``stories`` collects the correlation id that each outcome was given."""

    consortia: Consortia
    say: Progress = lambda what, done, total: None
    stories: dict[str, str] = field(default_factory=dict)  # inspection number to correlation id

    async def registers(self) -> None:
        """Establishments, their links and older trusts, then what Ofsted adds: the later-dated source wins."""
        for kind, path, as_at in REGISTERS:
            self.say(f"Importing {path.name}", 0, 1)
            answer = await self.consortia["membership"].post(
                f"/imports/{kind}", content=path.read_bytes(), name=path.name, as_at=as_at.isoformat()
            )
            await self._applied(answer.body["import_id"], path.name)

    async def _applied(self, import_id: str, name: str) -> None:
        """An import is answered when its lines are checked, and applied in chunks after that."""
        while True:
            seen = await self.consortia["membership"].get(f"/imports/{import_id}")
            self.say(f"Importing {name}", seen["position"], seen["lines"])
            if seen["state"] == "done":
                return
            if seen["state"] != "applying":
                raise NotImported(name, seen["state"], seen["problems"])
            await asyncio.sleep(0.05)

    async def take_on(self) -> None:
        """Areas, bodies, people and offices of both authorities as they stood on the first day."""
        for done, authority in enumerate((WARWICKSHIRE, BRISTOL)):
            self.say("Taking on the two authorities", done, 2)
            await self.consortia["membership"].post("/take-on", bodies.take_on(authority)[GO_LIVE])
        self.say("Taking on the two authorities", 2, 2)

    async def history(self) -> None:
        """Seventeen years of outcomes before the first day: state and history, nobody is told (D3.10)."""
        past = history()
        for start in range(0, len(past), CHUNK):
            self.say("Taking on earlier outcomes", start, len(past))
            part = past[start : start + CHUNK]
            await self.consortia["membership"].post("/outcomes", {"outcomes": part, "take_on": True})
        self.say("Taking on earlier outcomes", len(past), len(past))

    async def meetings(self, calls: Sequence[Meeting]) -> None:
        """The invented dates of meetings."""
        if "meetings" not in self.consortia:
            return
        for start in range(0, len(calls), AT_ONCE):
            self.say("Putting meetings in the calendar", start, len(calls))
            await asyncio.gather(
                *(
                    self.consortia["meetings"].post(
                        "/meetings", {"body_id": str(call.body_id), "kind": call.kind, "on": call.on.isoformat()}
                    )
                    for call in calls[start : start + AT_ONCE]
                )
            )
        self.say("Putting meetings in the calendar", len(calls), len(calls))

    async def begin(self) -> None:
        """Everything up to and including the demo's first day."""
        await self.consortia.set_clock(GO_LIVE)
        await self.registers()
        await self.history()
        await self.take_on()
        await self.consortia.drain()
        await self.meetings([call for call in meetings() if call.kind != "heads" or _is_looked_at(call.on)])
        await self.consortia.drain()

    async def live_through(self, until: date, after: date = GO_LIVE) -> None:
        """Day by day, each fully told before the next begins."""
        days = diary(after, until)
        for done, (on, day) in enumerate(days.items()):
            self.say(f"Living through {on:%-d %B %Y}", done, len(days))
            await self.live(on, day)
        self.say("Living through the past", len(days), len(days))

    async def live(self, on: date, day: Day) -> None:
        membership = self.consortia["membership"]
        await self.consortia.set_clock(on)
        for document in day.documents:
            await membership.post("/take-on", document)
        for allocation in day.allocated:
            await membership.post(f"/schools/{allocation.urn}/allocations", _allocation(allocation))
            # What follows from an allocation that the school doesn't know of would wait for ever (R0.8).
            await membership.post(f"/schools/{allocation.urn}/told", {"told_on": on.isoformat()})
        if day.outcomes:
            answer = await membership.post("/outcomes", {"outcomes": day.outcomes, "take_on": False})
            self.stories.update(_stories(day.outcomes, answer))
        await self.consortia.drain()


def _is_looked_at(on: date) -> bool:
    """Heads' meetings are called for the term of the first story and for the present school year only."""
    return date(2025, 4, 1) <= on < date(2025, 9, 1) or on >= date(2026, 9, 1)


def _allocation(allocation: people.Allocation) -> dict[str, Any]:
    return {
        "person_id": str(allocation.leader.id),
        "from": allocation.since.isoformat(),
        "until": allocation.until.isoformat() if allocation.until else None,
    }


def _stories(outcomes: list[Outcome], answer: Answer) -> dict[str, str]:
    """The answer lists the outcomes in the order in which they were sent."""
    given = answer.body["outcomes"]
    return {each["inspection_number"]: kept["correlation_id"] for each, kept in zip(outcomes, given, strict=True)}
