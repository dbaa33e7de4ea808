"""The pace of a load generator and of a retry: time that passes on purpose. Nothing is ever awaited by it."""

import asyncio


async def pace(seconds: float) -> None:
    """Let others work before the next request."""
    await asyncio.sleep(seconds)
