"""What an authority has decided: its policies, its areas, its desks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shared.store import UnitOfWork


@dataclass(frozen=True)
class Desk:
    """A mailbox and a telephone of the council, with a named officer of the day."""

    desk: str
    mailbox: str
    telephone: str
    officer_of_the_day: UUID | None


async def save_authority(uow: UnitOfWork, code: str, *, name: str | None, region: str | None) -> None:
    await uow.execute(
        "insert into authority (code, name, region) values ($1, coalesce($2, ''), coalesce($3, '')) "
        "on conflict (code) do update set name = coalesce($2, authority.name), region = coalesce($3, authority.region)",
        code,
        name,
        region,
    )
    await uow.execute(
        "insert into policy (authority, kind, during, name, version, inherit) "
        "select $1, 'category', '(,)', 'ofsted', 1, 'converters' "
        "where not exists (select from policy where authority = $1 and kind = 'category')",
        code,
    )


@dataclass(frozen=True)
class PolicyRow:
    """What is written of a policy: ``inherit`` of category policies, ``settings`` of routing policies."""

    kind: str  # category or routing
    name: str
    inherit: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


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


async def adopt(
    uow: UnitOfWork, code: str, new: PolicyRow, from_date: date | None, *, reason: str = "", adopted_by: str = ""
) -> int | None:
    """The policy from that day on; what applied before stays in the record, what was planned for later is taken back.

    The number of its version; None where it is what applies already. ``from_date`` None: it always was so.
    """
    present = await uow.row(
        "select name, inherit, settings::text as settings, lower(during) as from_date, upper(during) as until from policy "
        "where authority = $1 and kind = $2 and during @> coalesce($3::date, '-infinity'::date)",
        code,
        new.kind,
        from_date,
    )
    if present is not None and present.until is None and _says(present) == (new.name, new.inherit, {**new.settings}):
        return None
    version: int = 1 + (
        await uow.value(
            "select coalesce(max(version), 0) from (select version from policy where authority = $1 and kind = $2 "
            "union all select version from policy_past where authority = $1 and kind = $2) as every",
            code,
            new.kind,
        )
    )
    await uow.execute(
        "delete from policy where authority = $1 and kind = $2 and lower(during) >= coalesce($3::date, '-infinity'::date)",
        code,
        new.kind,
        from_date,
    )
    await uow.execute(
        "update policy set during = daterange(lower(during), $3::date) "
        "where authority = $1 and kind = $2 and during @> $3::date",
        code,
        new.kind,
        from_date,
    )
    await uow.execute(
        "insert into policy (authority, kind, during, name, version, inherit, settings, reason, adopted_by, recorded_at) "
        "values ($1, $2, daterange($3::date, null), $4, $5::integer, $6, $7::text::jsonb, $8, $9, $10::timestamptz)",
        code,
        new.kind,
        from_date,
        new.name,
        version,
        new.inherit,
        json.dumps(dict(new.settings), sort_keys=True),
        reason,
        adopted_by,
        uow.now,
    )
    return version


async def choose_routing_policy(uow: UnitOfWork, code: str, name: str) -> bool:
    """The routing policy that an authority is taken on with: always, or where it had another, from today on."""
    present = await uow.row(
        "select name from policy where authority = $1 and kind = 'routing' and during @> $2::date", code, uow.today
    )
    if present is not None and present.name == name:
        return False
    from_date = uow.today if present is not None else None
    return await adopt(uow, code, PolicyRow("routing", name), from_date) is not None


def _says(row: Any) -> tuple[str, str | None, dict[str, Any]]:
    return (row.name, row.inherit, json.loads(row.settings))


async def policies_of(uow: UnitOfWork, code: str) -> list[dict[str, Any]]:
    """Every policy that the authority has, had, or has planned, with who adopted it and why."""
    rows = await uow.rows(
        "select kind, name, version, inherit, settings, lower(during) as from_date, upper(during) as until, reason, "
        "adopted_by, nullif(recorded_at, '-infinity') as recorded_at from policy where authority = $1 "
        "order by kind, lower(during) nulls first",
        code,
    )
    return [dict(row._mapping) for row in rows]


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


async def save_desks(uow: UnitOfWork, code: str, desks: Sequence[Desk]) -> None:
    if desks:
        await uow.execute(
            "insert into desk (authority, desk, mailbox, telephone, officer_of_the_day) "
            "select $1, desk, mailbox, telephone, officer "
            "from unnest($2::text[], $3::text[], $4::text[], $5::uuid[]) as n (desk, mailbox, telephone, officer) "
            "on conflict (authority, desk) do update set mailbox = excluded.mailbox, telephone = excluded.telephone, "
            "officer_of_the_day = excluded.officer_of_the_day",
            code,
            [each.desk for each in desks],
            [each.mailbox for each in desks],
            [each.telephone for each in desks],
            [each.officer_of_the_day for each in desks],
        )


async def record_begins_today(uow: UnitOfWork, code: str) -> bool:
    """Whether nothing was recorded before today of who speaks for the authority's schools."""
    earlier = await uow.value(
        "select exists (select from speaker k join school s using (urn) "
        "where s.authority = $1 and lower(k.during) < $2::date)",
        code,
        uow.today,
    )
    return not earlier
