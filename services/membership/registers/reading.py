"""Reading one value of a register's file, or saying which line and column is wrong and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
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
    """How one kind of file is read: the columns without which it is another file, and the reading of a line.

    ``line`` gives what is kept of a line as plain JSON, or None for a line that says nothing to us.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    line: Callable[[Row], dict[str, Any] | None]
    identity: Callable[[Row], str]  # two lines with one identity must be the same line


def text(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()


def optional(row: Row, column: str) -> str | None:
    return text(row, column) or None


def urn(row: Row, column: str) -> str:
    found = text(row, column)
    if len(found) != 6 or not found.isdigit():
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
    raise BadValue(column, found, "Write the date as dd-mm-yyyy.")


def as_date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def district(row: Row, column: str) -> str | None:
    """The outward half of a postcode: areas are tables of districts."""
    found = text(row, column).upper()
    if not found:
        return None
    outward = found.split()[0] if " " in found else found[:-3]
    return outward or None
