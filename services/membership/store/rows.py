"""Many rows in one statement."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from shared.store import UnitOfWork

T = TypeVar("T")


def as_each(kind: Callable[..., T], rows: Sequence[Any]) -> list[T]:
    """Rows whose columns stand in the order of the arguments."""
    return [kind(*row) for row in rows]


def as_one(kind: Callable[..., T], row: Any) -> T:
    return kind(*row)


async def insert_rows(uow: UnitOfWork, table: str, columns: str, types: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for all rows. A daterange is given as (from, until) and goes over as two arrays."""
    if not rows:
        return
    arrays: list[list[Any]] = []
    declared, selected = [], []
    for place, (column, kind) in enumerate(zip(columns.split(", "), types.split(), strict=True)):
        values = [row[place] for row in rows]
        if kind == "daterange":
            arrays += [[value[0] for value in values], [value[1] for value in values]]
            declared += [(f"{column}_from", "date"), (f"{column}_until", "date")]
            selected.append(f"daterange({column}_from, {column}_until)")
        else:
            arrays.append(values)
            declared.append((column, kind))
            selected.append(column)
    unnested = ", ".join(f"${number}::{kind}[]" for number, (_, kind) in enumerate(declared, 1))
    await uow.execute(
        f"insert into {table} ({columns}) select {', '.join(selected)} "
        f"from unnest({unnested}) as n ({', '.join(name for name, _ in declared)})",
        *arrays,
    )
