"""What a day was to bring and could not be done, for officers: see it, try it again, give it up (D3.10)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.membership.domain.failed_day import CURE, words_of
from services.membership.store import failed_due
from services.membership.store.failed_due import Failure, UnknownFailure
from services.membership.use_cases import failed_days
from services.membership.web.allowed import routes
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


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
    cure: str = CURE


@routes.get("/due", policy=needs("la.officer", "la.school-improvement"), response_model=list[FailedDue])
async def list_failed(act: Act) -> list[FailedDue]:
    """What was due for the schools and bodies of your authorities and could not be done, the oldest day first."""

    async def read(uow: UnitOfWork) -> list[FailedDue]:
        return [_shown(each) for each in await failed_due.failures(uow) if _mine(act, each)]

    return await act.read(read)


@routes.post("/due/{failure_id}/retry", policy=needs("la.officer"))
async def retry_due(failure_id: UUID, act: Act) -> Response:
    """Do it, and what waits behind it. Where it fails again it is listed again."""

    async def work(uow: UnitOfWork) -> object:
        found = await _found(act, uow, failure_id)
        await failed_days.try_again(uow, found, act.principal.subject)
        return _shown(found)

    return await act.once(work)


@routes.post("/due/{failure_id}/discard", policy=needs("la.officer"))
async def discard_due(failure_id: UUID, body: GiveUpDue, act: Act) -> Response:
    """Leave it undone: nobody is told of it, and what waits behind it goes on."""

    async def work(uow: UnitOfWork) -> object:
        found = await _found(act, uow, failure_id)
        await failed_days.give_up(uow, found, act.principal.subject, body.reason)
        return _shown(found)

    return await act.once(work)


async def _found(act: Act, uow: UnitOfWork, failure_id: UUID) -> Failure:
    """Raises UnknownFailure, also where it is another authority's."""
    found = await failed_due.failure(uow, failure_id)
    if not _mine(act, found):
        raise UnknownFailure(failure_id)
    return found


def _mine(act: Act, found: Failure) -> bool:
    """What concerns nobody whom the register knows is everybody's business, or it would be nobody's."""
    return not found.authorities or bool(set(found.authorities) & set(act.principal.authorities))


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
    )
