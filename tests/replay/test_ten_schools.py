"""The walk through ten real schools says what the product answers: each line of its table is asked again."""

import re
from datetime import date
from pathlib import Path

import pytest

from infra.demo.client import Refused
from infra.demo.registers import schools
from tests.replay import oracle
from tests.replay.conftest import Membership

pytestmark = pytest.mark.timeout(300)  # the first test waits for the whole past

PAGE = Path(__file__).parents[2] / "docs" / "ten-schools.md"
LINE = re.compile(r"^\| (\d{6}) \| (\d{4}-\d{2}-\d{2}) \|", re.MULTILINE)


def lines() -> list[str]:
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if LINE.match(line)]


async def line_of(membership: Membership, urn: str, day: str) -> str:
    """What the product answers for a school and a day, as a line of the page's table."""
    category = await membership.caller.get(f"/schools/{urn}/category", on=day)
    cells = [urn, day, str(category["category"] or "none"), category["because"], category["because_ref"] or "–"]
    cells.append(f"{category['inherited_from_name']}" if category["inherited_from"] else "–")
    for matter in ("general", "inspection"):
        try:
            answer = await membership.caller.get(f"/schools/{urn}/speaker", matter=matter, on=day)
        except Refused as refusal:
            cells.append("nobody" if refusal.status in {404, 409} else f"refused with {refusal.status}")
        else:
            cells.append(f"{answer['role']} (`{answer['rule']}`)")
    bodies = (await membership.caller.get(f"/schools/{urn}"))["bodies"]
    held = [each for each in bodies if each["from_date"] <= day and (each["until"] is None or each["until"] > day)]
    led = sorted(each["name"] + (", leads" if each["lead"] and len(held) > 1 else "") for each in held)
    cells.append("; ".join(led) or "none")
    return "| " + " | ".join(cells) + " |"


async def test_every_line_of_the_table_is_what_the_product_answers(replayed: Membership) -> None:
    """R0.1, R0.3"""
    found = [await line_of(replayed, *LINE.match(line).groups()) for line in lines()]  # type: ignore[union-attr]
    assert found == lines()


async def test_the_categories_of_the_table_are_those_of_the_oracle(replayed: Membership) -> None:
    """The oracle reads Ofsted's file itself, and knows nothing of the product."""
    for line in lines():
        urn, day, category = (cell.strip() for cell in line.split("|")[1:4])
        if urn in oracle.management_information():
            expected = oracle.expected(urn, date.fromisoformat(day)).category
            assert category == str(expected or "none"), line


async def test_the_page_is_of_ten_schools_named_as_the_register_names_them(replayed: Membership) -> None:
    text = PAGE.read_text(encoding="utf-8")
    headed = re.findall(r"^## \d+\. (.+) \((\d{6})\)", text, re.MULTILINE)
    assert len(headed) == len(set(headed)) == 10
    for name, urn in headed:
        assert (await replayed.caller.get(f"/schools/{urn}"))["name"] == name
        assert urn in schools()
    assert {urn for _, urn in headed} <= {line.split("|")[1].strip() for line in lines()}


def test_every_inspection_that_the_text_names_has_the_date_of_ofsteds_file() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    named = re.findall(r"inspection ((?:ITS)?\d{6,8}), published on (\d+ \w+ \d{4})", text, re.IGNORECASE)
    assert len(named) == len(re.findall(r"inspection (?:ITS)?\d{6,8}\b", text, re.IGNORECASE)) == 15
    known = {each.number: each.published for row in oracle.management_information().values() for each in row.graded}
    assert [(number, f"{known[number]:%-d %B %Y}") for number, _ in named] == named
