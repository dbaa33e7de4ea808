"""I5, W-14: the database itself refuses what would make, lose or rewrite money."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from shared.failures import sqlstate
from shared.messaging.cause import new_id
from shared.store import Store, UnitOfWork
from tests.store.funding.conftest import ELM, OAK, Funding, Holder, consortium

APRIL, CHANGE = date(2026, 4, 1), date(2026, 8, 25)
REFUSED_TO_ROLE, CHECK, RESTRICT, UNIQUE = "42501", "23514", "23001", "23505"
COLUMNS = {
    "award_version": "unawarded_pence",
    "award_share": "pence",
    "award_stretch": "urn",
    "account": "kind",
    "entry": "belongs_on",
    "posting": "pence",
}
CHANGES = [
    change
    for table, column in COLUMNS.items()
    for change in (f"update {table} set {column} = {column}", f"delete from {table}", f"truncate {table} cascade")
]


@pytest.fixture
async def opened(funding: Funding) -> Funding:
    """One award with one chair."""
    await funding.today_is(APRIL)
    await funding.hears(APRIL, consortium(), Holder(1, OAK, APRIL).takes_up())
    return funding


@pytest.fixture
async def owner(opened: Funding) -> AsyncIterator[Store]:
    store = Store(opened.owner_url, service="funding", pool_size=1)
    yield store
    await store.close()


async def refusal(store: Store, *statements: tuple[Any, ...]) -> DBAPIError:
    """What the database says to these statements in one transaction."""

    async def work(uow: UnitOfWork) -> None:
        for statement in statements:
            await uow.execute(*statement)

    with pytest.raises(DBAPIError) as refused:
        await store.run(work)
    return refused.value


async def the_entry(funding: Funding) -> UUID:
    return UUID(str((await funding.rows("select entry_id from entry"))[0].entry_id))


def entry(entry_id: UUID, *, lines: int = 2, reverses: UUID | None = None, urn: str = ELM) -> tuple[Any, ...]:
    return (
        """
        insert into entry (entry_id, award_id, version, urn, belongs_on, recorded_on, lines, reverses, correlation_id)
        select $1, award_id, 1, $2, year_from, year_from, $3, $4, $1 from award
        """,
        entry_id,
        urn,
        lines,
        reverses,
    )


def posting(entry_id: UUID, line: int, kind: str, pence: int) -> tuple[Any, ...]:
    return (
        "insert into posting select $1, $2, account_id, $3 from account where kind = $4",
        entry_id,
        line,
        pence,
        kind,
    )


async def test_an_entry_that_does_not_balance_is_refused_at_the_commit(opened: Funding) -> None:
    """I5"""
    made = new_id()
    refused = await refusal(
        opened.store,
        entry(made),
        posting(made, 1, "award-commitment", 500_000),
        posting(made, 2, "school-entitlement", -499_999),
    )
    assert sqlstate(refused) == CHECK
    assert "leave 1 pence" in str(refused)


async def test_an_entry_without_its_postings_is_refused_at_the_commit(opened: Funding) -> None:
    refused = await refusal(opened.store, entry(new_id()))
    assert sqlstate(refused) == CHECK
    assert "says it has 2 postings and has 0" in str(refused)


async def test_nothing_can_be_added_to_an_entry_afterwards_even_in_balance(opened: Funding) -> None:
    """W-14"""
    done = await the_entry(opened)
    refused = await refusal(
        opened.store,
        posting(done, 3, "award-commitment", 1),
        posting(done, 4, "school-entitlement", -1),
    )
    assert sqlstate(refused) == CHECK
    assert "says it has 2 postings and has 4" in str(refused)


async def test_the_application_can_neither_change_nor_take_away_what_is_posted(opened: Funding) -> None:
    """W-14"""
    for change in CHANGES:
        assert sqlstate(await refusal(opened.store, (change,))) == REFUSED_TO_ROLE, change


async def test_not_even_the_owner_changes_what_is_posted(owner: Store) -> None:
    """W-14"""
    for change in CHANGES:
        refused = await refusal(owner, (change,))
        assert sqlstate(refused) == RESTRICT, change
        assert "never changed" in str(refused)


async def test_an_award_is_never_taken_away(opened: Funding) -> None:
    assert sqlstate(await refusal(opened.store, ("delete from award",))) == REFUSED_TO_ROLE


async def test_an_entry_is_reversed_once(opened: Funding) -> None:
    """W-31"""
    done = await the_entry(opened)
    first, second = new_id(), new_id()
    for made in (first, second):
        reversal = (
            entry(made, reverses=done, urn=OAK),
            posting(made, 1, "award-commitment", -500_000),
            posting(made, 2, "school-entitlement", 500_000),
        )
        if made == second:
            assert sqlstate(await refusal(opened.store, *reversal)) == UNIQUE
        else:
            async with opened.store.unit() as uow:
                for statement in reversal:
                    await uow.execute(*statement)


async def test_a_reversal_mirrors_the_entry_that_it_reverses(opened: Funding) -> None:
    done, made = await the_entry(opened), new_id()
    refused = await refusal(
        opened.store,
        entry(made, reverses=done, urn=OAK),
        posting(made, 1, "award-commitment", -499_999),
        posting(made, 2, "school-entitlement", 499_999),
    )
    assert sqlstate(refused) == CHECK
    assert "does not mirror" in str(refused)


async def test_the_parts_of_an_award_make_the_award(opened: Funding) -> None:
    """W-31: the shares with the unawarded days make exactly 500,000 pence."""
    refused = await refusal(
        opened.store,
        ("insert into award_version select award_id, 2, year_from, 365, 499999, award_id from award",),
    )
    assert sqlstate(refused) == CHECK
    assert "make 499999 pence in 365 days, not 500000 in 365" in str(refused)


async def test_a_body_has_one_award_a_year(opened: Funding) -> None:
    """W-31"""
    refused = await refusal(
        opened.store,
        (
            """
            insert into award (award_id, body_id, year_from, year_to, amount_pence, version, opened_on)
            select $1, body_id, year_from, year_to, amount_pence, 1, opened_on from award
            """,
            new_id(),
        ),
    )
    assert sqlstate(refused) == UNIQUE


async def test_the_ledger_sums_to_nothing_in_every_snapshot_while_chairs_change(opened: Funding) -> None:
    """I5"""
    bodies = range(2, 6)
    await opened.hears(APRIL, *(consortium(body) for body in bodies))
    done = asyncio.Event()
    sums: list[tuple[int, bool]] = []

    async def watch() -> None:
        while not done.is_set():
            async with opened.store.unit() as uow:
                row = await uow.row(
                    """
                    select (select coalesce(sum(pence), 0)::bigint from posting) as pence,
                        not exists (select from award a join account on account.body_id = a.body_id
                                    join posting using (account_id)
                                    where kind = 'award-commitment'
                                    group by a.award_id, a.amount_pence having sum(pence) <> a.amount_pence) as whole
                    """
                )
                assert row is not None
                sums.append((row.pence, row.whole))

    watching = asyncio.create_task(watch())
    for number, on in enumerate((CHANGE, date(2026, 10, 5), date(2026, 12, 1), date(2027, 2, 3))):
        for body in bodies:
            before, after = (
                Holder(100 * body + number, OAK, APRIL, body=body),
                Holder(100 * body + number + 1, ELM, on, body=body),
            )
            if number == 0:
                await opened.hears(APRIL, before.takes_up())
            await opened.hears(on, before.ends(on, "succeeded"), after.takes_up())
    done.set()
    await watching
    assert len(sums) > 10
    assert set(sums) == {(0, True)}
