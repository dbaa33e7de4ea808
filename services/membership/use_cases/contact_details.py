"""How a person is reached, from now on: what is sent to her goes to the address of the day of sending (D3.9).

What it was before is kept nowhere: nobody is answered by it, and it is personal data.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.membership import outbound
from services.membership.domain.appointment import UnknownPerson
from services.membership.store import people
from shared.contracts.envelope import person_key
from shared.refusal import Invalid
from shared.store import UnitOfWork


class NothingToChange(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter what has changed: the name, the e-mail address or the telephone number")


@dataclass(frozen=True)
class NewDetails:
    """What is None stays as it is; ``no_telephone``: the number that is known is hers no longer."""

    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    no_telephone: bool = False

    def of(self, person: people.Person) -> people.Person:
        return replace(
            person,
            name=self.name or person.name,
            email=self.email or person.email,
            telephone=None if self.no_telephone else self.telephone or person.telephone,
        )


@dataclass(frozen=True)
class DetailsChanged:
    """``changed`` False: it was so already, and nobody is told."""

    person_id: UUID
    changed: bool


async def change_details(uow: UnitOfWork, person_id: UUID, new: NewDetails) -> DetailsChanged:
    """Raises UnknownPerson, NothingToChange."""
    if new == NewDetails():
        raise NothingToChange
    before = await people.lock_person(uow, person_id)
    if before is None:
        raise UnknownPerson(person_id)
    after = new.of(before)
    if after == before:
        return DetailsChanged(person_id, changed=False)
    await people.save_person(uow, after)
    said = outbound.person_recorded(person_id, after.name, after.email, after.telephone)
    uow.record(said, key=person_key(after.authority, person_id))
    return DetailsChanged(person_id, changed=True)
