"""A line of the log names its story and trace; it says what became of it, never whom it is about (D3.12, R0.8, N-04)."""

import ast
import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiokafka.errors import KafkaConnectionError
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError

from shared.logs import MAY_SAY, configure_logging
from shared.refusal import Refusal
from shared.telemetry import configure_tracing, shut_down_tracing, story

ROOT = Path(__file__).parents[3]


class Log:
    def __init__(self) -> None:
        self.written = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]

    def of(self, error: BaseException) -> dict[str, Any]:
        """The line of an error that nobody foresaw."""
        structlog.get_logger("x").error("request.failed", exc_info=error)
        return self.lines[-1]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log = Log()
    with redirect_stdout(log.written):
        configure_logging("meetings")
    yield log
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_names_its_story_and_trace(log: Log):
    configure_tracing("meetings", processor=SimpleSpanProcessor(InMemorySpanExporter()))
    with story("outcome") as begun:
        structlog.get_logger("x").info("agenda.placed", records=2)
        logging.getLogger("uvicorn.error").warning("from the %s", "library")
    shut_down_tracing()
    for line in log.lines:
        assert line["service"] == "meetings"
        assert line["correlation_id"] == str(begun.correlation_id)
        assert line["trace_id"] in str(begun.traceparent)
    assert [line["event"] for line in log.lines] == ["agenda.placed", "from the library"]


def test_a_line_has_only_the_fields_that_say_nothing_of_whom_it_is_about(log: Log):
    structlog.get_logger("x").error("inbox.parked", topic="events", offset=7, key="937/school/990017", urn="990017")
    (line,) = log.lines
    assert (line["topic"], line["offset"], line["left_out"]) == ("events", 7, ["key", "urn"])
    assert "990017" not in log.written.getvalue()


def test_every_field_that_the_services_log_is_one_of_these():
    """Else it would be left out, and whoever looks for a stuck record would miss it."""
    used = {field for path in _code() for field in _fields(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"import_id", "problem", "failure_id"} <= used, "nothing was found to look at"
    assert used - MAY_SAY == {"exc_info"}


def _code() -> Iterator[Path]:
    for part in ("services", "shared"):
        yield from (ROOT / part).rglob("*.py")


def _fields(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = node.func.value
            if isinstance(whose, ast.Name) and whose.id in ("log", "logger"):
                yield from (each.arg for each in node.keywords if each.arg is not None)


class Refused(Refusal):
    pass


class Entered(BaseModel):
    heads: dict[str, int]


def test_a_line_never_quotes_the_values_of_a_statement(log: Log):
    error = IntegrityError("insert into person values (%s)", ("Jane Example",), Exception("Key (name)=(Jane Example)"))
    assert log.of(error)["error"] == "IntegrityError"
    assert "Jane" not in log.written.getvalue()


@pytest.mark.parametrize("error", [Refused("Larkfield (990017) is closed"), KeyError("990017"), ValueError("Jane")])
def test_a_line_never_says_what_an_error_says_of_a_school_or_a_person(log: Log, error: Exception):
    line = log.of(error)
    assert (line["error"], line["error_detail"]) == (type(error).__name__, None)
    assert not any(word in log.written.getvalue() for word in ("Larkfield", "990017", "Jane"))


def test_a_line_names_the_error_behind_an_error(log: Log):
    try:
        try:
            raise KeyError("990017")
        except KeyError as cause:
            raise Refused("Larkfield") from cause
    except Refused as error:
        line = log.of(error)
    assert (line["error"], line["error_because"]) == ("Refused", "KeyError")


def test_a_line_names_the_field_that_does_not_fit_and_not_what_was_entered(log: Log):
    with pytest.raises(ValidationError) as wrong:
        Entered.model_validate({"heads": {"990017": "Jane"}})
    assert log.of(wrong.value)["error_detail"] == "heads.*: int_parsing"
    assert not any(word in log.written.getvalue() for word in ("990017", "Jane"))


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), KafkaConnectionError("no broker answers")])
def test_a_line_says_what_is_wrong_with_a_machine(log: Log, error: Exception):
    assert log.of(error)["error_detail"] == str(error)


async def test_what_a_forgotten_task_ended_with_is_not_quoted(log: Log):
    """asyncio writes the task with its exception into the message itself."""

    async def refused() -> None:
        raise Refused("Larkfield (990017) is closed")

    task = asyncio.create_task(refused())
    await asyncio.wait([task])
    del task
    gc.collect()
    (line,) = [each for each in log.lines if each.get("error") == "Refused"]  # other tests' tasks may end here too
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "Refused")
    assert "Larkfield" not in log.written.getvalue()
