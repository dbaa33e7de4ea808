"""Letters: the e-mails and texts in which messages go, each under one id however often it is sent (D3.9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.notifications.domain.message import Kind
from services.notifications.domain.retry import Fate, Next
from shared.contracts.membership import DUTY_DESK, desk_id
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork

AT_A_TIME = 500  # letters sent in one round


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail or text that is to be sent now, with what it tells of."""

    id: UUID
    person_id: UUID
    channel: str
    urgent: bool
    attempts: int
    items: tuple[Row[Any], ...]

    @property
    def asks_at_once(self) -> bool:
        """Whether it asks somebody to answer within the hour, beside which nothing else may stand in the way (W-16)."""
        return any(row.kind == Kind.INSPECTION_CALL for row in self.items)

    @property
    def cause(self) -> Cause:
        first = self.items[0]
        return Cause(first.correlation_id, first.event_id, first.traceparent)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What is known of a person on the day of sending."""

    email: str | None
    telephone: str | None
    erased: bool


async def last_sent(people: Collection[UUID], uow: UnitOfWork) -> dict[UUID, date]:
    """The day on which each person's last e-mail of the weekly kind went. One that has yet to go may go today; one that could
    not be delivered counts for nothing."""
    if not people:
        return {}
    rows = await uow.rows(
        """
        select person_id, max(case when state = 'pending' then $2 else coalesce(sent_on, made_on) end) as last from letter
        where person_id = any($1::uuid[]) and not urgent and channel = 'email' and state <> 'failed' group by person_id
        """,
        sorted(people),
        uow.today,
    )
    return {row.person_id: row.last for row in rows}


async def put_into(made: Sequence[tuple[list[UUID], UUID, str, str, bool]], uow: UnitOfWork) -> None:
    """Put what waits into letters: which messages, to whom, of which authority, by which channel, whether they are urgent."""
    if not made:
        return
    ids = [new_id() for _ in made]
    messages, people, authorities, channels, urgent = zip(*made, strict=True)
    await uow.execute(
        """
        insert into letter (id, person_id, authority, channel, urgent, made_on)
        select id, person_id, authority, channel, urgent, $6
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[])
            as new (id, person_id, authority, channel, urgent) order by id
        """,
        ids,
        list(people),
        list(authorities),
        list(channels),
        list(urgent),
        uow.today,
    )
    pairs = sorted((each, letter) for letter, hers in zip(ids, messages, strict=True) for each in hers)
    await uow.execute(
        """
        update message set state = 'in-letter', letter_id = new.letter
        from unnest($1::uuid[], $2::uuid[]) as new (id, letter) where message.id = new.id and state = 'waiting'
        """,
        [message for message, _ in pairs],
        [letter for _, letter in pairs],
    )


async def authorities_of_pending(uow: UnitOfWork) -> list[str]:
    """Those whose weekly e-mails are due, which one that failed on a school day may be on any day."""
    rows = await uow.rows(
        "select distinct authority from letter where state = 'pending' and not urgent and due_at <= clock_timestamp()"
    )
    return [row.authority for row in rows]


async def due(busy: Collection[UUID], closed: Collection[str], uow: UnitOfWork) -> list[Letter]:
    """Letters to be sent now, inspection calls first, then the urgent ones, but those that are being sent.

    ``closed``: the authorities in whose schools nobody is to be written to now but urgently.
    """
    letters = await uow.rows(
        """
        select id, person_id, channel, urgent, attempts from letter
        where state = 'pending' and due_at <= clock_timestamp() and id <> all($1::uuid[])
            and (urgent or authority <> all($3::text[]))
        order by urgent and exists (
            select from message where letter_id = letter.id and kind = 'inspection-call'
        ) desc, urgent desc, due_at, id limit $2
        """,
        sorted(busy),
        AT_A_TIME,
        sorted(closed),
    )
    if not letters:
        return []
    items = await uow.rows(
        """
        select message.*, school.name as school_name from message left join school using (urn)
        where letter_id = any($1::uuid[]) and state = 'in-letter' order by position
        """,
        [row.id for row in letters],
    )
    of: dict[UUID, list[Row[Any]]] = {}
    for item in items:
        of.setdefault(item.letter_id, []).append(item)
    return [
        Letter(row.id, row.person_id, row.channel, row.urgent, row.attempts, tuple(of[row.id]))
        for row in letters
        if row.id in of
    ]


async def addresses(person_id: UUID, uow: UnitOfWork) -> Addresses | None:
    """Asked when sending, so that whoever was erased or has moved since is not written to at the old address."""
    row = await uow.row("select email, telephone, erased from person where person_id = $1", person_id)
    return Addresses(row.email, row.telephone, row.erased) if row else None


async def give_up_without_messages(ids: Collection[UUID], uow: UnitOfWork) -> set[UUID]:
    """Of these letters those that tell of nothing any more are not sent; to whom they were."""
    if not ids:
        return set()
    rows = await uow.rows(
        """
        update letter set state = 'failed', reason = 'it tells of nothing any more'
        where id = any($1::uuid[]) and state = 'pending'
            and not exists (select from message where letter_id = letter.id and message.state = 'in-letter')
        returning person_id
        """,
        sorted(ids),
    )
    return {row.person_id for row in rows}


async def duty_desks(authorities: Collection[str], uow: UnitOfWork) -> dict[str, str]:
    """The telephone of each of these authorities' duty desks as it is now, where one is kept."""
    if not authorities:  # as with every letter that isn't urgent
        return {}
    of = {desk_id(authority, DUTY_DESK): authority for authority in authorities}
    rows = await uow.rows(
        "select person_id, telephone from person where person_id = any($1::uuid[]) and telephone <> ''", sorted(of)
    )
    return {of[row.person_id]: row.telephone for row in rows}


async def call_off(call_ids: Collection[UUID], why: str, uow: UnitOfWork) -> int:
    """What asks somebody about these inspections and was not sent yet is not sent any more; how many letters."""
    rows = await uow.rows(
        """
        update letter set state = 'failed', reason = $2
        where state = 'pending' and urgent and id in (
            select letter_id from message where kind = 'inspection-call' and details ->> 'call_id' = any($1::text[])
        )
        returning id
        """,
        sorted(str(each) for each in call_ids),
        why,
    )
    ids = [row.id for row in rows]
    if ids:
        await uow.execute(
            "update message set state = 'failed', reason = $2 where letter_id = any($1::uuid[]) and state = 'in-letter'",
            ids,
            why,
        )
    return len(ids)


async def keep_attempt(
    letter: Letter, at: datetime, took_ms: int, code: int | None, problem: str | None, following: Next, uow: UnitOfWork
) -> bool:
    """The log of what was tried, and what follows. What was accepted once stays so; whether this changed anything."""
    await uow.execute(
        "insert into letter_attempt (letter_id, at, took_ms, code, problem) values ($1, $2, $3, $4, $5)",
        letter.id,
        at,
        took_ms,
        code,
        problem,
    )
    state = {Fate.ACCEPTED: "sent", Fate.FAILED: "failed", Fate.TRY_AGAIN: "pending"}[following.fate]
    reason = (problem or "unknown") if state == "failed" else None
    changed = await uow.execute(
        """
        update letter set state = $2, reason = $3, attempts = attempts + 1, last_code = $4,
            sent_at = case when $2 = 'sent' then clock_timestamp() end, sent_on = case when $2 = 'sent' then $6::date end,
            due_at = clock_timestamp() + $5::interval
        where id = $1 and state = 'pending'
        """,
        letter.id,
        state,
        reason,
        code,
        following.wait or timedelta(0),
        uow.today,
    )
    if changed and state != "pending":
        await uow.execute(
            "update message set state = $2, reason = $3 where letter_id = $1 and state = 'in-letter'",
            letter.id,
            state,
            reason,
        )
    return bool(changed)
