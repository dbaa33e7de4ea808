"""The path of a fact by itself: recorded, relayed, consumed; with the rivals on the same records."""

from collections.abc import Callable
from unittest import mock

from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from shared import metrics
from shared.telemetry import configure_tracing, shut_down_tracing
from tests.bench import consuming, recording, relaying, rivals
from tests.bench.row import Row, Target
from tests.bench.stage import Stage

RIVALS = 20  # they are so much slower that a twentieth of the rows says as much


class _Nowhere(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class _NoCounter:
    def labels(self, *labels: str) -> "_NoCounter":
        return self

    def inc(self, amount: float = 1) -> None:
        pass


class Core:
    def __init__(self, stage: Stage, rows: int):
        self.stage, self.size = stage, rows
        count = f"{rows:,}"
        self.record = Row("record", f"{count} facts, 500 a transaction: numbers and outbox rows", "the rows by asyncpg")
        self.relay = Row(
            "relay",
            f"drain a backlog of {count}, order per key kept",
            "raw aiokafka producer, same settings, headers and partitioner",
            target=Target(0.45),
        )
        self.relay_in_batches = Row(
            "relay against filled batches",
            "the same",
            "as above, each of the library's batches filled by hand, as ours",
        )
        few = f"; a twentieth of the records ({rows // RIVALS:,})"
        self.relay_rival = Row(
            "relay against a rival", "the same", f"faststream-outbox, tuned, in order{few}", target=Target(20)
        )
        self.relay_statements = Row(
            "relay: statements", "counted by the server", unit="an event", target=Target(0.02, at_most=True)
        )
        self.consume = Row(
            "consume",
            f"{count} records: envelope, validation, inbox, order, one upsert an event",
            "raw `getmany` and the same statements by asyncpg, no validation",
            target=Target(0.5),
        )
        self.consume_rival = Row(
            "consume against a rival", "the same", f"FastStream, a model and a database session a message{few}"
        )
        self.consume_statements = Row(
            "consume: statements", "counted by the server", unit="an event", target=Target(0.05, at_most=True)
        )
        both, off = "one record in a hundred sampled; counters on", "no tracing, no counters"
        self.traced = Row("tracing and metrics: consume", both, off, target=Target(0.9), for_now=Target(0.75))
        self.traced_work = Row(
            "tracing and metrics: consume, work",
            "processor of the consumer for all of it",
            off,
            "s",
            target=Target(1 / 0.9, at_most=True),
        )

    @property
    def rows(self) -> list[Row]:
        mine = (
            self.record, self.relay, self.relay_in_batches, self.relay_rival, self.relay_statements,
            self.consume, self.consume_rival, self.consume_statements, self.traced, self.traced_work,
        )  # fmt: skip
        return [row for row in mine if row.ours]

    async def once(self, wanted: Callable[[str], bool]) -> None:
        stage, size = self.stage, self.size
        if wanted("record"):
            theirs = await recording.raw(stage, size)
            mine, _ = await recording.ours(stage, size)
            self.record.add(size / mine, size / theirs)
        topic = stage.new_topic()
        await stage.fill_outbox(stage.new_topic(), size, sampled=True)
        await stage.settle(stage.writer)
        theirs = await relaying.raw(stage, size) if wanted("relay") else 0.0
        in_batches = await relaying.raw_in_batches(stage, size) if wanted("relay") else 0.0
        async with stage.writer.store.unit() as uow:
            await uow.execute("update outbox set topic = $1", topic)
        await stage.settle(stage.writer)
        mine, statements = await relaying.ours(stage, size)
        await relaying.check_order(stage, topic, size)
        if wanted("relay"):
            self.relay.add(size / mine, size / theirs)
            self.relay_in_batches.add(size / mine, size / in_batches)
            self.relay_statements.add(statements)
            if rivals.has_outbox():
                few = size // RIVALS
                self.relay_rival.add(size / mine, few / await rivals.outbox(stage, few))
        if wanted("consume"):
            await self._consume(topic)

    async def _consume(self, topic: str) -> None:
        stage, size = self.stage, self.size
        theirs = await consuming.raw(stage, topic, size)
        ways = [self._consume_bare, self._consume_traced]
        if len(self.consume.ours) % 2:  # each comes first in every other round
            ways.reverse()
        found = {way: await way(topic) for way in ways}
        bare, traced = found[self._consume_bare], found[self._consume_traced]
        mine = await consuming.ours(stage, topic, size)
        self.consume.add(size / mine.seconds, size / theirs)
        self.consume_statements.add(mine.statements)
        self.traced.add(size / traced.seconds, size / bare.seconds)
        self.traced_work.add(traced.work, bare.work)
        few = size // RIVALS
        small = await relaying.fresh_topic(stage, few)
        self.consume_rival.add(size / mine.seconds, few / await rivals.session_per_message(stage, small, few))

    async def _consume_traced(self, topic: str) -> consuming.Consumed:
        configure_tracing("bench", processor=BatchSpanProcessor(_Nowhere()))
        try:
            return await consuming.ours(self.stage, topic, self.size)
        finally:
            shut_down_tracing()

    async def _consume_bare(self, topic: str) -> consuming.Consumed:
        with mock.patch.object(metrics, "INBOX_RECORDS", _NoCounter()):
            return await consuming.ours(self.stage, topic, self.size)
