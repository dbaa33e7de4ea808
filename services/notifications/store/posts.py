"""Who is in post: heads of schools, chairs of their governors, contacts of trusts; rows in, words of the domain out."""

from collections.abc import Collection

from services.notifications.domain.in_post import Held, Line
from shared.store import UnitOfWork

Post = tuple[str, str]  # the chair of a school's governors, or those of a trust: its kind and its number

SCHOOL, TRUST = "school", "trust"


async def headships(urns: Collection[str], uow: UnitOfWork) -> dict[str, list[Held]]:
    """Everybody who headed, heads or is to head one of these schools, as far as it was told."""
    found: dict[str, list[Held]] = {}
    for row in await uow.rows(
        "select urn, person_id, from_date, until from headship where urn = any($1::text[])", sorted(urns)
    ):
        found.setdefault(row.urn, []).append(Held(row.person_id, row.from_date, row.until))
    return found


async def lines(wanted: Collection[Post], uow: UnitOfWork) -> dict[Post, Line]:
    """Of these schools and trusts those of which any was told."""
    if not wanted:
        return {}
    rows = await uow.rows(
        "select kind, subject, told_as, post, person_id, from_date, until "
        "from post_line join unnest($1::text[], $2::text[]) as n (kind, subject) using (kind, subject) "
        "left join post_held using (kind, subject)",
        [kind for kind, _ in sorted(wanted)],
        [subject for _, subject in sorted(wanted)],
    )
    told_as = {(row.kind, row.subject): row.told_as for row in rows}
    held: dict[Post, list[Held]] = {}
    for row in rows:
        if row.person_id is not None:
            each = Held(row.person_id, row.from_date, row.until, row.post)
            held.setdefault((row.kind, row.subject), []).append(each)
    return {post: Line(word, tuple(held.get(post, ()))) for post, word in told_as.items()}
