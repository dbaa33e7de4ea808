"""What a day was to bring and could not be done, for officers: see it, try it again, give it up (D3.10)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.membership.domain.failed_day import cure_of, words_of
from services.membership.store import failed_due
from services.membership.store.failed_due import Failure, UnknownFailure
from services.membership.use_cases import failed_days
from services.membership.web.allowed import IMPROVEMENT, routes
from services.membership.web.requests import Body
from shared.auth.tokens import Principal
from shared.store import UnitOfWork
from shared.web.routes import Act, Forbidden, needs


class GiveUpDue(Body):
    reason: str = Field(min_length=1, description="Why it may be left undone; it is kept")


class FailedDue(BaseModel):
    """Something that was due and could not be done. Its schools, or its body, stand as they did the day before."""

    failure_id: UUID
    on: date = Field(description="The day on which it was due")
    kind: str
    what: str = Field(description="The kind in words")
    concerns: list[str] = Field(description="The URNs of the schools, or the id of the body, that stand still")
    names: list[str] = Field(description="What they are called")
    because: str
    failed_at: datetime
    cure: str


@routes.get("/due", policy=needs("la.officer", "la.school-improvement", "la.ops"), response_model=list[FailedDue])
async def list_failed(act: Act) -> list[FailedDue]:
    """What was due for the schools and bodies of your authorities and could not be done, the oldest day first.

    The ops team sees what concerns none that the register knows, and nothing else.
    """

    async def read(uow: UnitOfWork) -> list[FailedDue]:
        return [_shown(each) for each in await failed_due.failures(uow) if _may_see(act.principal, each)]

    return await act.read(read)


@routes.post("/due/{failure_id}/retry", policy=needs("la.officer", "la.ops"))
async def retry_due(failure_id: UUID, act: Act) -> Response:
    """Do it, and what waits behind it. Where it fails again it is listed again."""

    async def work(uow: UnitOfWork) -> object:
        found = await _found(act, uow, failure_id)
        await failed_days.try_again(uow, found, act.principal.subject)
        return _shown(found)

    return await act.once(work)


@routes.post("/due/{failure_id}/discard", policy=needs("la.officer", "la.ops"))
async def discard_due(failure_id: UUID, body: GiveUpDue, act: Act) -> Response:
    """Leave it undone: nobody is told of it, and what waits behind it goes on.

    Refused for what other services hear by this fact alone: correct or withdraw the fact instead.
    """

    async def work(uow: UnitOfWork) -> object:
        found = await _found(act, uow, failure_id)
        await failed_days.give_up(uow, found, act.principal.subject, body.reason)
        return _shown(found)

    return await act.once(work)


async def _found(act: Act, uow: UnitOfWork, failure_id: UUID) -> Failure:
    """Whoever acts on it is for all of its authorities; on what concerns none, of the ops team (decision 20).

    Raises UnknownFailure where she may not even see it, else Forbidden.
    """
    found = await failed_due.failure(uow, failure_id)
    if not _may_see(act.principal, found):
        raise UnknownFailure(failure_id)
    if not found.authorities and "la.ops" not in act.principal.roles:
        raise Forbidden("It concerns no school or body that the register knows: the ops team does it.")
    if missing := set(found.authorities) - set(act.principal.authorities):
        raise Forbidden(
            f"It also concerns authority {' and '.join(sorted(missing))}, for which your sign-in is not. Have somebody with "
            "a sign-in for each do it. Nothing was changed."
        )
    return found


def _may_see(principal: Principal, found: Failure) -> bool:
    """What concerns nobody whom the register knows is in everybody's sight, or it would be in nobody's."""
    if not found.authorities:
        return True
    return bool(principal.roles & IMPROVEMENT) and bool(set(found.authorities) & set(principal.authorities))


def _shown(found: Failure) -> Any:
    return FailedDue(
        failure_id=found.failure_id,
        on=found.on,
        kind=found.kind,
        what=words_of(found.kind),
        concerns=found.concerns,
        names=found.names,
        because=found.because,
        failed_at=found.failed_at,
        cure=cure_of(found.kind),
    )
