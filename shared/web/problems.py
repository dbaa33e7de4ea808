"""What a caller is told when a request fails: problem details (RFC 9457) with a sentence fit for a page."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.failures import BUSY, sqlstate
from shared.refusal import Invalid, NotFound, Refusal

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

_CURES = {
    "missing": "is missing; give it.",
    "extra_forbidden": "is not known here; leave it out.",
    "date_from_datetime_parsing": "is not a date; write it as YYYY-MM-DD.",
    "date_parsing": "is not a date; write it as YYYY-MM-DD.",
    "date_type": "is not a date; write it as YYYY-MM-DD.",
    "datetime_parsing": "is not an instant; write it as YYYY-MM-DDTHH:MM:SSZ.",
    "int_parsing": "is not a whole number; write digits only.",
    "int_type": "is not a whole number; write digits only.",
    "int_from_float": "is not a whole number; write digits only.",
    "bool_parsing": "is neither true nor false; write one of the two.",
    "bool_type": "is neither true nor false; write one of the two.",
    "uuid_parsing": "is not an id; copy the id that the list shows.",
    "string_type": "is not text; put it in quotation marks.",
    "list_type": "is not a list; put it in square brackets.",
    "json_invalid": "is not valid JSON; check quotation marks, commas and brackets.",
    "string_too_short": "is too short; give at least {min_length} character(s).",
    "string_too_long": "is too long; give at most {max_length} characters.",
    "greater_than_equal": "is too small; give {ge} or more.",
    "less_than_equal": "is too large; give {le} or less.",
    "literal_error": "is not one of {expected}; give one of these.",
    "enum": "is not one of {expected}; give one of these.",
}
_BUSY = {*BUSY, "53300"}  # also too many connections
_DATABASE_AWAY = (OperationalError, InterfaceError, ConnectionError, TimeoutError)


class Forbidden(Exception):
    """The caller is known and may not do this."""


def problem(
    status: int,
    detail: str,
    *,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    correlation_id: object = None,
    **more: Any,
) -> JSONResponse:
    """`code` names the refusal (as in `urn:consortia:problem:poll-closed`), so that a program can tell them apart."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"urn:consortia:problem:{code}" if code else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    all_headers = dict(headers or {})
    if correlation_id is not None:
        body["instance"] = f"urn:uuid:{correlation_id}"
        all_headers["X-Correlation-ID"] = str(correlation_id)
    return JSONResponse({**body, **more}, status_code=status, headers=all_headers, media_type=MEDIA_TYPE)


def of_refusal(refusal: Refusal, *, correlation_id: object = None) -> JSONResponse:
    status = 404 if isinstance(refusal, NotFound) else 422 if isinstance(refusal, Invalid) else 409
    return problem(status, str(refusal), code=_code(refusal), correlation_id=correlation_id)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """Each field that can't be taken, by its name, with what to do about it."""
    fields = [{"field": _field(error), "detail": f"{_field(error)} {_cure(error)}"} for error in errors]
    return problem(422, " ".join(each["detail"] for each in fields), code="fields", errors=fields)


def of_unexpected(error: Exception, *, correlation_id: object = None) -> JSONResponse:
    """Nothing of an unexpected error goes out: its text may hold what the caller must not see."""
    if isinstance(error, DBAPIError) and sqlstate(error) in _BUSY:
        return _try_again("The records are in use by somebody else. Try again in a moment.", 503, correlation_id)
    if isinstance(error, PoolTimeout):
        return _try_again("The service has too much to do at once. Try again in a moment.", 503, correlation_id)
    if isinstance(error, _DATABASE_AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return _try_again("The service can't reach its database. Try again in a moment.", 503, correlation_id)
    logger.error("request.failed", error=type(error).__name__, correlation_id=str(correlation_id), exc_info=error)
    detail = "Something went wrong on our side. Nothing was changed; quote the correlation id if it happens again."
    return problem(500, detail, code="unexpected", correlation_id=correlation_id)


def install(app: FastAPI) -> None:
    """For what happens outside our own routes: unknown paths, wrong methods, bodies that can't be read."""

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, str(error.detail), headers=error.headers)

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return of_validation(error.errors())

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return of_unexpected(error)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(Exception, unexpected)


def _try_again(detail: str, status: int, correlation_id: object) -> JSONResponse:
    return problem(status, detail, code="busy", headers={"Retry-After": "1"}, correlation_id=correlation_id)


def _code(refusal: Refusal) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(refusal).__name__).lower()


def _field(error: Mapping[str, Any]) -> str:
    place = list(error.get("loc", ()))
    if error.get("type") == "json_invalid":
        return "The body"
    if place and place[0] in ("body", "query", "path", "header"):
        place = place[1:]
    return ".".join(str(part) for part in place) or "The body"


def _cure(error: Mapping[str, Any]) -> str:
    kind, context = str(error.get("type")), error.get("ctx") or {}
    if kind in _CURES:
        return _CURES[kind].format_map(context)
    message = str(error.get("msg", "can't be taken as it stands")).removeprefix("Value error, ")
    return f"can't be taken: {message.rstrip('.')}."
