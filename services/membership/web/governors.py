"""Who chairs a school's governors, over HTTP."""

from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.store import governors as kept
from services.membership.use_cases import governors
from services.membership.web.allowed import allow, allow_school, routes, the_person, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class TakeTheChair(Body):
    person_id: UUID
    from_date: Day = Field(alias="from")
    until: Day | None = Field(default=None, description="The first day no longer in the chair, where it is known")


class LeaveTheChair(Body):
    ended_on: Day = Field(
        description="The first day no longer in the chair; the first day of all where it never was so"
    )


@routes.get("/schools/{urn}/chair-of-governors", policy=needs("la.officer", "la.school-improvement"))
async def chairs_of_governors(urn: str, act: Act) -> list[dict[str, Any]]:
    """Who chaired and chairs the school's governors."""

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        await allow_school(act, uow, urn)
        return await kept.listed(uow, urn)

    return await act.read(read)


@routes.post("/schools/{urn}/chair-of-governors", policy=needs("la.officer"), status_code=201)
async def take_the_chair(urn: str, body: TakeTheChair, act: Act) -> Response:
    """A person chairs the school's governors from a day on; whoever did until then does no longer."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn), the_person(body.person_id))
        return await governors.take_the_chair(
            uow, urn, person_id=body.person_id, from_date=body.from_date, until=body.until
        )

    return await act.once(work)


@routes.post("/schools/{urn}/chair-of-governors/end", policy=needs("la.officer"))
async def leave_the_chair(urn: str, body: LeaveTheChair, act: Act) -> Response:
    """Whoever chairs the school's governors leaves the chair, or was entered by mistake."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await governors.leave_the_chair(uow, urn, ended_on=body.ended_on)

    return await act.once(work)
