"""Schools join and leave bodies; officers name a lead body and answer what is asked after a continuation."""

from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.domain.place import PlaceCorrection
from services.membership.store import asks
from services.membership.use_cases import close_body as closing
from services.membership.use_cases import correct_places, places
from services.membership.web.allowed import Named, allow, routes, the_body, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import Body, Urn
from shared.refusal import NotFound
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class UnknownAsk(NotFound):
    def __init__(self, ask_id: UUID):
        super().__init__(f"There is no question {ask_id}: see `consortia ask list`")


class JoinBody(Body):
    urn: Urn
    from_date: Day = Field(alias="from")
    until: Day | None = Field(default=None, description="The first day on which the school no longer belongs")
    lead: bool | None = Field(default=None, description="Default: the body of the school's highest phase leads (R0.3)")


class LeaveBody(Body):
    left_on: Day = Field(description="The first day on which the school no longer belongs")


class CorrectPlace(Body):
    """What was really so. What is left out stays as it was entered; `until` null says that there is no end."""

    on: Day = Field(description="A day of the place that was entered wrongly")
    body_id: UUID | None = Field(default=None, description="The body to which it really belonged")
    from_date: Day | None = Field(default=None, alias="from")
    until: Day | None = Field(default=None, description="First day on which it no longer belonged; null: no end")
    reason: str = Field(min_length=1)

    def as_correction(self) -> PlaceCorrection:
        no_end = "until" in self.model_fields_set and self.until is None
        return PlaceCorrection(self.body_id, self.from_date, self.until, no_end)


class WithdrawPlace(Body):
    on: Day = Field(description="A day of the place that never was")
    reason: str = Field(min_length=1)


class NameLeadBody(Body):
    body_id: UUID
    from_date: Day = Field(alias="from")


class CloseBody(Body):
    closed_on: Day = Field(description="The first day on which there is no such body any more")
    reason: str = Field(min_length=1)


class CorrectClosing(CloseBody):
    """The day on which the body really closed or is to close."""


class WithdrawClosing(Body):
    reason: str = Field(min_length=1)


class AnswerAsk(Body):
    answer: str = Field(min_length=1, description="What was decided")


@routes.post("/bodies/{body_id}/schools", policy=needs("la.officer", "clerk"), status_code=201)
async def join_body(body_id: UUID, body: JoinBody, act: Act) -> Response:
    """A school joins a body, today or on a day to come. Sent again it changes nothing."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id), the_school(body.urn))
        return await places.join(
            uow,
            body_id,
            body.urn,
            from_date=body.from_date,
            until=body.until,
            lead=body.lead,
            by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/bodies/{body_id}/schools/{urn}/leave", policy=needs("la.officer", "clerk"))
async def leave_body(body_id: UUID, urn: str, body: LeaveBody, act: Act) -> Response:
    """A school leaves a body, today or on a day to come. Sent again it changes nothing."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id))  # a body may let go of a school whosever it is now
        return await places.leave(uow, body_id, urn, left_on=body.left_on)

    return await act.once(work)


@routes.post("/bodies/{body_id}/close", policy=needs("la.officer"))
async def close_body(body_id: UUID, body: CloseBody, act: Act) -> Response:
    """A body closes, today or on a day to come: its schools leave it and its terms of office end. Sent again it is the same."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id))
        return await closing.close_body(uow, body_id, closed_on=body.closed_on, reason=body.reason)

    return await act.once(work)


@routes.post("/bodies/{body_id}/closing/correct", policy=needs("la.officer"))
async def correct_closing(body_id: UUID, body: CorrectClosing, act: Act) -> Response:
    """A body closed, or is to close, on another day. Who spoke for its schools until now stays as it was answered."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id), *await _taken_in_again(uow, body_id))
        return await closing.correct_closing(
            uow, body_id, closed_on=body.closed_on, reason=body.reason, corrected_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/bodies/{body_id}/closing/withdraw", policy=needs("la.officer"))
async def withdraw_closing(body_id: UUID, body: WithdrawClosing, act: Act) -> Response:
    """A body doesn't close, or never did: what ended only with it goes on as it would have."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id), *await _taken_in_again(uow, body_id))
        return await closing.withdraw_closing(uow, body_id, reason=body.reason, withdrawn_by=act.principal.subject)

    return await act.once(work)


async def _taken_in_again(uow: UnitOfWork, body_id: UUID) -> list[Named]:
    """A body may let go of a school whosever it is now, but not take it in (docs/decisions/0020)."""
    return [the_school(urn, "body_id", new=True) for urn in await closing.schools_that_end_with(uow, body_id)]


@routes.post("/bodies/{body_id}/schools/{urn}/correct", policy=needs("la.officer", "clerk"))
async def correct_place(body_id: UUID, urn: str, body: CorrectPlace, act: Act) -> Response:
    """The school belonged to another body, or on other days. Who spoke for it until now stays as it was answered."""

    async def work(uow: UnitOfWork) -> object:
        others = [the_body(body.body_id)] if body.body_id is not None else []
        await allow(act, uow, the_body(body_id), *others, the_school(urn))
        return await correct_places.correct_place(
            uow,
            body_id,
            urn,
            body.as_correction(),
            on=body.on,
            reason=body.reason,
            corrected_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/bodies/{body_id}/schools/{urn}/withdraw", policy=needs("la.officer", "clerk"))
async def withdraw_place(body_id: UUID, urn: str, body: WithdrawPlace, act: Act) -> Response:
    """The school never belonged to the body on those days."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body(body_id))  # as in leaving
        return await correct_places.withdraw_place(
            uow, body_id, urn, on=body.on, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/schools/{urn}/lead-body", policy=needs("la.officer"))
async def name_lead_body(urn: str, body: NameLeadBody, act: Act) -> Response:
    """The chair of this body counts for a school in two bodies, from a day on (R0.3)."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(urn), the_body(body.body_id))
        return await places.name_lead_body(
            uow, urn, body.body_id, from_date=body.from_date, named_by=act.principal.subject
        )

    return await act.once(work)


@routes.get("/asks", policy=needs("la.officer"))
async def list_asks(authority: str, act: Act) -> list[dict[str, Any]]:
    """What the register could not answer when schools continued others: who heads one, what becomes of an allocation."""
    act.allow_authority(authority)

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        return [vars(each) for each in await asks.open_asks(uow, authority)]

    return await act.read(read)


@routes.post("/asks/{ask_id}/answer", policy=needs("la.officer"))
async def answer_ask(ask_id: UUID, body: AnswerAsk, act: Act) -> Response:
    """The question is settled; what was decided is kept with it."""

    async def work(uow: UnitOfWork) -> object:
        found = await asks.ask_of(uow, ask_id)
        if found is None:
            raise UnknownAsk(ask_id)
        await allow(act, uow, the_school(found.urn, "ask_id"))
        await asks.answer_ask(uow, ask_id, body.answer, act.principal.subject)
        return {"ask_id": ask_id, "urn": found.urn, "answer": body.answer}

    return await act.once(work)
