"""``python -m tests.bench.bare_web FILE PORT``: bare Starlette and asyncpg, which run the statements that they are given.

FILE holds, for each path, the transaction that our own service ran for such a request, already about the school of this
path: the same statements with the same kind of arguments, and nothing of what decides them.
"""

import contextlib
import pickle
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def build(given: dict[str, Any]) -> Starlette:
    pool: asyncpg.Pool[Any]

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        path = {"search_path": given["search_path"]}
        pool = await asyncpg.create_pool(given["url"], min_size=8, max_size=8, server_settings=path)
        async with pool:
            yield

    async def run(request: Request) -> JSONResponse:
        if request.method == "POST":
            await request.json()
        async with pool.acquire() as connection, connection.transaction():
            for sql, args in given["paths"][request.url.path]:
                await connection.fetch(sql, *args)
        return JSONResponse(given["answer"], given["status"])

    return Starlette(routes=[Route("/{path:path}", run, methods=["GET", "POST"])], lifespan=life)


if __name__ == "__main__":
    uvloop.install()
    app = build(pickle.loads(Path(sys.argv[1]).read_bytes()))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False)
