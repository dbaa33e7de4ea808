"""The desks of an authority over HTTP: a mailbox and a telephone, with a named officer of the day (R0.3)."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.store import queries
from services.membership.use_cases import desks
from services.membership.web.allowed import allow, routes, the_person
from services.membership.web.contact_details import Email
from services.membership.web.entered import Text
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs

DeskName = Literal["duty-desk", "improvement-desk"]


class NameOfficer(Body):
    person_id: UUID | None = Field(description="Who it is from now on; null: nobody")


class ReachDesk(Body):
    """What has changed; what is left out stays as it is."""

    mailbox: Email | None = None
    telephone: Text | None = Field(default=None, description="The number that urgent messages say to ring")


@routes.get("/authorities/{code}/desks", policy=needs("la.officer", "la.school-improvement"))
async def list_desks(code: str, act: Act) -> list[dict[str, Any]]:
    """How each desk of the authority is reached, and who is its officer of the day."""
    act.allow_authority(code)
    return await act.read(lambda uow: queries.desks_of(uow, code))


@routes.post("/authorities/{code}/desks/{desk}/officer-of-the-day", policy=needs("la.officer"))
async def name_officer_of_the_day(code: str, desk: DeskName, body: NameOfficer, act: Act) -> Response:
    """Another person is the desk's officer of the day, from now on: whoever asks who speaks is told her name."""
    act.allow_authority(code)

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, *([the_person(body.person_id)] if body.person_id is not None else []))
        return await desks.name_officer_of_the_day(uow, code, desk, body.person_id)

    return await act.once(work)


@routes.post("/authorities/{code}/desks/{desk}/contact-details", policy=needs("la.officer"))
async def change_how_a_desk_is_reached(code: str, desk: DeskName, body: ReachDesk, act: Act) -> Response:
    """A desk has another mailbox or telephone: from now on it is written to and rung there."""
    act.allow_authority(code)
    return await act.once(
        lambda uow: desks.change_how_it_is_reached(uow, code, desk, mailbox=body.mailbox, telephone=body.telephone)
    )
