"""What ended only because something else began or ended, as it would have run on: it goes on when that is withdrawn."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.closing import EndedWith
from services.membership.store.rows import as_each, insert_rows
from shared.store import UnitOfWork

_COLUMNS = "cause, kind, subject, from_date, until, reason, said"


async def ended_with(uow: UnitOfWork, causes: Iterable[UUID]) -> list[EndedWith]:
    rows = await uow.rows(
        f"select {_COLUMNS} from ended_with where cause = any($1::uuid[]) order by kind, subject, from_date",
        sorted(set(causes), key=str),
    )
    return as_each(EndedWith, rows)


async def note_ends(uow: UnitOfWork, ended: Sequence[EndedWith]) -> None:
    """Keep how these would have run on. What is kept of the same already is replaced."""
    await forget(uow, ended)
    await insert_rows(
        uow,
        "ended_with",
        f"{_COLUMNS}, recorded_at",
        "uuid text text date date text boolean timestamptz",
        [
            (each.cause, each.kind, each.subject, each.from_date, each.until, each.reason, each.said, uow.now)
            for each in sorted(ended, key=lambda each: (str(each.cause), each.kind, each.subject, each.from_date))
        ],
    )


async def forget_ends(uow: UnitOfWork, cause: UUID) -> None:
    await uow.execute("delete from ended_with where cause = $1", cause)


async def forget_ends_of(uow: UnitOfWork, kind: str, subject: str) -> None:
    """An officer has said herself when it ends: that stays, whatever becomes of what had ended it."""
    await uow.execute("delete from ended_with where kind = $1 and subject = $2", kind, subject)


async def note_said(uow: UnitOfWork, kind: str, subject: str) -> None:
    """Readers are told of its end with everything else that is told of it."""
    await uow.execute("update ended_with set said = true where kind = $1 and subject = $2", kind, subject)


async def forget_planned(uow: UnitOfWork, body_id: UUID, urn: str, left_on: date) -> None:
    """A school that leaves comes to no place either that was taken back with the closing."""
    await uow.execute(
        "delete from ended_with where cause = $1 and kind = 'place' and subject = $2 and from_date >= $3::date",
        body_id,
        urn,
        left_on,
    )


async def forget(uow: UnitOfWork, ended: Sequence[EndedWith]) -> None:
    if ended:
        await uow.execute(
            "delete from ended_with e using unnest($1::uuid[], $2::text[], $3::text[], $4::date[]) "
            "as n (cause, kind, subject, from_date) "
            "where (e.cause, e.kind, e.subject, e.from_date) = (n.cause, n.kind, n.subject, n.from_date)",
            [each.cause for each in ended],
            [each.kind for each in ended],
            [each.subject for each in ended],
            [each.from_date for each in ended],
        )
