"""Heads and trusts' contacts over HTTP: heads come, both leave, and what was entered wrongly of them (W-16, R0.3, R0.4).

Neither has an id: the path names the school and the person, or the trust and the post, and a day tells which time.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.domain.appointment import Headship
from services.membership.use_cases import begin_headship as begin
from services.membership.use_cases import end_headships, trust_contacts
from services.membership.web.allowed import Named, allow, routes, the_body, the_person, the_school, the_trust
from services.membership.web.corrections import Correct, Withdraw
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs

Post = Literal["chief-executive", "school-improvement-partner"]


class EndPost(Body):
    ended_on: Day = Field(description="The first day no longer in post, today, earlier, or on a day to come")


class BeginHeadship(Body):
    person_id: UUID
    from_date: Day = Field(alias="from")
    until: Day | None = Field(default=None, description="The first day no longer in post, where it is known")


class CorrectPost(Correct):
    on: Day = Field(description="A day of the time that was entered wrongly")


class WithdrawPost(Withdraw):
    on: Day = Field(description="A day of the time that never was")


@routes.post("/schools/{urn}/headships", policy=needs("la.officer"), status_code=201)
async def begin_headship(urn: str, body: BeginHeadship, act: Act) -> Response:
    """A person comes to head the school, beside any other that she heads: who leaves one for it, moves."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, *await _a_head(uow, urn, [body.person_id], body.from_date))
        return await begin.begin_headship(uow, Headship(body.person_id, urn, body.from_date, body.until))

    return await act.once(work)


@routes.post("/schools/{urn}/headships/{person_id}/end", policy=needs("la.officer"))
async def end_headship(urn: str, person_id: UUID, body: EndPost, act: Act) -> Response:
    """A head leaves the school and moves to no other; whatever office she holds stays hers."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, *await _a_head(uow, urn, [person_id], body.ended_on))
        return await end_headships.end_headship(uow, urn, person_id, ended_on=body.ended_on)

    return await act.once(work)


@routes.post("/schools/{urn}/headships/{person_id}/correct", policy=needs("la.officer"))
async def correct_headship(urn: str, person_id: UUID, body: CorrectPost, act: Act) -> Response:
    """Another person headed the school, or on other days. Who spoke for it until now stays as it was answered."""

    async def work(uow: UnitOfWork) -> object:
        people = [person_id, *([body.person_id] if body.person_id is not None else [])]
        await allow(act, uow, *await _a_head(uow, urn, people, min(body.on, body.from_date or body.on)))
        return await end_headships.correct_headship(
            uow,
            urn,
            person_id,
            body.as_correction(),
            on=body.on,
            reason=body.reason,
            corrected_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/schools/{urn}/headships/{person_id}/withdraw", policy=needs("la.officer"))
async def withdraw_headship(urn: str, person_id: UUID, body: WithdrawPost, act: Act) -> Response:
    """This person never headed the school in that time."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, *await _a_head(uow, urn, [person_id], body.on))
        return await end_headships.withdraw_headship(
            uow, urn, person_id, on=body.on, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)


async def _a_head(uow: UnitOfWork, urn: str, people: list[UUID], since: date) -> list[Named]:
    """The school, its heads, and the bodies in which they hold an office: what those hear of her changes too."""
    touched = await end_headships.bodies_touched(uow, people, since)
    named = [the_body(each, "person_id") for each in touched]
    return [the_school(urn), *(the_person(each) for each in people), *named]


@routes.post("/trusts/{trust_id}/contacts/{post}/end", policy=needs("la.officer"))
async def end_trust_contact(trust_id: str, post: Post, body: EndPost, act: Act) -> Response:
    """A trust's chief executive or School Improvement Partner leaves; the post is vacant until somebody is entered."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_trust(trust_id))
        return await trust_contacts.end_trust_contact(uow, trust_id, post, ended_on=body.ended_on)

    return await act.once(work)


@routes.post("/trusts/{trust_id}/contacts/{post}/correct", policy=needs("la.officer"))
async def correct_trust_contact(trust_id: str, post: Post, body: CorrectPost, act: Act) -> Response:
    """Another person held the post, or on other days. Who spoke for the academies until now stays as it was answered."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_trust(trust_id))
        return await trust_contacts.correct_trust_contact(
            uow,
            trust_id,
            post,
            body.as_correction(),
            on=body.on,
            reason=body.reason,
            corrected_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/trusts/{trust_id}/contacts/{post}/withdraw", policy=needs("la.officer"))
async def withdraw_trust_contact(trust_id: str, post: Post, body: WithdrawPost, act: Act) -> Response:
    """Whoever is entered for that day never held the post."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_trust(trust_id))
        return await trust_contacts.withdraw_trust_contact(
            uow, trust_id, post, on=body.on, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)
