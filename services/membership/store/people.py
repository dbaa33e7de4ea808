"""People, and where they are in post: headships, allocations, contacts of trusts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import (
    Allocation,
    Headship,
    TrustContact,
    UnknownAllocation,
    UnknownPerson,
)
from services.membership.store.rows import as_each, as_one, insert_rows
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Person:
    person_id: UUID
    authority: str
    name: str
    email: str
    telephone: str | None


async def known_people(uow: UnitOfWork, person_ids: Iterable[UUID]) -> set[UUID]:
    rows = await uow.rows(
        "select person_id from person where person_id = any($1::uuid[])", sorted(set(person_ids), key=str)
    )
    return {row.person_id for row in rows}


async def people(uow: UnitOfWork, person_ids: Iterable[UUID]) -> list[Person]:
    rows = await uow.rows(
        "select person_id, authority, name, email, telephone from person where person_id = any($1::uuid[])",
        sorted(set(person_ids), key=str),
    )
    return as_each(Person, rows)


async def must_be_known(uow: UnitOfWork, person_ids: Iterable[UUID]) -> None:
    """Raises UnknownPerson for the first that isn't recorded."""
    wanted = set(person_ids)
    for person_id in sorted(wanted - await known_people(uow, wanted), key=str):
        raise UnknownPerson(person_id)


async def add_people(uow: UnitOfWork, new: Sequence[Person]) -> None:
    await insert_rows(
        uow,
        "person",
        "person_id, authority, name, email, telephone",
        "uuid text text text text",
        [(each.person_id, each.authority, each.name, each.email, each.telephone) for each in new],
    )


async def lock_person(uow: UnitOfWork, person_id: UUID) -> Person | None:
    row = await uow.row(
        "select person_id, authority, name, email, telephone from person where person_id = $1 for update", person_id
    )
    return as_one(Person, row) if row else None


async def save_person(uow: UnitOfWork, person: Person) -> None:
    await uow.execute(
        "update person set name = $2, email = $3, telephone = $4 where person_id = $1",
        person.person_id,
        person.name,
        person.email,
        person.telephone,
    )


async def headships(uow: UnitOfWork, *, people: Iterable[UUID] = (), urns: Iterable[str] = ()) -> list[Headship]:
    rows = await uow.rows(
        "select person_id, urn, lower(during), upper(during) from headship "
        "where person_id = any($1::uuid[]) or urn = any($2::text[]) order by lower(during), urn",
        sorted(set(people), key=str),
        sorted(set(urns)),
    )
    return as_each(Headship, rows)


async def headships_before(uow: UnitOfWork, people: Iterable[UUID]) -> list[Headship]:
    """Those that were ended, corrected or withdrawn since, as they had been entered."""
    rows = await uow.rows(
        "select person_id, urn, lower(during), upper(during) from headship_past where person_id = any($1::uuid[])",
        sorted(set(people), key=str),
    )
    return as_each(Headship, rows)


async def add_headships(uow: UnitOfWork, new: Sequence[Headship]) -> None:
    await insert_rows(
        uow,
        "headship",
        "person_id, urn, during, recorded_at",
        "uuid text daterange timestamptz",
        [(each.person_id, each.urn, (each.from_date, each.until), uow.now) for each in new],
    )


async def end_headship(uow: UnitOfWork, person_id: UUID, urn: str | None, on: date) -> list[Headship]:
    """The headship that she leaves ends; one that would begin that day or later is taken back. Others go on.

    Those that were taken back.
    """
    rows = await uow.rows(
        "delete from headship where person_id = $1 and lower(during) >= $2::date "
        "returning person_id, urn, lower(during), upper(during)",
        person_id,
        on,
    )
    await uow.execute(
        "update headship set during = daterange(lower(during), $3::date) "
        "where person_id = $1 and urn = $2 and during @> $3::date",
        person_id,
        urn,
        on,
    )
    return as_each(Headship, rows)


async def rewrite_headship(uow: UnitOfWork, present: Headship, right: Headship) -> None:
    """The headship as it is known now; what had been entered stays among what was replaced."""
    await uow.execute(
        "update headship set person_id = $4, during = daterange($5::date, $6::date) "
        "where person_id = $1 and urn = $2 and lower(during) = $3::date",
        present.person_id,
        present.urn,
        present.from_date,
        right.person_id,
        right.from_date,
        right.until,
    )


async def remove_headship(uow: UnitOfWork, headship: Headship) -> None:
    await uow.execute(
        "delete from headship where person_id = $1 and urn = $2 and lower(during) = $3::date",
        headship.person_id,
        headship.urn,
        headship.from_date,
    )


def headed_on(headships_of: Iterable[Headship], person_id: UUID, day: date) -> str | None:
    """The school that the person heads that day; of two, the one that she has headed longer."""
    held = [each for each in headships_of if each.person_id == person_id and each.holds_on(day)]
    return min(held, key=lambda each: (each.from_date, each.urn)).urn if held else None


_ALLOCATION = "allocation_id, urn, person_id, lower(during), upper(during)"


async def allocations(uow: UnitOfWork, urns: Iterable[str]) -> list[Allocation]:
    rows = await uow.rows(
        f"select {_ALLOCATION} from allocation where urn = any($1::text[]) order by lower(during)", sorted(set(urns))
    )
    return as_each(Allocation, rows)


async def allocation(uow: UnitOfWork, allocation_id: UUID) -> Allocation:
    row = await uow.row(f"select {_ALLOCATION} from allocation where allocation_id = $1", allocation_id)
    if row is None:
        raise UnknownAllocation(allocation_id)
    return as_one(Allocation, row)


async def known_allocations(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Allocation]:
    rows = await uow.rows(f"select {_ALLOCATION} from allocation where allocation_id = any($1::uuid[])", list(ids))
    return {row.allocation_id: as_one(Allocation, row) for row in rows}


async def allocations_before(uow: UnitOfWork, ids: Iterable[UUID]) -> list[Allocation]:
    """These as they had been entered, where they were ended, corrected or withdrawn since."""
    rows = await uow.rows(
        f"select {_ALLOCATION} from allocation_past where allocation_id = any($1::uuid[])", sorted(set(ids), key=str)
    )
    return as_each(Allocation, rows)


async def add_allocations(uow: UnitOfWork, new: Sequence[Allocation]) -> None:
    await insert_rows(
        uow,
        "allocation",
        "allocation_id, urn, person_id, during, recorded_at",
        "uuid text uuid daterange timestamptz",
        [(each.allocation_id, each.urn, each.person_id, (each.from_date, each.until), uow.now) for each in new],
    )


async def end_allocation(uow: UnitOfWork, ended: Allocation) -> None:
    await uow.execute(
        "update allocation set during = daterange(lower(during), $2::date) where allocation_id = $1",
        ended.allocation_id,
        ended.until,
    )


async def rewrite_allocation(uow: UnitOfWork, allocation: Allocation) -> None:
    """The allocation as it is known now; what had been entered stays among what was replaced."""
    await uow.execute(
        "update allocation set person_id = $2, during = daterange($3::date, $4::date) where allocation_id = $1",
        allocation.allocation_id,
        allocation.person_id,
        allocation.from_date,
        allocation.until,
    )


async def remove_allocation(uow: UnitOfWork, allocation_id: UUID) -> None:
    await uow.execute("delete from allocation where allocation_id = $1", allocation_id)


async def trust_contacts(uow: UnitOfWork, trust_ids: Iterable[str]) -> list[TrustContact]:
    rows = await uow.rows(
        "select trust_id, post, person_id, lower(during), upper(during) from trust_contact where trust_id = any($1::text[])",
        sorted(set(trust_ids)),
    )
    return as_each(TrustContact, rows)


async def trust_contacts_before(uow: UnitOfWork, trust_ids: Iterable[str]) -> list[TrustContact]:
    """Those that were ended, corrected or withdrawn since, as they had been entered."""
    rows = await uow.rows(
        "select trust_id, post, person_id, lower(during), upper(during) from trust_contact_past "
        "where trust_id = any($1::text[])",
        sorted(set(trust_ids)),
    )
    return as_each(TrustContact, rows)


async def add_trust_contacts(uow: UnitOfWork, new: Sequence[TrustContact]) -> None:
    await insert_rows(
        uow,
        "trust_contact",
        "trust_id, post, during, person_id, recorded_at",
        "text text daterange uuid timestamptz",
        [(each.trust_id, each.post, (each.from_date, each.until), each.person_id, uow.now) for each in new],
    )


async def rewrite_trust_contact(uow: UnitOfWork, present: TrustContact, right: TrustContact) -> None:
    """Who holds the post as it is known now; what had been entered stays among what was replaced."""
    await uow.execute(
        "update trust_contact set person_id = $4, during = daterange($5::date, $6::date) "
        "where trust_id = $1 and post = $2 and lower(during) = $3::date",
        present.trust_id,
        present.post,
        present.from_date,
        right.person_id,
        right.from_date,
        right.until,
    )


async def remove_trust_contact(uow: UnitOfWork, contact: TrustContact) -> None:
    await uow.execute(
        "delete from trust_contact where trust_id = $1 and post = $2 and lower(during) = $3::date",
        contact.trust_id,
        contact.post,
        contact.from_date,
    )
