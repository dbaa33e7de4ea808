"""The bugs of `bugs.py` in one service on a database of its own, each found by the final reads and the checkers themselves.

What is on the topics is what the service was given to read, and what waits in its outbox.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Any

import asyncpg
import pytest

from shared.contracts.envelope import unpack
from shared.messaging.records import Record
from shared.store import Store
from tests.eventually import eventually
from tests.faults import bugs, reads
from tests.faults.checks import violations
from tests.faults.final import Final
from tests.faults.history import History, Seen
from tests.faults.telling import GETS
from tests.faults.told import Told, told
from tests.faults.watching import MONEY
from tests.store.funding import conftest as of_funding
from tests.store.funding.conftest import ELM, OAK, Funding, Holder, consortium
from tests.store.meetings import conftest as of_meetings
from tests.store.meetings.conftest import APRIL, JANUARY, Meetings, chair, group, reassigned, school, system_leader
from tests.store.notifications import test_webhooks as webhooks
from tests.store.notifications.conftest import Notifications, key_of, outcome
from tests.store.notifications.receivers import verified

MEMBERSHIP = "consortia.membership.events.v1"
BEGAN, CHANGED = date(2023, 4, 1), date(2023, 9, 1)


def each_bug(service: str, *names: str) -> pytest.MarkDecorator:
    """The product as it is, and each of these bugs."""
    found: list[bugs.Bug | None] = [None, *(bugs.named(name) for name in names)]
    assert all(each is None or each.service == service for each in found)
    return pytest.mark.parametrize("bug", found, ids=["none", *names])


def judge(bug: bugs.Bug | None, found: dict[str, list[str]], *not_here: str) -> None:
    """``not_here``: invariants of which one service alone says nothing."""
    wrong = {name: findings for name, findings in found.items() if findings and name not in not_here}
    print(wrong)
    if bug:
        assert bug.found_in(wrong)
    else:
        assert wrong == {}


def sql_of(store: Store) -> reads.Sql:
    async def sql(_: str, statement: str) -> list[Any]:
        async with store.unit() as uow:
            return [row._mapping for row in await uow.rows(statement)]

    return sql


async def topics_of(store: Store, given: Iterable[Record], reader: str) -> Final:
    """What was read, and what is to be sent to departments."""
    found = Final(readers={MEMBERSHIP: (reader,)}, topics={MEMBERSHIP: []})
    for read in given:
        found.topics.setdefault(read.topic, []).append(told(read, False))
        found.readers[read.topic] = (reader,)
    for department in GETS if reader == "notifications" else ():
        found.topics[f"consortia.937.{department}.events.v1"] = list[Told]()
        found.readers[f"consortia.937.{department}.events.v1"] = ()
    for row in await sql_of(store)("", "select topic, key, headers, value from outbox order by id"):
        if row["topic"] in found.topics:
            record = Record(row["topic"], 0, 0, row["key"], row["value"], unpack(row["headers"]))
            found.topics[row["topic"]].append(told(record, False))
    for topic, records in found.topics.items():
        for each in records:
            found.heads[topic, each.key] = max(each.sequence, found.heads.get((topic, each.key), 0))
    rows = await sql_of(store)("", "select topic, key, sequence from inbox_key")
    found.reached[reader] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
    found.outcomes = {each.names: 1 for each in found.topics[MEMBERSHIP] if each.names}
    return found


async def told_of(notifications: Notifications, given: Iterable[Record]) -> Final:
    found = await topics_of(notifications.store, given, "notifications")
    sql = sql_of(notifications.store)

    async def each(service: str, statement: str) -> AsyncIterator[Any]:
        for row in await sql(service, statement):
            yield row

    await reads.read_notifications(sql, found)
    await reads.read_journey(each, found)
    return found


@each_bug("notifications", "a_reaction_that_does_nothing", "a_record_without_a_fate")
async def test_outcomes_that_are_published(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch, bug: bugs.Bug | None
) -> None:
    """I1, I9: each stands in the journey, in the feed, and on the topic of school improvement."""
    if bug:
        bug.plant(monkeypatch.setattr)
    schools = [str(100_001 + n) for n in range(12)]
    records = [notifications.record_of(outcome(urn, number=f"N{urn}"), key_of(urn)) for urn in schools]
    await notifications.reads(*records)
    judge(bug, violations(History(), await told_of(notifications, records)), "I5")


hooked = webhooks.hooked


@each_bug("notifications", "an_id_for_each_attempt")
async def test_webhooks_that_are_sent(
    notifications: Notifications, hooked: Any, monkeypatch: pytest.MonkeyPatch, bug: bugs.Bug | None
) -> None:
    """I2: each event comes under its own id."""
    if bug:
        bug.plant(monkeypatch.setattr)
    governance = await hooked()
    records = [notifications.record_of(webhooks.took_office(number), webhooks.HEADS) for number in (1, 2, 3)]
    await notifications.reads(*records)
    async with governance.working():
        await eventually(lambda: _all_delivered(governance, len(records)))
    found = await told_of(notifications, records)
    events = [(verified(call, governance.secret), call.webhook_id) for call in governance.receiver.calls]
    found.received["governance"] = {str(event["id"]): str(event["type"]) for event, _ in events}
    found.received_as["governance"] = {str(event["id"]): {webhook_id} for event, webhook_id in events}
    judge(bug, violations(History(), found), "I5")


async def _all_delivered(governance: webhooks.Hooked, count: int) -> bool:
    return len(await governance.delivered()) == count


funding = of_funding.funding


@each_bug("funding", "a_penny_short")
async def test_money_that_moves_with_the_chair(
    funding: Funding, monkeypatch: pytest.MonkeyPatch, bug: bugs.Bug | None
) -> None:
    """I5: without the guards of the database a penny is missed by whoever counts."""
    if bug:
        connection = await asyncpg.connect(funding.owner_url.replace("+asyncpg", ""))
        for statement in bug.statements:
            await connection.execute(statement)
        await connection.close()
        bug.plant(monkeypatch.setattr)
    first, second = Holder(1, OAK, BEGAN), Holder(2, ELM, CHANGED)
    await funding.today_is(BEGAN)
    await funding.hears(BEGAN, consortium(), first.takes_up())
    await funding.today_is(CHANGED)
    await funding.hears(CHANGED, first.ends(CHANGED, "succeeded"), second.takes_up())
    found = await awards_of(funding)
    look = Seen("money", 1.0, dict(found.money))
    judge(bug, violations(History(seen=[look]), found))


async def awards_of(funding: Funding) -> Final:
    """There is no membership here: who was in the chair is said by hand."""

    async def sql(service: str, statement: str) -> list[Any]:
        return [] if service == "membership" else await sql_of(funding.store)(service, statement)

    found = Final()
    await reads.read_funding(sql, found)
    found.money = dict((await sql("funding", MONEY))[0])
    days = (CHANGED - BEGAN).days
    (award,) = found.awards
    found.in_the_chair = {(award.body, BEGAN): {OAK: days, ELM: (award.until - BEGAN).days - days}}
    return found


meetings = of_meetings.meetings


@each_bug("meetings", "an_agenda_that_forgets")
async def test_a_change_that_a_group_must_hear(
    meetings: Meetings, monkeypatch: pytest.MonkeyPatch, bug: bugs.Bug | None
) -> None:
    """I1, W-25: once on the agenda of the next meeting."""
    if bug:
        bug.plant(monkeypatch.setattr)
    await meetings.today_is(JANUARY)
    given = await meetings.hears(JANUARY, group(), school(OAK))
    await meetings.meets(APRIL)
    given += await meetings.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    found = await topics_of(meetings.store, given, "meetings")
    await reads.read_meetings(sql_of(meetings.store), found)
    judge(bug, violations(History(), found), "I5")
