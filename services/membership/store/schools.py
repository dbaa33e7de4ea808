"""Schools of the register, trusts, and the areas that postcodes belong to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.membership.domain.school import School, UnknownSchool
from services.membership.domain.trust import InTrust
from services.membership.store.facts import school_from
from services.membership.store.rows import as_each, insert_rows
from shared.store import UnitOfWork

# Whether the school `s` is no more on the day `$2`.
IS_CLOSED = "s.status = 'closed' and s.closed_on is null or coalesce(s.closed_on <= $2::date, false)"


_COLUMNS = """
    s.urn, s.authority, s.name, s.phase, s.type_code, s.status, s.opened_on, s.closed_on, s.postcode_district, s.area,
    coalesce(nullif(s.region, ''), a.region, '') as region, s.trust_id, s.trust_name, s.closures
"""


@dataclass(frozen=True)
class Listed:
    """A school together with where its line came from."""

    school: School
    source: str
    source_as_at: date
    trust_as_at: date | None
    announced_open: bool
    trusts: tuple[InTrust, ...] = ()


async def school(uow: UnitOfWork, urn: str) -> School:
    """The school of that URN. Raises UnknownSchool."""
    found = await schools(uow, [urn])
    if urn not in found:
        raise UnknownSchool(urn)
    return found[urn]


async def schools(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, School]:
    rows = await uow.rows(
        f"select {_COLUMNS} from school s left join authority a on a.code = s.authority where s.urn = any($1::text[])",
        sorted(set(urns)),
    )
    return {row.urn: school_from(row) for row in rows}


async def known_since(uow: UnitOfWork, urn: str) -> datetime | None:
    """When the register here first had the school; None where it has not."""
    found: datetime | None = await uow.value(
        "select min(recorded_at) from (select recorded_at from school where urn = $1 "
        "union all select recorded_at from school_past where urn = $1) known",
        urn,
    )
    return found


async def listed(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, Listed]:
    rows = await uow.rows(
        f"select {_COLUMNS}, s.source, s.source_as_at, s.trust_as_at, s.announced_open "
        "from school s left join authority a on a.code = s.authority where s.urn = any($1::text[])",
        sorted(set(urns)),
    )
    trusts = await trusts_of(uow, [row.urn for row in rows])  # of those in none today too: they were, or will be
    return {
        row.urn: Listed(
            school_from(row), row.source, row.source_as_at, row.trust_as_at, row.announced_open, trusts[row.urn]
        )
        for row in rows
    }


async def trusts_of(uow: UnitOfWork, urns: Collection[str]) -> defaultdict[str, tuple[InTrust, ...]]:
    """The trusts to which each of these schools belongs, belonged or will belong, in order."""
    found: defaultdict[str, tuple[InTrust, ...]] = defaultdict(tuple)
    if urns:
        rows = await uow.rows(
            "select urn, trust_id, lower(during), upper(during), trust_name from school_in_trust "
            "where urn = any($1::text[]) order by urn, lower(during)",
            sorted(urns),
        )
        for each in as_each(InTrust, rows):
            found[each.urn] += (each,)
    return found


@dataclass(frozen=True)
class OnTheDay:
    """What a day may change of a school by itself: whether it is open, and to which trust it belongs."""

    open: bool
    trust: InTrust | None


async def note_the_day(uow: UnitOfWork, now: Mapping[str, OnTheDay]) -> dict[str, Listed]:
    """Note what these schools are on a day; those of which something else was announced before."""
    rows = await uow.rows(
        "update school set announced_open = now.open, trust_id = now.trust_id, trust_name = now.trust_name "
        "from unnest($1::text[], $2::boolean[], $3::text[], $4::text[]) as now (urn, open, trust_id, trust_name) "
        "where school.urn = now.urn and (school.announced_open, school.trust_id) is distinct from (now.open, now.trust_id) "
        "returning school.urn",
        list(now),
        [each.open for each in now.values()],
        [each.trust.trust_id if each.trust else None for each in now.values()],
        [each.trust.name if each.trust else None for each in now.values()],
    )
    return await listed(uow, [row.urn for row in rows]) if rows else {}


async def save(uow: UnitOfWork, lines: Sequence[Listed]) -> None:
    """Write these lines of the register, one statement for all."""
    if not lines:
        return
    ordered = sorted(lines, key=lambda each: each.school.urn)
    await uow.execute(
        """
        insert into school (urn, authority, name, phase, type_code, status, opened_on, closed_on, postcode_district, area,
                            region, trust_id, trust_name, trust_as_at, source, source_as_at, announced_open, closures,
                            recorded_at)
        select urn, authority, name, phase, type_code, status, opened_on, closed_on, postcode_district, area, region,
               trust_id, trust_name, trust_as_at, source, source_as_at, announced_open, closures::date[], $19::timestamptz
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
                    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::date[], $15::text[], $16::date[],
                    $17::boolean[], $18::text[])
             as n (urn, authority, name, phase, type_code, status, opened_on, closed_on, postcode_district, area, region,
                   trust_id, trust_name, trust_as_at, source, source_as_at, announced_open, closures)
        on conflict (urn) do update
        set authority = excluded.authority, name = excluded.name, phase = excluded.phase, type_code = excluded.type_code,
            status = excluded.status, opened_on = excluded.opened_on, closed_on = excluded.closed_on,
            postcode_district = excluded.postcode_district, area = excluded.area, region = excluded.region,
            trust_id = excluded.trust_id, trust_name = excluded.trust_name, trust_as_at = excluded.trust_as_at,
            source = excluded.source, source_as_at = excluded.source_as_at, announced_open = excluded.announced_open,
            closures = excluded.closures, recorded_at = excluded.recorded_at
        """,
        [each.school.urn for each in ordered],
        [each.school.authority for each in ordered],
        [each.school.name for each in ordered],
        [each.school.phase for each in ordered],
        [each.school.type_code for each in ordered],
        [each.school.status.value for each in ordered],
        [each.school.opened_on for each in ordered],
        [each.school.closed_on for each in ordered],
        [each.school.postcode_district for each in ordered],
        [each.school.area for each in ordered],
        [each.school.region for each in ordered],
        [each.school.trust_id for each in ordered],
        [each.school.trust_name for each in ordered],
        [each.trust_as_at for each in ordered],
        [each.source for each in ordered],
        [each.source_as_at for each in ordered],
        [each.announced_open for each in ordered],
        [f"{{{','.join(str(day) for closure in each.school.closures for day in closure)}}}" for each in ordered],
        uow.now,
    )


async def save_trusts(uow: UnitOfWork, lines: Sequence[Listed]) -> None:
    """Write to which trusts these schools belong. What stays as it was is left alone, so that it was known since then."""
    if not lines:
        return
    given = {each for line in lines for each in line.trusts}
    there = [each for held in (await trusts_of(uow, [line.school.urn for line in lines])).values() for each in held]
    gone = [each for each in there if each not in given]
    if gone:
        await uow.execute(
            "delete from school_in_trust t using unnest($1::text[], $2::date[]) as n (urn, from_date) "
            "where (t.urn, lower(t.during)) = (n.urn, n.from_date)",
            [each.urn for each in gone],
            [each.from_date for each in gone],
        )
    await insert_rows(
        uow,
        "school_in_trust",
        "urn, trust_id, trust_name, during, recorded_at",
        "text text text daterange timestamptz",
        [
            (each.urn, each.trust_id, each.name, (each.from_date, each.until), uow.now)
            for each in sorted(given - set(there), key=lambda each: (each.urn, each.from_date))
        ],
    )


async def lock_trusts(uow: UnitOfWork, trust_ids: Iterable[str]) -> None:
    """Lock these trusts, making those that are new: a school that changes trust and a change of its contacts meet here.

    The register's groups name them.
    """
    ids = sorted(set(trust_ids))
    if ids:
        await uow.rows(
            "insert into trust (trust_id, name) select id, '' from unnest($1::text[]) as n (id) order by id "
            "on conflict do nothing",
            ids,
        )
        await uow.rows("select trust_id from trust where trust_id = any($1::text[]) order by trust_id for update", ids)


async def schools_of_trusts(uow: UnitOfWork, trust_ids: Iterable[str]) -> list[str]:
    """The schools that belong to one of these trusts on any day."""
    rows = await uow.rows(
        "select distinct urn from school_in_trust where trust_id = any($1::text[]) order by urn", sorted(set(trust_ids))
    )
    return [row.urn for row in rows]


async def areas(uow: UnitOfWork, authorities: Iterable[str]) -> dict[tuple[str, str], str]:
    """The area of each postcode district, by authority."""
    rows = await uow.rows(
        "select authority, district, area from area_district where authority = any($1::text[])",
        sorted(set(authorities)),
    )
    return {(row.authority, row.district): row.area for row in rows}


async def schools_elsewhere_placed(uow: UnitOfWork, authority: str) -> list[str]:
    """Schools of the authority whose area isn't what the table of postcode districts says now."""
    rows = await uow.rows(
        "select s.urn from school s left join area_district d "
        "on d.authority = s.authority and d.district = s.postcode_district "
        "where s.authority = $1 and s.area is distinct from d.area order by s.urn",
        authority,
    )
    return [row.urn for row in rows]
