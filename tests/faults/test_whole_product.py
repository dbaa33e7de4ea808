"""The four services on the real stack: killed where it hurts while outcomes are published, then held against D9."""

import asyncio
import importlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from infra.demo.client import Consortia
from infra.demo.registers import BRISTOL, GO_LIVE, WARWICKSHIRE, schools
from infra.demo.replay import Replay
from infra.local.keys import department_user
from infra.local.ports import SERVICES, free_base
from infra.local.programs import ROOT
from infra.local.stack import Stack
from shared.auth.tokens import mint
from shared.messaging.rebuild import Rebuild
from shared.settings import ServiceSettings
from tests.eventually import eventually
from tests.messaging.on_topic import header, numbers, read_all
from tests.pace import pace

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

ROLES = ("demo", "la.officer", "la.school-improvement", "la.ops", "clerk")
READERS = ("meetings", "funding", "notifications")


@dataclass
class Product:
    """The stack, its client, and what was published so far: the answer of each outcome, by inspection number."""

    stack: Stack
    consortia: Consortia
    token: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked_again: int = 0
    _counter: Any = field(default_factory=lambda: itertools.count(1))

    async def publish(self, http: httpx2.AsyncClient, urn: str, headline: int) -> None:
        """One outcome. An answer that does not come is asked for again with the same key, until it does (I11)."""
        number = f"107{next(self._counter):05}"
        outcome = {
            "urn": urn,
            "inspection_number": number,
            "kind": "graded",
            "inspection_started_on": GO_LIVE.isoformat(),
            "published_on": GO_LIVE.isoformat(),
            "headline": headline,
            "safeguarding_effective": True,
        }
        key = str(uuid4())
        while True:
            try:
                answer = await http.post(
                    "/api/v1/outcomes",
                    json={"outcomes": [outcome], "take_on": False},
                    headers={"Idempotency-Key": key},
                )
                if answer.is_success:
                    self.answers[number] = answer.json()["outcomes"][0]
                    return
                assert answer.status_code in (409, 500, 502, 503), answer.text
            except httpx2.TransportError:
                pass
            self.asked_again += 1
            await pace(0.2)

    async def publish_until(self, over: asyncio.Event, dice: random.Random) -> None:
        """Two officers, one outcome after the other, for schools of both authorities."""
        urns = [urn for urn, school in schools().items() if school.maintained and school.open_on(GO_LIVE)]
        headers = {"Authorization": f"Bearer {self.token}"}

        async def officer() -> None:
            async with httpx2.AsyncClient(base_url=self.stack.url("membership"), headers=headers, timeout=10) as http:
                while not over.is_set():
                    await self.publish(http, dice.choice(urns), dice.randint(1, 4))
                    await pace(0.02)  # the pace of the load

        await asyncio.gather(officer(), officer())

    async def sql(self, service: str, statement: str) -> list[Any]:
        connection = await asyncpg.connect(self.stack.database_url(service).replace("+asyncpg", ""))
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()

    async def flowing(self) -> None:
        """Wait until an outcome published from now on has gone all the way to notifications."""
        answered = len(self.answers)

        def answers_again() -> bool:
            assert len(self.answers) > answered, f"membership has answered nothing since its {answered}th outcome"
            return True

        await eventually(answers_again, 60)
        topic = "where topic = 'consortia.membership.events.v1'"

        async def total(service: str, table: str) -> int:
            try:
                rows = await self.sql(service, f"select coalesce(sum(sequence), 0) from {table} {topic}")
                return int(rows[0][0])
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return -1

        async def recorded() -> int:
            return max(await total("membership", "stream_head"), 0)

        head = await eventually(recorded, 60)

        async def applied() -> bool:
            reached = await total("notifications", "inbox_key")
            assert reached >= head, f"notifications has applied {reached} of {head}"
            return True

        await eventually(applied, 60)

    def _by_hand(self, service: str, **environment: str) -> "subprocess.Popen[bytes]":
        with (self.stack.state / "logs" / f"{service}-by-hand.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                cwd=ROOT,
                env=self.stack.environment(service) | environment,
                stdout=log,
                stderr=log,
            )

    async def killed_at(self, service: str, point: str) -> None:
        """Run the service by hand until it dies at that place; then let the supervisor run it again."""
        await asyncio.to_thread(self.stack.stop_service, service)
        process = self._by_hand(service, CRASH_AT=point)
        try:
            await eventually(lambda: process.poll() is not None, 60)
            assert process.returncode == -signal.SIGKILL
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            await asyncio.to_thread(self.stack.start_service, service)


def _folder() -> Path:
    """PostgreSQL runs as nobody when we are root, and must reach its own folder in this one."""
    folder = Path(tempfile.mkdtemp(prefix="consortia faults "))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
async def product() -> AsyncIterator[Product]:
    folder = _folder()
    stack = Stack(folder, free_base(), tracing=False, test_clock=True)
    try:
        began = time.monotonic()
        await asyncio.to_thread(stack.up)
        token = mint(stack.state / "token.key", subject="faults", roles=ROLES, authorities=[WARWICKSHIRE, BRISTOL])
        consortia = Consortia.at({service: stack.url(service) for service in SERVICES}, token)
        await consortia.set_clock(GO_LIVE)
        replay = Replay(consortia)
        print(f"up after {time.monotonic() - began:.0f} s")
        await replay.registers()
        print(f"registers after {time.monotonic() - began:.0f} s")
        await replay.take_on()
        await consortia.drain()
        print(f"taken on after {time.monotonic() - began:.0f} s")
        yield Product(stack, consortia, token)
        await consortia.close()
    finally:
        await asyncio.to_thread(stack.down)
        if not os.environ.get("CONSORTIA_KEEP_TEST_STACK"):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def survived(product: Product) -> Product:
    """The load, the faults one after the other, and everything drained at the end (I10)."""
    seed = int(os.environ.get("SEED") or random.randrange(10_000))
    print(f"seed {seed}")
    over, began = asyncio.Event(), time.monotonic()
    load = asyncio.create_task(product.publish_until(over, random.Random(seed)))
    await product.flowing()
    await asyncio.gather(
        product.killed_at("membership", "relay.after_send:3"),
        product.killed_at("meetings", "inbox.after_commit:3"),
        product.killed_at("notifications", "unit.after_commit:20"),
    )
    await product.flowing()
    for server in ("kafka", "postgres"):
        print(f"kill -9 {server} after {time.monotonic() - began:.0f} s")
        await asyncio.to_thread(product.stack.kill, server)
        await product.flowing()
    over.set()
    await load
    await eventually(lambda: _all_ready(product), 60)
    await product.consortia.drain(60)
    print(f"{len(product.answers)} outcomes, asked again {product.asked_again} times, {time.monotonic() - began:.0f} s")
    return product


async def _all_ready(product: Product) -> bool:
    return all([await asyncio.to_thread(product.stack.is_ready, service) for service in SERVICES])


def _reading_as(product: Product, service: str) -> ServiceSettings:
    client = product.stack.kafka_client(service)
    return ServiceSettings(
        database_url="",
        kafka_bootstrap=client["bootstrap_servers"],
        kafka_username=service,
        kafka_password=client["sasl_plain_password"],
    )


async def test_every_answered_outcome_is_there_once(survived: Product) -> None:
    """I1, I2, I11: however often it was asked for."""
    rows = await survived.sql("membership", "select inspection_number, count(*) as n from outcome group by 1")
    found = {row["inspection_number"]: row["n"] for row in rows}
    assert {number: found.get(number) for number in survived.answers} == dict.fromkeys(survived.answers, 1)


async def test_all_that_was_recorded_is_on_the_topic_in_order_and_applied_by_every_reader(survived: Product) -> None:
    """I1, I3, I9: numbers from 1 without a gap, repeats apart; each reader is at the head of each key; nothing parked."""
    heads = {
        (row["topic"], row["key"]): row["sequence"]
        for row in await survived.sql("membership", "select topic, key, sequence from stream_head")
    }
    topic = "consortia.membership.events.v1"
    for key, seen in numbers(await read_all(_reading_as(survived, "meetings"), topic)).items():
        first = list(dict.fromkeys(seen))
        assert first == list(range(1, heads[topic, key] + 1)), key
    for reader in READERS:
        reached = {
            (row["topic"], row["key"]): row["sequence"]
            for row in await survived.sql(reader, "select topic, key, sequence from inbox_key")
        }
        behind = {each: head for each, head in heads.items() if each[0] == topic and reached.get(each) != head}
        assert behind == {}, reader
        assert await survived.sql(reader, "select * from parked") == [], reader


async def test_no_event_has_two_numbers_and_no_number_two_events(survived: Product) -> None:
    """I2, on every topic a service or a department reads."""
    for topic, user in [
        ("consortia.membership.events.v1", "meetings"),
        ("consortia.meetings.events.v1", "notifications"),
        ("consortia.notifications.events.v1", "notifications"),
        ("consortia.937.school-improvement.events.v1", "937.school-improvement"),
    ]:
        settings = _reading_as(survived, user if user in SERVICES else department_user(*user.split(".")))
        ids: dict[tuple[str, str | None], set[str | None]] = defaultdict(set)
        places: dict[str | None, set[tuple[str, str | None]]] = defaultdict(set)
        for record in await read_all(settings, topic):
            place, id_ = (record.key or "", header(record, "ce_sequence")), header(record, "ce_id")
            ids[place].add(id_)
            places[id_].add(place)
        assert ids, topic
        assert [place for place, found in ids.items() if len(found) > 1] == [], topic
        assert [id_ for id_, found in places.items() if len(found) > 1] == [], topic


async def test_nothing_is_told_that_was_not_committed(survived: Product) -> None:
    """I4: each published outcome is in the database."""
    rows = await survived.sql("membership", "select inspection_number from outcome")
    committed = {row["inspection_number"] for row in rows}
    for record in await read_all(_reading_as(survived, "meetings"), "consortia.membership.events.v1"):
        if (header(record, "ce_type") or "").startswith("consortia.membership.outcome.published"):
            text = (record.value or b"").decode()
            assert any(f'"inspection_number":"{number}"' in text for number in committed), text


async def test_every_state_funded_school_has_exactly_one_answer_on_each_matter(survived: Product) -> None:
    """I12"""
    rows = await survived.sql(
        "membership", f"select urn, matter from speaker where during @> date '{GO_LIVE.isoformat()}'"
    )
    answers = Counter((row["urn"], row["matter"]) for row in rows)
    expected = {
        (urn, matter)
        for urn, school in schools().items()
        if school.open_on(GO_LIVE) and (school.maintained or school.trust_id)
        for matter in ("general", "inspection")
    }
    assert len(expected) > 600
    assert {each: answers.get(each, 0) for each in expected} == dict.fromkeys(expected, 1)


async def test_finance_and_governance_were_told_nothing_of_any_schools_standing(survived: Product) -> None:
    """I13: by class and by type, read as the department itself."""
    outcomes = {answer["correlation_id"] for answer in survived.answers.values()}
    for department in ("finance", "governance"):
        user = department_user(WARWICKSHIRE, department)
        records = await read_all(_reading_as(survived, user), f"consortia.{WARWICKSHIRE}.{department}.events.v1")
        assert records, f"{department} was told nothing at all, so this would show nothing"
        assert {header(record, "ce_dataclassification") for record in records} <= {"public", "internal"}
        assert not outcomes & {header(record, "ce_correlationid") for record in records}


@pytest.mark.parametrize("service", READERS)
async def test_projections_equal_their_rebuild(survived: Product, service: str) -> None:
    """I7: compared beside the running service, which has nothing left to read."""
    inbound = importlib.import_module(f"services.{service}.inbound").INBOUND
    settings = _reading_as(survived, service)
    settings.owner_database_url = survived.stack.owner_url(service)
    found = await Rebuild(settings, inbound, service).run(swap=False)
    assert sum(table.after for table in found) > 0
    assert [table for table in found if table.differing] == []
