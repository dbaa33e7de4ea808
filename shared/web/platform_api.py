"""What every service offers to those who run it: the clock of tests, parked messages, how far it has got."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.auth.tokens import Principal
from shared.contracts.envelope import unpack
from shared.messaging import acting, parking
from shared.messaging.cause import Cause
from shared.messaging.inbound import Inbound
from shared.refusal import Refusal
from shared.store import UnitOfWork
from shared.web.routes import Act, Action, Forbidden, Routes, needs, signed_in

# What the ops team sees of a parked message says where it is and what became of it, never whom it is about, whatever its
# class: the public record of a school and a restricted one are of one story (R0.8, N-04, docs/decisions/0026).
HEADERS_FOR_OPS = frozenset(
    {
        *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type", "ce_epoch", "ce_sequence"),
        *("ce_correlationid", "ce_dataclassification", "ce_told", "ce_causationid", "ce_traceparent", "ce_batchid"),
        "ce_peoplefirst",
    }
)
# Reasons whose detail is our own sentence about numbers and names of types, never about what a message says.
TOLD_TO_OPS = {"gap", "behind", "fork", "unknown-version", "stricter"}
FOR_OFFICERS = "Whom it is about is not for the ops team; an officer of the authority can read it."
FOR_NOBODY = "Whom it may be about is not for the ops team, and it names no authority whose officer could read it."

operators = needs("la.ops", "la.officer")


class ClockIsReal(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "This installation runs on the real date. Only one started with a test clock can be given another."
        )


class SetClock(BaseModel):
    model_config = ConfigDict(extra="forbid")

    today: date | None = Field(description="The day it shall be; null for the real one")
    confirmed: bool = Field(
        default=True, description="false: a jump ahead of more than a week waits for a confirmation, as on a real clock"
    )


class Discard(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)


def clock_routes(*, test_clock: bool) -> Routes:
    routes = Routes(prefix="/api/v1", tags=["running it"])

    @routes.get("/clock", policy=signed_in)
    async def clock(act: Act) -> dict[str, Any]:
        """Today, as this service has it."""
        return await act.read(_clock)

    @routes.post("/clock", policy=needs("demo"))
    async def set_clock(body: SetClock, act: Act) -> Response:
        """Set the test clock, or put the real one back."""

        async def work(uow: UnitOfWork) -> dict[str, Any]:
            if not test_clock:
                raise ClockIsReal
            if body.today is None:
                await uow.execute("delete from clock")
            else:
                await uow.execute(
                    "insert into clock (today, confirmed) values ($1, $2) on conflict (only_row) "
                    "do update set today = excluded.today, confirmed = excluded.confirmed",
                    body.today,
                    body.confirmed,
                )
            return {"today": body.today or uow.today, "test_clock": body.today is not None}

        return await act.once(work)

    return routes


def parked_routes(inbound: Inbound) -> Routes:
    routes = Routes(prefix="/api/v1", tags=["running it"])

    @routes.get("/parked", policy=operators)
    async def list_parked(act: Act, limit: int = 200) -> list[dict[str, Any]]:
        """Messages that could not be handled, with those that wait behind them. An officer sees her authority's.

        The ops team sees where each is (topic, partition, offset, event id), never whom it is about.
        """
        rows = await act.read(lambda uow: parking.list_parked(uow, limit=min(limit, 1000)))
        return [_told(act.principal, row) for row in rows if _may_see(act.principal, row.key)]

    @routes.get("/parked/{parked_id}", policy=operators)
    async def show_parked(parked_id: UUID, act: Act) -> dict[str, Any]:
        """One parked message. Its key, subject and content are not shown to the ops team."""
        return await act.read(lambda uow: _shown(uow, parked_id, act.principal))

    @routes.post("/parked/{parked_id}/retry", policy=operators)
    async def retry(parked_id: UUID, act: Act) -> Response:
        """Try it again, and what waits behind it. The answer counts how many had which fate."""

        async def work(cause: Cause) -> Any:
            await _own(act, parked_id)
            return await acting.retry(act.store, inbound, parked_id)

        return await act.once_in_parts(work)

    @routes.post("/parked/{parked_id}/discard", policy=operators)
    async def discard(parked_id: UUID, body: Discard, act: Act) -> Response:
        """Give it up: it counts as applied, and what waits behind it is applied."""

        async def work(cause: Cause) -> Any:
            await _own(act, parked_id)
            who = act.principal.subject
            return await acting.discard(act.store, inbound, parked_id, reason=body.reason, who=who)

        return await act.once_in_parts(work)

    return routes


def progress_routes() -> Routes:
    routes = Routes(prefix="/api/v1", tags=["running it"])

    @routes.get("/progress", policy=needs("la.ops", "la.officer"))
    async def progress(act: Act) -> dict[str, Any]:
        """How far this service has got.

        Everything recorded by a producer has been applied by a reader when the producer's `outbox` is 0, and for a topic
        the reader's `applied` equals the producer's `recorded` and nothing is parked.
        """
        return await act.read(_progress)

    return routes


async def _clock(uow: UnitOfWork) -> dict[str, Any]:
    return {"today": uow.today, "test_clock": await uow.value("select exists (select from clock)")}


async def _progress(uow: UnitOfWork) -> dict[str, Any]:
    recorded = await uow.rows("select topic, sum(sequence)::bigint from stream_head group by topic order by topic")
    applied = await uow.rows("select topic, sum(sequence)::bigint from inbox_key group by topic order by topic")
    parked = await uow.rows("select status, count(*) from parked group by status order by status")
    return {
        "outbox": await uow.value("select count(*) from outbox"),
        "recorded": _pairs(recorded),
        "applied": _pairs(applied),
        "parked": _pairs(parked),
    }


def _pairs(rows: Sequence[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


async def _shown(uow: UnitOfWork, parked_id: UUID, principal: Principal) -> dict[str, Any]:
    row = await parking.show(uow, parked_id)
    if not _may_see(principal, row.key):
        raise parking.NoSuchParkedMessage(parked_id)
    found = _told(principal, row)
    headers = {name: value.decode("utf-8", "backslashreplace") for name, value in unpack(row.headers)}
    if _is_officer(principal, row.key):
        found["headers"] = headers
        found["value"] = None if row.value is None else bytes(row.value).decode("utf-8", "backslashreplace")
    else:
        readable = row.event_id is not None  # else they may say anything
        found["headers"] = {name: value for name, value in headers.items() if readable and name in HEADERS_FOR_OPS}
        found["value_hidden"] = FOR_OFFICERS if _authority(row.key) else FOR_NOBODY
    return found


def _told(principal: Principal, row: Any) -> dict[str, Any]:
    """Without headers and value."""
    found = {name: value for name, value in row._mapping.items() if name not in ("headers", "value")}
    found["authority"] = _authority(row.key)
    if not _is_officer(principal, row.key):
        found |= {"key": None, "detail": _kind_of_fault(row)}
    return found


def _may_see(principal: Principal, key: str | None) -> bool:
    """An officer sees her own authority's messages; the ops team all of them, without what they must not read."""
    return "la.ops" in principal.roles or _of_own_authority(principal, key)


def _kind_of_fault(row: Any) -> str:
    """What an error says may quote data, so the ops team is told its kind only."""
    if row.reason in TOLD_TO_OPS:
        return str(row.detail)
    return re.split(r":| \(found ", str(row.detail))[0]


def _is_officer(principal: Principal, key: str | None) -> bool:
    return "la.officer" in principal.roles and _of_own_authority(principal, key)


def _of_own_authority(principal: Principal, key: str | None) -> bool:
    return _authority(key) in principal.authorities


def _authority(key: str | None) -> str | None:
    """The authority that a key names, as 937 in `937/school/125677`; None where it can't be read."""
    found = re.match(r"([0-9]{3})/", key or "")
    return found[1] if found else None


async def _own(act: Action, parked_id: UUID) -> None:
    """Refuse a message of another authority, as if there were none; also to the ops team, though it sees them.

    One whose key names no authority is the ops team's, of whichever authority, or it would be nobody's.
    """
    row = await act.read(lambda uow: uow.row("select key from parked where id = $1", parked_id))
    if row is None:
        raise parking.NoSuchParkedMessage(parked_id)
    if _of_own_authority(act.principal, row.key):
        return
    if "la.ops" not in act.principal.roles:
        raise parking.NoSuchParkedMessage(parked_id)
    if _authority(row.key) is not None:
        raise Forbidden(
            "Your sign-in is not for the authority of this message. Have the ops team or an officer of that authority do "
            "it. Nothing was changed."
        )
