"""Reading one value of a register's file, or saying which line and column is wrong and what to do about it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any


class BadValue(Exception):
    """A value can't be taken as it stands."""

    def __init__(self, column: str, value: str, cure: str):
        super().__init__(f"{column}: {value!r}. {cure}")
        self.column = column
        self.value = value
        self.cure = cure


Row = Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """How one layout of a kind of file is read: the columns without which it is another file, and the reading of a line.

    A column may have alternatives, of which the first that is there and not blank counts. ``line`` gives what is kept of
    a line as plain JSON, or None for a line that says nothing to us. ``known`` are all columns of the layout: a file may
    lack those that aren't read, and what it has beyond them is noted. ``authority`` reads of which a line's school is, where
    the layout says it: who may read what is wrong with the line follows from that.
    """

    name: str
    title: str
    columns: tuple[str | tuple[str, ...], ...]
    line: Callable[[Row], dict[str, Any] | None]
    identity: Callable[[Row], str]  # two lines with one identity must be the same line
    known: frozenset[str] = frozenset()
    authority: Callable[[Row], str] = lambda row: ""

    def lacks(self, header: Collection[str]) -> list[str]:
        """The columns that a file with this first line lacks."""
        missing = []
        for column in self.columns:
            names = (column,) if isinstance(column, str) else column
            if not any(name in header for name in names):
                missing.append(" or ".join(names))
        return missing


def columns_of(name: str) -> frozenset[str]:
    """All columns of a layout, from the list beside this file. Runs of spaces in a name count as one."""
    lines = (Path(__file__).parent / f"columns_{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(line.split()) for line in lines if line.strip())


def text(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()


def optional(row: Row, column: str) -> str | None:
    return text(row, column) or None


def urn(row: Row, column: str) -> str:
    found = text(row, column)
    if not re.fullmatch(r"[0-9]{6}", found):  # a digit of another script is none
        raise BadValue(column, found, "A URN has six digits: take the line from the register again.")
    return found


def day(row: Row, column: str) -> str | None:
    """A date as the registers write it (dd-mm-yyyy, dd/mm/yyyy or yyyy-mm-dd), as ISO text; blank is None."""
    found = text(row, column)
    if not found:
        return None
    for form in ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(found, form).date().isoformat()  # noqa: DTZ007 - a date, not an instant
        except ValueError:
            continue
    if re.fullmatch(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}|\d{4}-\d{2}-\d{2}", found):
        raise BadValue(column, found, "There is no such day: look it up in the register and write it as dd-mm-yyyy.")
    raise BadValue(column, found, "This is not a date: write it as dd-mm-yyyy.")


def day_after(row: Row, column: str) -> str | None:
    """The first day that is no longer part: the registers write the last one that is, as with a CloseDate of 31 August."""
    last = as_date(day(row, column))
    if last == date.max:
        raise BadValue(column, text(row, column), "Nothing closes on that day: leave the date blank.")
    return (last + timedelta(days=1)).isoformat() if last else None


def as_date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def district(row: Row, column: str) -> str | None:
    """The outward half of a postcode: areas are tables of districts."""
    found = text(row, column).upper()
    if not found:
        return None
    outward = found.split()[0] if " " in found else found[:-3]
    return outward or None
