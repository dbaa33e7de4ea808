"""Rows for one statement, however many there are."""

from typing import Any


def columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Sorted rows turned into one array a column, for `unnest`."""
    return [list(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True)]
