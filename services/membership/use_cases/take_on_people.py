"""Taking on who and what there is: the desks of an authority, its people, its bodies."""

from collections.abc import Sequence
from uuid import UUID

from services.membership import outbound
from services.membership.domain.body import Body
from services.membership.store import authorities, bodies, people
from services.membership.store.authorities import Desk
from services.membership.store.people import Person
from shared.contracts.envelope import body_key, person_key
from shared.messaging.cause import Cause
from shared.refusal import Invalid
from shared.store import UnitOfWork


class NotARandomId(Invalid):
    def __init__(self, person_id: UUID):
        super().__init__(f"{person_id} is not a UUID of version 4: a person's id must not show when it was made")


async def take_on_desks(uow: UnitOfWork, authority: str, given: Sequence[Desk]) -> None:
    """A desk is written to at its own mailbox, whoever looks after it that day (W-16)."""
    if not given:
        return
    known = {desk.desk: desk.reached for code, desk in await authorities.desks(uow) if code == authority}
    for desk in given:
        if known.get(desk.desk) != desk.reached:
            said = outbound.desk_recorded(authority, desk.desk, *desk.reached)
            uow.record(said, key=person_key(authority, said.person_id), because=Cause.story())
    await authorities.save_desks(uow, authority, given)


async def take_on_people(uow: UnitOfWork, authority: str, given: Sequence[Person]) -> tuple[int, list[str]]:
    """How many were new, and who is known otherwise, which stays."""
    known = {each.person_id: each for each in await people.people(uow, [each.person_id for each in given])}
    own = {each.person_id: each for each in known.values() if each.authority == authority}
    notes = [_another_address(each) for each in given if own.get(each.person_id, each) != each]
    new = [each for each in given if each.person_id not in known]
    for person in new:
        if person.person_id.version != 4:
            raise NotARandomId(person.person_id)
        uow.record(
            outbound.person_recorded(person.person_id, person.name, person.email, person.telephone),
            key=person_key(authority, person.person_id),
            because=Cause.story(),
        )
    await people.add_people(uow, new)
    return len(new), notes


def _another_address(given: Person) -> str:
    """Refused it is not: whoever sends a part again after a change of address has done nothing wrong."""
    return (
        f"Person {given.person_id} is known with another name, e-mail address or telephone number, which stay: change them "
        "with `consortia person change`, or POST /people/{id}/contact-details"
    )


async def take_on_bodies(uow: UnitOfWork, given: Sequence[Body]) -> tuple[set[UUID], list[str]]:
    """Which were new, and what is known otherwise, which stays."""
    known = await bodies.bodies(uow, [each.body_id for each in given])
    notes = [
        f"{each.name} ({each.body_id}) is known with another name, kind, area, first day or award, which stay: no act "
        "changes them yet"
        for each in given
        if each.body_id in known and _described(each) != _described(known[each.body_id])
    ]
    new = [each for each in given if each.body_id not in known]
    await bodies.add_bodies(uow, new)
    for body in new:
        uow.record(outbound.body_recorded(body), key=body_key(body.authority, body.body_id), because=Cause.story())
    return {each.body_id for each in new}, notes


def _described(body: Body) -> tuple[object, ...]:
    """What a part says of a body, but for its last day: that it closes is an act of its own."""
    return (body.kind, body.name, sorted(body.areas), body.opened_on, body.award_pence, body.award_year_starts)
