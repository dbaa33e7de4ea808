"""An answer in the shape in which it is given, with its validity: the record's, else what the facts say of it (R0.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.membership.domain.representation import Role, Speaker
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts, Standing, standing
from services.membership.domain.validity import holds_since, holds_until
from services.membership.store import queries
from shared.store import UnitOfWork

# What an answer says of whoever is named.
OF_SOMEBODY = (
    "role", "rule", "office_id", "body_id", "body_name", "trust_id", "trust_name", "person_id", "category", "routes_as",
    "policy", "policy_version", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """From what a school is answered: the facts that the reader may know (R0.8), and how far the record has come.

    ``first``: the first date among the facts at which nobody has looked yet. It may lie ahead; None: there is none.
    """

    facts: Facts
    first: date | None
    today: date

    def known_to(self, day: date) -> date:
        """The last day, up to this one, whose facts the record knows (decision 0017)."""
        return self.first - timedelta(days=1) if self.first is not None and self.first <= day else day


def short(speaker: Speaker) -> dict[str, Any]:
    return {
        "role": speaker.role.value,
        "rule": speaker.rule,
        "reason": speaker.reason,
        "office_id": speaker.office_id,
        "body_id": speaker.body_id,
        "trust_id": speaker.trust_id,
        "person_id": speaker.person_id,
    }


def recorded(seen: Seen, stored: Mapping[str, Any], day: date) -> dict[str, Any]:
    """An answer of the record. The last one has no end there: it holds until the facts give another, if they say when."""
    return {**stored, "valid_until": stored["valid_until"] or _end_of(seen, stored, day), "as_of": seen.known_to(day)}


def planned(
    seen: Seen, matter: Matter, day: date, now: Standing, last: Mapping[str, Any] | None, names: Mapping[UUID, str]
) -> dict[str, Any] | None:
    """What today's knowledge gives for a day to come, or for one before its first look; None where it names nobody.

    ``now``: where the school stands that day. ``last``: the last answer of the record, which may go on until then.
    ``names``: of bodies.
    """
    speaker = now.speaker(matter)
    if speaker is None:
        return None
    around = seen.facts.circumstances
    return {
        "urn": around.school.urn,
        "school_name": around.school.name,
        "authority": around.school.authority,
        "matter": matter.value,
        **short(speaker),
        "body_name": names.get(speaker.body_id) if speaker.body_id is not None else None,
        "trust_name": around.trust_name(speaker.trust_id),
        "category": now.category.value,
        "policy": around.policy_on(day).name,
        "policy_version": around.policy_on(day).version,
        "valid_from": _beginning(seen, matter, day, now, last),
        "valid_until": holds_until(seen.facts, matter, day),
        "recorded_at": None,
        "as_of": day,
        "planned": True,
    }


def nobody(seen: Seen, matter: Matter, day: date, why: str, since: date | None, until: date | None) -> dict[str, Any]:
    """That nobody was named on a day that has gone: the record has no answer between these days."""
    school = seen.facts.circumstances.school
    return {
        "urn": school.urn,
        "school_name": school.name,
        "authority": school.authority,
        "matter": matter.value,
        **dict.fromkeys(OF_SOMEBODY),
        "reason": why,
        "valid_from": since,
        "valid_until": until,
        "as_of": day,
    }


async def named(uow: UnitOfWork, urn: str, speaker: Speaker | None) -> dict[str, Any] | None:
    """An answer in short, with what its body, its trust and its person are called. None: nobody is to be named."""
    if speaker is None:
        return None
    place = await queries.place(uow, urn, speaker.body_id, speaker.trust_id)
    return {**short(speaker), **place, "person": await queries.person(uow, speaker.person_id)}


def _end_of(seen: Seen, last: Mapping[str, Any], day: date) -> date | None:
    """None also where the facts give something else of today than was told, or an end that has come: nobody was told yet."""
    matter, looked_at = Matter(last["matter"]), seen.known_to(seen.today)
    ends = holds_until(seen.facts, matter, looked_at)
    if ends is None or ends <= day or not _is(last, standing(seen.facts, looked_at), matter):
        return None
    return ends


def _beginning(seen: Seen, matter: Matter, day: date, now: Standing, last: Mapping[str, Any] | None) -> date:
    """Nobody speaks from an earlier day than it is recorded, but the last answer of the record may go on (R0.4)."""
    first = seen.first
    not_before = first if first is not None and first <= day else min(seen.today, day)
    begins = holds_since(seen.facts, matter, day, not_before)
    if begins == not_before and last is not None and _is(last, now, matter):
        since: date = last["valid_from"]
        return since
    return begins


def _is(stored: Mapping[str, Any], now: Standing, matter: Matter) -> bool:
    speaker = now.speaker(matter)
    given = {**short(speaker), "category": now.category.value} if speaker is not None else None
    return given is not None and all(stored[name] == value for name, value in given.items())


async def with_address(uow: UnitOfWork, answer: dict[str, Any], authority: str) -> dict[str, Any]:
    """Whom to ring: the person where one is named, else the desk's mailbox and telephone."""
    answer["person"] = await queries.person(uow, answer["person_id"])
    role = Role(answer["role"]) if answer["role"] is not None else None
    answer["desk"] = await queries.desk(uow, authority, role.value) if role is not None and role.is_desk else None
    return answer
