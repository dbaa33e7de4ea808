"""A real Zipkin server, in memory, bound to loopback: its own port option alone would listen on every address."""

import urllib.error
import urllib.request
from pathlib import Path

from infra.local import jars
from infra.local.java import java
from infra.local.ports import HOST
from infra.local.waiting import wait_until


class Zipkin:
    """The tracing dashboard of one stack."""

    def __init__(self, state: Path, port: int) -> None:
        self.state = state
        self.port = port
        self.environment = {"MEM_MAX_SPANS": "50000"}

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/zipkin/"

    @property
    def collector(self) -> str:
        return f"http://{HOST}:{self.port}/api/v2/spans"

    @property
    def command(self) -> list[str]:
        jar = jars.cache_folder() / "jars" / jars.read_lock(jars.ZIPKIN_LOCK)[0].filename
        bind = {"ip": HOST, "port": str(self.port), "protocols[0]": "http"}
        return [*java(self.state, 160), "-jar", str(jar), *(f"--armeria.ports[0].{k}={v}" for k, v in bind.items())]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_ready(self, seconds: float = 60) -> None:
        wait_until(
            self.is_ready,
            seconds,
            f"Zipkin did not answer on port {self.port}",
            self.state / "logs" / "zipkin.log",
            0.1,
        )
