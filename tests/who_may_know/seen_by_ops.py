"""What the ops team sees of the processes themselves, beside what it may ask: every span, line of the log and number."""

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.logs import configure_logging
from shared.metrics import exposition
from shared.telemetry import configure_tracing, shut_down_tracing
from tests.who_may_know.world import ACADEMY, BODIES, CITY, NORTH, PEOPLE, X, Y, someone

# As a number of its own: six digits also come in the ids of traces and in the fractions of seconds.
_SCHOOLS = re.compile(rf"(?<![0-9a-f.\-])({'|'.join((X, Y, ACADEMY, NORTH, CITY))})(?![0-9a-f\-])|School 9")
_OTHERS = (
    *(str(someone(name)) for name in PEOPLE),
    *(str(body) for body in BODIES),
    *("Invented ", "Abbey", "Priory", "Moor", "Area Analysis Group", "Larch Trust", "Alder Trust", "@example.org"),
    *("A visit", "The chair is away", "Two alike", "Mended"),  # reasons that officers gave
)


def names_in(text: str) -> list[str]:
    """The schools, bodies, people and words of officers that a piece of text names."""
    return [found.group() for found in _SCHOOLS.finditer(text)] + [each for each in _OTHERS if each in text]


def naming(pieces: Iterable[str]) -> list[str]:
    return [f"{', '.join(found)}: {piece}" for piece in pieces if (found := names_in(piece))]


@dataclass
class Seen:
    exporter: InMemorySpanExporter
    log: io.StringIO

    @property
    def spans(self) -> list[str]:
        """Each whole, as it goes to a dashboard: name, attributes, links, events, status."""
        return [span.to_json() for span in self.exporter.get_finished_spans()]

    @property
    def span_names(self) -> set[str]:
        return {span.name for span in self.exporter.get_finished_spans()}

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    @property
    def numbers(self) -> list[str]:
        return exposition()[0].decode().splitlines()

    def naming_somebody(self) -> list[str]:
        return naming([*self.spans, *self.log.getvalue().splitlines(), *self.numbers])


@contextmanager
def what_ops_sees() -> Iterator[Seen]:
    """Every story is traced, every line is kept, as a service process is told to."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    seen = Seen(InMemorySpanExporter(), io.StringIO())
    configure_tracing("any", processor=SimpleSpanProcessor(seen.exporter), import_ratio=1.0)
    with redirect_stdout(seen.log):
        configure_logging("any")
    structlog.configure(cache_logger_on_first_use=False)  # else the modules keep this log for later tests
    try:
        yield seen
    finally:
        shut_down_tracing()
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
