"""Files in any order end in the same state, the same file twice tells nothing, and a dry run leaves nothing (D3.11)."""

import itertools
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from services.membership.domain.import_report import for_reader
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.turn_days import turn_days
from shared.store import Store
from tests.store.membership.national import sliced, state
from tests.store.membership.test_imports import (
    DATA,
    GIAS,
    OFSTED,
    TRUSTS,
    apply,
    apply_bytes,
    as_csv,
    first_lines,
    on,
    send,
)

LINKS = "gias_links_20250422_warwickshire_bristol.csv"
EARLIER_LINKS = "gias_links_20240717_warwickshire_bristol.csv"
MINIMAL = "gias_20240617_minimal.csv"
TODAY = date(2025, 10, 1)
# The composite stands for the register of the day of its base rows.
FILES = {
    "register": ("gias", GIAS, date(2024, 6, 16)),
    "short register": ("gias", MINIMAL, None),
    "trusts": ("group-links", TRUSTS, None),
    "links": ("school-links", LINKS, None),
    "earlier links": ("school-links", EARLIER_LINKS, None),
    "inspections": ("ofsted", OFSTED, None),
}
ORDERS = [
    ["register", "short register", "trusts", "earlier links", "links", "inspections"],
    ["inspections", "links", "trusts", "earlier links", "short register", "register"],
    ["links", "inspections", "register", "earlier links", "register", "trusts", "short register", "inspections"],
]


async def take_in(store: Store, name: str) -> None:
    kind, file, as_at = FILES[name]
    content = sliced("gias", 1500) if file == MINIMAL else (DATA / file).read_bytes()
    received = await send(store, kind, content, file, as_at)
    assert received.problems == []
    while await store.run(apply_next_chunk):
        pass


async def _open(store: Store) -> set[str]:
    async with store.unit() as uow:
        return {row.urn for row in await uow.rows("select urn from school where announced_open")}


async def _told_last(store: Store) -> dict[str, int | None]:
    """Of each school the category that was told of it last."""
    async with store.unit() as uow:
        rows = await uow.rows(
            "select convert_from(value, 'UTF8')::jsonb ->> 'urn' as urn, "
            "(convert_from(value, 'UTF8')::jsonb ->> 'after')::int as category "
            "from outbox where headers like '%.category-in-force.changed.v1%' order by id"
        )
    return {row.urn: row.category for row in rows}


async def test_the_real_files_in_any_order_and_repetition_end_in_the_same_state(database: object, store: Store) -> None:
    """W-02, D3.11"""
    found = []
    for order in ORDERS:
        one = Store(database("membership").app_url, service="membership")  # type: ignore[operator]
        await on(one, TODAY)
        for name in order:
            await take_in(one, name)
        kept = await state(one)
        # What was told last of a closed school depends on whether it was known before it closed: in each order it is kept as
        # it was told, all else of it is the same in all.
        is_open, told = await _open(one), await _told_last(one)
        closed = {row[0]: row[3] for row in kept["representation"] if row[0] not in is_open}
        assert closed == {urn: told.get(urn) for urn in closed}
        assert len(closed) > 500
        kept["representation"] = [row if row[0] in is_open else row[:3] + row[7:] for row in kept["representation"]]
        found.append(kept)
        await one.close()
    for other in found[1:]:
        for table in ("school", "listing", "trust", "continuity", "outcome", "representation"):
            # The reading of one file may come before what it rests on, so how often a school was told of may differ.
            assert other[table] == found[0][table], table
        assert {row[:2] + row[3:5] for row in other["speaker"]} == {row[:2] + row[3:5] for row in found[0]["speaker"]}
        assert _speak_now(other) == _speak_now(found[0])


def _speak_now(kept: dict[str, list[tuple[Any, ...]]]) -> set[tuple[Any, ...]]:
    """Role, rule, trust and category of whoever answers for a school; since when depends on the order."""
    return {row[:2] + row[3:] for row in kept["speaker"] if row[2].endswith(",)")}


async def test_each_file_again_tells_nothing(store: Store) -> None:
    """D3.11"""
    await on(store, TODAY)
    for name in FILES:
        await take_in(store, name)
    before = await state(store)
    for name in reversed(FILES):
        await take_in(store, name)
    assert await state(store) == before


async def test_of_three_editions_in_any_order_the_latest_open_reopens_a_closed_school(database: object) -> None:
    row = first_lines(1)[0]
    editions = [
        (date(2024, 1, 1), {"EstablishmentStatus (name)": "Open", "Postcode": "CV31 1AA"}),
        (date(2024, 6, 1), {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-03-2024", "Postcode": ""}),
        (date(2024, 9, 1), {"EstablishmentStatus (name)": "Open", "CloseDate": "", "Postcode": ""}),
    ]
    for order in itertools.permutations(editions):
        store = Store(database("membership").app_url, service="membership")  # type: ignore[operator]
        await on(store, TODAY)
        for as_at, said in order:
            await apply_bytes(store, as_csv([row | said]), as_at)
        async with store.unit() as uow:
            found = await uow.row("select status, closed_on, postcode_district, source_as_at from school")
        assert found is not None
        assert tuple(found) == ("open", None, "CV31", date(2024, 9, 1))
        await store.close()


async def test_a_link_to_a_trust_waits_for_the_school_that_the_register_lacks(store: Store) -> None:
    await on(store, TODAY)
    await apply(store, "group-links", TRUSTS)
    async with store.unit() as uow:
        assert await uow.value("select count(*) from school") == 0
    await apply(store, "gias", GIAS, date(2022, 7, 17))
    async with store.unit() as uow:
        assert await uow.value("select count(*) from school where trust_as_at = '2022-07-18'") > 100


async def test_a_trust_that_closed_speaks_for_nobody_until_a_later_edition_names_it_again(store: Store) -> None:
    await on(store, TODAY)
    await apply(store, "gias", GIAS, date(2022, 7, 17))
    await apply(store, "group-links", TRUSTS)
    async with store.unit() as uow:
        trust = await uow.row(
            "select trust_id, count(*) as schools from school where trust_id is not null group by 1 order by 2 desc limit 1"
        )
    assert trust is not None
    group = {"Group UID": trust.trust_id, "Group Name": "Larch Trust", "Group Type": "Multi-academy trust"}
    closed = group | {"Group Status": "Closed", "Open date": "2012-09-01", "Closed Date": "2023-08-31"}
    for as_at, line, schools in (
        (date(2023, 9, 1), closed, 0),
        (date(2024, 9, 1), closed | {"Group Status": "Open", "Closed Date": ""}, trust.schools),
    ):
        await send(store, "groups", as_csv([line]), "groups.csv", as_at)
        while await store.run(apply_next_chunk):
            pass
        async with store.unit() as uow:
            assert await uow.value("select count(*) from school where trust_id = $1", trust.trust_id) == schools
            assert await uow.value("select name from trust where trust_id = $1", trust.trust_id) == "Larch Trust"


@pytest.mark.parametrize("taken_before", [[], ["register"], ["register", "inspections"]])
async def test_a_dry_run_tells_what_would_change_and_leaves_nothing(store: Store, taken_before: list[str]) -> None:
    await on(store, TODAY)
    for name in taken_before:
        await take_in(store, name)
    before = await state(store)
    kind, file, as_at = FILES["inspections"]
    content = (DATA / file).read_bytes()
    assert (await send(store, kind, content, file, as_at, dry_run=True)).dry_run
    while await store.run(apply_next_chunk):
        pass
    assert await state(store) == before
    would = await report(store)
    await take_in(store, "inspections")
    did = await report(store)
    expected = {0: (406, 949), 1: (14, 949), 2: (0, 0)}[len(taken_before)]
    assert (would["schools_new"], would["outcomes_new"]) == (did["schools_new"], did["outcomes_new"]) == expected
    assert (for_reader(would, ["937"]).get("categories_changed", 0) > 0) == (len(taken_before) < 2)


async def report(store: Store) -> Counter[str]:
    async with store.unit() as uow:
        row = await uow.row("select state, report::text as report from import order by began_at desc limit 1")
    assert row is not None
    assert row.state == "done"
    return Counter(json.loads(row.report))


async def test_a_joining_to_come_is_none_once_the_trust_is_listed_as_closed(store: Store) -> None:
    """D3.11: of a school that is in no trust on the day, too."""
    (school,) = first_lines(
        1, **{"TypeOfEstablishment (code)": "34", "Trusts (code)": "", "EstablishmentStatus (name)": "Open"}
    )
    trust = {"Group UID": "7001", "Group Name": "Larch Trust", "Group Type": "Multi-academy trust"}
    joins = trust | {"URN": school["URN"], "Group Status": "Open", "Joined date": "2026-01-01"}
    closed = trust | {"Group Status": "Closed", "Open date": "2012-09-01", "Closed Date": "2025-08-31"}
    await on(store, TODAY)
    await apply_bytes(store, as_csv([school]), date(2024, 6, 16))
    for kind, line, trusts in (("group-links", joins, 1), ("groups", closed, 0)):
        await send(store, kind, as_csv([line]), f"{kind}.csv", date(2025, 9, 1))
        while await store.run(apply_next_chunk):
            pass
        async with store.unit() as uow:
            assert await uow.value("select count(*) from school_in_trust") == trusts
            assert await uow.value("select next_due from representation") == (date(2026, 1, 1) if trusts else None)


async def test_a_link_that_does_not_say_which_school_follows_waits_for_the_one_that_closes(database: object) -> None:
    """D3.11: the edition in which it closes may come before the file of links or after it."""
    old, new = (row | {"EstablishmentStatus (name)": "Open", "CloseDate": ""} for row in first_lines(2))
    closed = old | {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2024"}
    linked = {"URN": old["URN"], "LinkURN": new["URN"], "LinkType": "Result of Amalgamation", "LinkEstablishedDate": ""}
    files = [
        ("gias", [old, new], date(2024, 6, 16)),
        ("school-links", [linked], date(2024, 7, 17)),
        ("gias", [closed, new], date(2024, 9, 1)),
    ]
    for order in itertools.permutations(files):
        store = Store(database("membership").app_url, service="membership")  # type: ignore[operator]
        await on(store, TODAY)
        for kind, lines, as_at in order:
            await send(store, kind, as_csv(lines), f"{kind}.csv", as_at)
            while await store.run(apply_next_chunk):
                pass
        while await store.run(turn_days):
            pass
        assert (await state(store))["continuity"] == [(new["URN"], old["URN"], True)]
        await store.close()


async def test_a_school_that_closed_only_because_another_continued_it_is_open_when_none_does(database: object) -> None:
    """D3.11: the line of links is turned round, or says no more that either continues the other."""
    old, new = (row | {"EstablishmentStatus (name)": "Open", "CloseDate": ""} for row in first_lines(2))
    opened = new | {"OpenDate": "01-09-2024"}
    line = {"URN": new["URN"], "LinkURN": old["URN"], "LinkType": "Predecessor", "LinkEstablishedDate": ""}
    for later, continuity in (
        (line | {"LinkType": "Successor"}, [(old["URN"], new["URN"], False)]),
        (line | {"LinkType": "Other"}, []),
    ):
        files = [
            ("gias", old, date(2024, 6, 16)),
            ("school-links", line, date(2024, 7, 17)),
            ("gias", opened, date(2025, 3, 3)),
            ("school-links", later, date(2025, 4, 22)),
        ]
        for order in itertools.permutations(files):
            store = Store(database("membership").app_url, service="membership")  # type: ignore[operator]
            await on(store, TODAY)
            for kind, row, as_at in order:
                await send(store, kind, as_csv([row]), f"{kind}.csv", as_at)
                while await store.run(apply_next_chunk):
                    pass
            while await store.run(turn_days):
                pass
            found = await state(store)
            assert found["continuity"] == continuity
            assert {row[7] for row in found["school"]} == {None}, [(kind, as_at) for kind, _, as_at in order]
            await store.close()
