"""Answers as CSV, for a spreadsheet: a cell that a spreadsheet would run as a formula is text with an apostrophe before it."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def guarded(value: object) -> str:
    """The value as a spreadsheet may open it. Numbers stay numbers."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    # With the mark of UTF-8, without which Excel reads names wrongly.
    return Response(
        ("\ufeff" + as_csv(header, rows)).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
