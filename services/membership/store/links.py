"""Links between schools, as the files of the register have them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.membership.domain.links import Link
from services.membership.store.rows import as_each
from shared.store import UnitOfWork


async def save_links(uow: UnitOfWork, links: Sequence[Link]) -> None:
    """What the latest file has at each school: an earlier one never overwrites a later, and of one day the line sent last
    counts."""
    ordered = {(each.urn, each.linked_urn, each.link_type): each for each in links}
    await uow.execute(
        """
        insert into school_link as l (urn, linked_urn, link_type, established_on, source, source_as_at, recorded_at)
        select urn, linked_urn, link_type, established_on, source, source_as_at, $7::timestamptz
        from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::date[])
             as n (urn, linked_urn, link_type, established_on, source, source_as_at)
        on conflict (urn, linked_urn, link_type) do update
        set established_on = excluded.established_on, source = excluded.source, source_as_at = excluded.source_as_at,
            recorded_at = excluded.recorded_at
        where excluded.source_as_at > l.source_as_at
           or (excluded.source_as_at = l.source_as_at and excluded.established_on is distinct from l.established_on)
        """,
        [key[0] for key in sorted(ordered)],
        [key[1] for key in sorted(ordered)],
        [key[2] for key in sorted(ordered)],
        [ordered[key].established_on for key in sorted(ordered)],
        [ordered[key].source for key in sorted(ordered)],
        [ordered[key].source_as_at for key in sorted(ordered)],
        uow.now,
    )


async def forget_replaced_links(uow: UnitOfWork, import_id: UUID, but_for: Iterable[str]) -> list[str]:
    """Of two schools of which this file has a link, those of the same day and of a kind that it has not: it was sent later.

    ``but_for``: schools that stand still. The schools of the links that were forgotten.
    """
    rows = await uow.rows(
        """
        with sent as materialized (
            select row ->> 'urn' as urn, row ->> 'linked_urn' as linked_urn, as_at, array_agg(row ->> 'link_type') as kinds
            from import_line join import using (import_id) where import_id = $1::uuid group by 1, 2, 3)
        delete from school_link l using sent
        where (l.urn, l.linked_urn, l.source_as_at) = (sent.urn, sent.linked_urn, sent.as_at)
          and l.link_type <> all(sent.kinds)
          and l.urn <> all($2::text[]) and l.linked_urn <> all($2::text[])
        returning l.urn, l.linked_urn
        """,
        import_id,
        sorted(but_for),
    )
    return sorted({urn for row in rows for urn in (row.urn, row.linked_urn)})


async def links_about(uow: UnitOfWork, urns: Iterable[str]) -> list[Link]:
    """Every line about one of these schools, at itself or at the other one."""
    wanted = sorted(set(urns))
    rows = await uow.rows(
        """
        select urn, linked_urn, link_type, established_on, source, source_as_at
        from unnest($1::text[]) as asked (one) join school_link on urn = one
        union
        select urn, linked_urn, link_type, established_on, source, source_as_at
        from unnest($1::text[]) as asked (one) join school_link on linked_urn = one
        """,
        wanted,
    )
    return as_each(Link, rows)
