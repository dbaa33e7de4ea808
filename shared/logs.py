"""Logs: one JSON object a line on standard output, with the story and the trace that the line belongs to.

A line holds ids, never names or free text of people; what an exception says is left out where it may quote data.
"""

import logging
import sys
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import EventDict, WrappedLogger

from shared.telemetry import current_cause

_QUIET = ("uvicorn.access", "aiokafka", "urllib3", "httpx2", "httpcore2", "opentelemetry", "faststream", "alembic")


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
        line["error_detail"] = _detail(found)
        line["error_at"] = _frames(found)
    return line


def _detail(error: BaseException) -> str:
    if isinstance(error, SQLAlchemyError):
        # Its text quotes the statement's values.
        return f"sqlstate {getattr(getattr(error, 'orig', None), 'sqlstate', None)}"
    if isinstance(error, ValidationError):
        # Its text quotes what was entered.
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()[:5])
    return str(error)[:300]


def _frames(error: BaseException) -> list[str]:
    frames: list[Any] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-12:]
