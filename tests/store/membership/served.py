"""Membership on a port, in the folder of a stack: for what a command does over the line, from the keyboard to the table."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from infra.local.keys import make_tokens
from infra.local.ports import HOST, Ports, free_base
from infra.local.waiting import wait_until
from services.membership.web.api import routes
from shared.auth.tokens import Verifier
from shared.store import Store
from shared.web.application import application


@contextmanager
def served(url: str, folder: Path) -> Iterator[Path]:
    """``url``: of its database. The server has a loop of its own, and so connections of its own."""
    make_tokens(folder, ["937"], [])
    store = Store(url, service="membership")
    base = free_base()
    app = application("membership", [routes], store=store, verifier=Verifier(folder / "token.public"))
    config = uvicorn.Config(
        app, host=HOST, port=Ports(base).service("membership"), log_config=None, lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)

    async def serve() -> None:
        await server.serve()
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), 20, "Membership was not served")
    assert thread.is_alive()
    (folder / "run").mkdir()
    (folder / "run" / "stack.json").write_text(json.dumps({"port_base": base, "services": ["membership"]}))
    try:
        yield folder
    finally:
        server.should_exit = True
        thread.join()
