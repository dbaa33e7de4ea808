"""Inspection calls and who was asked. Restricted: head, whoever is asked, officer, and nobody else (W-16, R0.8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.inspection_call import (
    Answer,
    Asked,
    Call,
    UnknownCall,
)
from services.membership.domain.representation import Role
from services.membership.store import representation
from shared.messaging.cause import new_id
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Inspected:
    """An open call, and the numbers under which its school's report may come."""

    call_id: UUID
    called_on: date
    urns: frozenset[str]


_CALL = """
    select c.call_id, c.urn, c.authority, c.called_on, c.called_at, c.correlation_id, c.closed_on, c.closed_because
    from inspection_call c
"""


async def call(uow: UnitOfWork, call_id: UUID) -> Call:
    """Raises UnknownCall."""
    found = await _with_asked(uow, await uow.rows(f"{_CALL} where c.call_id = $1", call_id))
    if not found:
        raise UnknownCall(call_id)
    return found[0]


async def open_calls(uow: UnitOfWork, urns: Collection[str], *, authority: str) -> list[Call]:
    """Those of this authority: another one's call about such a school is not for it to see."""
    rows = await uow.rows(
        f"{_CALL} where c.urn = any($1::text[]) and c.authority = $2 and c.closed_on is null "
        "order by c.called_at, c.call_id",
        sorted(urns),
        authority,
    )
    return await _with_asked(uow, rows)


async def calls_seen_by(
    uow: UnitOfWork,
    *,
    authorities: Sequence[str],
    desks_of: Sequence[str],
    urns: Sequence[str],
    person_id: UUID | None,
    also_closed: bool,
    at_most: int,
) -> list[Call]:
    """The calls of these authorities and schools, those about which this person was asked, and those about which a desk of
    ``desks_of`` was, newest first.
    """
    rows = await uow.rows(
        f"""
        {_CALL}
        where (c.authority = any($1::text[]) or c.urn = any($2::text[])
               or c.call_id in (select a.call_id from inspection_ask a where a.person_id = $3::uuid
                                and a.role not in ('duty-desk', 'improvement-desk'))
               or (c.authority = any($6::text[])
                   and c.call_id in (select a.call_id from inspection_ask a
                                     where a.role in ('duty-desk', 'improvement-desk'))))
          and (c.closed_on is null or $4::boolean)
        order by c.called_at desc, c.call_id limit $5::integer
        """,
        list(authorities),
        list(urns),
        person_id,
        also_closed,
        at_most,
        list(desks_of),
    )
    return await _with_asked(uow, rows)


async def add_call(uow: UnitOfWork, new: Call, started_by: str) -> None:
    await uow.execute(
        "insert into inspection_call (call_id, urn, authority, called_on, called_at, correlation_id, started_by) "
        "values ($1, $2, $3, $4::date, $5::timestamptz, $6, $7)",
        new.call_id,
        new.urn,
        new.authority,
        new.called_on,
        new.called_at,
        new.correlation_id,
        started_by,
    )


async def save(uow: UnitOfWork, before: Call, after: Call, *, closed_by: str = "", close_reason: str = "") -> None:
    """Write what differs. Answers go first: of one call one is asked and one accepts at a time."""
    known = {each.place: each for each in before.asked}
    answered = [each for each in after.asked if each.place in known and known[each.place] != each]
    # Whoever is no longer asked makes room for who is, and likewise with who accepts.
    for each in sorted(answered, key=lambda each: each.answer in (Answer.WAITING, Answer.ACCEPTED)):
        await uow.execute(
            "update inspection_ask set answer = $3, answered_by = $4 where call_id = $1 and place = $2::integer",
            after.call_id,
            each.place,
            each.answer.value,
            each.answered_by,
        )
    for each in after.asked:
        if each.place not in known:
            await uow.execute(
                "insert into inspection_ask (call_id, place, role, rule, person_id, trust_id, asked_at, answer_by, answer, "
                "answered_by) values ($1, $2::integer, $3, $4, $5::uuid, $6, $7::timestamptz, $8::timestamptz, $9, $10)",
                after.call_id,
                each.place,
                each.role.value,
                each.rule,
                each.person_id,
                each.trust_id,
                each.asked_at,
                each.answer_by,
                each.answer.value,
                each.answered_by,
            )
    if after.closed_on != before.closed_on:
        await uow.execute(
            "update inspection_call set closed_on = $2::date, closed_because = $3, close_reason = $4, closed_by = $5 "
            "where call_id = $1",
            after.call_id,
            after.closed_on,
            after.closed_because,
            close_reason,
            closed_by,
        )


async def next_out_of_time(
    uow: UnitOfWork, now: datetime, but: Collection[UUID], asked_from: date | None = None
) -> UUID | None:
    """Except for these the call whose time to answer ran out first. Nothing is locked: whoever acts on it does that.

    ``asked_from``: of those only who were asked on that day or later.
    """
    found: UUID | None = await uow.value(
        "select call_id from inspection_ask where answer = 'waiting' and answer_by <= $1::timestamptz "
        "and call_id <> all($2::uuid[]) "
        "and ($3::date is null or (asked_at at time zone 'Europe/London')::date >= $3::date) "
        "order by answer_by, call_id limit 1",
        now,
        list(but),
        asked_from,
    )
    return found


async def waiting_for_a_report(uow: UnitOfWork) -> list[Inspected]:
    """Every open call. A school that converts in the middle of an inspection may have its report under either number.

    Or under that of any school before or after these, as far as elsewhere: on its way it may have converted twice.
    """
    rows = await uow.rows(
        "select c.call_id, c.called_on, c.urn from inspection_call c where c.closed_on is null order by c.call_id"
    )
    urns = {row.urn for row in rows}
    after, before = await representation.heirs_of(uow, urns), await representation.forebears_of(uow, urns)
    return [
        Inspected(
            row.call_id, row.called_on, frozenset({row.urn} | after.get(row.urn, set()) | before.get(row.urn, set()))
        )
        for row in rows
    ]


async def audit(uow: UnitOfWork, what: str, of: Call) -> None:
    """What nobody did but time or a report: in the audit like the acts of people."""
    await uow.execute(
        "insert into audit (id, who, what, subject, detail) "
        "values ($1, 'membership', $2, $3, jsonb_build_object('correlation_id', $4::text))",
        new_id(),
        what,
        str(of.call_id),
        str(of.correlation_id),
    )


async def _with_asked(uow: UnitOfWork, rows: Sequence[Any]) -> list[Call]:
    if not rows:
        return []
    asked = await uow.rows(
        "select call_id, place, role, rule, person_id, trust_id, asked_at, answer_by, answer, answered_by "
        "from inspection_ask where call_id = any($1::uuid[]) order by call_id, place",
        [row.call_id for row in rows],
    )
    return [
        Call(
            row.call_id,
            row.urn,
            row.authority,
            row.called_on,
            row.called_at,
            row.correlation_id,
            tuple(_asked(each) for each in asked if each.call_id == row.call_id),
            row.closed_on,
            row.closed_because,
        )
        for row in rows
    ]


def _asked(row: Any) -> Asked:
    return Asked(
        row.place,
        Role(row.role),
        row.rule,
        row.person_id,
        row.trust_id,
        row.asked_at,
        row.answer_by,
        Answer(row.answer),
        row.answered_by,
    )
