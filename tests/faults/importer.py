"""Whoever applies the files that were taken in, as a process of its own, to be killed: ``python -m tests.faults.importer``."""

import asyncio
import os

import uvloop

from services.membership.use_cases.import_files import apply_next_chunk
from shared.store import Store


async def main() -> None:
    store = Store(os.environ["CONSORTIA_DATABASE_URL"], service="membership", pool_size=1)
    while await store.run(apply_next_chunk):
        pass
    await store.close()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
