"""A file that is refused while it is still being sent: whoever sends it over the line reads why, and what to do."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.local.__main__ import app as command
from services.membership.registers.file import SentFile
from services.membership.web import imports
from tests.store.membership.conftest import Authority
from tests.store.membership.served import served

MEGABYTE = 1 << 20
SENT = 96  # megabytes: more than any buffer between the two holds


@pytest.fixture
def data(abbey: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a stack whose membership listens on a port, and takes files of four megabytes at most."""
    monkeypatch.setattr(imports, "SentFile", lambda: SentFile(at_most=4 * MEGABYTE))
    with served(abbey.store.url, tmp_path) as folder:
        yield folder


@pytest.mark.parametrize(
    ("beginning", "says"),
    [
        (b"URN,Name\n", "larger than 4 MB, and no register is: check which file it is"),
        (b"PK\x03\x04", "an Excel workbook or a zip archive, not a CSV file, whatever its name says"),
        (b"URN\0", "Line 1 holds a zero byte"),
        (b"URN\n" + b"x" * MEGABYTE, "Line 2 is longer than 256 KB, and no line of a register is"),
    ],
    ids=["too large", "a workbook", "no text", "one line"],
)
async def test_a_file_that_is_refused_while_it_is_sent_is_refused_in_words(
    data: Path, beginning: bytes, says: str
) -> None:
    file = data / "edubasealldata20240617.csv"
    with file.open("wb") as out:
        out.write(beginning)
        for _ in range(SENT):
            out.write((b"x" * 1023 + b"\n") * 1024)

    def send() -> Result:
        return CliRunner().invoke(command, ["import", "gias", str(file)], env={"CONSORTIA_DATA": str(data)})

    ended = await asyncio.to_thread(send)
    assert ended.exit_code != 0
    assert says in str(ended.exception)
