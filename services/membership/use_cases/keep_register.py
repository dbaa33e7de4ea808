"""Keeping the register: lines of schools from its files, and the days on which schools open and close."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.school import Status
from services.membership.store import schools as kept_schools
from services.membership.store.schools import Listed
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, reroute
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story


@dataclass(frozen=True)
class TrustLine:
    """What one source says of a school's trust; ``trust_id`` None where it says that there is none."""

    urn: str
    trust_id: str | None
    trust_name: str | None
    as_at: date


async def keep_schools(
    uow: UnitOfWork, lines: Sequence[Listed], *, batch_id: UUID | None = None, fill: bool = False
) -> int:
    """Take over lines of the register. Publishes every school whose line differs from what is kept. How many did.

    ``fill``: the lines come from another listing, which only fills what the register leaves blank.
    """
    trusts = {each.school.trust_id: each.school.trust_name or "" for each in lines if each.school.trust_id}
    await kept_schools.lock_trusts(uow, trusts)
    await hold(uow, [each.school.urn for each in lines])
    known = await kept_schools.listed(uow, [each.school.urn for each in lines])
    areas = await kept_schools.areas(uow, {each.school.authority for each in lines})
    changed = []
    for line in {each.school.urn: each for each in lines}.values():
        district = (line.school.authority, line.school.postcode_district or "")
        placed = replace(line, school=replace(line.school, area=areas.get(district)))
        merged = _merged(known.get(line.school.urn), placed, fill=fill)
        if merged != known.get(line.school.urn):
            changed.append(merged)
    await publish_lines(uow, changed, known, batch_id=batch_id)
    return sum(1 for each in changed if _differs(each, known))


async def keep_trusts(uow: UnitOfWork, lines: Sequence[TrustLine], *, batch_id: UUID | None = None) -> int:
    """Take over what a source says of trusts. Where sources differ, the later-dated one wins (D3.11)."""
    await kept_schools.lock_trusts(uow, {each.trust_id: each.trust_name or "" for each in lines if each.trust_id})
    await hold(uow, [each.urn for each in lines])
    known = await kept_schools.listed(uow, [each.urn for each in lines])
    changed = []
    for line in {each.urn: each for each in lines}.values():
        listed = known.get(line.urn)
        if listed is None or (listed.trust_as_at is not None and listed.trust_as_at >= line.as_at):
            continue
        school = replace(listed.school, trust_id=line.trust_id, trust_name=line.trust_name)
        changed.append(replace(listed, school=school, trust_as_at=line.as_at))
    await publish_lines(uow, changed, known, batch_id=batch_id)
    return sum(1 for each in changed if _differs(each, known))


async def place_schools(uow: UnitOfWork, authority: str) -> int:
    """Put every school of the authority into the area of its postcode district."""
    urns = await kept_schools.schools_elsewhere_placed(uow, authority)
    await hold(uow, urns)
    known = await kept_schools.listed(uow, urns)
    areas = await kept_schools.areas(uow, [authority])
    placed = [
        replace(each, school=replace(each.school, area=areas.get((authority, each.school.postcode_district or ""))))
        for each in known.values()
    ]
    await publish_lines(uow, placed, known, quiet=True)
    return len(placed)


async def announce_opened_and_closed(
    uow: UnitOfWork, urns: Sequence[str], day: date, causes: Mapping[str, Cause]
) -> None:
    """Publish the schools that open or close on this day."""
    known = await kept_schools.listed(uow, urns)
    turned = [each for each in known.values() if each.school.open_on(day) != each.announced_open]
    await _write(uow, turned, day, causes)


def _merged(known: Listed | None, line: Listed, *, fill: bool) -> Listed:
    """The line as it is kept: blanks of a source don't wipe out what an earlier one knew, and the later source wins."""
    if known is None:
        return line
    old, new = known.school, line.school
    if fill or line.source_as_at < known.source_as_at:
        old, new = new, old
    # A school that a later listing has is open, if the register only proposed to open it.
    opened = fill and known.school.status is Status.PROPOSED and line.source_as_at >= known.source_as_at
    trust = line if _trust_is_later(line, known) else known
    school = replace(
        new,
        status=Status.OPEN if opened else new.status,
        phase=new.phase or old.phase,
        type_code=new.type_code or old.type_code,
        opened_on=new.opened_on or old.opened_on,
        closed_on=new.closed_on or old.closed_on,
        postcode_district=new.postcode_district or old.postcode_district,
        area=line.school.area or known.school.area,
        region=new.region or old.region,
        trust_id=trust.school.trust_id,
        trust_name=trust.school.trust_name,
    )
    return Listed(
        school,
        known.source if fill or line.source_as_at < known.source_as_at else line.source,
        max(known.source_as_at, line.source_as_at),
        trust.trust_as_at,
        known.announced_open,
    )


def _trust_is_later(line: Listed, known: Listed) -> bool:
    return line.trust_as_at is not None and (known.trust_as_at is None or line.trust_as_at >= known.trust_as_at)


async def publish_lines(
    uow: UnitOfWork,
    lines: Sequence[Listed],
    known: Mapping[str, Listed],
    *,
    quiet: bool = False,
    batch_id: UUID | None = None,
) -> None:
    """Write the lines, publish those whose school differs, and look at their schools again.

    The first reading of the register is state, not news: nobody is told that somebody speaks for a school now.
    """
    told = [each for each in lines if _differs(each, known)]
    causes = {}
    for line in told:
        with story("register.line", import_row=True, batch_id=batch_id, urn=line.school.urn) as cause:
            causes[line.school.urn] = cause
    await kept_schools.save(uow, [each for each in lines if each.school.urn not in causes])
    await _write(uow, told, uow.today, causes)
    new = [urn for urn in causes if urn not in known]
    await reroute(uow, new, Change("register", causes, take_on=True))
    await reroute(uow, [urn for urn in causes if urn in known], Change("register", causes, take_on=quiet))


def _differs(line: Listed, known: Mapping[str, Listed]) -> bool:
    return line.school.urn not in known or line.school != known[line.school.urn].school


async def _write(uow: UnitOfWork, lines: Sequence[Listed], day: date, causes: Mapping[str, Cause]) -> None:
    await kept_schools.save(uow, [replace(each, announced_open=each.school.open_on(day)) for each in lines])
    for each in sorted(lines, key=lambda each: each.school.urn):
        uow.record(
            outbound.school_recorded(each.school, day),
            key=school_key(each.school.authority, each.school.urn),
            because=causes[each.school.urn],
        )
