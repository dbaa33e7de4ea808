"""Whoever applies the files that were taken in, as a process of its own, to be killed: ``python -m tests.faults.importer``."""

import asyncio
import os

import uvloop

from shared.store import Store
from tests.store.membership.national import applied


async def main() -> None:
    store = Store(os.environ["CONSORTIA_DATABASE_URL"], service="membership", pool_size=1)
    async for _ in applied(store):
        pass
    await store.close()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
