"""What an authority has decided: its areas, its desks; and that it has policies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.membership.store.rows import as_one
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Desk:
    """A mailbox and a telephone of the council, with a named officer of the day."""

    desk: str
    mailbox: str
    telephone: str
    officer_of_the_day: UUID | None

    @property
    def reached(self) -> tuple[str, str]:
        return self.mailbox, self.telephone


async def save_authority(uow: UnitOfWork, code: str, *, name: str | None, region: str | None) -> None:
    await uow.execute(
        "insert into authority (code, name, region) values ($1, coalesce($2, ''), coalesce($3, '')) "
        "on conflict (code) do update set name = coalesce($2, authority.name), region = coalesce($3, authority.region)",
        code,
        name,
        region,
    )
    await uow.execute(
        "insert into policy_adoption (authority, kind, version, name, inherit) "
        "values ($1, 'category', 1, 'ofsted', 'converters') on conflict do nothing",
        code,
    )
    await uow.execute(
        "insert into policy (authority, kind, during, name, version, inherit) "
        "select $1, 'category', '(,)', 'ofsted', 1, 'converters' "
        "where not exists (select from policy where authority = $1 and kind = 'category')",
        code,
    )


async def lock_policies(uow: UnitOfWork, code: str) -> bool:
    """Whoever adopts a policy, and whoever brings a school that nobody has locked yet, take their turns. Before all else.

    Whether there is such an authority.
    """
    return await uow.row("select code from authority where code = $1 for update", code) is not None


async def policies_stay(uow: UnitOfWork, codes: Iterable[str]) -> None:
    """No policy of these authorities is adopted before this unit is over."""
    await uow.rows(
        "select code from authority where code = any($1::text[]) order by code for share", sorted(set(codes))
    )


async def schools_of(uow: UnitOfWork, code: str) -> list[str]:
    return [row.urn for row in await uow.rows("select urn from school where authority = $1 order by urn", code)]


async def save_areas(uow: UnitOfWork, code: str, districts: Sequence[tuple[str, str]]) -> None:
    """The area of each postcode district, as (district, area)."""
    if districts:
        await uow.execute(
            "insert into area_district (authority, district, area) "
            "select $1, district, area from unnest($2::text[], $3::text[]) as n (district, area) order by district "
            "on conflict (authority, district) do update set area = excluded.area",
            code,
            [district for district, _ in districts],
            [area for _, area in districts],
        )


async def desks(uow: UnitOfWork) -> list[tuple[str, Desk]]:
    """Every desk, with the code of its authority: at most two an authority."""
    rows = await uow.rows(
        "select authority, desk, mailbox, telephone, officer_of_the_day from desk order by authority, desk"
    )
    return [(row.authority, Desk(row.desk, row.mailbox, row.telephone, row.officer_of_the_day)) for row in rows]


async def save_desks(uow: UnitOfWork, code: str, new: Sequence[Desk]) -> None:
    if new:
        await uow.execute(
            "insert into desk (authority, desk, mailbox, telephone, officer_of_the_day) "
            "select $1, desk, mailbox, telephone, officer "
            "from unnest($2::text[], $3::text[], $4::text[], $5::uuid[]) as n (desk, mailbox, telephone, officer) "
            "on conflict (authority, desk) do update set mailbox = excluded.mailbox, telephone = excluded.telephone, "
            "officer_of_the_day = excluded.officer_of_the_day",
            code,
            [each.desk for each in new],
            [each.mailbox for each in new],
            [each.telephone for each in new],
            [each.officer_of_the_day for each in new],
        )


async def lock_desk(uow: UnitOfWork, code: str, desk: str) -> Desk | None:
    row = await uow.row(
        "select desk, mailbox, telephone, officer_of_the_day from desk where authority = $1 and desk = $2 for update",
        code,
        desk,
    )
    return as_one(Desk, row) if row is not None else None


async def record_begins_today(uow: UnitOfWork, code: str) -> bool:
    """Whether nothing was recorded before today of who speaks for the authority's schools."""
    earlier = await uow.value(
        "select exists (select from speaker k join school s using (urn) "
        "where s.authority = $1 and lower(k.during) < $2::date)",
        code,
        uow.today,
    )
    return not earlier
