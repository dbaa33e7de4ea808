"""The HTTP application of one service: its own routes, health, and what every service offers to those who run it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.auth.tokens import Verifier
from shared.messaging.inbound import Inbound
from shared.store import Store
from shared.version import version
from shared.web import problems
from shared.web.health import Check, health_routes
from shared.web.platform_api import clock_routes, parked_routes, progress_routes
from shared.web.routes import GuardedRoute, Routes, RouteWithoutPolicy, signed_in

LARGEST_BODY = 128 * 1024 * 1024  # bytes; the national register has about 60 MB

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    service: str,
    routers: Sequence[APIRouter],
    *,
    store: Store | None,
    verifier: Verifier | None,
    checks: Mapping[str, Check] | None = None,
    lifespan: Lifespan | None = None,
    inbound: Inbound | None = None,
    test_clock: bool = False,
) -> FastAPI:
    """Build it. Store and verifier may only be left out to describe the application, not to run it.

    Raises RouteWithoutPolicy if any route doesn't say who may use it.
    """
    app = FastAPI(
        title=f"Consortia: {service}",
        version=version(),
        lifespan=lifespan,
        # The usual pages fetch scripts from a public network, which councils' networks and our own rules forbid.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_BODY,
    )
    app.state.store = store
    app.state.verifier = verifier
    app.state.service = service
    problems.install(app)
    app.add_middleware(_Timed, service=service)
    own = [
        health_routes(service, store, checks or {}),  # type: ignore[arg-type]
        clock_routes(test_clock=test_clock),
        parked_routes(inbound or Inbound()),
        progress_routes(),
        _description_routes(service, app),
    ]
    app.state.guarded = [route for router in [*routers, *own] for route in guarded_routes(router)]
    for router in [*routers, *own]:
        app.include_router(router)
    return app


def guarded_routes(router: APIRouter) -> Iterator[GuardedRoute]:
    """The routes of a router, every one with a policy. Raises RouteWithoutPolicy."""
    for route in router.routes:
        if not isinstance(route, GuardedRoute):
            raise RouteWithoutPolicy(getattr(route, "path", repr(route)))
        _ = route.policy  # raises if there is none
        yield route


def openapi(service: str, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """The OpenAPI document of a service, without running it."""
    return describe(service, application(service, routers, store=None, verifier=None).state.guarded)


def describe(service: str, routes: Sequence[APIRoute]) -> dict[str, Any]:
    document = get_openapi(
        title=f"Consortia: {service}",
        version=version(),
        description=(
            "Refusals are problem details (RFC 9457): 401 not signed in, 403 not allowed, 404 not there, "
            "409 a rule says no, 422 what was entered can't be taken. Every POST needs an Idempotency-Key."
        ),
        routes=list(routes),
    )
    schemes = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    document.setdefault("components", {})["securitySchemes"] = schemes
    return document


def _description_routes(service: str, app: FastAPI) -> Routes:
    routes = Routes(tags=["running it"])

    @cache
    def document() -> bytes:
        return bytes(JSONResponse(describe(service, app.state.guarded)).body)

    @routes.get("/openapi.json", policy=signed_in)
    async def description() -> Response:
        """This document. The same for everybody, and as long as the process runs."""
        return Response(document(), media_type="application/json")

    return routes


class _Timed:
    """Times each request by its route, never by its path: a path has ids in it."""

    def __init__(self, app: ASGIApp, service: str):
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path_format", "unknown")
            metrics.HTTP_SECONDS.labels(self.service, scope["method"], route, str(status)).observe(
                time.perf_counter() - began
            )
