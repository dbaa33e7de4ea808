"""A file as it was sent: its bytes kept aside, what it is found out, its lines read one by one.

Whatever is wrong with a whole file is said in one sentence with its cure, before a line of it is looked at.
"""

import codecs
import hashlib
import io
import re
import tempfile
from collections.abc import AsyncIterator

from services.membership.registers.lines import Reading, open_lines
from shared.refusal import Invalid

KEPT_IN_MEMORY = 4 * 1024 * 1024  # bytes; a larger file waits on disk
AT_MOST = 256 * 1024 * 1024  # bytes; the whole register of England has about 65 million
LONGEST_LINE = 256 * 1024  # bytes; the longest of the registers has about 3 thousand

BEGINNINGS = (
    (
        b"PK\x03\x04",
        "an Excel workbook or a zip archive",
        "Open it and save it as CSV (UTF-8), or unpack it, and send that",
    ),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the older kind", "Open it and save it as CSV (UTF-8), and send that"),
    (b"%PDF", "a PDF", "Ask for the CSV file in its place"),
    (b"\x1f\x8b", "packed with gzip", "Unpack it and send the CSV file that is inside"),
    (b"\xff\xfe", "text in UTF-16 (“Unicode text”)", "Save it as CSV (UTF-8), and send that"),
    (b"\xfe\xff", "text in UTF-16 (“Unicode text”)", "Save it as CSV (UTF-8), and send that"),
)
NOT_IN_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
WEB_PAGES = (b"<!doctype", b"<html", b"<?xml")


class EmptyFile(Invalid):
    def __init__(self) -> None:
        super().__init__("The file is empty: send the CSV itself as the body of the request")


class NotACsv(Invalid):
    def __init__(self, what: str, cure: str):
        super().__init__(f"The file is {what}, not a CSV file, whatever its name says. {cure}")


class NotText(Invalid):
    def __init__(self, line: int):
        super().__init__(
            f"Line {line} holds a zero byte, which no text file has: it is another kind of file, or was damaged on its "
            "way. Download it again"
        )


class TooLarge(Invalid):
    def __init__(self, at_most: int):
        super().__init__(
            f"The file is larger than {at_most // (1024 * 1024)} MB, and no register is: check which file it is. A larger "
            "one can be sent in parts, each with the first line"
        )


class LineTooLong(Invalid):
    def __init__(self, line: int):
        super().__init__(
            f"Line {line} is longer than {LONGEST_LINE // 1024} KB, and no line of a register is: it is another kind of file, "
            "or lost its ends of lines on its way. Download it again"
        )


class MixedEncodings(Invalid):
    def __init__(self, line: int):
        super().__init__(
            f"Line {line} is not in UTF-8 while earlier ones are: the file was put together from two encodings. Save it "
            "as CSV (UTF-8), and send that"
        )


class NotInAnyEncoding(Invalid):
    def __init__(self, line: int):
        super().__init__(
            f"Line {line} holds bytes that are text neither in UTF-8 nor in Windows-1252. Save the file as CSV (UTF-8), "
            "and send that"
        )


class CutOffInACharacter(Invalid):
    def __init__(self) -> None:
        super().__init__("The file ends in the middle of a character, so it was cut off. Download it again")


class SentFile:
    """The bytes of an upload. Memory stays flat however large it is."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        self._bytes = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._digest = hashlib.sha256()
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._at_most = at_most
        self._size = 0
        self._lines = 1
        self._of_last_line = 0  # bytes that have come of it
        self._is_utf8 = True
        self._speaks_utf8 = False  # a character beyond ASCII was read as UTF-8
        self._ends_in_a_line = True

    async def receive(self, chunks: AsyncIterator[bytes]) -> None:
        """Keep the bytes. Raises a refusal as soon as it is plain that they are no CSV file, or too many."""
        beginning = b""
        async for chunk in chunks:
            if not chunk:
                continue
            self._size += len(chunk)
            if self._size > self._at_most:
                raise TooLarge(self._at_most)
            if len(beginning) < 16:
                beginning = (beginning + chunk)[:16]
                _must_be_a_csv(beginning)
            if (at := chunk.find(b"\0")) >= 0:
                raise NotText(self._lines + chunk.count(b"\n", 0, at))
            self._look_at_lengths(chunk)
            self._digest.update(chunk)
            self._bytes.write(chunk)
            self._look_at_encoding(chunk)
            self._lines += chunk.count(b"\n")
            self._ends_in_a_line = chunk.endswith((b"\n", b"\r"))
        if self._size == 0:
            raise EmptyFile
        if self._is_utf8:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                if self._speaks_utf8:
                    raise CutOffInACharacter from None
                self._is_utf8 = False

    def _look_at_lengths(self, chunk: bytes) -> None:
        """A line is read at once, so a file without ends of lines would be read whole."""
        for number, line in enumerate(chunk.splitlines(keepends=True)):
            self._of_last_line += len(line)
            if self._of_last_line > LONGEST_LINE:
                raise LineTooLong(self._lines + number)
            if line.endswith((b"\n", b"\r")):
                self._of_last_line = 0

    def _look_at_encoding(self, chunk: bytes) -> None:
        if self._is_utf8:
            try:
                self._speaks_utf8 = not self._utf8.decode(chunk).isascii() or self._speaks_utf8
            except UnicodeDecodeError as error:
                good = bytes(error.object)[: error.start]
                if self._speaks_utf8 or not good.isascii():
                    raise MixedEncodings(self._lines + good.count(b"\n")) from None
                self._is_utf8 = False
        if not self._is_utf8 and (found := NOT_IN_WINDOWS_1252.search(chunk)):
            raise NotInAnyEncoding(self._lines + chunk.count(b"\n", 0, found.start()))

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def digest(self) -> bytes:
        return self._digest.digest()

    def read(self, kind: str) -> Reading:
        """The layout of the file and its lines. Raises a refusal for a file of another kind.

        The registers come in Windows-1252; files that passed through other hands are often UTF-8.
        """
        self._bytes.seek(0)
        encoding = "utf-8-sig" if self._is_utf8 else "cp1252"
        text = io.TextIOWrapper(self._bytes, encoding=encoding, newline="")
        return open_lines(text, kind, ends_in_a_line=self._ends_in_a_line)

    def close(self) -> None:
        self._bytes.close()


def _must_be_a_csv(beginning: bytes) -> None:
    for mark, what, cure in BEGINNINGS:
        if beginning.startswith(mark):
            raise NotACsv(what, cure)
    if beginning.lstrip().lower().startswith(WEB_PAGES):
        raise NotACsv("a web page", "The download may have ended at a page that asks to sign in: download it again")
