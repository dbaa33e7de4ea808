"""Files as people really have them: each fault has its sentence, with place and cure, and nothing of the file is taken."""

import csv
import io
import tracemalloc
from collections.abc import AsyncIterator, Callable

import pytest

from services.membership.registers import lines
from services.membership.registers.file import SentFile
from services.membership.use_cases.import_files import apply_next_chunk
from shared.refusal import Refusal
from shared.store import Store
from tests.store.membership.test_imports import DATA, OFSTED, TRUSTS, as_csv, count, first_lines, send

ROWS = first_lines(3)
HEADER = list(ROWS[0])
GOOD = as_csv(ROWS)


def changed(place: int, **cells: str) -> bytes:
    """Three good lines, of which one says something else."""
    return as_csv([row | cells if number == place else row for number, row in enumerate(ROWS)])


def without(column: str) -> bytes:
    return as_csv([{name: value for name, value in row.items() if name != column} for row in ROWS])


def raw(*lines_of_cells: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *lines_of_cells])
    return out.getvalue().encode()


def cells(place: int) -> list[str]:
    return list(ROWS[place].values())


WHOLE_FILES = {
    "empty": (b"", "The file is empty: send the CSV itself"),
    "only a first line": (raw(), "a first line and nothing below it: download it again, without a filter"),
    "another layout": (
        (DATA / OFSTED).read_bytes(),
        "not a file of GIAS establishments: its first line lacks .* It looks like a file of the kind ofsted: import it as that",
    ),
    "another file of the register": ((DATA / TRUSTS).read_bytes(), "It looks like a file of the kind group-links"),
    "not a register's file": (b"Name;Age\nOak;7\n", "lacks URN, .* Download it again"),
    "a column missing": (without("CloseDate"), "its first line lacks CloseDate. Download it again"),
    "a code and its name missing": (
        without("LA (code)").replace(b"LA (name)", b"LA"),
        r"its first line lacks LA \(code\) or LA \(name\)",
    ),
    "a column twice": (
        GOOD.replace(b"Postcode,", b"URN,", 1).replace(b"UPRN", b"Postcode", 1),
        "names the column URN twice",
    ),
    "semicolons": (GOOD.replace(b",", b";"), "separated by semicolons, not by commas. Save it as CSV"),
    "tabs": (GOOD.replace(b",", b"\t"), "separated by tabs"),
    "UTF-16": (
        GOOD.decode().encode("utf-16"),
        "text in UTF-16 .*, not a CSV file, whatever its name says. Save it as CSV",
    ),
    "a workbook renamed .csv": (b"PK\x03\x04" + GOOD, "an Excel workbook or a zip archive, not a CSV file"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + GOOD, "an Excel workbook of the older kind"),
    "a PDF": (b"%PDF-1.7\n" + GOOD, "The file is a PDF"),
    "gzip": (b"\x1f\x8b\x08\x00" + GOOD, "packed with gzip, not a CSV file, whatever its name says. Unpack it"),
    "a web page": (b"\n<!DOCTYPE html><html>", "a web page, not a CSV file, .* asks to sign in: download it again"),
    "zero bytes": (GOOD[:-9] + b"\0" + GOOD[-9:], "Line 4 holds a zero byte, which no text file has"),
    "two encodings": (
        changed(0, EstablishmentName="St Mary’s") + ",".join(cells(2)).replace(cells(2)[4], "Caf\xe9").encode("cp1252"),
        "Line 5 is not in UTF-8 while earlier ones are",
    ),
    "cut off in a character": (
        changed(0, EstablishmentName="St Mary’s") + "’".encode()[:2],
        "ends in the middle of a character, so it was cut off. Download it again",
    ),
    "no encoding at all": (
        changed(1, EstablishmentName="Oak") + b"\x81\x8d\n",
        "Line 5 holds bytes that are text neither in UTF-8 nor in Windows-1252",
    ),
}


@pytest.mark.parametrize("fault", WHOLE_FILES)
async def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(store: Store, fault: str) -> None:
    content, says = WHOLE_FILES[fault]
    with pytest.raises(Refusal, match=says):
        await send(store, "gias", content, "fault.csv")
    await nothing_is_left(store)


LINES: dict[str, tuple[bytes, int, str, str]] = {
    "31 June": (changed(1, OpenDate="31-06-2024"), 3, "OpenDate", "There is no such day: look it up in the register"),
    "a formula where a day belongs": (changed(1, OpenDate="=TODAY()"), 3, "OpenDate", "This is not a date: write it as dd-mm-yyyy"),
    "a formula where a number belongs": (
        changed(0, URN="=100000+1"), 2, "URN", "A URN has six digits: take the line from the register again",
    ),
    "no date": (changed(1, CloseDate="soon"), 3, "CloseDate", "This is not a date: write it as dd-mm-yyyy"),
    "no URN": (changed(0, URN="12AB"), 2, "URN", "A URN has six digits: take the line from the register again"),
    "a URN in the digits of another script": (
        changed(0, URN="１００００１"), 2, "URN", "A URN has six digits: take the line from the register again",
    ),
    "unknown authority by code": (changed(2, **{"LA (code)": "999"}), 4, "LA (code)", "No authority has this code"),
    "unknown authority by name": (
        changed(2, **{"LA (code)": "", "LA (name)": "Rutlandshire"}), 4, "LA (name)", "No authority has this name",
    ),
    "unknown status": (
        changed(0, **{"EstablishmentStatus (name)": "Resting"}), 2, "EstablishmentStatus (name)", "Expected Open; ",
    ),
    "unknown type": (
        changed(0, **{"TypeOfEstablishment (code)": "", "TypeOfEstablishment (name)": "Castle"}),
        2, "TypeOfEstablishment (name)", "Not a type of establishment that is known here: give its code",
    ),
    "no name": (changed(1, EstablishmentName=" "), 3, "EstablishmentName", "Every establishment has a name"),
    "duplicate URN": (
        as_csv([*ROWS, ROWS[0] | {"EstablishmentName": "Oak"}]), 5, "URN", "Line 2 says something else of the same: keep the one",
    ),
    "cut off in the last line": (
        GOOD[: GOOD.rindex(cells(2)[4].encode())], 4, "", "the file was cut off here, or a cell was deleted. Download it again",
    ),
    "a cell too many": (raw(cells(0), [*cells(1), "more"]), 3, "", "a comma inside a value needs quotation marks"),
    "a cell too few": (raw(cells(0)[:-1], cells(1)), 2, "", "The line has 139 cells and the first line 140"),
    "a quotation mark that is not closed": (
        GOOD + b'"' + b",".join(cell.encode() for cell in cells(0)), 5, "", "A quotation mark is opened here and not closed",
    ),
    "a quotation mark where none belongs": (
        GOOD + b'"Oak"School,\n', 5, "", "or stands where none belongs. Download the file again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", LINES)
async def test_a_bad_line_is_named_with_its_column_and_cure_and_the_file_refused(store: Store, fault: str) -> None:
    content, number, column, cure = LINES[fault]
    received = await send(store, "gias", content, "fault.csv")
    assert (received.state, received.problems_found) == ("refused", 1)
    (problem,) = received.problems
    assert (problem.line, problem.column) == (number, column)
    assert cure in problem.cure
    await nothing_is_left(store)


async def test_a_cut_in_the_last_cell_only_is_a_note_and_so_is_a_column_that_nobody_knows(store: Store) -> None:
    more = [row | {"HouseCat": "tabby"} for row in ROWS]
    received = await send(store, "gias", as_csv(more).rstrip(), "noted.csv")
    assert received.state == "applying"
    assert received.notes == [
        "Not known and not read: HouseCat",
        "The last line has no end of line: if the file was cut off, download it again",
    ]


async def test_names_that_a_spreadsheet_would_run_are_kept_as_the_text_that_they_are_and_the_line_is_named(
    store: Store,
) -> None:
    name = '=HYPERLINK("http://example.org","Oak")'
    received = await send(store, "gias", changed(0, EstablishmentName=name), "formula.csv")
    assert received.state == "applying"
    (warned,) = received.warnings
    assert (warned.line, warned.column, warned.value) == (2, "EstablishmentName", name)
    assert warned.cure.startswith("A spreadsheet would run this as a formula; here it is kept as the text that it is")
    while await store.run(apply_next_chunk):
        pass
    async with store.unit() as uow:
        assert await uow.value("select name from school where urn = $1", ROWS[0]["URN"]) == name


async def test_a_line_that_came_apart_shows_no_name_that_may_stand_in_it(store: Store) -> None:
    """R0.8, N-04: a stray end of line puts the head's name first; those who run the service see the problems too."""
    head = HEADER.index("HeadFirstName")
    row = cells(0)
    row[head] = "Invented"
    content = raw(cells(1), row[:head], row[head:])
    received = await send(store, "gias", content, "fault.csv")
    assert [(each.line, each.value) for each in received.problems] == [(3, row[0]), (4, "")]
    assert await count(store, "select count(*) from import where problems::text like '%Invented%'") == 0


async def test_a_link_to_a_trust_without_a_number_is_a_problem(store: Store) -> None:
    links = list(csv.DictReader(io.StringIO((DATA / TRUSTS).read_text(encoding="utf-8"), newline="")))
    trust = next(row for row in links if row["Group Type"] == "Multi-academy trust" and row["Group Status"] != "Closed")
    received = await send(store, "group-links", as_csv([trust | {"Group UID": ""}]), "fault.csv")
    (problem,) = received.problems
    assert (problem.column, "number of its own" in problem.cure) == ("Group UID", True)


async def test_all_bad_lines_are_counted_and_the_first_thousand_kept(store: Store) -> None:
    many = [row | {"OpenDate": "31-06-2024", "URN": str(100_000 + n)} for n, row in enumerate(ROWS * 500)]
    received = await send(store, "gias", as_csv(many), "bad.csv")
    assert (received.problems_found, len(received.problems)) == (1500, 100)
    assert await count(store, "select jsonb_array_length(problems) from import") == 1000


async def test_a_file_with_more_lines_than_any_register_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LINES_AT_MOST", 3)
    with pytest.raises(Refusal, match="more than 3 lines, and no register has"):
        await send(store, "gias", GOOD, "long.csv")
    await nothing_is_left(store)


@pytest.mark.parametrize(
    ("line", "says", "megabytes"),
    [
        (b"x" * 1023 + b"\n", "larger than 256 MB, and no register is: check which file it is", 257),
        (b"x" * 1024, "Line 1 is longer than 256 KB, and no line of a register is", 1),
    ],
    ids=["lines", "one line"],
)
async def test_two_gigabytes_are_refused_at_the_limit_with_memory_flat(line: bytes, says: str, megabytes: int) -> None:
    """The sender is stopped at 256 MB, and where no line ends sooner; neither may fill the memory."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        chunk = line * 1024
        while sent < 2 << 30:
            sent += len(chunk)
            yield chunk

    file = SentFile()
    tracemalloc.start()  # of this test alone: the process may have had more in its memory long before
    try:
        with pytest.raises(Refusal, match=says):
            await file.receive(endless())
        most = tracemalloc.get_traced_memory()[1] >> 20
    finally:
        tracemalloc.stop()
        file.close()
    assert sent <= megabytes << 20
    assert most < 8, f"{most} MB were in memory"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
async def test_the_encodings_in_which_registers_come_are_read(store: Store, encoding: str) -> None:
    content: Callable[[], bytes] = lambda: as_csv([ROWS[0] | {"EstablishmentName": "St Mary’s"}], encoding)  # noqa: E731
    assert (await send(store, "gias", content(), "names.csv")).problems == []
    while await store.run(apply_next_chunk):
        pass
    async with store.unit() as uow:
        assert await uow.value("select name from school") == "St Mary’s"


async def nothing_is_left(store: Store) -> None:
    assert not await store.run(apply_next_chunk)
    left = "select (select count(*) from school) + (select count(*) from listing) + (select count(*) from import_line)"
    assert await count(store, left) == 0
    assert await count(store, "select count(*) from outbox") == 0
