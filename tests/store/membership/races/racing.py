"""Acts that race with one another, and which of them meet in a cell: each pair as one function of cell and day."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from services.membership.domain.appointment import TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import Inherit, Outcome
from services.membership.store import bodies, outcomes, people
from services.membership.use_cases import appointments, la_category, offices, policies, turn_days
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.store import UnitOfWork
from tests.store.membership.races.crowd import A_DAY, Act, Cell, Crowd

Heats = Callable[[Crowd, Cell, date], list[Sequence[Act]]]


async def change_category(uow: UnitOfWork, urn: str, draw: random.Random) -> None:
    """The authority's own entry is lifted where one stands; else one is set, or an outcome is published."""
    if any(each.lifted_on is None for each in await outcomes.la_entries(uow, urn)):
        await la_category.lift_la_category(uow, urn, lifted_on=uow.today, reason="Over", lifted_by="officer")
        return
    category = draw.choice([1, 2, 3, 4])
    if draw.random() < 0.5:
        await la_category.set_la_category(
            uow, urn, category=category, from_date=uow.today, reason="Why", review_on=None, set_by="officer"
        )
        return
    number = f"N{urn}{uow.today:%Y%m%d}"
    outcome = Outcome(urn, number, "graded", uow.today, uow.today, uow.now, headline=category)
    await record_outcomes(uow, [Published(urn, outcome)], take_on=False, source="test")


def a_change(crowd: Crowd, urn: str) -> Act:
    return partial(change_category, urn=urn, draw=random.Random(crowd.random.random()))


async def change_chair(uow: UnitOfWork, cell: Cell) -> None:
    present = next(each for each in await bodies.terms(uow, [cell.body]) if each.post == "chair" and each.until is None)
    other = "other chair" if present.person_id == cell.people["chair"] else "chair"
    await offices.change_office(
        uow, cell.body, post="chair", person_id=cell.people[other], from_date=uow.today, route="meeting"
    )


async def change_chair_tomorrow(uow: UnitOfWork, cell: Cell) -> None:
    present = next(each for each in await bodies.terms(uow, [cell.body]) if each.post == "chair" and each.until is None)
    other = "other chair" if present.person_id == cell.people["chair"] else "chair"
    await offices.change_office(
        uow, cell.body, post="chair", person_id=cell.people[other], from_date=uow.today + A_DAY, route="ballot"
    )


async def change_allocation(uow: UnitOfWork, cell: Cell, urn: str) -> None:
    standing = [each for each in await people.allocations(uow, [urn]) if each.until is None]
    if standing:
        await appointments.end_allocation(uow, standing[0].allocation_id, ended_on=uow.today)
    else:
        await appointments.allocate_system_leader(
            uow, urn, person_id=cell.people["leader"], from_date=uow.today, until=None
        )


async def change_policy(uow: UnitOfWork, cell: Cell, policy: str) -> None:
    await policies.adopt_routing_policy(
        uow, cell.authority, name=policy, from_date=uow.today, settings={}, reason="Why", adopted_by="officer"
    )


async def change_category_policy(uow: UnitOfWork, cell: Cell, policy: str) -> None:
    await policies.adopt_category_policy(
        uow,
        cell.authority,
        name=policy,
        from_date=uow.today,
        inherit=Inherit.CONVERTERS,
        reason="Why",
        adopted_by="officer",
    )


async def move_head(uow: UnitOfWork, cell: Cell, person: str, urns: Sequence[str]) -> None:
    held = await people.headships(uow, people=[cell.people[person]])
    present = next(each.urn for each in held if each.holds_on(uow.today))
    to_urn = next(urn for urn in urns if urn != present)
    await appointments.move_head(uow, cell.people[person], to_urn=to_urn, on=uow.today)


async def join_for_a_day(uow: UnitOfWork, cell: Cell) -> None:
    joining = [Membership(cell.body, urn, uow.today, uow.today + A_DAY, True) for urn in cell.urns]
    await take_on(uow, TakenOn(authority=cell.authority, memberships=joining))


async def chief_for_a_day(uow: UnitOfWork, cell: Cell) -> None:
    chief = TrustContact(cell.trust, "chief-executive", cell.people["chief"], uow.today, uow.today + A_DAY)
    await take_on(uow, TakenOn(authority=cell.authority, trust_contacts=[chief]))


# -- who meets whom: the acts of one list start together --


def categories(crowd: Crowd, urns: Sequence[str]) -> list[Act]:
    return [a_change(crowd, urn) for urn in urns]


def with_chair(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    return [[partial(change_chair, cell=cell), *categories(crowd, cell.urns)]]


def with_allocation(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    return [[partial(change_allocation, cell=cell, urn=urn), a_change(crowd, urn)] for urn in cell.urns]


def with_policy(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    policy = ["warwickshire", "bristol"][day.toordinal() % 2]
    return [[partial(change_policy, cell=cell, policy=policy), *categories(crowd, cell.urns)]]


def with_category_policy(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    """The authority's own category decides alone, and the next day the published outcome does again."""
    policy = ["la", "ofsted"][day.toordinal() % 2]
    return [[partial(change_category_policy, cell=cell, policy=policy), *categories(crowd, cell.urns)]]


def with_moving_heads(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    """The chair goes to and fro between two schools, the deputy between two others."""
    return [
        [partial(move_head, cell=cell, person=person, urns=urns), *categories(crowd, urns)]
        for person, urns in (("chair", cell.urns[:2]), ("deputy", cell.urns[2:4]))
    ]


def with_joining(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    return [[partial(join_for_a_day, cell=cell), *categories(crowd, cell.urns)]]


def with_trust_contact(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    return [[partial(chief_for_a_day, cell=cell), *categories(crowd, cell.urns)]]


def with_turn_of_day(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    """The office changes hands that day by a change that was entered the day before."""
    return [[turn_days.turn_days, *categories(crowd, cell.urns)], [partial(change_chair_tomorrow, cell=cell)]]


def with_chair_and_allocation(crowd: Crowd, cell: Cell, day: date) -> list[Sequence[Act]]:
    allocations = [partial(change_allocation, cell=cell, urn=urn) for urn in cell.urns]
    return [[partial(change_chair, cell=cell), *categories(crowd, cell.urns), *allocations]]


async def wave(crowd: Crowd, heats: Heats, *, turned: bool = True) -> None:
    """A day: in every cell the same acts meet, and afterwards everything must be right."""
    await crowd.tomorrow(turned=turned)
    await crowd.race([heat for cell in crowd.cells for heat in heats(crowd, cell, crowd.today)])
    await crowd.turn()
    await crowd.check()
