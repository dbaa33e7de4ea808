"""Days go on for everybody else where something that was due can't be done (docs/decisions/0021).

A day's items are done many in one transaction. Only where that fails they are done one by one: what fails then is kept
with the reason, in sight of an officer, who tries it again or gives it up. Its school, or its body, stands still.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from prometheus_client import Gauge

from services.membership.domain.doubtful_clock import LONGEST_JUMP, ClockWaits
from services.membership.domain.failed_day import (
    CONTINUATION,
    HELD_UP,
    SCHOOL_DAY,
    must_not_be_needed_elsewhere,
)
from services.membership.domain.known import ENTRY_REVIEW
from services.membership.store import continuity, due, failed_due, representation
from services.membership.store.due import Due
from services.membership.store.failed_due import Failure
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases import restricted
from services.membership.use_cases.failed_imports import reason_of
from services.membership.use_cases.follow import follow
from services.membership.use_cases.patience import Patience
from services.membership.use_cases.receive_file import arrived
from services.membership.use_cases.turn_days import AT_MOST, OFFICES, do_items, look_at, look_for_the_day, turn_days
from shared.failures import is_away, will_pass
from shared.messaging.cause import Cause
from shared.metrics import REGISTRY
from shared.store import Store, UnitOfWork

T = TypeVar("T")

log = structlog.get_logger(__name__)

AT_MOST_HELD_UP = 10  # items that are locked before any could be done: then it is not they
TRIES = 3  # of one item by itself, after the one with all others of its day

FAILED_DUE = Gauge(
    "consortia_due_failed", "Due items that could not be done and wait for an officer", registry=REGISTRY
)


async def turn(store: Store, *, confirmed: bool = False, patience: Patience | None = None) -> int:
    """A transaction of the day's turn, or where it fails one for each item. How much was done or has failed.

    ``patience``: with it a lock that others never let go counts as a failure of whatever needs it.
    """
    try:
        done = await store.run(partial(turn_days, confirmed=confirmed))
    except Exception as problem:
        held_up = will_pass(problem)
        if held_up and (is_away(problem) or patience is None or not patience.is_over()):
            raise
        log.warning("day.goes_one_by_one", problem=type(problem).__name__)
        if done := await _OneByOne(store, await store.run(_list), waits=not held_up).do():
            return done
        raise  # it is none of the items
    if patience is not None:
        patience.begins_anew()
    return done


async def turn_all_days(store: Store, *, confirmed: bool = False) -> int:
    """Transaction by transaction, day by day, up to today; how much was done or has failed.

    Raises ClockWaits when the clock has jumped and nobody has confirmed it.
    """

    async def look(uow: UnitOfWork) -> None:
        if await due.waits_for_confirmation(uow, LONGEST_JUMP):
            raise ClockWaits(uow.today)

    if not confirmed:
        await store.run(look)
    done = 0
    while turned := await turn(store, confirmed=confirmed):
        done += turned
    return done


@dataclass
class _Listed:
    """What one transaction of the turn would do, in its order."""

    day: date
    still: set[str]
    marked: list[str] = field(default_factory=list)
    items: list[Due] = field(default_factory=list)
    urns: list[str] = field(default_factory=list)
    concerns: Mapping[Due, frozenset[str]] = field(default_factory=dict)


@dataclass
class _Told:
    """The schools that were looked at with the change that they follow from, and those that couldn't be, with its cause."""

    looked: set[str] = field(default_factory=set)
    left: dict[str, Cause] = field(default_factory=dict)


async def _list(uow: UnitOfWork) -> _Listed:
    day = await due.first_day(uow, uow.today)
    found = _Listed(day or uow.today, set(await failed_due.standing_still(uow)))
    if found.day == uow.today:
        found.marked = await continuity.marked(uow, AT_MOST)
    if day is not None and not found.marked:
        found.items = await due.on_day(uow, day, at_most=AT_MOST)
        found.urns = await representation.due(uow, day, at_most=AT_MOST)
        found.concerns = await failed_due.concerns(uow, found.items)
    return found


class _OneByOne:
    """The items of one transaction, each in its own: restricted ones before all else, as the turn has it (R0.8)."""

    def __init__(self, store: Store, listed: _Listed, *, waits: bool):
        self.store = store
        self.waits = waits  # for what others have locked
        self.went = 0
        self.held_up: list[tuple[Callable[[UnitOfWork], Awaitable[UUID]], Exception]] = []
        self.listed = listed
        self.day = listed.day
        self.still = set(listed.still)
        self.done = 0

    async def do(self) -> int:
        listed, because, looked = self.listed, dict[str, Cause](), set[str]()
        for urn in listed.marked:
            await self._try(CONTINUATION, urn, {urn}, partial(_follow, urn=urn))
        inside = [item for item in listed.items if item.kind in restricted.KINDS]
        for item in inside:
            await self._try(item.kind, item.subject, listed.concerns[item], partial(_tell_restricted, item=item))
        async for told in self._others([item for item in listed.items if item not in inside]):
            looked |= told.looked
            because |= told.left
        for urn in [*because, *(urn for urn in listed.urns if urn not in because.keys() | looked)]:
            await self._try(SCHOOL_DAY, urn, {urn}, partial(self._look, urn=urn, because=because.get(urn)))
        for failed, problem in self.held_up:
            await self._keep(failed, problem)
        return self.done

    async def _others(self, items: list[Due]) -> AsyncIterator["_Told"]:
        """What begins and ends in one body on a day is one change."""
        changes: dict[object, list[Due]] = {}
        for item in items:
            changes.setdefault(self.listed.concerns[item] if item.kind in OFFICES else item, []).append(item)
        for change in changes.values():
            first, work = change[0], partial(self._tell, items=change)
            if told := await self._try(first.kind, first.subject, self.listed.concerns[first], work):
                yield told

    async def _tell(self, uow: UnitOfWork, *, items: list[Due]) -> "_Told":
        """With an office goes what follows for its schools; but none that can't be looked at keeps it from the others."""
        told = _Told()
        for urns, cause in await do_items(uow, items, self.day, self.still, look=False):
            for urn in urns:
                try:
                    async with uow.part():
                        await look_at(uow, self.day, {urn: cause})
                except Exception as problem:
                    if will_pass(problem):
                        raise
                    told.left[urn] = cause
                else:
                    told.looked.add(urn)
        return told

    async def _look(self, uow: UnitOfWork, *, urn: str, because: Cause | None) -> None:
        await representation.lock(uow, [urn])
        if because is None:
            await look_for_the_day(uow, [urn], self.day)
        else:
            await look_at(uow, self.day, {urn: because})

    async def _try(
        self, kind: str, subject: str, concerns: Collection[str], work: Callable[[UnitOfWork], Awaitable[T]]
    ) -> T | None:
        """Do it, or keep it as failed. Nothing more is tried of a school or body of which something has failed."""
        if self.still & set(concerns):
            return None
        self.done += 1
        problem: Exception | None = None
        for _ in range(TRIES):
            try:
                found = await self.store.run(work)
                self.went += 1
                return found
            except Exception as error:
                if will_pass(error) and (self.waits or is_away(error)):
                    raise
                problem = error
                if will_pass(error):
                    break
        assert problem is not None
        because = HELD_UP if will_pass(problem) else reason_of(problem)
        failed = partial(failed_due.keep, kind=kind, subject=subject, on=self.day, because=because)
        self.still |= set(concerns)
        if not will_pass(problem):
            await self._keep(failed, problem)
            return None
        self.held_up.append((failed, problem))
        if not self.went and len(self.held_up) == AT_MOST_HELD_UP:
            raise problem  # whatever is locked, it is no single school
        return None

    async def _keep(self, failed: Callable[[UnitOfWork], Awaitable[UUID]], problem: Exception) -> None:
        failure_id = await self.store.run(failed)
        # Neither what it is nor of which school: that may be nobody's business but school improvement's (R0.8).
        log.error("day.item_failed", failure_id=str(failure_id), day=str(self.day), cure="due list", exc_info=problem)


async def _follow(uow: UnitOfWork, *, urn: str) -> None:
    if await continuity.take_mark(uow, urn):
        await follow(uow, [urn])


async def _tell_restricted(uow: UnitOfWork, *, item: Due) -> None:
    await representation.lock(uow, await due.restricted_schools(uow, [item]))
    await restricted.tell_items(uow, [item])


async def try_again(uow: UnitOfWork, found: Failure, by: str) -> None:
    """The next look at the day does it, and all of the same school or body that waits behind it."""
    await failed_due.end(uow, found.failure_id, "tried-again", by, None)
    arrived.set()


async def give_up(uow: UnitOfWork, found: Failure, by: str, reason: str) -> None:
    """It is never told, and counts as done. What is restricted stays held back until the school is told of it.

    Raises MustBeTold: what the other services hear by this fact alone is corrected or withdrawn instead.
    """
    must_not_be_needed_elsewhere(found.kind, found.concerns)
    if found.kind in restricted.KINDS - {ENTRY_REVIEW} and found.concerns:
        await withhold_facts(
            uow, found.concerns[0], uow.cause.correlation_id, found.kind, [UUID(found.subject)], acted_on=found.on
        )
    await failed_due.pass_over(uow, found)
    await failed_due.end(uow, found.failure_id, "given-up", by, reason)
    arrived.set()
