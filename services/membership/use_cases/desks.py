"""How a desk of the council is reached, and who is its officer of the day (R0.3): from now on, since whoever rings is told
who sits there now.

Who was asked about an inspection before stays the one who was asked; the call's card has the desk as it is.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.membership import outbound
from services.membership.store import authorities, people
from services.membership.store.authorities import Desk
from shared.contracts.envelope import person_key
from shared.refusal import Invalid, NotFound
from shared.store import UnitOfWork


class UnknownDesk(NotFound):
    def __init__(self, code: str, desk: str):
        super().__init__(
            f"Authority {code} has no {desk} here: send its mailbox and telephone first, as `desks` of a take-on "
            "(`consortia take-on`)"
        )


class NothingToChange(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter what has changed: the mailbox or the telephone number")


@dataclass(frozen=True)
class DeskChanged:
    """The desk as it is now. ``changed`` False: it was so already."""

    authority: str
    desk: str
    mailbox: str
    telephone: str
    officer_of_the_day: UUID | None
    changed: bool


async def name_officer_of_the_day(uow: UnitOfWork, code: str, desk: str, person_id: UUID | None) -> DeskChanged:
    """None: nobody is, and mailbox and telephone answer alone. Raises UnknownDesk, UnknownPerson."""
    before = await _locked(uow, code, desk)
    if person_id is not None:
        await people.must_be_known(uow, [person_id])
    return await _save(uow, code, before, replace(before, officer_of_the_day=person_id))


async def change_how_it_is_reached(
    uow: UnitOfWork, code: str, desk: str, *, mailbox: str | None, telephone: str | None
) -> DeskChanged:
    """What is None stays. Urgent messages go to the mailbox, and give the telephone to ring. Raises UnknownDesk."""
    if mailbox is None and telephone is None:
        raise NothingToChange
    before = await _locked(uow, code, desk)
    after = replace(before, mailbox=mailbox or before.mailbox, telephone=telephone or before.telephone)
    if after != before:
        said = outbound.desk_recorded(code, desk, *after.reached)
        uow.record(said, key=person_key(code, said.person_id))
    return await _save(uow, code, before, after)


async def _locked(uow: UnitOfWork, code: str, desk: str) -> Desk:
    found = await authorities.lock_desk(uow, code, desk)
    if found is None:
        raise UnknownDesk(code, desk)
    return found


async def _save(uow: UnitOfWork, code: str, before: Desk, after: Desk) -> DeskChanged:
    if after != before:
        await authorities.save_desks(uow, code, [after])
    return DeskChanged(code, **vars(after), changed=after != before)
