"""What the services say of themselves to whoever follows traces, kept in a file while faults go on (``--traced``).

Nothing in it names a school, a body or a person (R0.8, decision 26), and the story of an outcome stays in one trace, whoever was
killed on its way (D3.12). What a killed process had not sent yet is lost: half a second of spans, and no step of anybody else.
"""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.demo import people
from infra.demo.registers import schools
from infra.local.ports import HOST
from tests.faults.final import Final
from tests.faults.history import History, Window
from tests.faults.logs import six_digits
from tests.faults.must_read import MEMBERSHIP, READERS
from tests.faults.told import OutcomeSaid

Finding = tuple[str, str]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ONE_OF_OURS = re.compile(r"/(school|body|person|desk)/|@|Made school")


class Receiver:
    """Takes spans as Zipkin would, and writes them down as they come."""

    def __init__(self, file: Path):
        self.file = file
        self._written = file.open("wb")
        lock, written = threading.Lock(), self._written

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    written.write(body + b"\n")
                self.send_response(202)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody wants to know."""

        self._server = ThreadingHTTPServer((HOST, 0), Taking)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        address = f"http://{HOST}:{self._server.server_port}/api/v2/spans"
        return {"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT": address}

    def end(self) -> list["Span"]:
        """Everything that came; after the services have ended, which send what they have left."""
        self._server.shutdown()
        self._server.server_close()
        self._written.close()
        return [span for line in self.file.read_text().splitlines() for span in map(_span, json.loads(line))]


@dataclass(frozen=True, slots=True)
class Span:
    """``began``: seconds, by the clock of the machine. ``story``: empty where the span is of a batch."""

    service: str
    trace: str
    began: float
    story: str = ""
    words: tuple[str, ...] = ()


def _span(said: dict[str, Any]) -> Span:
    tags = said.get("tags") or {}
    notes = [str(each["value"]) for each in said.get("annotations") or ()]
    service = said["localEndpoint"]["serviceName"]
    words = (said["name"], *map(str, tags), *map(str, tags.values()), *notes)
    return Span(service, said["traceId"], said["timestamp"] / 1_000_000, tags.get("correlationid", ""), words)


@dataclass
class Traced:
    """What was seen of the stories of one run."""

    spans: list[Span]
    stories: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for each in self.spans:
            if each.story:
                self.stories[each.story].append(each)

    def findings(self, history: History, final: Final) -> Iterator[Finding]:
        outcomes = {record.story for record in final.topics.get(MEMBERSHIP, ()) if isinstance(record.said, OutcomeSaid)}
        if not any(self.stories.get(story) for story in outcomes):
            yield "I9", "no span tells of any outcome"
        for story in outcomes:
            if (traces := len({each.trace for each in self.stories.get(story, ())})) > 1:
                yield "I2", f"the story {story} of an outcome stands in {traces} traces"
        for window in history.windows:
            for reader in _killed_readers(window):
                if not self.crossing(outcomes, reader, window.healed):
                    yield "I9", f"{window.name}: no outcome can be followed from before into {reader} afterwards"
        for words in naming_somebody(self.spans, final):
            yield "I13", words

    def crossing(self, stories: Iterable[str], reader: str, moment: float) -> int:
        """How many of them began before, and were read by this one after the moment, in one trace."""
        return sum(
            any(span.began < moment for span in of_story)
            and any(span.service == reader and span.began > moment for span in of_story)
            and len({span.trace for span in of_story}) == 1
            for of_story in (self.stories.get(story, ()) for story in stories)
        )

    def told(self, history: History, final: Final) -> str:
        """In a line, for the end of the report."""
        outcomes = {record.story for record in final.topics.get(MEMBERSHIP, ()) if isinstance(record.said, OutcomeSaid)}
        across = [
            f"{self.crossing(outcomes, reader, window.healed)} across the end of {reader}"
            for window in history.windows
            for reader in _killed_readers(window)
        ]
        seen = sum(bool(self.stories.get(story)) for story in outcomes)
        return f"{len(self.spans)} spans, of {seen} of {len(outcomes)} outcomes; " + ", ".join(across)


def _killed_readers(window: Window) -> list[str]:
    """Who died at a named place, and reads what others say."""
    killed = {each.partition(":")[0] for each in window.bit} if window.crash_points else set()
    return [each for each in READERS if each in killed]


def naming_somebody(spans: Collection[Span], final: Final) -> Iterator[str]:
    """Words that a span may not have. Most are ids, or among the few that all spans have in common."""
    ids = {*final.emails, *(body for body, _, _ in final.terms)}
    names = [each.name for each in people.cast()] + [school.name for school in schools().values()]
    for text in sorted({word for each in spans for word in each.words}):
        if _ID.fullmatch(text):
            if text in ids:
                yield f"a span has the id of a person or a body: {text}"
        elif (
            any(_is_a_school(each) for each in six_digits(text))
            or _ONE_OF_OURS.search(text)
            or any(name in text for name in names)
        ):
            yield f"a span says {text!r}"


def _is_a_school(number: str) -> bool:
    """Of the register, or a made one."""
    return number in schools() or number.startswith("900")
