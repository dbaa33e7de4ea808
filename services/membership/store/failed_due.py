"""What was due and could not be done: whom it concerns, why, and what an officer said to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.membership.domain.failed_day import CONTINUATION, SCHOOL_DAY
from services.membership.store.due import Due
from services.membership.store.rows import as_each, as_one
from shared.messaging.cause import new_id
from shared.refusal import NotFound
from shared.store import UnitOfWork


class UnknownFailure(NotFound):
    def __init__(self, failure_id: UUID):
        super().__init__(f"Nothing that failed under {failure_id} waits for anybody: see `consortia due list`")


@dataclass(frozen=True)
class Failure:
    """``authorities``: those of the schools and bodies that it concerns; none where the register knows none of them."""

    failure_id: UUID
    kind: str
    subject: str
    on: date
    concerns: list[str]
    names: list[str]
    authorities: list[str]
    because: str
    failed_at: datetime


async def standing_still(uow: UnitOfWork) -> frozenset[str]:
    """The schools and bodies of which something that was due has failed."""
    rows = await uow.rows("select distinct unnest(concerns) as each from failed_due")
    return frozenset(row.each for row in rows)


async def concerns(uow: UnitOfWork, items: Sequence[Due]) -> dict[Due, frozenset[str]]:
    """The schools, or the body, for which each of these is."""
    rows = await uow.rows(
        "select kind, subject, on_date, concerns_of(kind, subject) as concerns "
        "from unnest($1::text[], $2::text[], $3::date[]) as n (kind, subject, on_date)",
        [item.kind for item in items],
        [item.subject for item in items],
        [item.on for item in items],
    )
    return {Due(row.kind, row.subject, row.on_date): frozenset(row.concerns) for row in rows}


async def keep(uow: UnitOfWork, *, kind: str, subject: str, on: date, because: str) -> UUID:
    failure_id: UUID = await uow.value(
        "insert into due_failure (failure_id, kind, subject, on_date, concerns, because, failed_at) "
        "values ($1, $2, $3, $4::date, concerns_of($2, $3), $5, $6::timestamptz) "
        "on conflict (kind, subject, on_date) where ended is null do update "
        "set because = excluded.because, failed_at = excluded.failed_at returning failure_id",
        new_id(),
        kind,
        subject,
        on,
        because,
        uow.now,
    )
    return failure_id


_FAILURES = """
    select f.failure_id, f.kind, f.subject, f.on_date, f.concerns,
           coalesce(c.names, '{}'), coalesce(c.authorities, '{}'), f.because, f.failed_at
    from failed_due f
    cross join lateral (
        select array_agg(name order by name) as names, array_agg(distinct authority) as authorities from (
            select name, authority from school where urn = any(f.concerns)
            union all select name, authority from body where body_id::text = any(f.concerns)) known) c
"""


async def failures(uow: UnitOfWork) -> list[Failure]:
    """All that wait for somebody, the oldest first."""
    rows = await uow.rows(f"{_FAILURES} order by f.on_date, f.failed_at, f.failure_id")
    return as_each(Failure, rows)


async def failure(uow: UnitOfWork, failure_id: UUID) -> Failure:
    """Raises UnknownFailure."""
    row = await uow.row(f"{_FAILURES} where f.failure_id = $1", failure_id)
    if row is None:
        raise UnknownFailure(failure_id)
    return as_one(Failure, row)


async def count(uow: UnitOfWork) -> int:
    return int(await uow.value("select count(*) from failed_due"))


async def end(uow: UnitOfWork, failure_id: UUID, ended: str, by: str, reason: str | None) -> None:
    await uow.execute(
        "update due_failure set ended = $2, ended_at = clock_timestamp(), ended_by = $3, reason = $4 "
        "where failure_id = $1 and ended is null",
        failure_id,
        ended,
        by,
        reason,
    )


async def pass_over(uow: UnitOfWork, failed: Failure) -> None:
    """It counts as done. A school that can't be looked at for that day is looked at again tomorrow."""
    if failed.kind == SCHOOL_DAY:
        for standings in ("representation", "representation_as_told"):
            await uow.execute(
                f"update {standings} set next_due = $2::date + 1 where urn = $1 and next_due <= $2::date",
                failed.subject,
                uow.today,
            )
    elif failed.kind == CONTINUATION:
        await uow.execute("delete from to_follow where urn = $1", failed.subject)
    else:
        await uow.execute(
            "update due set done_at = now() where (kind, subject, on_date) = ($1, $2, $3::date) and done_at is null",
            failed.kind,
            failed.subject,
            failed.on,
        )
