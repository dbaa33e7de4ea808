"""Corrections over HTTP: what was entered wrongly of offices, allocations and the authority's own entries (R0.4)."""

from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.membership.domain.office import Correction
from services.membership.store import bodies, people
from services.membership.store.corrections import corrections_of
from services.membership.store.outcomes import la_entry
from services.membership.use_cases import corrections, la_category, liftings
from services.membership.web.allowed import allow, allow_school, routes, the_body, the_school
from services.membership.web.entered import Day
from services.membership.web.requests import Body
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class Correct(Body):
    """What was really so. What is left out stays as it was entered; `until` null says that there is no end."""

    person_id: UUID | None = None
    from_date: Day | None = Field(default=None, alias="from")
    until: Day | None = Field(default=None, description="First day on which it is no longer so; null: it has no end")
    reason: str = Field(min_length=1)

    def as_correction(self) -> Correction:
        no_end = "until" in self.model_fields_set and self.until is None
        return Correction(self.person_id, self.from_date, self.until, no_end)


class CorrectAllocation(Correct):
    all_the_same: str | None = Field(
        default=None,
        description="Why; needed above the authority's limit, or where the leader is of the school's own trust",
    )


class Withdraw(Body):
    reason: str = Field(min_length=1)


@routes.post("/offices/{term_id}/correct", policy=needs("la.officer", "clerk"))
async def correct_office(term_id: UUID, body: Correct, act: Act) -> Response:
    """Another person held this office, or on other days. Who spoke for a school until now stays as it was answered."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body((await bodies.term(uow, term_id)).body_id, "term_id"))
        return await corrections.correct_office(
            uow, term_id, body.as_correction(), reason=body.reason, corrected_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/offices/{term_id}/withdraw", policy=needs("la.officer", "clerk"))
async def withdraw_office(term_id: UUID, body: Withdraw, act: Act) -> Response:
    """This term of office never was."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_body((await bodies.term(uow, term_id)).body_id, "term_id"))
        return await corrections.withdraw_office(uow, term_id, reason=body.reason, withdrawn_by=act.principal.subject)

    return await act.once(work)


@routes.post("/allocations/{allocation_id}/correct", policy=needs("la.officer"))
async def correct_allocation(allocation_id: UUID, body: CorrectAllocation, act: Act) -> Response:
    """Another system leader was allocated, or on other days."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await people.allocation(uow, allocation_id)).urn, "allocation_id"))
        return await corrections.correct_allocation(
            uow,
            allocation_id,
            body.as_correction(),
            reason=body.reason,
            corrected_by=act.principal.subject,
            all_the_same=body.all_the_same,
        )

    return await act.once(work)


@routes.post("/allocations/{allocation_id}/withdraw", policy=needs("la.officer"))
async def withdraw_allocation(allocation_id: UUID, body: Withdraw, act: Act) -> Response:
    """This allocation never was."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await people.allocation(uow, allocation_id)).urn, "allocation_id"))
        return await corrections.withdraw_allocation(
            uow, allocation_id, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/la-category/{entry_id}/withdraw", policy=needs("la.officer"))
async def withdraw_la_category(entry_id: UUID, body: Withdraw, act: Act) -> Response:
    """This entry of the authority should never have been made: it never counted."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await la_entry(uow, entry_id)).urn, "entry_id"))
        return await la_category.withdraw_la_category(
            uow, entry_id, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)


class CorrectLifting(Withdraw):
    on: Day = Field(description="The day from which the entry really stood no longer")


@routes.post("/la-category/{entry_id}/correct-lifting", policy=needs("la.officer"))
async def correct_lifting(entry_id: UUID, body: CorrectLifting, act: Act) -> Response:
    """This entry of the authority was lifted on another day that has gone."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await la_entry(uow, entry_id)).urn, "entry_id"))
        return await la_category.correct_lifting(
            uow, entry_id, lifted_on=body.on, reason=body.reason, corrected_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/la-category/{entry_id}/take-lifting-back", policy=needs("la.officer"))
async def take_lifting_back(entry_id: UUID, body: Withdraw, act: Act) -> Response:
    """This entry of the authority is not to be lifted on a day to come: it stands on."""

    async def work(uow: UnitOfWork) -> object:
        await allow(act, uow, the_school((await la_entry(uow, entry_id)).urn, "entry_id"))
        return await liftings.take_lifting_back(uow, entry_id, reason=body.reason, taken_back_by=act.principal.subject)

    return await act.once(work)


@routes.get("/schools/{urn}/corrections", policy=needs("la.officer", "la.school-improvement"))
async def list_corrections(urn: str, act: Act) -> list[dict[str, Any]]:
    """What was corrected or withdrawn of a school's allocations and places, and of its bodies' offices, and why."""

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        await allow_school(act, uow, urn)
        return await corrections_of(uow, urn)

    return await act.read(read)
