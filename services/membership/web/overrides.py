"""Overrides over HTTP: an officer's acts, and for school improvement alone, since each is an act inside the council (R0.8)."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.store import overrides as kept
from services.membership.use_cases import overrides
from services.membership.web.allowed import allow, allow_school, routes, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class SetOverride(Body):
    matter: Literal["general", "inspection", "both"] = "both"
    person_id: UUID | None = Field(default=None, description="Who speaks; absent: the duty desk")
    from_date: Day | None = Field(default=None, alias="from", description="Default: today")
    until: Day = Field(description="The first day on which the rules decide again; a year after `from` at most")
    reason: str


class EndOverride(Body):
    on: Day | None = Field(default=None, description="The first day on which the rules decide again. Default: today")
    reason: str = Field(min_length=1)


@routes.post("/schools/{urn}/overrides", policy=needs("la.officer"), status_code=201)
async def set_override(urn: str, body: SetOverride, act: Act) -> Response:
    """Somebody else speaks for the school for a time, whatever the rules say (W-19)."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await overrides.set_override(
            uow,
            urn,
            matter=body.matter,
            person_id=body.person_id,
            from_date=body.from_date or uow.today,
            until=body.until,
            reason=body.reason,
            set_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/overrides/{override_id}/end", policy=needs("la.officer"))
async def end_override(override_id: UUID, body: EndOverride, act: Act) -> Response:
    """An override ends before it expires; one that has not had a day yet never came to be."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await kept.override(uow, override_id)).urn, "override_id"))
        ended = await overrides.end_override(
            uow, override_id, ended_on=body.on or uow.today, reason=body.reason, ended_by=act.principal.subject
        )
        return ended or {"override_id": override_id, "taken_back": True}

    return await act.once(work)


@routes.get("/schools/{urn}/overrides", policy=needs("la.officer", "la.school-improvement"))
async def list_overrides(urn: str, act: Act) -> list[dict[str, Any]]:
    """Every override that the school has, had or is to have, with its reason; the latest first."""

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        await allow_school(act, uow, urn)
        return await kept.overrides_of(uow, urn)

    return await act.read(read)
