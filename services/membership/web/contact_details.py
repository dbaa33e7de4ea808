"""Who the people of an authority are, and how one is reached, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.store import queries
from services.membership.use_cases import contact_details
from services.membership.use_cases.contact_details import NewDetails
from services.membership.web.allowed import allow, routes, the_person
from services.membership.web.entered import Text
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs

Email = Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$", description="One address")]


class ChangeDetails(Body):
    """What has changed. What is left out stays as it is; `telephone` null says that she has none."""

    name: Text | None = None
    email: Email | None = None
    telephone: Text | None = None

    def as_new(self) -> NewDetails:
        no_telephone = "telephone" in self.model_fields_set and self.telephone is None
        return NewDetails(self.name, self.email, self.telephone, no_telephone)


@routes.get("/people", policy=needs("la.officer"))
async def list_people(authority: str, act: Act, name: str = "") -> list[dict[str, Any]]:
    """The people whom an authority took on, by name and the posts in which they are or are to be.

    Their ids are what commands ask for. How they are reached is said where they speak for a school.
    """
    act.allow_authority(authority)
    return await act.read(lambda uow: queries.people_of(uow, authority, name))


@routes.post("/people/{person_id}/contact-details", policy=needs("la.officer"))
async def change_details(person_id: UUID, body: ChangeDetails, act: Act) -> Response:
    """A person has another name, e-mail address or telephone number: from now on she is written to there."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_person(person_id))
        return await contact_details.change_details(uow, person_id, body.as_new())

    return await act.once(work)
