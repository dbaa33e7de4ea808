"""Logs: one JSON object a line on standard output, with the story and the trace that the line belongs to.

Whoever runs the services reads them, and may not know whom a restricted change is about (R0.8). So a line has only the
fields of `MAY_SAY`; what an exception says is left out unless it can only be about machines (docs/decisions/0026).
"""

import logging
import re
import sys
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from structlog.typing import EventDict, WrappedLogger

from shared.failures import sqlstate
from shared.telemetry import current_cause

_QUIET = ("uvicorn.access", "aiokafka", "urllib3", "httpx2", "httpcore2", "opentelemetry", "faststream", "alembic")

# Ids of ours that mean nothing elsewhere, kinds, numbers, fixed words. A school, a person or a key is none of these.
MAY_SAY = frozenset(
    {
        *("event", "level", "logger", "timestamp", "service", "correlation_id", "trace_id", "span_id", "left_out"),
        *("error", "error_because", "error_detail", "error_at", "problem", "reason", "why", "cure"),
        *("topic", "partition", "offset", "sequence", "event_id", "type", "partitions", "records", "keys"),
        *("import_id", "kind", "lines", "failure_id", "day", "call_id", "body_id", "letter", "channel", "subscription"),
        *("seconds", "gone", "worker", "loop"),
    }
)


def configure_logging(service: str, level: str = "INFO") -> None:
    """From here on structlog and the standard library write the same lines."""

    def of_service(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
        line["service"] = service
        return line

    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        of_service,
        _with_story,
        _with_error,
        _of_others,
        _but_for_the_rest,
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)  # another server of this process may have silenced it
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _with_story(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    cause = current_cause()
    if cause is not None:
        line.setdefault("correlation_id", str(cause.correlation_id))
        if cause.traceparent is not None:
            line["trace_id"], line["span_id"] = cause.traceparent.split("-")[1:3]
    return line


def _with_error(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    found = line.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple):
        found = found[1]
    if isinstance(found, BaseException):
        line["error"] = type(found).__name__
        if found.__cause__ is not None:
            line["error_because"] = type(found.__cause__).__name__
        line["error_detail"] = _detail(found)
        line["error_at"] = _frames(found)
    return line


def _detail(error: BaseException) -> str | None:
    """What an error says, where that can't quote what was entered, or name a school as the sentences of refusals do."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{_place(each['loc'])}: {each['type']}" for each in error.errors()[:5])
    if code := sqlstate(error):
        return f"sqlstate {code}"
    if isinstance(error, OSError | KafkaError):
        return str(error)[:300]
    return None


def _place(location: tuple[int | str, ...]) -> str:
    """The field's name; a number or an id in it may be what somebody entered."""
    return ".".join(str(part) if str(part).isidentifier() else "*" for part in location)


def _of_others(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """What libraries write, by its first line; asyncio quotes tasks and arguments after the first bracket."""
    if line.get("_from_structlog") is False:
        ends = r"[\n(<]" if line.get("logger") == "asyncio" else r"\n"
        line["event"] = re.split(ends, str(line["event"]))[0].rstrip()
    return line


def _but_for_the_rest(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """A field that nobody has looked at is left out, and the line names it: it may say whom the line is about."""
    left_out = sorted(name for name in line if name not in MAY_SAY and not name.startswith("_"))
    for name in left_out:
        del line[name]
    if left_out:
        line["left_out"] = left_out
    return line


def _frames(error: BaseException) -> list[str]:
    frames: list[Any] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-12:]
