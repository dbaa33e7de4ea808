"""What officers and clerks do: categories, offices, allocations, take-ons."""

from uuid import UUID

from fastapi import Response

from services.membership.store import bodies, failed_due, people
from services.membership.use_cases import appointments, la_category, offices
from services.membership.use_cases.failed_days import turn_all_days
from services.membership.use_cases.take_on import take_on
from services.membership.use_cases.told_preview import WouldBeTold, preview_told
from services.membership.web.allowed import allow, routes, the_body, the_person, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import (
    Allocate,
    ChangeOffice,
    EndAllocation,
    EndOffice,
    LiftLaCategory,
    MoveHead,
    SetLaCategory,
    TakeUpOffice,
    TellSchool,
)
from services.membership.web.take_on import TakeOn
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


@routes.post("/schools/{urn}/la-category", policy=needs("la.officer"), status_code=201)
async def set_la_category(urn: str, body: SetLaCategory, act: Act) -> Response:
    """The authority sets its own category, which overrides from its date until it is lifted."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await la_category.set_la_category(
            uow,
            urn,
            category=body.category,
            from_date=body.from_date,
            reason=body.reason,
            review_on=body.review_on,
            set_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/schools/{urn}/la-category/lift", policy=needs("la.officer"))
async def lift_la_category(urn: str, body: LiftLaCategory, act: Act) -> Response:
    """The authority's own category stops counting."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await la_category.lift_la_category(
            uow, urn, lifted_on=body.on or uow.today, reason=body.reason, lifted_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/schools/{urn}/told", policy=needs("la.officer"))
async def school_was_told(urn: str, body: TellSchool, act: Act) -> Response:
    """The school was told of what was held back; it goes out now, which cannot be undone.

    See `told/preview` before, and send the stories that it has shown: what was entered since then waits.
    """

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await la_category.record_school_told(
            uow,
            urn,
            told_on=body.told_on or uow.today,
            told_by=act.principal.subject,
            and_the_chair_of_governors=body.chair_of_governors,
            stories=body.stories,
        )

    return await act.once(work)


@routes.get("/schools/{urn}/told/preview", policy=needs("la.officer"))
async def if_the_school_were_told(
    urn: str, act: Act, told_on: Day | None = None, chair_of_governors: bool = False
) -> WouldBeTold:
    """What recording that the school was told would let out, which cannot be undone; nothing is recorded (R0.8).

    Who would be written to notifications says of the stories: `GET /schools/{urn}/who-would-hear`.
    """

    async def read(uow: UnitOfWork) -> WouldBeTold:
        await allow(act, uow, the_school(urn))
        return await preview_told(uow, urn, told_on=told_on or uow.today, and_the_chair_of_governors=chair_of_governors)

    return await act.read(read)


@routes.post("/bodies/{body_id}/offices", policy=needs("la.officer", "clerk"), status_code=201)
async def take_up_office(body_id: UUID, body: TakeUpOffice, act: Act) -> Response:
    """A person takes up a vacant office of the body."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id))
        return await offices.take_up_office(
            uow,
            body_id,
            post=body.post,
            person_id=body.person_id,
            from_date=body.from_date,
            until=body.until,
            route=body.route,
        )

    return await act.once(work)


@routes.post("/bodies/{body_id}/change-of-office", policy=needs("la.officer", "clerk"), status_code=201)
async def change_office(body_id: UUID, body: ChangeOffice, act: Act) -> Response:
    """The present holder's term ends and the next person's begins, on one day."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id))
        return await offices.change_office(
            uow, body_id, post=body.post, person_id=body.person_id, from_date=body.from_date, route=body.route
        )

    return await act.once(work)


@routes.post("/offices/{term_id}/end", policy=needs("la.officer", "clerk"))
async def end_office(term_id: UUID, body: EndOffice, act: Act) -> Response:
    """A term of office ends; the post is vacant until somebody takes it up."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body((await bodies.term(uow, term_id)).body_id, "term_id"))
        return await offices.end_office(uow, term_id, ended_on=body.ended_on, reason=body.reason)

    return await act.once(work)


@routes.post("/people/{person_id}/moves", policy=needs("la.officer"))
async def move_head(person_id: UUID, body: MoveHead, act: Act) -> Response:
    """A head moves to another school; the office that she holds goes with her."""

    async def work(uow: UnitOfWork) -> object:
        left = await appointments.left_by_move(uow, person_id, on=body.on, from_urn=body.from_urn)
        await allow(
            act,
            uow,
            the_school(body.to_urn, "to_urn"),
            the_person(person_id),
            *(the_school(urn, "from_urn", new=True) for urn in left.urns),
            *(the_body(body_id, "person_id") for body_id in left.body_ids),
        )
        return await appointments.move_head(uow, person_id, to_urn=body.to_urn, on=body.on, from_urn=body.from_urn)

    return await act.once(work)


@routes.post("/schools/{urn}/allocations", policy=needs("la.officer"), status_code=201)
async def allocate(urn: str, body: Allocate, act: Act) -> Response:
    """A system leader is allocated to the school (W-18)."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn))
        return await appointments.allocate_system_leader(
            uow,
            urn,
            person_id=body.person_id,
            from_date=body.from_date,
            until=body.until,
            reason=body.reason,
            by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/allocations/{allocation_id}/end", policy=needs("la.officer"))
async def end_allocation(allocation_id: UUID, body: EndAllocation, act: Act) -> Response:
    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await people.allocation(uow, allocation_id)).urn, "allocation_id"))
        return await appointments.end_allocation(uow, allocation_id, ended_on=body.ended_on)

    return await act.once(work)


@routes.post("/take-on", policy=needs("la.officer"), status_code=201)
async def take_on_authority(body: TakeOn, act: Act) -> Response:
    """Take on an authority, or a part of it. What was taken on before stays as it is."""
    act.allow_authority(body.authority)

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, *body.named())
        taken = await take_on(uow, body.as_given())
        return {name: value for name, value in vars(taken).items() if name != "touched"}

    return await act.once(work)


@routes.post("/tick", policy=needs("la.ops", "la.officer"))
async def tick(act: Act, confirm: bool = False) -> Response:
    """Do at once what the days up to today have brought. The service does it by itself every few seconds.

    More than a week at once needs `confirm=true`: then somebody has looked at the clock.
    """

    async def work(cause: Cause) -> object:
        done = await turn_all_days(act.store, confirmed=confirm)
        return {"done": done, "failed": await act.store.run(failed_due.count)}

    return await act.once_in_parts(work)
