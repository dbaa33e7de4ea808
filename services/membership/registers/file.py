"""A file as it was sent: its bytes kept aside, its encoding found, its lines read one by one."""

import codecs
import csv
import hashlib
import io
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from services.membership.registers.gias import GIAS
from services.membership.registers.groups import GROUP_LINKS, SCHOOL_LINKS
from services.membership.registers.ofsted import OFSTED
from services.membership.registers.reading import BadValue, Layout
from shared.refusal import Invalid

LAYOUTS = {layout.kind: layout for layout in (GIAS, OFSTED, GROUP_LINKS, SCHOOL_LINKS)}
KEPT_IN_MEMORY = 4 * 1024 * 1024  # bytes; a larger file waits on disk


class UnknownKind(Invalid):
    def __init__(self, kind: str):
        super().__init__(f"{kind} is not a kind of file that is read here: use {', '.join(sorted(LAYOUTS))}")


class ColumnsMissing(Invalid):
    def __init__(self, title: str, missing: list[str]):
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        super().__init__(f"This is not a file of {title}: its first line lacks {shown}")


class EmptyFile(Invalid):
    def __init__(self) -> None:
        super().__init__("The file is empty: send the CSV itself as the body of the request")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line, and what to do about it."""

    line: int
    column: str
    value: str
    cure: str


@dataclass(frozen=True)
class Line:
    number: int
    kept: dict[str, Any]


class SentFile:
    """The bytes of an upload. Memory stays flat however large it is."""

    def __init__(self) -> None:
        self._bytes = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._digest = hashlib.sha256()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True

    async def receive(self, chunks: AsyncIterator[bytes]) -> None:
        async for chunk in chunks:
            self._digest.update(chunk)
            self._bytes.write(chunk)
            if self._is_utf8:
                try:
                    self._utf8.decode(chunk)
                except UnicodeDecodeError:
                    self._is_utf8 = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def digest(self) -> bytes:
        return self._digest.digest()

    def read(self, layout: Layout) -> Iterator[Line | Problem]:
        """Every line that says something, or what is wrong with it. Raises ColumnsMissing for another kind of file.

        The registers come in Windows-1252; files that passed through other hands are often UTF-8.
        """
        self._bytes.seek(0)
        encoding = "utf-8-sig" if self._is_utf8 else "cp1252"
        text = io.TextIOWrapper(self._bytes, encoding=encoding, errors="replace", newline="")
        try:
            yield from _read(csv.DictReader(text), layout)
        finally:
            text.detach()

    def close(self) -> None:
        self._bytes.close()


def _read(reader: "csv.DictReader[str]", layout: Layout) -> Iterator[Line | Problem]:
    if reader.fieldnames is None:
        raise EmptyFile
    missing = [column for column in layout.columns if column not in reader.fieldnames]
    if missing:
        raise ColumnsMissing(layout.title, missing)
    seen: dict[int, int] = {}
    for row in reader:
        number = reader.line_num
        try:
            kept = layout.line(row)
        except BadValue as bad:
            yield Problem(number, bad.column, bad.value[:100], bad.cure)
            continue
        if kept is None:
            continue
        identity, said = hash(layout.identity(row)), hash(repr(kept))
        if seen.setdefault(identity, said) != said:
            yield Problem(
                number,
                layout.columns[0],
                layout.identity(row),
                "An earlier line says something else of the same: keep one.",
            )
            continue
        yield Line(number, kept)
