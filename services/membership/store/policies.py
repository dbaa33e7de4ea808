"""The policies of an authority: what it has adopted and taken back, and which of them applies on which days."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.membership.domain.adopted import Adoption, timeline
from shared.store import UnitOfWork


@dataclass(frozen=True)
class PolicyRow:
    """What is written of a policy: ``inherit`` of category policies, ``settings`` of routing policies."""

    kind: str  # category or routing
    name: str
    inherit: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says(self) -> tuple[str, str | None, dict[str, Any]]:
        return (self.name, self.inherit, {**self.settings})


@dataclass(frozen=True)
class Adoptions:
    """All that an authority has ever adopted of one kind."""

    every: Sequence[Adoption]
    withdrawn: frozenset[int]
    says: Mapping[int, PolicyRow]

    def applies(self) -> list[tuple[Adoption, date | None]]:
        return timeline(self.every, self.withdrawn)


async def adoptions(uow: UnitOfWork, code: str, kind: str) -> Adoptions:
    rows = await uow.rows(
        "select a.version, a.from_date, a.in_place_of, a.name, a.inherit, a.settings::text as settings, "
        "w.version is not null as withdrawn from policy_adoption a "
        "left join policy_withdrawal w on (w.authority, w.kind, w.version) = (a.authority, a.kind, a.version) "
        "where a.authority = $1 and a.kind = $2 order by a.version",
        code,
        kind,
    )
    return Adoptions(
        [Adoption(row.version, row.from_date, row.in_place_of) for row in rows],
        frozenset(row.version for row in rows if row.withdrawn),
        {row.version: PolicyRow(kind, row.name, row.inherit, json.loads(row.settings)) for row in rows},
    )


async def adopt(
    uow: UnitOfWork, code: str, new: PolicyRow, from_date: date | None, *, reason: str = "", adopted_by: str = ""
) -> int | None:
    """The policy from that day on; what applied before stays in the record, what was planned for later is taken back.

    The number of its version; None where it is what applies already. ``from_date`` None: it always was so.
    """
    known = await adoptions(uow, code, new.kind)
    present = known.applies()[-1:]
    if present and known.says[present[0][0].version].says == new.says and _begins_by(present[0][0], from_date):
        return None
    return await add_adoption(uow, code, known, new, from_date, reason=reason, adopted_by=adopted_by)


async def add_adoption(
    uow: UnitOfWork,
    code: str,
    known: Adoptions,
    new: PolicyRow,
    from_date: date | None,
    *,
    reason: str,
    adopted_by: str,
    in_place_of: int | None = None,
) -> int:
    """The number of the new version. ``in_place_of``: the version that was wrong, and counts no more."""
    version = 1 + max((each.version for each in known.every), default=0)
    await uow.execute(
        "insert into policy_adoption (authority, kind, version, name, inherit, settings, from_date, in_place_of, reason, "
        "adopted_by, recorded_at) "
        "values ($1, $2, $3::integer, $4, $5, $6::text::jsonb, $7::date, $8::integer, $9, $10, $11::timestamptz)",
        code,
        new.kind,
        version,
        new.name,
        new.inherit,
        json.dumps(dict(new.settings), sort_keys=True),
        from_date,
        in_place_of,
        reason,
        adopted_by,
        uow.now,
    )
    await _write_days(uow, code, new.kind)
    return version


async def withdraw_adoption(
    uow: UnitOfWork, code: str, kind: str, version: int, *, reason: str, withdrawn_by: str
) -> None:
    await uow.execute(
        "insert into policy_withdrawal (authority, kind, version, reason, withdrawn_by, recorded_at) "
        "values ($1, $2, $3::integer, $4, $5, $6::timestamptz)",
        code,
        kind,
        version,
        reason,
        withdrawn_by,
        uow.now,
    )
    await _write_days(uow, code, kind)


async def _write_days(uow: UnitOfWork, code: str, kind: str) -> None:
    """`policy` says what follows from all that was adopted. First what is shorter or gone, since one applies at a time."""
    until = {each.version: end for each, end in (await adoptions(uow, code, kind)).applies()}
    rows = await uow.rows(
        "select version, upper(during) as until from policy where authority = $1 and kind = $2 order by lower(during)",
        code,
        kind,
    )
    before = {row.version: row.until for row in rows}
    gone = [version for version in before if version not in until]
    await uow.execute(
        "delete from policy where authority = $1 and kind = $2 and version = any($3::integer[])", code, kind, gone
    )
    moved = [version for version, end in before.items() if version in until and until[version] != end]
    for version in sorted(moved, key=lambda each: (until[each] or date.max) > (before[each] or date.max)):
        await uow.execute(
            "update policy set during = daterange(lower(during), $4::date) "
            "where authority = $1 and kind = $2 and version = $3::integer",
            code,
            kind,
            version,
            until[version],
        )
    for version in sorted(until.keys() - before.keys()):
        await uow.execute(
            "insert into policy (authority, kind, during, name, version, inherit, settings, reason, adopted_by, recorded_at) "
            "select authority, kind, daterange(from_date, $4::date), name, version, inherit, settings, reason, adopted_by, "
            "$5::timestamptz from policy_adoption where authority = $1 and kind = $2 and version = $3::integer",
            code,
            kind,
            version,
            until[version],
            uow.now,
        )


def _begins_by(present: Adoption, day: date | None) -> bool:
    return present.from_date is None or (day is not None and present.from_date <= day)


async def choose_routing_policy(uow: UnitOfWork, code: str, name: str) -> bool:
    """The routing policy that an authority is taken on with: always, or where it had another, from today on."""
    present = await uow.row(
        "select name from policy where authority = $1 and kind = 'routing' and during @> $2::date", code, uow.today
    )
    if present is not None and present.name == name:
        return False
    from_date = uow.today if present is not None else None
    return await adopt(uow, code, PolicyRow("routing", name), from_date) is not None


async def policies_of(uow: UnitOfWork, code: str) -> list[dict[str, Any]]:
    """Every policy that the authority has, had, or has planned, with who adopted it and why; and what was taken back of them.

    ``from_date`` and ``until``: the days on which it applies; ``counts`` false: on none, since it was withdrawn, another
    stands in its place, or another was adopted before its day.
    """
    rows = await uow.rows(
        """
        select a.kind, a.name, a.version, a.inherit, a.settings, a.from_date, upper(p.during) as until, a.reason, a.adopted_by,
               nullif(a.recorded_at, '-infinity') as recorded_at, p.version is not null as counts, a.in_place_of,
               w.reason as withdrawn_because, w.withdrawn_by, w.recorded_at as withdrawn_at
        from policy_adoption a
        left join policy p on (p.authority, p.kind, p.version) = (a.authority, a.kind, a.version)
        left join policy_withdrawal w on (w.authority, w.kind, w.version) = (a.authority, a.kind, a.version)
        where a.authority = $1 order by a.kind, a.from_date nulls first, a.version
        """,
        code,
    )
    return [dict(row._mapping) for row in rows]
