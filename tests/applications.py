"""The web application of a service, built once a run: that takes a tenth of a second, and most tests have a store each."""

from collections.abc import Hashable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send

from shared.auth.tokens import Verifier
from shared.web.application import application

_built: dict[Hashable, tuple[FastAPI, Sequence[APIRouter]]] = {}  # with its routers, whose ids must stay theirs


class Over:
    """The application over this store. Whoever asks the same one over another store meanwhile is not met.

    Health is not asked here: it is given its store when the application is built.
    """

    def __init__(self, app: FastAPI, store: Any, verifier: Verifier):
        self.app, self.store, self.verifier = app, store, verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "over": self}, receive, send)


class _AsAsked:
    """Puts the application with its own state in the place of the shared one, for one request."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        over: Over | None = scope.get("over")
        if over is not None:
            scope["app"] = _Own(over)
        await self.app(scope, receive, send)


class _Own:
    """What a request finds as its application: the shared one, but for the store and who may come in."""

    def __init__(self, over: Over):
        self.state = _State(over)
        self._app = over.app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)


class _State:
    def __init__(self, over: Over):
        self.store, self.verifier = over.store, over.verifier
        self._state = over.app.state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)


def application_over(
    service: str, routers: Sequence[APIRouter], store: Any, verifier: Verifier, *, test_clock: bool = False
) -> Over:
    """The service's application over a test's own store, or over what stands in for one where nothing is asked of it."""
    key = (service, tuple(map(id, routers)), test_clock)
    if key not in _built:
        app = application(service, routers, store=None, verifier=None, test_clock=test_clock)
        app.add_middleware(_AsAsked)
        _built[key] = app, routers
    return Over(_built[key][0], store, verifier)
