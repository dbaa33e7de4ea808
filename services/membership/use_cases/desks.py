"""Who is the officer of the day at a desk of the council (R0.3): from now on, since whoever rings is told who sits there now.

Who was asked about an inspection before stays the one who was asked; the call's card has the desk as it is.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.membership.store import authorities, people
from shared.refusal import NotFound
from shared.store import UnitOfWork


class UnknownDesk(NotFound):
    def __init__(self, code: str, desk: str):
        super().__init__(
            f"Authority {code} has no {desk} here: send its mailbox and telephone first, as `desks` of a take-on "
            "(`consortia take-on`)"
        )


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
    before = await authorities.lock_desk(uow, code, desk)
    if before is None:
        raise UnknownDesk(code, desk)
    if person_id is not None:
        await people.must_be_known(uow, [person_id])
    after = replace(before, officer_of_the_day=person_id)
    if after != before:
        await authorities.save_desks(uow, code, [after])
    return DeskChanged(code, **vars(after), changed=after != before)
