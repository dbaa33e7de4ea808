"""Schools and people by name, for whoever may know them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.refusal import NotFound
from shared.store import UnitOfWork


class UnknownSchool(NotFound):
    def __init__(self, urn: str):
        super().__init__(f"No school {urn} is known here yet; it may be on its way")


@dataclass(frozen=True)
class School:
    urn: str
    authority: str
    name: str


async def school_of(urn: str, uow: UnitOfWork) -> School:
    """Raises UnknownSchool."""
    row = await uow.row("select authority, name from school where urn = $1", urn)
    if row is None:
        raise UnknownSchool(urn)
    return School(urn, row.authority, row.name)


async def names_of(people: Collection[UUID], uow: UnitOfWork) -> dict[UUID, str | None]:
    """Of those who are known here and were not erased."""
    rows = await uow.rows("select person_id, name from person where person_id = any($1::uuid[])", sorted(people))
    return {row.person_id: row.name for row in rows}
