"""A day in the life: the days of a whole school year, twice each, and one after the other but for a month away (D3.10).

What each day brings is written down in `CALENDAR`, by hand: the run must say exactly that.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.funding.use_cases.turn_year import ClockJumped, turn_year_for_all
from services.membership.domain.doubtful_clock import ClockWaits
from services.membership.use_cases import la_category, turn_days
from services.membership.use_cases.failed_days import turn_all_days
from tests.time import calendar, kinds, letters, year
from tests.time.conftest import Installation, multiset
from tests.time.year import AFTER, FIRST, OAK, named

pytestmark = pytest.mark.timeout(400)

AWAY, BACK = date(2026, 3, 20), date(2026, 4, 19)  # the last day before the month away, and the day of the return

Live = Callable[[Installation], Awaitable[None]]


def days(first: date, after: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((after - first).days))


async def day_by_day(here: Installation, first: date = FIRST, after: date = AFTER) -> None:
    for day in days(first, after):
        await here.it_is(day, confirmed=False)
        await here.tick()
        await year.act(here, day)


async def each_day_twice(here: Installation) -> None:
    """The second tick of a day finds nothing to do and says nothing."""
    for day in days(FIRST, AFTER):
        await here.it_is(day, confirmed=False)
        await here.tick()
        told = await here.count(), len(here.sent)
        assert await here.tick() == 0, f"the second tick of {day} did something"
        assert (await here.count(), len(here.sent)) == told, f"the second tick of {day} said something"
        await year.act(here, day)


async def with_a_month_away(here: Installation) -> None:
    """Nobody ticks for thirty days; then nothing happens until somebody has looked at the clock."""
    await day_by_day(here, FIRST, AWAY + timedelta(days=1))
    before = len(await here.facts())
    await here.it_is(BACK, confirmed=False)
    with pytest.raises(ClockWaits):
        await turn_all_days(here["membership"])
    with pytest.raises(ClockJumped):
        await turn_year_for_all(here["funding"])
    with pytest.raises(ClockWaits):  # an officer's act would turn the days of the schools that it touches
        await here.do(lambda uow: la_category.record_school_told(uow, OAK, told_on=BACK, told_by="officer"))
    assert len(await here.facts()) == before
    await here.tick(confirmed=True)
    assert not [each for each in await letters.sent(here) if AWAY < each.day < BACK]
    caught_up = [fact for fact in await here.facts() if fact.service == "membership"]
    dates = [day for fact in caught_up if (day := kinds.day_of(fact)) is not None and AWAY < day <= BACK]
    assert len(dates) > 20
    assert dates == sorted(dates), "what was missed is made up in the order of its days"
    await day_by_day(here, BACK, AFTER)


async def test_a_school_year_brings_every_due_item_once_and_nothing_else_however_its_days_were_turned(
    year_ahead: Callable[[], Installation],
) -> None:
    """D3.10, I2, I12. Each day twice, and once but for a month away: the same facts, fields and rows in the end."""
    twice = await _lived(year_ahead, each_day_twice)
    expected = [(day, each) for day, told in letters.LETTERS.items() for each in told]
    assert sorted((each.day, each.in_short) for each in await letters.sent(twice)) == sorted(expected)
    alerts = [(day, each) for day, told in letters.ALERTS.items() for each in told]
    assert sorted((each.day, each.in_short) for each in await letters.alerts(twice)) == sorted(alerts)
    once = await _lived(year_ahead, with_a_month_away)
    assert multiset(await once.facts(), named) == multiset(await twice.facts(), named)
    assert await rows_of(once) == await rows_of(twice)
    assert letters.told(await letters.sent(once)) == letters.told(await letters.sent(twice))
    assert letters.told(await letters.alerts(once)) == letters.told(await letters.alerts(twice))


async def _lived(year_ahead: Callable[[], Installation], live: Live) -> Installation:
    """The year lived through in one way, and held against the calendar."""
    here = year_ahead()
    await live(here)
    facts = await here.facts()
    said = Counter(kinds.in_short(fact, named) for fact in facts if fact.type != "members.changed")
    expected = Counter(f"{day} {what}" for day, told in calendar.CALENDAR.items() for what in told)
    expected += Counter(f"None {what}" for what in calendar.UNDATED)
    assert said - expected == Counter(), "said and not in the calendar"
    assert expected - said == Counter(), "in the calendar and not said"
    members = Counter(kinds.members_of(fact, named) for fact in facts if fact.type == "members.changed")
    assert members == Counter(calendar.MEMBERS)
    assert await here.rows("select 1 from due where done_at is null and on_date < $1", AFTER) == []
    assert await here.nothing_is_parked()
    assert await end_of(here) == calendar.END
    assert await one_answer_a_day(here)
    assert letters.broken(await letters.sent(here)) == []
    assert all(each.person == "the duty desk" for each in await letters.alerts(here))
    assert await letters.waiting(here) == letters.WAITING
    return here


async def test_the_year_has_every_kind_of_fact_that_waits_for_its_day(
    year_ahead: Callable[[], Installation],
) -> None:
    """Whoever lets another kind of fact wait for its day (a review date, a proposal) adds it to the year.

    Nothing can be put off of a kind that is not among these: its day would fail (tests/store/membership/test_failed_days.py).
    """
    here = year_ahead()
    rows = await here.rows("select distinct kind from due where on_date >= $1 and on_date < $2", FIRST, AFTER)
    assert {row.kind for row in rows} == turn_days.KINDS


async def end_of(here: Installation) -> dict[str, str]:
    """Who speaks for each school when the year is over, on general matters."""
    rows = await here.rows(
        "select urn, role, person_id from speaker where matter = 'general' and during @> $1::date order by urn",
        AFTER - timedelta(days=1),
    )
    return {row.urn: " ".join(filter(None, (row.role, named(row.person_id) if row.person_id else ""))) for row in rows}


async def one_answer_a_day(here: Installation) -> bool:
    """I12: no gap and no overlap in the history of any answer."""
    rows = await here.rows(
        """
        select urn from (
            select urn, upper(during) as until,
                   lead(lower(during)) over (partition by urn, matter order by lower(during)) as next
            from speaker
        ) as stretch where next is not null and until is distinct from next
        """
    )
    return rows == []


async def rows_of(here: Installation) -> dict[str, list[Any]]:
    """What the services hold in the end, without the ids and instants of a run."""
    queries = {
        "membership": [
            "select urn, matter, during, role, rule, person_id from speaker",
            "select urn, category, because, restricted, public_category, public_role, next_due from representation",
            "select body_id, post, person_id, during, end_reason from term",
            "select urn, announced_open from school",
            "select kind, subject, on_date, done_at is not null as done from due",
            "select urn, kind from withheld_fact",
        ],
        "meetings": [
            "select urn, open, area from school",
            "select body_id, post, person_id, from_date, ended_on, school_urn from office_term",
            "select urn, category, since, told, because from category_change",
            "select meeting.on_date, urn, withdrawn_at is null as live from agenda_item join meeting using (meeting_id)",
            "select body_id, urn, during from body_school",
        ],
        "funding": [
            "select body_id, year_from, urn, days, pence from award join award_share using (award_id, version)",
            "select body_id, year_from, version, unawarded_pence from award join award_version using (award_id, version)",
            "select body_id, kind, urn, sum(pence) from posting join account using (account_id) group by 1, 2, 3",
        ],
    }
    return {
        sql: sorted(str(named([str(cell) for cell in row])) for row in await here.rows(sql, service=service))
        for service, asked in queries.items()
        for sql in asked
    }
