"""What membership answers: schools and who speaks for them, bodies and their offices."""

from typing import Any
from uuid import UUID

from services.membership.store import queries
from services.membership.store.policies import policies_of
from services.membership.use_cases.contact import contact_of
from services.membership.use_cases.explain import explain
from services.membership.use_cases.speakers import speakers_on
from services.membership.use_cases.who_speaks import category_of, who_speaks
from services.membership.web.allowed import (
    allow_body,
    allow_school,
    allow_to_know,
    only_of_the_school,
    routes,
    signed_in_person,
)
from services.membership.web.entered import Day
from shared.store import UnitOfWork
from shared.web.routes import Act, needs, signed_in

# Who may know of the authority's own category and of allocations (R0.8).
improvement = needs("la.officer", "la.school-improvement")

WHO_ENTERS_OFFICES = {"la.officer", "clerk"}


@routes.get("/schools", policy=signed_in)
async def list_schools(authority: str, act: Act) -> list[dict[str, Any]]:
    """The authority's schools as the register has them."""
    act.allow_authority(authority)
    return await act.read(lambda uow: queries.schools_of(uow, authority))


@routes.get("/schools/{urn}", policy=signed_in)
async def get_school(urn: str, act: Act) -> dict[str, Any]:
    """One school as the register has it, with its bodies and its published outcomes."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        found = await queries.school(uow, urn)
        act.allow_authority(found["authority"])
        return {**found, "outcomes": await queries.outcomes_listed(uow, urn)}

    return await act.read(read)


@routes.get("/schools/{urn}/speaker", policy=signed_in)
async def get_speaker(urn: str, act: Act, matter: str = "general", on: Day | None = None) -> dict[str, Any]:
    """Who speaks for this school, why, by which rule of which policy, and from when until when."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        await allow_to_know(act, uow, urn)
        return await who_speaks(uow, urn, matter, on, to_the_school=only_of_the_school(act))

    return await act.read(read)


@routes.get("/schools/{urn}/category", policy=signed_in)
async def get_category(urn: str, act: Act, on: Day | None = None) -> dict[str, Any]:
    """The category in force, the policy that gave it, and the facts that it used."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        await allow_to_know(act, uow, urn)
        return await category_of(uow, urn, on, to_the_school=only_of_the_school(act))

    return await act.read(read)


@routes.get("/schools/{urn}/explanation", policy=improvement)
async def get_explanation(urn: str, act: Act, on: Day | None = None, known: Day | None = None) -> dict[str, Any]:
    """Who speaks for this school on a day, as it was known on another, with every step of the reasoning."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        await allow_school(act, uow, urn)
        return await explain(uow, urn, on, known)

    return await act.read(read)


@routes.get("/authorities/{authority}/policies", policy=improvement)
async def list_policies(authority: str, act: Act) -> list[dict[str, Any]]:
    """Every policy that the authority has, had or has planned, who adopted it and why."""
    act.allow_authority(authority)
    return await act.read(lambda uow: policies_of(uow, authority))


@routes.get("/speakers", policy=improvement)
async def list_speakers(authority: str, act: Act, on: Day | None = None) -> list[dict[str, Any]]:
    """Who speaks for every school of an authority on one day, both matters."""
    act.allow_authority(authority)
    return await act.read(lambda uow: speakers_on(uow, authority, on or uow.today))


@routes.get("/speakers/history", policy=improvement)
async def list_answers(authority: str, act: Act) -> list[dict[str, Any]]:
    """Every answer that was ever in force, with the days on which it was."""
    act.allow_authority(authority)
    return await act.read(lambda uow: queries.answers_of(uow, authority))


@routes.get("/bodies", policy=signed_in)
async def list_bodies(authority: str, act: Act, on: Day | None = None) -> list[dict[str, Any]]:
    act.allow_authority(authority)
    return await act.read(lambda uow: queries.bodies_of(uow, authority, on or uow.today))


@routes.get("/bodies/{body_id}", policy=signed_in)
async def get_body(body_id: UUID, act: Act, on: Day | None = None) -> dict[str, Any]:
    """One body: its member schools, who holds its offices, and all its terms of office."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        await allow_body(act, uow, body_id)
        found = await queries.body(uow, body_id, on or uow.today)
        if not act.principal.roles & WHO_ENTERS_OFFICES:
            for term in found["terms_of_office"]:
                del term["end_reason"]  # what somebody wrote about a person
        return found

    return await act.read(read)


@routes.get("/bodies/{body_id}/contact", policy=signed_in)
async def get_contact(body_id: UUID, act: Act, on: Day | None = None, asked_by: UUID | None = None) -> dict[str, Any]:
    """The contact of the body for its member schools (W-15). Nobody is sent to herself: who asks is `asked_by`, else the caller."""

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        await allow_body(act, uow, body_id)
        return await contact_of(uow, body_id, on, asked_by or signed_in_person(act.principal))

    return await act.read(read)
