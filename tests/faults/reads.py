"""What the acts of the load have left behind in each service, read from its tables."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from shared.clock import NOW
from shared.contracts.membership import DESKS, desk_id
from tests.faults.found import Award, Delivery, Entry, Letter, Message

if TYPE_CHECKING:
    from tests.faults.final import Final

Sql = Callable[[str, str], Awaitable[list[Any]]]  # a service and a statement on its database, to rows
Each = Callable[[str, str], AsyncIterator[Any]]  # the same, one row at a time
NOBODY = ""  # the part of an award that no school has
# What a desk of the council hears at its own mailbox, and it alone.
_TO_A_DESK = "kind = 'desk-speaks' and (message.authority, person_id::text) in ({})".format(
    ", ".join(f"('{authority}', '{desk_id(authority, desk)}')" for authority in ("937", "801") for desk in DESKS)
)
PEOPLE = -1  # what is on the people topic stands there only until it is said anew


async def _counted(sql: Sql, service: str, named: str) -> dict[str, int]:
    rows = await sql(service, f"select name, count(*) as n from (select {named}) as each (name) group by 1")
    return {row["name"]: row["n"] for row in rows}


async def read_membership(sql: Sql, found: "Final") -> None:
    found.outcomes = await _counted(sql, "membership", "inspection_number from outcome")
    found.entries = await _counted(sql, "membership", "reason from la_entry")
    rows = await sql("membership", "select name, string_agg(state, ',') as states from import group by 1")
    found.imports = {row["name"]: row["states"] for row in rows}
    rows = await sql("membership", "select body_id, person_id, lower(during) as since from term where post = 'chair'")
    found.terms = Counter((str(row["body_id"]), str(row["person_id"]), row["since"].isoformat()) for row in rows)
    statement = "select urn, correlation_id, released_on is not null as told from withheld"
    rows = await sql("membership", statement)
    found.withheld = {(row["urn"], str(row["correlation_id"])): row["told"] for row in rows}
    rows = await sql("membership", "select turned_to from turned")
    found.turned_to = rows[0]["turned_to"] if rows else date.min
    heads: dict[str, set[str]] = defaultdict(set)
    statement = "select urn, person_id from headship where during @> (select today from clock)"
    for row in await sql("membership", statement):
        heads[row["urn"]].add(str(row["person_id"]))
    found.heads_of = {urn: frozenset(people) for urn, people in heads.items()}
    speakers: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    for row in await sql(
        "membership",
        """
        select urn, matter, role, body_id, speaker.trust_id, person_id
        from speaker join school using (urn) where during @> (select today from clock)
        """,
    ):
        who = (row["role"], str(row["body_id"] or ""), row["trust_id"] or "", str(row["person_id"] or ""))
        speakers[row["urn"], row["matter"]].append(who)
    found.speakers = dict(speakers)


async def read_meetings(sql: Sql, found: "Final") -> None:
    found.meetings = await _counted(sql, "meetings", "body_id::text || ' ' || on_date::text from meeting")
    rows = await sql(
        "meetings",
        """
        select urn from school where exists (
            select from body join meeting using (body_id)
            where body.kind = 'area-analysis-group' and body.authority = school.authority
                and school.area = any(body.areas) and on_date >= (select today from clock))
        """,
    )
    found.with_a_group = frozenset(row["urn"] for row in rows)
    found.agenda = await _counted(sql, "meetings", "urn from agenda_item where withdrawn_at is null")


async def read_funding(sql: Sql, found: "Final") -> None:
    """The awards and the ledger; and who was in the chair on which day, by membership's own terms of office."""
    days: dict[str, dict[str, int]] = defaultdict(dict)
    pence: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await sql(
        "funding",
        """
        select award_id, urn, days, pence from award join award_share using (award_id, version)
        union all
        select award_id, '', unawarded_days, unawarded_pence from award join award_version using (award_id, version)
        """,
    ):
        if row["days"] or row["pence"]:
            days[str(row["award_id"])][row["urn"]] = row["days"]
            pence[str(row["award_id"])][row["urn"]] = row["pence"]
    found.awards = [
        Award(
            str(row["award_id"]), str(row["body_id"]), row["year_from"], row["year_to"], row["amount_pence"],
            days[str(row["award_id"])], pence[str(row["award_id"])],
        )
        for row in await sql("funding", "select award_id, body_id, year_from, year_to, amount_pence from award")
    ]  # fmt: skip
    rows = await sql(
        "funding",
        """
        select award_id, coalesce(account.urn, '') as urn, -sum(pence)::bigint as pence
        from entry join posting using (entry_id) join account using (account_id)
        where kind <> 'award-commitment' group by 1, 2 having sum(pence) <> 0
        """,
    )
    found.ledger = {(str(row["award_id"]), row["urn"]): row["pence"] for row in rows}
    found.in_the_chair = await _in_the_chair(sql, {(award.year_from, award.until) for award in found.awards})


async def _in_the_chair(sql: Sql, years: set[tuple[date, date]]) -> dict[tuple[str, date], dict[str, int]]:
    """Day by day: of all who are chair or act as chair, who began last; her school has the day, else nobody."""
    rows = await sql(
        "membership",
        """
        select term.body_id::text as body, lower(term.during) as since, upper(term.during) as until,
            term.post = 'acting-chair' as acting, coalesce(min(headship.urn), '') as urn
        from term join body using (body_id)
            left join headship on headship.person_id = term.person_id and headship.during @> (select today from clock)
        where term.post in ('chair', 'acting-chair') and award_pence is not null group by 1, 2, 3, 4, term.term_id
        """,
    )
    terms: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        terms[row["body"]].append(row)
    found: dict[tuple[str, date], dict[str, int]] = {}
    for body, held in terms.items():
        for first, until in years:
            days: Counter[str] = Counter()
            for number in range((until - first).days):
                day = first + timedelta(days=number)
                here = [
                    each for each in held if each["since"] <= day and (each["until"] is None or day < each["until"])
                ]
                last = max(here, key=lambda each: (each["since"], each["acting"]), default=None)
                days[last["urn"] if last else NOBODY] += 1
            found[body, first] = dict(days)
    return found


async def read_notifications(sql: Sql, found: "Final") -> None:
    """What the feed, departments and people were given."""
    rows = await sql(
        "notifications", "select count(*) - count(distinct event_id) as doubled, count(*) as n from feed_entry"
    )
    found.feed_doubled = rows[0]["doubled"]
    rows = await sql(
        "notifications", "select coalesce(sum(highest), 0) - (select count(*) from feed_entry) as n from feed_counter"
    )
    found.feed_gaps = int(rows[0]["n"])
    rows = await sql(
        "notifications",
        """
        select f.event_id::text as id from feed_entry f join journey j using (event_id)
        where j.sensitivity <> 'public' or not j.told
        """,
    )
    found.told_too_early = [row["id"] for row in rows]
    rows = await sql(
        "notifications",
        f"""
        select distinct event_id::text as id from message join journey using (event_id)
        where not told and not ({_TO_A_DESK}) and not exists (
            select from told_school where told_school.correlation_id = message.correlation_id and urn = message.urn)
        """,
    )
    found.mailed_too_early = [row["id"] for row in rows]
    rows = await sql("notifications", "select correlation_id::text as story, urn from told_school")
    found.told_schools = frozenset((row["story"], row["urn"]) for row in rows)
    rows = await sql(
        "notifications",
        "select event_id::text || ' ' || audience as name, correlation_id::text as story, key from held",
    )
    found.held = {row["name"]: (row["story"], row["key"].rpartition("/")[2]) for row in rows}
    await _letters(sql, found)


async def _letters(sql: Sql, found: "Final") -> None:
    for kinds, messages in (
        ("kind not in ('inspection-call', 'desk-speaks')", found.messages),
        ("kind = 'desk-speaks'", found.alerts),
    ):
        rows = await sql(
            "notifications",
            f"""
            select event_id::text as event, person_id::text as person, state, coalesce(letter_id::text, '') as letter,
                due_at <= {NOW} as due, extract(epoch from created_at)::float8 as made_at
            from message where {kinds}
            """,
        )
        messages += [Message(**dict(row)) for row in rows]
    rows = await sql(
        "notifications",
        """
        select letter.id::text as id, letter.person_id::text as person, letter.state, count(message.id) as messages
        from letter left join message on letter_id = letter.id group by letter.id
        """,
    )
    found.letters = {row["id"]: Letter(row["person"], row["state"], row["messages"]) for row in rows}


async def read_journey(each: Each, found: "Final") -> None:
    """By event; and feed and webhooks, of which there may be as many."""
    journey: dict[str, int] = {}
    read_at: dict[str, float] = {}
    batches: dict[str, int] = {}
    by_hand = {key for _, key in found.by_hand}
    async for row in each(
        "notifications",
        """
        select event_id::text as id, key, xmin::text as batch, type, extract(epoch from read_at)::float8 as at
        from journey order by read_at
        """,
    ):
        if row["key"] not in by_hand:
            batch = batches.setdefault(row["batch"], len(batches))
            journey[row["id"]] = PEOPLE if row["type"].startswith("consortia.membership.person.") else batch
        if row["type"].startswith("consortia.membership.school.told"):
            read_at[row["id"]] = row["at"]
    found.journey, found.read_at = journey, read_at
    async for row in each(
        "notifications", "select region, number, event_id::text as event, kind from feed_entry order by region, number"
    ):
        found.feed.append(Entry(**dict(row)))
    async for row in each(
        "notifications",
        """
        select department, event_id::text as event, delivery.state, delivery.id::text as webhook, key
        from delivery join subscription on subscription.id = subscription_id order by position
        """,
    ):
        found.deliveries.append(Delivery(**dict(row)))
