"""What a run has found: a table for the terminal, `build/bench.json`, and the table of docs/performance.md."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from tests.bench.row import HEADS, Row

JSON = Path("build/bench.json")
PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- table: make bench ARGS=--write -->", "<!-- end of table -->"


def table(rows: Sequence[Row]) -> str:
    """In columns, for a terminal; what is measured against what stands in the page."""
    kept = [place for place, head in enumerate(HEADS) if head not in ("measured", "baseline")]
    lines = [[HEADS[place] for place in kept], *([row.cells()[place] for place in kept] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    lines = [HEADS, ["---"] * len(HEADS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def keep(rows: Sequence[Row], **about: object) -> None:
    """Write the JSON. Rows of an earlier run that this one did not measure stay, so that rows can be run apart."""
    JSON.parent.mkdir(exist_ok=True)
    found = json.loads(JSON.read_text()) if JSON.exists() else {}
    measures = {each["name"]: each for each in found.get("measures", []) if "name" in each}
    measures |= {row.name: {**row.summary(), "about": about} for row in rows}
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    JSON.write_text(json.dumps({"machine": machine, "measures": list(measures.values())}, indent=1) + "\n")


def write(rows: Sequence[Row], *, whole: bool) -> None:
    """Put the rows into the table of the page: of a whole run these alone, else in the place of those of the same name."""
    page = PAGE.read_text()
    before, rest = page.split(BEGIN, 1)
    old, after = rest.split(END, 1)
    kept = (
        [] if whole else [line for line in old.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    )
    lines = dict(_named(line) for line in kept)
    lines.pop(HEADS[0], None)
    written = markdown([row for row in rows if not row.detail]).splitlines()
    lines |= dict(_named(line) for line in written[2:])
    head = "\n".join(written[:2])
    PAGE.write_text(f"{before}{BEGIN}\n{head}\n" + "\n".join(lines.values()) + f"\n{END}{after}")


def _named(line: str) -> tuple[str, str]:
    return line.split(" | ")[0].removeprefix("| "), line
