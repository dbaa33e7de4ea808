"""The service as a process of its own, between a real broker, a real database and a real receiver."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from shared.auth.tokens import mint, new_key
from shared.contracts.topics import all_topics
from shared.messaging.cause import new_id
from tests.eventually import eventually
from tests.store.notifications.conftest import Notifications, id_of, key_of, outcome
from tests.store.notifications.receivers import Receiver, receiving, verified
from tests.store.notifications.test_informing import FELL, HEADS, took_office

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(environment: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.notifications",
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=out,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(process.wait(), 20)
                except TimeoutError:
                    process.kill()
                    await process.wait()


@pytest.mark.timeout(180)
async def test_a_change_is_told_to_its_department_and_the_region_also_over_a_kill(
    notifications: Notifications,
    topic: Callable[..., str],
    kafka_settings: Callable[[str], Any],
    tmp_path: Path,
):
    """N-01, N-05, D3.9, I1: what was committed before the kill is told after it, under the same id."""
    for each in all_topics():
        topic(
            each.name, exactly=True, partitions=each.partitions, producers=each.producers, consumers=("notifications",)
        )
    private, public = tmp_path / "private.jwk", tmp_path / "public.jwk"
    new_key(private, public)
    officer = mint(private, subject="officer", roles=["la.officer"], authorities=["937"])
    port = free_port()
    receiver = Receiver(answer=lambda call: 503)

    async with receiving(receiver), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        environment = {
            **kafka_settings("notifications").environment,
            "CONSORTIA_DATABASE_URL": notifications.store.url,
            "CONSORTIA_HTTP_PORT": str(port),
            "CONSORTIA_TOKEN_KEY": str(public),
            "CONSORTIA_WEBHOOK_ALLOW": receiver.place,
            "CONSORTIA_WEBHOOK_RETRY_SECONDS": ",".join(["0.2"] * 200),
            "CONSORTIA_LEASE_SECONDS": "2",
        }

        async def get(path: str) -> Any:
            return await client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {officer}"})

        async def ready() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx2.TransportError:
                return False

        story = new_id()
        first = notifications.record_of(outcome(), key_of(), story=story)
        second = notifications.record_of(FELL, key_of(), story=story, because=id_of(first))
        other = notifications.record_of(took_office(), HEADS)
        log = tmp_path / "notifications.log"
        async with running(environment, log) as process:
            await eventually(ready)
            made = await client.post(
                "/api/v1/subscriptions",
                json={"authority": "937", "department": "school-improvement", "url": receiver.url},
                headers={"Authorization": f"Bearer {officer}", "Idempotency-Key": "one"},
            )
            assert made.status_code == 201, made.text
            async with AIOKafkaProducer(**kafka_settings("membership").client) as producer:
                for record in (first, second, other):
                    key = (record.key or "").encode()
                    await producer.send_and_wait(record.topic, record.value, key=key, headers=list(record.headers))
            await eventually(lambda: receiver.calls)
            process.kill()
            await process.wait()

        receiver.answer = lambda call: 204
        async with running(environment, log):
            await eventually(ready)

            async def all_told() -> bool:
                rows = (await get("/deliveries")).json()
                return len(rows) == 3 and all(row["state"] == "delivered" for row in rows)

            await eventually(all_told)

            async def whole_journey() -> Any:
                steps = (await get(f"/journeys/{story}")).json().get("steps", [])
                found = sorted(step["type"].split(".", 2)[2].removesuffix(".v1") for step in steps)
                assert found == [
                    "category-in-force.changed",
                    "department.informed",
                    "department.informed",
                    "feed-entry.published",
                    "outcome.published",
                ]
                return steps

            steps = await eventually(whole_journey)
            assert sorted(step["depth"] for step in steps if "department" in step["type"]) == [1, 2]
            page = await get("/feed/west-midlands")
            assert (page.headers["Feed-Highest"], page.headers["Feed-Count"]) == ("1", "1")

    told = [str(verified(call, made.json()["secret"])["id"]) for call in receiver.calls]
    by_event: dict[str, set[str]] = {}
    for event_id, call in zip(told, receiver.calls, strict=True):
        by_event.setdefault(event_id, set()).add(call.webhook_id)
    assert set(by_event) == {str(id_of(record)) for record in (first, second, other)}
    assert all(len(webhook_ids) == 1 for webhook_ids in by_event.values())
    # The outcome comes before what follows from it: it is of the same key, and the receiver refused it for a while.
    assert told.index(str(id_of(first))) < told.index(str(id_of(second)))
