"""Whose chairs of governors and posts of trusts were recorded by a release that told nobody of them, and of which to tell."""

from collections.abc import Collection

from shared.store import UnitOfWork

CHAIRS, CONTACTS = "chairs-of-governors", "trust-contacts"


async def take(uow: UnitOfWork, kind: str, at_most: int) -> list[str]:
    """The schools, or the trusts, that are told of now: they are left to nobody else."""
    rows = await uow.rows(
        "delete from line_to_tell where kind = $1 and subject in "
        "(select subject from line_to_tell where kind = $1 order by subject limit $2 for update) returning subject",
        kind,
        at_most,
    )
    return sorted(row.subject for row in rows)


async def authorities_of_schools(uow: UnitOfWork, urns: Collection[str]) -> dict[str, str]:
    rows = await uow.rows("select urn, authority from school where urn = any($1::text[]) order by urn", sorted(urns))
    return {row.urn: row.authority for row in rows}


async def authorities_of_trusts(uow: UnitOfWork, trust_ids: Collection[str]) -> dict[str, str]:
    """Of each trust the first of the authorities in which it has schools, on whatever day."""
    rows = await uow.rows(
        "select t.trust_id, min(authority) as authority from school_in_trust t join school using (urn) "
        "where t.trust_id = any($1::text[]) group by t.trust_id order by t.trust_id",
        sorted(trust_ids),
    )
    return {row.trust_id: row.authority for row in rows}
