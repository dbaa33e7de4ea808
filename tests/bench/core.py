"""The path of a fact by itself: recorded, relayed, consumed; with the rivals on the same records."""

from collections.abc import Callable

from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from shared.telemetry import configure_tracing, shut_down_tracing
from tests.bench import consuming, recording, relaying, rivals
from tests.bench.row import Row, Target
from tests.bench.stage import Stage

RIVALS = 20  # they are so much slower that a twentieth of the rows says as much


class _Nowhere(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


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
        self.relay_rival = Row(
            "relay against a rival", "the same", "faststream-outbox, tuned, in order", target=Target(20)
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
            "consume against a rival", "the same", "FastStream, a model and a database session a message"
        )
        self.consume_statements = Row(
            "consume: statements", "counted by the server", unit="an event", target=Target(0.05, at_most=True)
        )
        self.traced = Row("tracing on: consume", "one record in a hundred sampled", "tracing off", target=Target(0.9))

    @property
    def rows(self) -> list[Row]:
        mine = (
            self.record, self.relay, self.relay_in_batches, self.relay_rival, self.relay_statements,
            self.consume, self.consume_rival, self.consume_statements, self.traced,
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
        traced = 0.0
        if len(self.consume.ours) % 2:  # first in every other round
            traced = await self._consume_traced(topic)
        mine, statements = await consuming.ours(stage, topic, size)
        self.consume.add(size / mine, size / theirs)
        self.consume_statements.add(statements)
        traced = traced or await self._consume_traced(topic)
        self.traced.add(size / traced, size / mine)
        few = size // RIVALS
        small = await relaying.fresh_topic(stage, few)
        self.consume_rival.add(size / mine, few / await rivals.session_per_message(stage, small, few))

    async def _consume_traced(self, topic: str) -> float:
        configure_tracing("bench", processor=BatchSpanProcessor(_Nowhere()))
        try:
            seconds, _ = await consuming.ours(self.stage, topic, self.size)
        finally:
            shut_down_tracing()
        return seconds
