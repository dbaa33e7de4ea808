"""Lives through the past with both authorities at work, and hears all that membership tells of schools meanwhile."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from infra.demo.registers import BRISTOL, WARWICKSHIRE
from infra.demo.replay import Replay
from shared.contracts.envelope import read_envelope, unpack
from tests.bitemporal.model import MATTERS, Who
from tests.eventually import eventually
from tests.replay import past
from tests.replay.conftest import Membership
from tests.replay.telling import Told

# What a register tells of a school says nothing of who speaks; tests/store has it.
NOT_COMPARED = ("school.recorded", "school.joined-body", "school.left-body")


@dataclass
class Lived:
    """Membership after the past, with all that it told of schools, by school and by story."""

    membership: Membership
    stories: dict[tuple[str, str], str] = field(default_factory=dict)  # of each inspection and kind the correlation id
    of_school: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    of_story: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))

    async def begin(self) -> None:
        """Registers and authorities of the first day. What that tells is state, and forgotten here."""
        await self.membership.consortia.set_clock(past.BEGIN)
        await self.imported("gias", past.edition_as_file(), past.BEGIN)
        await Replay(self.membership.consortia).registers()
        for authority in (WARWICKSHIRE, BRISTOL):
            await self.membership.caller.post("/take-on", past.taken_on(authority))
        await self.membership.consortia.set_clock(past.BEGIN)
        await self.forget_what_was_told()

    async def imported(self, kind: str, content: bytes, as_at: date) -> None:
        caller = self.membership.caller
        answer = await caller.post(f"/imports/{kind}", content=content, name=f"{kind}.csv", as_at=as_at.isoformat())

        async def is_done() -> bool:
            return bool((await caller.get(f"/imports/{answer.body['import_id']}"))["state"] == "done")

        await eventually(is_done, seconds=300)

    async def live(self, on: date, outcomes: list[dict[str, Any]]) -> None:
        await self.membership.consortia.set_clock(on)
        answer = await self.membership.caller.post("/outcomes", {"outcomes": outcomes, "take_on": False})
        for sent, kept in zip(outcomes, answer.body["outcomes"], strict=True):
            self.stories[sent["inspection_number"], sent["kind"]] = kept["correlation_id"]

    async def forget_what_was_told(self) -> None:
        async with self.membership.store.unit() as uow:
            await uow.execute("delete from outbox")

    async def hear(self) -> None:
        """Read all that was told since the beginning, once nothing more is due of any school: the service turns days beside us."""

        async def nothing_is_due() -> bool:
            async with self.membership.store.unit() as uow:
                return bool(await uow.value(_NOTHING_IS_DUE))

        await eventually(nothing_is_due, seconds=120)
        async with self.membership.store.unit() as uow:
            rows = await uow.rows("select headers, value from outbox order by id")
            offices = {row.id: row.post for row in await uow.rows(_OFFICES)}
        for row in rows:
            envelope = read_envelope(unpack(row.headers))
            kind = envelope.type.removeprefix("consortia.membership.").removesuffix(".v1")
            data = json.loads(row.value)
            if "urn" not in data or kind in NOT_COMPARED:
                continue
            told = Told(data["urn"], kind, _said(kind, data, offices), envelope.told, envelope.sensitivity.value)
            self.of_school[told.urn].append(told)
            self.of_story[str(envelope.correlation_id)].append(told)


_NOTHING_IS_DUE = """
    select exists (select from turned where turned_to >= (select today from clock))
        and not exists (select from representation where next_due <= (select today from clock))
        and not exists (select from due where done_at is null and on_date <= (select today from clock))
"""
_OFFICES = """
    select chair_office as id, 'chair' as post from body union all select deputy_office, 'deputy' from body union all
    select acting_chair_office, 'acting-chair' from body
"""


def _said(kind: str, data: dict[str, Any], offices: dict[UUID, str]) -> tuple[Any, ...]:
    if kind == "outcome.published":
        names = ("inspection_number", "kind", "inherited_from_urn")
        effect = ("public_category_before", "public_category_after", "public_role_before", "public_role_after")
        grades = data["grades"]
        return (
            *(data[name] for name in names),
            *(grades["headline"], grades["category_of_concern"], date.fromisoformat(data["published_on"])),
            *(data[name] for name in effect),
        )
    if kind == "category-in-force.changed":
        return (data["before"], data["after"], data["because"], data["because_ref"], date.fromisoformat(data["on"]))
    if kind == "representation.reassigned":
        before, after = (tuple(_who(data[f"{m}_{when}"], offices) for m in MATTERS) for when in ("before", "after"))
        return (before, after, data["category"], date.fromisoformat(data["valid_from"]))
    if kind == "history.corrected":
        return (data["what"], date.fromisoformat(data["from_date"]), date.fromisoformat(data["until"]))
    return (data,)  # nothing else is to be told


def _who(told: dict[str, Any] | None, offices: dict[UUID, str]) -> Who | None:
    if told is None:
        return None
    post = offices[UUID(told["office_id"])] if told["office_id"] else None
    return Who(told["role"], told["body_id"], post, told["trust_id"], told["person_id"])
