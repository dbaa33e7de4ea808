"""The authorities of the registers: their codes, the names that each source gives them, and their regions.

From the national file of Ofsted of 31 August 2025, with the names that GIAS has for the same authorities, those that
were abolished since 2019, and the places outside England that GIAS lists schools of.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.membership.registers.reading import BadValue, Row, text

OUTSIDE = "Outside England"


@dataclass(frozen=True)
class KnownAuthority:
    code: str
    name: str
    region: str


@cache
def authorities() -> dict[str, KnownAuthority]:
    """By code."""
    return {row["code"]: KnownAuthority(row["code"], row["name"], row["region"]) for row in _rows()}


@cache
def codes_by_name() -> dict[str, str]:
    return {name.casefold(): row["code"] for row in _rows() for name in (row["name"], *row["also"].split("|")) if name}


def _rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "authorities.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def authority(row: Row, code_column: str, name_column: str) -> str:
    """The code of the line's authority, by its code or else by its name."""
    code = text(row, code_column)
    if code:
        if code not in authorities():
            raise BadValue(
                code_column,
                code,
                "No authority has this code: take the line from the register again, or ask whether it is new.",
            )
        return code
    name = text(row, name_column)
    found = codes_by_name().get(name.casefold())
    if found is None:
        raise BadValue(
            name_column, name, "No authority has this name: write it as the register does, or give its code."
        )
    return found


def region_of(code: str) -> str:
    """The region of an authority of England; blank for the others."""
    known = authorities().get(code)
    return known.region if known is not None and known.region not in (OUTSIDE, "Wales") else ""
