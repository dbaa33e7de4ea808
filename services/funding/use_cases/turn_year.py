"""A new award year begins: open the awards that its first day is due to open (W-31).

Also after downtime: a body whose awards had begun gets every year since, and one taken on gets the current year.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Gauge

from services.funding.domain.chair import ChairHistory
from services.funding.store.repositories import Awards, Chairs
from services.funding.use_cases.open_award import Opening, open_awards
from shared.crash import crash_point
from shared.failures import will_pass
from shared.metrics import REGISTRY
from shared.refusal import Refusal
from shared.store import Store, UnitOfWork
from shared.telemetry import story

log = structlog.get_logger(__name__)

AT_MOST = 500  # bodies a transaction
LONGEST_JUMP = 7  # days

FAILED_AWARDS = Gauge(
    "consortia_awards_failed", "Bodies whose award of the year could not be opened, of the last turn", registry=REGISTRY
)


class ClockJumped(Refusal):
    def __init__(self, days: int):
        super().__init__(
            f"The clock is {days} days ahead of the last day that was looked at. An award that is opened stays in the "
            "ledger for ever, so somebody must look at the clock first and confirm it."
        )


async def turn_year(uow: UnitOfWork, after: UUID | None = None, *, confirmed: bool = False) -> UUID | None:
    """Open what is due today for the next bodies after this one, each award as a story of its own.

    Gives the last body looked at, or none when all were. Raises ClockJumped when the real clock is more than a week
    ahead of the last day that was looked at, until somebody confirms it.
    """
    if not confirmed:
        await _refuse_a_jump(uow)
    waiting = await _waiting(uow, after)
    await _open(uow, waiting)
    further = await _further(uow, waiting)
    crash_point("year.looked_at")
    return further


async def turn_year_for_all(store: Store, *, confirmed: bool = False) -> list[UUID]:
    """Transaction by transaction, until every body was looked at. The bodies whose award could not be opened.

    They keep no other back, and are tried again at the next turn. Raises ClockJumped.
    """
    failed: list[UUID] = []
    after: UUID | None = None
    while True:
        try:
            after = await store.run(partial(turn_year, after=after, confirmed=confirmed))
        except ClockJumped:
            raise
        except Exception as problem:
            if will_pass(problem):
                raise
            waiting = await store.run(partial(_waiting, after=after))
            failed += await _one_by_one(store, waiting)
            after = await store.run(partial(_further, waiting=waiting))
        if after is None:
            FAILED_AWARDS.set(len(failed))
            return failed


async def _one_by_one(store: Store, waiting: Sequence[UUID]) -> list[UUID]:
    """Each body in a transaction of its own; those that failed."""
    failed = []
    for body_id in waiting:
        try:
            await store.run(partial(_open, body_ids=[body_id]))
        except Exception as problem:
            if will_pass(problem):
                raise
            log.error("award-year.body_failed", body_id=str(body_id), cure="mend it, then tick", exc_info=problem)
            failed.append(body_id)
    return failed


async def _waiting(uow: UnitOfWork, after: UUID | None) -> list[UUID]:
    """The next bodies that have no award of the present year."""
    rows = await uow.rows(
        """
        select body_id from body
        where award_pence is not null and ($2::uuid is null or body_id > $2)
          and not exists (select 1 from award where award.body_id = body.body_id and year_from <= $1 and $1 < year_to)
        order by body_id limit $3
        """,
        uow.today,
        after,
        AT_MOST,
    )
    return [row.body_id for row in rows]


async def _further(uow: UnitOfWork, waiting: Sequence[UUID]) -> UUID | None:
    """After which body to go on; where there is none left the day is done."""
    if len(waiting) == AT_MOST:
        return waiting[-1]
    await uow.execute(
        "insert into turned (turned_to) values ($1) on conflict (only_row) do update set turned_to = $1 "
        "where turned.turned_to <> $1",
        uow.today,
    )
    return None


async def _refuse_a_jump(uow: UnitOfWork) -> None:
    """A test clock is where somebody has put it, which is as good as confirmed unless she said otherwise."""
    days = await uow.value(
        "select $1::date - turned_to from turned where not exists (select 1 from clock where confirmed)", uow.today
    )
    if days is not None and days > LONGEST_JUMP:
        raise ClockJumped(days)


async def _open(uow: UnitOfWork, body_ids: Sequence[UUID]) -> None:
    if not body_ids:
        return
    chairs = Chairs(uow)
    bodies = await chairs.lock_bodies(body_ids)
    histories = await chairs.histories(bodies)
    standing = await Awards(uow).of_bodies(bodies)
    with ExitStack() as stories:
        openings = []
        for body_id, body in bodies.items():
            if body.terms is None:
                continue
            chair = histories.get(body_id, ChairHistory())
            opened = {award.year.from_date for award in standing.get(body_id, ())}
            for year in body.terms.years_from(min(opened, default=uow.today), uow.today):
                if year.from_date not in opened and chair.anybody_in_the_chair(year.from_date, year.until):
                    because = stories.enter_context(story("award-year.turn"))
                    openings.append(Opening(body, year, chair, uow.today, because))
        await open_awards(uow, openings)
