"""Asking the service over HTTP, as whoever may or may not."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from services.membership.web.api import routes
from shared.auth.tokens import Verifier, mint, new_key
from shared.store import Store
from tests.applications import application_over

OFFICER: dict[str, Any] = {"roles": ["la.officer"]}
HEAD: dict[str, Any] = {"roles": ["headteacher"], "urns": ["900002"]}
FINANCE: dict[str, Any] = {"roles": ["la.finance"]}
OPS: dict[str, Any] = {"roles": ["la.ops"]}
DEMO: dict[str, Any] = {"roles": ["demo", "la.officer"]}
Ask = Callable[..., Awaitable[httpx2.Response]]


def asking(store: Store, folder: Path) -> tuple[httpx2.AsyncClient, Ask]:
    private, public = folder / "private.jwk", folder / "public.jwk"
    new_key(private, public)
    app = application_over("membership", [routes], store, Verifier(public), test_clock=True)
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://membership")

    async def send(
        path: str,
        who: dict[str, Any],
        body: Any = None,
        *,
        key: str | None = None,
        authority: str = "937",
        content: bytes | None = None,
    ) -> httpx2.Response:
        token = mint(private, **{"subject": "somebody", "authorities": [authority], **who})
        headers = {"Authorization": f"Bearer {token}"}
        if body is None and content is None:
            return await client.get(f"/api/v1{path}", headers=headers)
        headers["Idempotency-Key"] = key or uuid4().hex
        return await client.post(f"/api/v1{path}", headers=headers, json=body, content=content)

    return client, send
