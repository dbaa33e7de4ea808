"""The proxies before broker and database, in a process of their own: a busy load generator must not slow the servers."""

import asyncio
import json
import sys
from typing import Any

import uvloop

from infra.local.programs import ROOT
from tests.messaging.proxy import Proxy


class Between:
    """One proxy, told from here what to do over a pipe."""

    def __init__(self, target: int):
        self.target = target
        self.port = 0
        self._asking = asyncio.Lock()
        self.delayed = 0  # pieces that it has passed late so far
        self.swallowed = 0  # pieces that came into half-open connections, and such connections that were made

    async def begin(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.between", str(self.target),
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self._ask({"do": "mend"})

    async def mend(self) -> None:
        await self._ask({"do": "mend"})

    async def cut(self) -> int:
        """How many ends of connections were reset."""
        return await self._ask({"do": "cut"})

    async def forsake(self) -> int:
        """How many ends of connections are half open now."""
        return await self._ask({"do": "forsake"})

    async def slow_down(self, seconds: float) -> None:
        await self._ask({"do": "delay", "seconds": seconds})

    async def end(self) -> None:
        if hasattr(self, "_process") and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _ask(self, what: dict[str, Any]) -> int:
        async with self._asking:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            answer = json.loads(await asyncio.wait_for(self._process.stdout.readline(), 20))
            self.port, self.delayed, self.swallowed = answer["port"], answer["delayed"], answer["swallowed"]
            return int(answer["open"])


async def main() -> None:
    proxy = Proxy(int(sys.argv[1]))
    told = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    while line := await told.readline():
        what, there_were = json.loads(line), proxy.open
        match what["do"]:
            case "mend":
                await proxy.mend()
            case "cut":
                await proxy.cut()
            case "forsake":
                proxy.forsake()
            case "delay":
                proxy.delay = what["seconds"]
        counted = {"port": proxy.port, "open": there_were, "delayed": proxy.delayed, "swallowed": proxy.swallowed}
        print(json.dumps(counted), flush=True)


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
