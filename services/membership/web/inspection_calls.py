"""Inspection calls over HTTP (W-16). Seen by the school's head, whoever is asked, and an officer; by school improvement
once a desk was asked; by nobody else (R0.8).

To everybody else a call doesn't exist.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.call_metrics import CALL_MINUTES
from services.membership.domain.inspection_call import Call, UnknownCall
from services.membership.store import inspection_calls as kept
from services.membership.store import representation
from services.membership.store.schools import schools
from services.membership.use_cases import call_cards, inspection_calls
from services.membership.use_cases.inspection_calls import Taken
from services.membership.web.allowed import allow_school, routes, signed_in_person
from services.membership.web.requests import Body
from shared.auth.tokens import Principal
from shared.store import UnitOfWork
from shared.web.routes import Act, Action, Forbidden, needs, signed_in

AT_MOST = 500


class StartCall(Body):
    """We have had the call: no reason, no category."""


class AnswerCall(Body):
    person_id: UUID | None = Field(
        default=None, description="For whom an officer answers; else whoever is asked now. A person answers for herself"
    )


class CloseCall(Body):
    reason: str = Field(min_length=1)


@dataclass(frozen=True)
class ForWhom:
    person_id: UUID | None  # None: whoever is asked now
    for_a_desk: bool = False  # and nobody but a desk of the council


@routes.post("/schools/{urn}/inspection-calls", policy=needs("la.officer", "headteacher"), status_code=201)
async def start_inspection_call(urn: str, act: Act, body: StartCall | None = None) -> Response:
    """The school has had the call: whoever speaks for it is asked at once. Sent again, it is the same call."""

    async def work(uow: UnitOfWork) -> Taken:
        await allow_school(act, uow, urn)
        return await inspection_calls.start(uow, urn, started_by=act.principal.subject)

    return await _answered(act, work)


@routes.post("/inspection-calls/{call_id}/accept", policy=signed_in)
async def accept_inspection_call(call_id: UUID, act: Act, body: AnswerCall | None = None) -> Response:
    """Whoever was asked speaks for the school; or an officer records it for her, or school improvement for a desk."""

    async def work(uow: UnitOfWork) -> Taken:
        whose = _for_whom(act, await kept.call(uow, call_id), body)
        return await inspection_calls.accept(
            uow, call_id, person_id=whose.person_id, by=act.principal.subject, for_a_desk=whose.for_a_desk
        )

    return await _answered(act, work)


@routes.post("/inspection-calls/{call_id}/cannot", policy=signed_in)
async def cannot_inspection_call(call_id: UUID, act: Act, body: AnswerCall | None = None) -> Response:
    """Whoever was asked cannot, and the next in line is asked at once."""

    async def work(uow: UnitOfWork) -> Taken:
        whose = _for_whom(act, await kept.call(uow, call_id), body)
        return await inspection_calls.cannot(
            uow, call_id, person_id=whose.person_id, by=act.principal.subject, for_a_desk=whose.for_a_desk
        )

    return await _answered(act, work)


@routes.post("/inspection-calls/{call_id}/close", policy=needs("la.officer"))
async def close_inspection_call(call_id: UUID, body: CloseCall, act: Act) -> Response:
    """An officer closes a call before the report is out: Ofsted put the inspection off, or the call was a mistake."""

    async def work(uow: UnitOfWork) -> Taken:
        act.allow_authority((await kept.call(uow, call_id)).authority)
        return await inspection_calls.close(uow, call_id, reason=body.reason, by=act.principal.subject)

    return await _answered(act, work)


@routes.get("/inspection-calls", policy=signed_in)
async def list_inspection_calls(
    act: Act, authority: str | None = None, also_closed: bool = False
) -> list[dict[str, Any]]:
    """The calls that the caller may know of, open ones unless more is asked for, newest first."""
    who = act.principal
    if authority is not None:
        act.allow_authority(authority)
    codes = sorted(code for code in who.authorities if authority in (None, code))

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        found = await kept.calls_seen_by(
            uow,
            authorities=codes if _is_officer(who) else [],
            desks_of=codes if _is_school_improvement(who) else [],
            urns=sorted(await _of_the_head(uow, who)),
            person_id=signed_in_person(who),
            also_closed=also_closed,
            at_most=AT_MOST,
        )
        return await call_cards.cards(uow, [each for each in found if authority in (None, each.authority)])

    return await act.read(read)


@routes.get("/inspection-calls/{call_id}", policy=signed_in)
async def get_inspection_call(call_id: UUID, act: Act) -> dict[str, Any]:
    """Whom to ring now, who stands in, and who was asked before."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        found = await kept.call(uow, call_id)
        if not _may_know(act.principal, found) and found.urn not in await _of_the_head(uow, act.principal):
            raise UnknownCall(call_id)
        return await call_cards.card(uow, found, for_officer=_is_officer(act.principal))

    return await act.read(read)


async def _answered(act: Action, work: Callable[[UnitOfWork], Awaitable[Taken]]) -> Response:
    """The call's card as it is after the act. The minutes taken are counted once, and for nobody by name."""
    minutes: float | None = None

    async def then_show(uow: UnitOfWork) -> dict[str, Any]:
        nonlocal minutes
        taken = await work(uow)
        minutes = taken.minutes
        return await call_cards.card(uow, taken.call, for_officer=_is_officer(act.principal))

    response = await act.once(then_show)
    if minutes is not None:
        CALL_MINUTES.observe(minutes)
    return response


def _for_whom(act: Action, call: Call, body: AnswerCall | None) -> ForWhom:
    """A person answers for herself; an officer for whom she names, or for whoever is asked now; school improvement for a desk."""
    who, named = act.principal, body.person_id if body else None
    me = signed_in_person(who)
    if me is not None and call.asked_of(me) is not None and named in (None, me):
        return ForWhom(me)
    if _is_officer(who) and call.authority in who.authorities:
        return ForWhom(named)
    if _is_school_improvement(who) and named is None and _may_know(who, call):
        return ForWhom(None, for_a_desk=True)
    if _may_know(who, call):
        raise Forbidden(
            "Only whoever was asked answers, or an officer for her; school improvement for a desk of the council."
        )
    raise UnknownCall(call.call_id)


def _may_know(who: Principal, call: Call) -> bool:
    """Officers of the authority, heads of the school, those who were asked; the desk's own office once it was asked."""
    me = signed_in_person(who)
    if me is not None and call.asked_of(me) is not None:
        return True
    if "headteacher" in who.roles and call.urn in who.urns:
        return True
    in_office = "la.officer" in who.roles or (_is_school_improvement(who) and call.reached_the_desk())
    return in_office and call.authority in who.authorities


async def _of_the_head(uow: UnitOfWork, who: Principal) -> set[str]:
    """The schools that she heads, and those that they were when the inspectors called, within their authority."""
    if "headteacher" not in who.roles or not who.urns:
        return set()
    before = await representation.forebears_of(uow, who.urns)
    known = await schools(uow, {*before, *(old for olds in before.values() for old in olds)})
    pairs = [(known[urn], known[old]) for urn in before if urn in known for old in before[urn] if old in known]
    return {*who.urns, *(old.urn for here, old in pairs if old.authority == here.authority)}


def _is_officer(who: Principal) -> bool:
    return "la.officer" in who.roles


def _is_school_improvement(who: Principal) -> bool:
    return "la.school-improvement" in who.roles
