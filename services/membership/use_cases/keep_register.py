"""Keeping the register: what each edition says of schools and trusts, and the days on which schools open and close."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.listing import Listing, TrustListing, closed_by_continuation, fold, fold_trust
from services.membership.domain.school import Status
from services.membership.store import authorities, continuity, representation
from services.membership.store import listings as kept_listings
from services.membership.store import schools as kept_schools
from services.membership.store.schools import Listed
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.members import tell_by_closings
from services.membership.use_cases.reroute import Change, reroute
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story


@dataclass(frozen=True)
class Kept:
    """How many schools were new, and how many differ from what was kept; and which, each with its authority."""

    new: int = 0
    changed: int = 0
    new_ones: tuple[tuple[str, str], ...] = ()
    changed_ones: tuple[tuple[str, str], ...] = ()


async def keep_schools(uow: UnitOfWork, listings: Sequence[Listing], *, batch_id: UUID | None = None) -> Kept:
    """Take over lines of a register, and publish every school that follows otherwise from them.

    A line that says what the same edition said before changes nothing.
    """
    # Whoever adopts a policy can't lock a school that isn't there yet, so a school that comes waits for her.
    await authorities.policies_stay(uow, {each.authority for each in listings if each.authority})
    await kept_schools.lock_trusts(uow, {each.trust_id for each in listings if each.trust_id})
    urns = {each.urn for each in listings}
    await hold(uow, urns | set(await representation.heirs(uow, urns)))
    known = await kept_listings.listings_of(uow, urns)
    new = kept_listings.news(known, listings)
    if not new:
        return Kept()
    await kept_listings.add_listings(uow, new)
    told = {urn: list(known.get(urn, ())) for urn in {each.urn for each in new}}
    for each in new:
        told[each.urn].append(each)
    return await _settle(uow, told, batch_id=batch_id)


async def keep_trusts(uow: UnitOfWork, listings: Sequence[TrustListing], *, batch_id: UUID | None = None) -> int:
    """Take over what the register's groups say of trusts. A closed trust speaks for nobody."""
    ids = {each.trust_id for each in listings}
    await kept_schools.lock_trusts(uow, ids)
    known = await kept_listings.trust_listings(uow, ids)
    new = [each for listing in listings if (each := _correction(known[listing.trust_id], listing)) is not None]
    if not new:
        return 0
    await kept_listings.add_trust_listings(uow, new)
    told = {each.trust_id: [*known[each.trust_id], each] for each in new}
    closed_before = await kept_listings.closed_trusts(uow, told)
    await kept_listings.save_trusts(uow, [fold_trust(told[trust_id]) for trust_id in sorted(told)])
    closed = await kept_listings.closed_trusts(uow, told)
    turned = {each for each in told if closed_before.get(each) != closed.get(each)}
    urns = await kept_listings.urns_naming_trusts(uow, turned)
    await hold(uow, urns)
    await resettle(uow, urns, batch_id=batch_id)
    return len(new)


def _correction(known: Sequence[TrustListing], sent: TrustListing) -> TrustListing | None:
    """The line as the next version of what its edition said before; None where it says the same."""
    before = max((each for each in known if each.as_at == sent.as_at), key=lambda each: each.version, default=None)
    if before is None:
        return sent
    if kept_listings.trust_says(before) == kept_listings.trust_says(sent):
        return None
    return replace(sent, version=before.version + 1)


async def resettle(uow: UnitOfWork, urns: Sequence[str], *, batch_id: UUID | None = None) -> Kept:
    """Work out locked schools again from all that was listed of them."""
    return await _settle(uow, await kept_listings.listings_of(uow, urns), batch_id=batch_id) if urns else Kept()


async def settle_closings(uow: UnitOfWork, urns: Iterable[str]) -> None:
    """Others continue these schools otherwise than was known. One that closed on a day that no edition gives closed when
    another took its place, whichever file comes first; one that is closed only by that is open again where none did."""
    asked = sorted(set(urns))
    if not asked:  # as with nearly every outcome that is recorded
        return
    rows = await uow.rows(
        "select urn from school where urn = any($1::text[]) and (status = 'open' and closed_on is not null "
        "or status = 'closed' and not exists "
        "(select from listing l where l.urn = school.urn and l.says ? 'closed_on' and not exists "
        "(select from listing put_right where (put_right.urn, put_right.source, put_right.part, put_right.as_at) "
        "= (l.urn, l.source, l.part, l.as_at) and put_right.version > l.version))) order by urn",
        asked,
    )
    if rows:
        await resettle(uow, await hold(uow, [row.urn for row in rows]))


async def _settle(uow: UnitOfWork, told: Mapping[str, Sequence[Listing]], *, batch_id: UUID | None) -> Kept:
    trusts = {each.trust_id for listings in told.values() for each in listings if each.trust_id}
    closed = await kept_listings.closed_trusts(uow, trusts) if trusts else {}
    continuing = await kept_listings.continuing(uow, told)
    known = await kept_schools.listed(uow, told)
    folded = {urn: each for urn, listings in told.items() if (each := fold(listings, closed, uow.today)) is not None}
    areas = await kept_schools.areas(uow, {each.school.authority for each in folded.values()})
    changed = []
    for urn, each in sorted(folded.items()):
        before = known.get(urn)
        school = closed_by_continuation(each, continuing.get(urn, ()))
        placed = replace(
            school,
            area=areas.get((school.authority, school.postcode_district or "")),
            region=school.region or (before.school.region if before else ""),
        )
        was_open = before.announced_open if before else False
        line = Listed(placed, each.file, each.listed_on, each.trust_as_at, was_open, each.trusts)
        if line != before:
            changed.append(line)
    await publish_lines(uow, changed, known, batch_id=batch_id)
    new = tuple((each.school.authority, each.school.urn) for each in changed if each.school.urn not in known)
    differ = tuple(
        (before.school.authority, each.school.urn)
        for each in changed
        if (before := known.get(each.school.urn)) is not None and _differs(each, known)
    )
    return Kept(len(new), len(differ), new, differ)


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


async def publish_lines(
    uow: UnitOfWork,
    lines: Sequence[Listed],
    known: Mapping[str, Listed],
    *,
    quiet: bool = False,
    batch_id: UUID | None = None,
) -> None:
    """Write the lines, publish those whose school differs, and look at their schools again.

    The first reading of the register is state, not news: nobody is told that somebody speaks for a school now. What it
    says otherwise than before counts for the days that have gone too, and is told as a correction of them (R0.4). A
    school that opens again was closed until then, and its days until then are seen as before. One whose places had ended
    with it is looked at when they are written again (follow.py), or the desk would be told first.
    """
    told = [each for each in lines if _differs(each, known)]
    causes = {}
    for line in told:
        with story("register.line", import_row=True, batch_id=batch_id) as cause:
            causes[line.school.urn] = cause
    heirs = await _heirs(uow, told, known)
    again_open = {each.school.urn for each in told if _opens_again(each, known, uow.today)}
    of_another = {each.school.urn for each in told if _is_anothers_now(each, known)}
    decided = {each.school.urn for each in told if _decides_otherwise(each, known)} - of_another
    before = {urn: each.school for urn, each in known.items()}
    await tell_by_closings(uow, before, {each.school.urn: each.school for each in told})
    past = await remember(uow, [*decided, *heirs], date.min)
    await kept_schools.save(uow, [each for each in lines if each.school.urn not in causes])
    await kept_schools.save_trusts(uow, [each for each in told if _trusts_differ(each, known)])
    await _write(uow, told, known, uow.today, causes)
    closing = [each.school.urn for each in told if _closing(each) != _closing(known.get(each.school.urn))]
    if closing:
        await continuity.mark_linked(uow, closing)
    new = [urn for urn in causes if urn not in known]
    await reroute(uow, new, Change("register", causes, take_on=True))
    again = {*(urn for urn in causes if urn in known), *heirs} - await continuity.places_to_come_back(uow, again_open)
    await reroute(uow, again, Change("register", heirs | causes, take_on=quiet, passed=of_another))
    await correct_past(uow, past, date.min, heirs | causes)


async def _heirs(uow: UnitOfWork, lines: Sequence[Listed], known: Mapping[str, Listed]) -> dict[str, Cause]:
    """What a school passes on depends on its type, and on the day on which it opened: those that continue one that has
    another, with the cause for each."""
    turned = [line.school.urn for line in lines if _passes_on_by(line) != _passes_on_by(known.get(line.school.urn))]
    found = await representation.heirs(uow, turned) if turned else []
    there = await kept_schools.listed(uow, found) if found else {}
    causes = {}
    for urn in there:
        with story("register.heir", import_row=True) as cause:
            causes[urn] = cause
    return causes


def _passes_on_by(line: Listed | None) -> tuple[str, date | None]:
    return (line.school.type_code, line.school.opened_on) if line is not None else ("", None)


def _closing(line: Listed | None) -> tuple[bool, date | None]:
    return (line.school.status is Status.CLOSED, line.school.closed_on) if line is not None else (False, None)


def _differs(line: Listed, known: Mapping[str, Listed]) -> bool:
    before = known.get(line.school.urn)
    return before is None or (line.school, line.trusts) != (before.school, before.trusts)


def _trusts_differ(line: Listed, known: Mapping[str, Listed]) -> bool:
    before = known.get(line.school.urn)
    return line.trusts != (before.trusts if before else ())


def _decides_otherwise(line: Listed, known: Mapping[str, Listed]) -> bool:
    """Whether what differs is among what a category or a speaker follows from."""
    before = known.get(line.school.urn)
    return before is not None and _decisive(line) != _decisive(before)


def _is_anothers_now(line: Listed, known: Mapping[str, Listed]) -> bool:
    """Another authority has it. Its days until now were answered by the policies of the one before."""
    before = known.get(line.school.urn)
    return before is not None and before.school.authority != line.school.authority


def _opens_again(line: Listed, known: Mapping[str, Listed], today: date) -> bool:
    before = known.get(line.school.urn)
    return before is not None and not before.school.open_on(today) and line.school.open_on(today)


def _decisive(line: Listed) -> tuple[object, ...]:
    school = line.school
    return (
        school.authority,
        school.type_code,
        school.status,
        school.opened_on,
        school.closed_on,
        school.closures,
        line.trusts,
    )


async def _write(
    uow: UnitOfWork, lines: Sequence[Listed], known: Mapping[str, Listed], day: date, causes: Mapping[str, Cause]
) -> None:
    await kept_schools.save(uow, [replace(each, announced_open=each.school.open_on(day)) for each in lines])
    for each in sorted(lines, key=lambda each: each.school.urn):
        before = known.get(each.school.urn)
        recorded = outbound.school_recorded(each.school, day)
        if before is not None and recorded == outbound.school_recorded(before.school, day):
            continue  # it belonged to another trust, or was closed, on other days only; or it closed when it was to
        uow.record(
            recorded,
            key=school_key(each.school.authority, each.school.urn),
            because=causes[each.school.urn],
        )
