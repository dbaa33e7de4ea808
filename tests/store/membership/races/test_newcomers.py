"""A school that nobody has locked yet comes into the register while its authority changes the policy."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.membership.domain.listing import Listing, Source
from services.membership.domain.school import Status
from services.membership.use_cases.keep_register import keep_schools
from shared.store import UnitOfWork
from tests.bitemporal import model, tables
from tests.store.membership.races.crowd import Cell, Crowd
from tests.store.membership.races.racing import change_policy

WAVES = 8  # of as many races as there are authorities


async def come(uow: UnitOfWork, cell: Cell, urn: str) -> None:
    new = Listing(
        urn,
        Source.GIAS,
        uow.today,
        authority=cell.authority,
        name=urn,
        phase="Primary",
        type_code="1",
        status=Status.OPEN,
    )
    await keep_schools(uow, [new])


async def test_a_new_school_that_meets_a_change_of_policy_is_answered_by_the_policy_that_stands(
    crowd: Callable[..., Awaitable[Crowd]],
) -> None:
    """D3.1, R0.3"""
    here = await crowd()
    wrong = []
    for wave in range(WAVES):
        await here.tomorrow()
        policy = ["bristol", "warwickshire"][wave % 2]
        new = {cell.number: f"9{cell.number:02}{wave:03}" for cell in here.cells}
        await here.race(
            [
                [partial(change_policy, cell=cell, policy=policy), partial(come, cell=cell, urn=new[cell.number])]
                for cell in here.cells
            ]
        )
        async with here.store.unit() as uow:
            known = model.Known(await tables.facts(uow, list(new.values())))
            stored = await tables.answers(uow, list(new.values()))
        for urn in new.values():
            answers = [each.who for each in stored[urn, model.GENERAL] if each.covers(here.today)]
            if answers != [known.speaker(urn, model.GENERAL, here.today)]:
                wrong.append(f"{urn}: {answers} is stored under {policy}")
    assert not wrong, f"{len(wrong)} wrong: {wrong[:5]}"
