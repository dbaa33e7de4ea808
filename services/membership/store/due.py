"""Facts whose day has not come: they stay membership's alone until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.store import UnitOfWork


@dataclass(frozen=True)
class Due:
    kind: str
    subject: str
    on: date


async def put_off(uow: UnitOfWork, items: Sequence[Due]) -> None:
    """Keep these for their days. One that is kept already stays as it is."""
    if items:
        ordered = sorted(items, key=lambda each: (each.on, each.kind, each.subject))
        await uow.execute(
            "insert into due (kind, subject, on_date) select kind, subject, day "
            "from unnest($1::text[], $2::text[], $3::date[]) as n (kind, subject, day) order by kind, subject, day "
            "on conflict do nothing",
            [each.kind for each in ordered],
            [each.subject for each in ordered],
            [each.on for each in ordered],
        )


async def first_day(uow: UnitOfWork, today: date) -> date | None:
    """The earliest day with something left to do, up to today: a fact, or a school to look at again."""
    found: date | None = await uow.value(
        "select least((select min(on_date) from due where done_at is null and on_date <= $1::date), "
        "(select min(next_due) from representation where next_due <= $1::date))",
        today,
    )
    return found


async def waits_for_confirmation(uow: UnitOfWork, longest: int) -> bool:
    """Whether the real clock is further ahead of the last day that was done than anybody would expect."""
    found: bool = await uow.value(
        "select not exists (select from clock) and exists (select from turned where turned_to < $1::date - $2::integer)",
        uow.today,
        longest,
    )
    return found


async def note_day(uow: UnitOfWork) -> None:
    """Everything is done up to today."""
    await uow.execute(
        "insert into turned (turned_to) values ($1::date) on conflict (only_row) do update set turned_to = $1::date "
        "where turned.turned_to < $1::date",
        uow.today,
    )


async def take(uow: UnitOfWork, day: date, *, at_most: int) -> list[Due]:
    """The items of one day that are not done, marked as done: this transaction does them."""
    rows = await uow.rows(
        """
        update due set done_at = now()
        where (kind, subject, on_date) in (
            select kind, subject, on_date from due where done_at is null and on_date = $1::date
            order by kind, subject limit $2::integer for update skip locked)
        returning kind, subject, on_date
        """,
        day,
        at_most,
    )
    return sorted((Due(row.kind, row.subject, row.on_date) for row in rows), key=lambda each: (each.kind, each.subject))
