"""Which authorities a body, a school, a trust or a person belongs to (docs/decisions/0020)."""

import enum
from collections import defaultdict
from collections.abc import Iterable

from shared.store import UnitOfWork


class Kind(enum.StrEnum):
    BODY = "body"
    SCHOOL = "school"
    TRUST = "trust"
    PERSON = "person"


Thing = tuple[Kind, str]

# A trust is where a school of its is open, or is to open or to join: who speaks there may be its contact.
_WHOSE = """
    select 'body' as kind, body_id::text as id, authority from body where body_id = any($1::uuid[])
    union all
    select 'school', urn, authority from school where urn = any($2::text[])
    union all
    select 'trust', t.trust_id, s.authority from school_in_trust t join school s using (urn)
    where t.trust_id = any($3::text[]) and (upper(t.during) is null or upper(t.during) > $5::date)
      and (s.closed_on > $5::date or (s.closed_on is null and s.status <> 'closed'))
    union all
    select 'person', person_id::text, authority from person where person_id = any($4::uuid[])
"""


async def whose(uow: UnitOfWork, things: Iterable[Thing]) -> dict[Thing, frozenset[str]]:
    """The authorities of each of these. What nobody has entered yet, and a trust without a school, belongs to none."""
    asked: dict[Kind, set[str]] = defaultdict(set)
    for kind, name in things:
        asked[kind].add(name)
    found: dict[Thing, set[str]] = defaultdict(set)
    if asked:
        for row in await uow.rows(_WHOSE, *(sorted(asked[kind]) for kind in Kind), uow.today):
            found[Kind(row.kind), row.id].add(row.authority)
    return {thing: frozenset(authorities) for thing, authorities in found.items()}
