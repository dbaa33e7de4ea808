"""Whose lines of a file each reader is shown: an officer her own authority's, whoever sent it all, the ops team none (R0.8)."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.failure import CURE_FOR_OTHERS, NOT_FOR_ALL
from services.membership.registers.lines import Problem
from services.membership.store import imports
from services.membership.use_cases.failed_imports import discard
from services.membership.use_cases.import_files import apply_next_chunk
from shared.store import UnitOfWork
from tests.store.membership.asking import OPS, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_imports import as_csv, first_lines

SENDER: dict[str, Any] = {"roles": ["la.officer"], "subject": "whoever sent it"}
COLLEAGUE: dict[str, Any] = {"roles": ["la.officer"], "subject": "somebody else"}
OURS, THEIRS = {"LA (code)": "937", "LA (name)": ""}, {"LA (code)": "801", "LA (name)": ""}
NOBODYS = {"LA (code)": "0", "LA (name)": ""}
OPEN = {"EstablishmentStatus (name)": "Open"}


def _lines(*each: dict[str, str]) -> bytes:
    return as_csv([first_lines(1, URN=f"90000{place}", **OPEN | said)[0] for place, said in enumerate(each, 1)])


# Of these none can be taken; the last doesn't say whose school it is. And of those something should be looked at.
REFUSED = _lines(OURS | {"OpenDate": "31-02-2020"}, THEIRS | {"OpenDate": "31-02-2020"}, NOBODYS)
DOUBTED = _lines(OURS | {"CloseDate": "31-08-2019"}, THEIRS | {"CloseDate": "31-08-2019"})


async def _sent(ask: Ask, abbey: Authority, content: bytes, *, applied: bool = True) -> str:
    sent = await ask("/imports/gias?name=register.csv&as_at=2023-09-01", SENDER, content=content)
    assert sent.status_code == 201, sent.text
    while applied and await abbey.do(apply_next_chunk):
        pass
    return str(sent.json()["import_id"])


async def _read(ask: Ask, sent: str, who: dict[str, Any], authority: str) -> tuple[list[int], list[int]]:
    """The lines that this reader finds in the answer, and those in the table for a spreadsheet."""
    found = (await ask(f"/imports/{sent}", who, authority=authority)).json()
    table = (await ask(f"/imports/{sent}/problems.csv", who, authority=authority)).content.decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(table, newline=""))
    return [each["line"] for each in found["problems"] + found["warnings"]], [int(row[1]) for row in rows]


@pytest.mark.parametrize(("content", "all_of_them"), [(REFUSED, [2, 3, 4]), (DOUBTED, [2, 3])])
async def test_an_officer_reads_the_lines_of_her_own_authority_and_whoever_sent_the_file_every_line(
    ask: Ask, abbey: Authority, content: bytes, all_of_them: list[int]
) -> None:
    """R0.8, W-02: a file speaks of the whole country, and who sent it puts it right."""
    sent = await _sent(ask, abbey, content)
    assert await _read(ask, sent, SENDER, "937") == (all_of_them, all_of_them)
    assert await _read(ask, sent, COLLEAGUE, "937") == ([2], [2])
    assert await _read(ask, sent, COLLEAGUE, "801") == ([3], [3])
    assert await _read(ask, sent, COLLEAGUE, "800") == ([], [])


@pytest.mark.parametrize(("content", "found"), [(REFUSED, (3, 0)), (DOUBTED, (0, 2))])
async def test_the_ops_team_reads_how_many_lines_and_none_of_them(
    ask: Ask, abbey: Authority, content: bytes, found: tuple[int, int]
) -> None:
    """N-04, decision 26: a line is a school, and so are its value and its cure; whoever signs in as ops and sent it, too."""
    sent = await _sent(ask, abbey, content)
    told = (await ask(f"/imports/{sent}", OPS | {"subject": SENDER["subject"]})).json()
    assert (told["problems"], told["warnings"]) == ([], [])
    assert (told["problems_found"], told["warnings_found"]) == found
    assert "90000" not in str(told)
    assert (await ask(f"/imports/{sent}/problems.csv", OPS)).status_code == 403


async def test_who_sent_a_file_is_shown_to_nobody(ask: Ask, abbey: Authority) -> None:
    sent = await _sent(ask, abbey, DOUBTED)
    for who in (SENDER, COLLEAGUE, OPS):
        for answer in (await ask(f"/imports/{sent}", who), await ask("/imports", who)):
            assert SENDER["subject"] not in answer.text


async def test_why_an_officer_gave_a_file_up_is_for_officers(ask: Ask, abbey: Authority) -> None:
    """N-04: in her own words, which may name a school."""
    sent = await _sent(ask, abbey, DOUBTED)

    async def give_up(uow: Any) -> None:
        found = await imports.import_if_free(uow, UUID(sent))
        assert found is not None
        await imports.fail(uow, found, None, "An error")
        await discard(uow, UUID(sent), "School 900001 is wrong in it")

    await abbey.do(give_up)
    assert "900001" in (await ask(f"/imports/{sent}", COLLEAGUE)).json()["discarded_because"]
    for path in (f"/imports/{sent}", "/imports?state=discarded"):
        assert "900001" not in (await ask(path, OPS)).text


WHY = "School 900001 can't be looked at"


async def test_at_which_line_a_file_failed_and_why_is_read_by_who_may_know_of_its_schools_and_by_whoever_sent_it(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8, decision 20: a rule's sentence names the school. The second line takes one of ours over to another authority."""
    sent = await _sent(ask, abbey, DOUBTED, applied=False)

    async def fail(uow: UnitOfWork, line: int | None) -> None:
        found = await imports.import_if_free(uow, UUID(sent))
        assert found is not None
        await imports.fail(uow, found, line, WHY)
        await uow.execute("update import set position = 7")

    readers = {"ours": ["937"], "theirs": ["801"], "both": ["801", "937"]}
    for line, read_by in ((2, {"ours", "both"}), (3, {"both"}), (None, set[str]())):
        await abbey.do(lambda uow, line=line: fail(uow, line))
        found = {
            name: (await ask(f"/imports/{sent}", COLLEAGUE | {"authorities": of})).json()
            for name, of in readers.items()
        }
        assert {name for name, each in found.items() if each["failure"]["reason"] == WHY} == read_by
        for each in (found[name] for name in found.keys() - read_by):
            assert each["failure"] == {"line": None, "reason": NOT_FOR_ALL, "cure": CURE_FOR_OTHERS}
            assert each["position"] == 0  # in hundreds: the next line is the one
        told = (await ask(f"/imports/{sent}", SENDER)).json()
        assert (told["failure"]["line"], told["failure"]["reason"], told["position"]) == (line, WHY, 7)


async def test_how_many_lines_somebody_should_look_at_is_one_number_though_not_all_of_them_are_kept(
    ask: Ask, abbey: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-02: the answer to the file, the import and the list say the same."""
    monkeypatch.setattr(imports, "PROBLEMS_KEPT", 1)
    sent = await ask("/imports/gias?name=register.csv&as_at=2023-09-01", SENDER, content=DOUBTED)
    (listed,) = (await ask("/imports", SENDER)).json()
    found = (await ask(f"/imports/{listed['import_id']}", SENDER)).json()
    assert [each["warnings_found"] for each in (sent.json(), listed, found)] == [2, 2, 2]
    assert len(found["warnings"]) == 1

    async def applied(uow: UnitOfWork) -> None:
        at_work = await imports.import_if_free(uow, UUID(listed["import_id"]))
        assert at_work is not None
        more = [Problem(line, "URN", "900001", "Look at it", taken=True, authority="937") for line in range(4, 1204)]
        await imports.advance(uow, at_work, 1, report=at_work.report, changed=0, warnings=more)

    await abbey.do(applied)
    found = (await ask(f"/imports/{listed['import_id']}", SENDER)).json()
    assert (found["warnings_found"], len(found["warnings"])) == (1202, 1000)
