"""`consortia import`: what is no file that can be read is refused in words, before anything is sent."""

from pathlib import Path

from infra.local.trouble import Trouble
from tests.unit.commands.conftest import Membership, Run


def test_a_folder_or_a_file_that_is_not_there_is_no_register(membership: Membership, run: Run, tmp_path: Path) -> None:
    for path, says in (
        (tmp_path, "cannot be read: Is a directory"),
        (tmp_path / "none.csv", "cannot be read: No such"),
    ):
        ended = run("import", "gias", str(path))
        assert isinstance(ended.exception, Trouble)
        assert says in ended.exception.sentence
        assert "Give the path of a CSV file" in ended.exception.cure
    assert membership.asked == []
