"""What officers confirm or decline, keep or lift, over HTTP: for school improvement alone (R0.1, R0.8)."""

from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.store import proposals, reviews
from services.membership.use_cases import la_category
from services.membership.use_cases.proposals import confirm_proposal, decline_proposal, take_back_answer
from services.membership.web.allowed import allow, routes, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs

improvement = needs("la.officer", "la.school-improvement")


class ConfirmProposal(Body):
    from_date: Day | None = Field(default=None, alias="from", description="Default: today; never an earlier day")


class DeclineProposal(Body):
    reason: str


class TakeBackAnswer(Body):
    reason: str


class KeepEntry(Body):
    review_on: Day = Field(description="When to ask again")
    reason: str


@routes.get("/proposals", policy=improvement)
async def list_proposals(authority: str, act: Act, open: bool = True) -> list[dict[str, Any]]:
    """What published outcomes propose, since when, and with `open=false` also what came of it."""
    act.allow_authority(authority)
    return await act.read(lambda uow: proposals.proposals_in(uow, authority, only_open=open))


@routes.post("/proposals/{proposal_id}/confirm", policy=needs("la.officer"))
async def confirm(proposal_id: UUID, body: ConfirmProposal, act: Act) -> Response:
    """The proposed category is in force from today or a later day."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await proposals.proposal(uow, proposal_id)).urn, "proposal_id"))
        return await confirm_proposal(uow, proposal_id, from_date=body.from_date, confirmed_by=act.principal.subject)

    return await act.once(work)


@routes.post("/proposals/{proposal_id}/decline", policy=needs("la.officer"))
async def decline(proposal_id: UUID, body: DeclineProposal, act: Act) -> Response:
    """The category stays what it is; the same outcome proposes it no second time."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await proposals.proposal(uow, proposal_id)).urn, "proposal_id"))
        return await decline_proposal(uow, proposal_id, reason=body.reason, declined_by=act.principal.subject)

    return await act.once(work)


@routes.post("/proposals/{proposal_id}/take-back", policy=needs("la.officer"))
async def take_back(proposal_id: UUID, body: TakeBackAnswer, act: Act) -> Response:
    """It was confirmed or declined by mistake: the answer never counted, and what is to be asked is proposed anew."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await proposals.proposal(uow, proposal_id)).urn, "proposal_id"))
        return await take_back_answer(uow, proposal_id, reason=body.reason, taken_back_by=act.principal.subject)

    return await act.once(work)


@routes.get("/authorities/{authority}/reviews", policy=improvement)
async def list_reviews(authority: str, act: Act, open: bool = True) -> list[dict[str, Any]]:
    """Which entries of the authority an officer is asked to keep or lift, why, and for how many days."""
    act.allow_authority(authority)
    return await act.read(lambda uow: reviews.reviews_in(uow, authority, only_open=open))


@routes.post("/la-category/{entry_id}/keep", policy=needs("la.officer"))
async def keep(entry_id: UUID, body: KeepEntry, act: Act) -> Response:
    """The authority's own category stands, and is asked about again on another date. Lifting answers as well."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(await reviews.school_of_entry(uow, entry_id), "entry_id"))
        return await la_category.keep_la_category(
            uow, entry_id, review_on=body.review_on, reason=body.reason, kept_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/la-category/{entry_id}/correct-review", policy=needs("la.officer"))
async def correct_review(entry_id: UUID, body: KeepEntry, act: Act) -> Response:
    """The review date of the authority's own category was a slip: an officer is asked on another day."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school(await reviews.school_of_entry(uow, entry_id), "entry_id"))
        return await la_category.correct_review(
            uow, entry_id, review_on=body.review_on, reason=body.reason, corrected_by=act.principal.subject
        )

    return await act.once(work)
