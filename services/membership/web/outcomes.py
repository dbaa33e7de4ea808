"""Published outcomes over HTTP: entered, withdrawn, and what an officer says when a file lists a withdrawn one again."""

from collections.abc import Sequence

from fastapi import Response

from services.membership.store import outcomes
from services.membership.use_cases.correct_number import correct_number
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import (
    believe_outcome,
    inspected_school,
    let_withdrawal_stand,
    withdraw_outcome,
)
from services.membership.web.allowed import Named, allow, routes, the_school
from services.membership.web.requests import (
    BelieveOutcome,
    CorrectNumber,
    LetWithdrawalStand,
    OutcomesIn,
    WithdrawOutcome,
)
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


@routes.post("/outcomes", policy=needs("la.officer"), status_code=201)
async def post_outcomes(body: OutcomesIn, act: Act) -> Response:
    """Record published outcomes. Each begins its own story; one already known changes nothing."""

    async def work(uow: UnitOfWork) -> object:
        listed = [each.as_published(uow) for each in body.outcomes]

        async def allow_all() -> None:
            await allow(act, uow, *(await _named_by(uow, listed)))

        await outcomes.take_turns(uow, {each.outcome.inspection_number for each in listed})
        await allow_all()  # before a school is locked, which may be anybody's
        recorded = await record_outcomes(
            uow,
            listed,
            take_on=body.take_on,
            source=outcomes.ENTERED,
            once_held=allow_all,  # a file may have named another school while we waited
        )
        return {"outcomes": recorded}

    return await act.once(work)


@routes.post("/outcomes/{inspection_number}/withdraw", policy=needs("la.officer"))
async def withdraw(inspection_number: str, body: WithdrawOutcome, act: Act) -> Response:
    """An outcome that should never have been recorded counts no more. What was told of it stays told."""

    async def work(uow: UnitOfWork) -> object:
        await _allow_inspected(act, uow, inspection_number, body.kind)
        return await withdraw_outcome(
            uow, inspection_number, body.kind, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/outcomes/{inspection_number}/believe", policy=needs("la.officer"))
async def believe(inspection_number: str, body: BelieveOutcome, act: Act) -> Response:
    """What a file lists of a withdrawn outcome counts again."""

    async def work(uow: UnitOfWork) -> object:
        await _allow_inspected(act, uow, inspection_number, body.kind)
        return await believe_outcome(
            uow, inspection_number, body.kind, reason=body.reason, believed_by=act.principal.subject
        )

    return await act.once(work)


@routes.post("/outcomes/{inspection_number}/withdrawal-stands", policy=needs("la.officer"))
async def withdrawal_stands(inspection_number: str, body: LetWithdrawalStand, act: Act) -> Response:
    """A withdrawn outcome stays so though a file lists it; asked again only when a file says something else of it."""

    async def work(uow: UnitOfWork) -> object:
        await _allow_inspected(act, uow, inspection_number, body.kind)
        return await let_withdrawal_stand(uow, inspection_number, body.kind, decided_by=act.principal.subject)

    return await act.once(work)


@routes.post("/outcomes/{inspection_number}/correct-number", policy=needs("la.officer"))
async def correct_its_number(inspection_number: str, body: CorrectNumber, act: Act) -> Response:
    """The number under which an outcome was entered by hand was mistyped: it counts under the right one."""

    async def work(uow: UnitOfWork) -> object:
        await _allow_inspected(act, uow, inspection_number, body.kind, body.number)
        return await correct_number(
            uow,
            inspection_number,
            body.kind,
            right=body.number,
            reason=body.reason,
            corrected_by=act.principal.subject,
        )

    return await act.once(work)


async def _allow_inspected(act: Act, uow: UnitOfWork, inspection_number: str, kind: str, *besides: str) -> None:
    """The inspection is one of a school of hers, and stays so."""
    await outcomes.take_turns(uow, [inspection_number, *besides])
    await allow(act, uow, the_school(await inspected_school(uow, inspection_number, kind), "inspection_number"))


async def _named_by(uow: UnitOfWork, listed: Sequence[Published]) -> list[Named]:
    """The schools for which these outcomes would count, and those of inspections that they would put right.

    A school that the register lacks may be named: its outcomes wait for it. Where a file lists for her own school what was
    entered for another one before, that is hers to put right.
    """
    known = await outcomes.inspections(uow, {each.outcome.inspection_number for each in listed})
    elsewhere = await outcomes.listed_elsewhere(uow, {number for number, _ in known})
    named = []
    for n, each in enumerate(listed):
        named.append(the_school(each.urn, f"outcomes[{n}].urn", new=True))
        named.append(the_school(each.outcome.urn, f"outcomes[{n}].urn_at_time", new=True))
        earlier = known.get(each.outcome.identity)
        if earlier is not None and (*each.outcome.identity, each.outcome.urn) not in elsewhere:
            named.append(the_school(earlier.urn, f"outcomes[{n}].inspection_number", new=True))
    return named
