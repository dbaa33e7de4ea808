"""What each edition of a register said, line by line. Only ever added to; a correction is a further version."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.membership.domain.listing import Continuing, Listing, Source, TrustListing
from services.membership.domain.school import Status
from services.membership.domain.trust import ClosedTrust
from shared.store import UnitOfWork

_WORDS = ("authority", "name", "phase", "type_code", "region", "postcode_district", "trust_id", "trust_name")
_DATES = ("opened_on", "closed_on", "joined_on")


async def listings_of(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, list[Listing]]:
    rows = await uow.rows(
        "select urn, source, part, as_at, version, name, says::text as says from listing where urn = any($1::text[])",
        sorted(set(urns)),
    )
    found: dict[str, list[Listing]] = defaultdict(list)
    for row in rows:
        found[row.urn].append(
            Listing(
                urn=row.urn,
                source=Source(row.source),
                as_at=row.as_at,
                file=row.name,
                part=row.part,
                version=row.version,
                **_from_says(json.loads(row.says)),
            )
        )
    return found


async def add_listings(uow: UnitOfWork, new: Sequence[Listing]) -> None:
    ordered = sorted(new, key=lambda each: (each.urn, each.source, each.part, each.as_at, each.version))
    await uow.execute(
        "insert into listing (urn, source, part, as_at, version, says, name, recorded_at) "
        "select urn, source, part, as_at, version, says::jsonb, name, $8::timestamptz "
        "from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::integer[], $6::text[], $7::text[]) "
        "as n (urn, source, part, as_at, version, says, name)",
        [each.urn for each in ordered],
        [each.source.value for each in ordered],
        [each.part for each in ordered],
        [each.as_at for each in ordered],
        [each.version for each in ordered],
        [json.dumps(_says(each)) for each in ordered],
        [each.file for each in ordered],
        uow.now,
    )


def news(known: Mapping[str, Sequence[Listing]], sent: Iterable[Listing]) -> list[Listing]:
    """The lines that say something new, each as the next version of what the same edition said before."""
    latest: dict[tuple[str, str, str, date], Listing] = {}
    for each in sorted((one for of_urn in known.values() for one in of_urn), key=lambda one: one.version):
        latest[(each.urn, each.source, each.part, each.as_at)] = each
    found = []
    for each in sent:
        identity = (each.urn, each.source, each.part, each.as_at)
        before = latest.get(identity)
        if before is not None and _says(before) == _says(each):
            continue
        latest[identity] = replace(each, version=before.version + 1 if before else 1)
        found.append(latest[identity])
    return found


async def continuing(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, list[Continuing]]:
    """The schools of the register that continue each of these."""
    rows = await uow.rows(
        "select c.predecessor_urn, s.opened_on, s.source_as_at from continuity c join school s on s.urn = c.urn "
        "where c.predecessor_urn = any($1::text[])",
        sorted(set(urns)),
    )
    found: dict[str, list[Continuing]] = defaultdict(list)
    for row in rows:
        found[row.predecessor_urn].append(Continuing(row.opened_on, row.source_as_at))
    return found


async def urns_naming_trusts(uow: UnitOfWork, trust_ids: Iterable[str]) -> list[str]:
    rows = await uow.rows(
        "select distinct urn from listing where says ->> 'trust_id' = any($1::text[]) and says ? 'trust_id' order by urn",
        sorted(set(trust_ids)),
    )
    return [row.urn for row in rows]


async def closed_trusts(uow: UnitOfWork, trust_ids: Iterable[str]) -> dict[str, ClosedTrust]:
    """Which of these trusts the register's groups have as closed; from the day of the edition where no day is given."""
    rows = await uow.rows(
        "select trust_id, listed_on, coalesce(closed_on, listed_on) as closed_on from trust "
        "where trust_id = any($1::text[]) and not open",
        sorted(set(trust_ids)),
    )
    return {row.trust_id: ClosedTrust(row.listed_on, row.closed_on) for row in rows}


async def trust_listings(uow: UnitOfWork, trust_ids: Iterable[str]) -> dict[str, list[TrustListing]]:
    rows = await uow.rows(
        "select trust_id, as_at, version, name, says::text as says from trust_listing where trust_id = any($1::text[])",
        sorted(set(trust_ids)),
    )
    found: dict[str, list[TrustListing]] = defaultdict(list)
    for row in rows:
        said = json.loads(row.says)
        dates = {name: date.fromisoformat(said[name]) for name in ("opened_on", "closed_on") if name in said}
        found[row.trust_id].append(
            TrustListing(
                row.trust_id, row.as_at, said["name"], said["open"], file=row.name, version=row.version, **dates
            )
        )
    return found


async def add_trust_listings(uow: UnitOfWork, new: Sequence[TrustListing]) -> None:
    ordered = sorted(new, key=lambda each: (each.trust_id, each.as_at, each.version))
    await uow.execute(
        "insert into trust_listing (trust_id, as_at, version, says, name, recorded_at) "
        "select trust_id, as_at, version, says::jsonb, name, $6::timestamptz "
        "from unnest($1::text[], $2::date[], $3::integer[], $4::text[], $5::text[]) "
        "as n (trust_id, as_at, version, says, name)",
        [each.trust_id for each in ordered],
        [each.as_at for each in ordered],
        [each.version for each in ordered],
        [json.dumps(trust_says(each)) for each in ordered],
        [each.file for each in ordered],
        uow.now,
    )


async def save_trusts(uow: UnitOfWork, trusts: Sequence[TrustListing]) -> None:
    """Write locked trusts as the editions give them together."""
    await uow.execute(
        """
        update trust t
        set name = n.name, open = n.open, opened_on = n.opened_on, closed_on = n.closed_on, listed_on = n.listed_on
        from unnest($1::text[], $2::text[], $3::boolean[], $4::date[], $5::date[], $6::date[])
             as n (trust_id, name, open, opened_on, closed_on, listed_on)
        where t.trust_id = n.trust_id
        """,
        [each.trust_id for each in trusts],
        [each.name for each in trusts],
        [each.open for each in trusts],
        [each.opened_on for each in trusts],
        [each.closed_on for each in trusts],
        [each.as_at for each in trusts],
    )


def trust_says(listing: TrustListing) -> dict[str, Any]:
    said: dict[str, Any] = {"name": listing.name, "open": listing.open}
    if listing.opened_on:
        said["opened_on"] = listing.opened_on.isoformat()
    if listing.closed_on:
        said["closed_on"] = listing.closed_on.isoformat()
    return said


def _says(listing: Listing) -> dict[str, Any]:
    """What is not blank."""
    said: dict[str, Any] = {word: value for word in _WORDS if (value := getattr(listing, word))}
    said |= {name: value.isoformat() for name in _DATES if (value := getattr(listing, name))}
    if listing.status is not None:
        said["status"] = listing.status.value
    if listing.closing:
        said["closing"] = True
    return said


def _from_says(said: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(said)
    for name in _DATES:
        if name in found:
            found[name] = date.fromisoformat(found[name])
    if "status" in found:
        found["status"] = Status(found["status"])
    return found
