"""The lines of a CSV file of a register: which layout it is, what each line says, or what is wrong with it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.membership.registers.gias import GIAS, GIAS_MINIMAL
from services.membership.registers.groups import GROUP_LINKS, GROUPS, SCHOOL_LINKS
from services.membership.registers.ofsted import OFSTED, OFSTED_REPORT_CARDS
from services.membership.registers.reading import BadValue, Layout, Row
from shared.refusal import Invalid

LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "gias": (GIAS, GIAS_MINIMAL),
    "ofsted": (OFSTED, OFSTED_REPORT_CARDS),
    "groups": (GROUPS,),
    "group-links": (GROUP_LINKS,),
    "school-links": (SCHOOL_LINKS,),
}
LINES_AT_MOST = 250_000  # the register of England has some 51,000
SHOWN = 100  # characters of a value that can't be taken


class UnknownKind(Invalid):
    def __init__(self, kind: str):
        super().__init__(f"{kind} is not a kind of file that is read here: use {', '.join(sorted(LAYOUTS))}")


class ColumnsMissing(Invalid):
    def __init__(self, title: str, missing: list[str], belongs_to: str | None):
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        cure = (
            f"It looks like a file of the kind {belongs_to}: import it as that" if belongs_to else "Download it again"
        )
        super().__init__(f"This is not a file of {title}: its first line lacks {shown}. {cure}")


class NotSeparatedByCommas(Invalid):
    def __init__(self, by: str):
        super().__init__(f"The first line is separated by {by}, not by commas. Save it as CSV (UTF-8) with commas")


class ColumnTwice(Invalid):
    def __init__(self, column: str):
        super().__init__(f"The first line names the column {column} twice: delete the one that is not the register's")


class NothingBelowTheFirstLine(Invalid):
    def __init__(self) -> None:
        super().__init__("The file has a first line and nothing below it: download it again, without a filter")


class TooManyLines(Invalid):
    def __init__(self) -> None:
        super().__init__(f"The file has more than {LINES_AT_MOST:,} lines, and no register has: check which file it is")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line, and what to do about it. ``taken``: it keeps the file from nothing.

    ``authority``: of which the line's school is, as far as the line says; whoever sent the file reads it in any case.
    """

    line: int
    column: str
    value: str
    cure: str
    taken: bool = False
    authority: str = ""


@dataclass(frozen=True)
class Line:
    number: int
    kept: dict[str, Any]


@dataclass
class Reading:
    """A file that is being read: its layout, what is worth a note, and its lines in order."""

    layout: Layout
    notes: list[str]
    lines: Iterator[Line | Problem]


@dataclass
class _Seen:
    """What was read before, so that a second line on the same thing is found: two numbers a line, however long it is."""

    said: dict[int, tuple[int, int]] = field(default_factory=dict)

    def contradicted_by(self, number: int, identity: str, kept: dict[str, Any]) -> int | None:
        """The earlier line that says something else of the same."""
        first, said = self.said.setdefault(hash(identity), (number, hash(repr(kept))))
        return None if said == hash(repr(kept)) else first


def open_lines(text: io.TextIOWrapper, kind: str, *, ends_in_a_line: bool) -> Reading:
    if kind not in LAYOUTS:
        raise UnknownKind(kind)
    reader = csv.reader(text, strict=True)
    try:
        names = next(reader, [])
    except csv.Error:
        names = []
    header = [" ".join(name.split()) for name in names]
    layout = _layout(kind, header, names)
    notes = []
    beyond = [name for name in header if name and name not in layout.known]
    if layout.known and beyond:
        notes.append(f"Not known and not read: {', '.join(beyond[:10])}{' and others' if len(beyond) > 10 else ''}")
    if not ends_in_a_line:
        notes.append("The last line has no end of line: if the file was cut off, download it again")
    return Reading(layout, notes, _lines(text, reader, header, layout))


def _layout(kind: str, header: list[str], as_written: list[str]) -> Layout:
    """The layout whose columns are all there. Raises the refusal that helps most."""
    named = [name for name in header if name]
    for layout in LAYOUTS[kind]:
        if not layout.lacks(named):
            for name in named:
                if named.count(name) > 1:
                    raise ColumnTwice(name)
            return layout
    if len(header) == 1:
        for mark, by in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if as_written[0].count(mark) > 2:
                raise NotSeparatedByCommas(by)
    nearest = min(LAYOUTS[kind], key=lambda each: len(each.lacks(named)) / len(each.columns))
    fitting = [(name, layout) for name, layouts in LAYOUTS.items() for layout in layouts if not layout.lacks(named)]
    likeliest = max(fitting, key=lambda each: len(each[1].known & set(named)), default=None)
    raise ColumnsMissing(nearest.title, nearest.lacks(named), likeliest[0] if likeliest else None)


def _lines(
    text: io.TextIOWrapper, reader: "Iterator[list[str]]", header: list[str], layout: Layout
) -> Iterator[Line | Problem]:
    seen = _Seen()
    number = 1
    try:
        for number, cells in _numbered(reader):
            if number > LINES_AT_MOST:
                raise TooManyLines
            found = _line(number, cells, header, layout, seen)
            if found is not None:
                yield found
        if number == 1:
            raise NothingBelowTheFirstLine
    except csv.Error:
        cure = "A quotation mark is opened here and not closed, or stands where none belongs. Download the file again."
        yield Problem(number + 1, "", "", cure)
    finally:
        text.detach()


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each line that isn't blank with its number in the file, where it begins."""
    began = reader.line_num
    for cells in reader:
        if any(cell.strip() for cell in cells) or len(cells) > 1:
            yield began + 1, cells
        began = reader.line_num


def _line(number: int, cells: list[str], header: list[str], layout: Layout, seen: _Seen) -> Line | Problem | None:
    if len(cells) != len(header):
        return Problem(number, "", _number_in(cells), _cure_of_cells(len(cells), len(header)))
    row = dict(zip(header, cells, strict=True))
    try:
        kept = layout.line(row)
    except BadValue as bad:
        return Problem(number, bad.column, bad.value[:SHOWN], bad.cure, authority=_whose(row, layout))
    if kept is None:
        return None
    identity = layout.identity(row)
    if (first := seen.contradicted_by(number, identity, kept)) is not None:
        column = layout.columns[0]
        cure = f"Line {first} says something else of the same: keep the one that is right."
        named = column if isinstance(column, str) else column[0]
        return Problem(number, named, identity, cure, authority=_whose(row, layout))
    return Line(number, kept)


def _whose(row: Row, layout: Layout) -> str:
    """The authority of the line's school; none where that is what can't be read, or the layout doesn't say it."""
    try:
        return layout.authority(row)
    except BadValue:
        return ""


def _number_in(cells: list[str]) -> str:
    """The URN of a line that came apart, if it begins with one. What else stands there may be the name of a person, which
    is never read, and would be shown to whoever may see the problems."""
    first = cells[0].strip() if cells else ""
    return first[:SHOWN] if first.isdigit() else ""


def _cure_of_cells(there: int, expected: int) -> str:
    if there < expected:
        return (
            f"The line has {there} cells and the first line {expected}: the file was cut off here, or a cell was deleted. "
            "Download it again."
        )
    return (
        f"The line has {there} cells and the first line {expected}: a comma inside a value needs quotation marks around "
        "the value. Download it again rather than mend it."
    )
