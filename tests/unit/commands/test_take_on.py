"""`consortia take-on`: a file goes to membership as it is, and what was new of it is told."""

from pathlib import Path

from infra.local.trouble import Trouble
from tests.unit.commands.conftest import Membership, Run


def test_what_was_new_is_counted_and_what_stays_otherwise_is_told(
    membership: Membership, run: Run, tmp_path: Path
) -> None:
    part = tmp_path / "part.json"
    part.write_text('{"authority": "937", "people": []}')
    membership.answers = {"POST /take-on": {"people": 2, "bodies": 0, "notes": ["Abbey is known with another name"]}}
    said = run("take-on", str(part)).stdout
    assert membership.asked == [("POST /take-on", "", {"authority": "937", "people": []})]
    assert "people" in said
    assert "bodies" not in said
    assert "Note: Abbey is known with another name" in said
    membership.answers["POST /take-on"] = {"people": 0, "notes": []}
    assert "nothing" in run("take-on", str(part)).stdout


def test_what_is_no_file_or_no_json_is_refused_by_its_place_before_anything_is_sent(
    membership: Membership, run: Run, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"authority": "937",\n "people": [}')
    for path, says in (
        (tmp_path, "cannot be read: Is a directory"),
        (bad, "is no JSON: Expecting value: line 2 column 13"),
    ):
        ended = run("take-on", str(path))
        assert isinstance(ended.exception, Trouble)
        assert says in ended.exception.sentence
        assert ended.exception.cure
    assert membership.asked == []
