"""`consortia` as the documents write it: one program, from any folder, under one name."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from infra.local.__main__ import app

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "infra" / "bin" / "consortia"
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/**/*.md"), *ROOT.glob("shared/**/*.md")]


@pytest.mark.skipif(not (ROOT / ".venv" / ".ok").exists(), reason="this checkout has no environment of its own")
def test_the_program_runs_in_any_folder_by_a_link_and_calls_itself_by_its_name(tmp_path: Path) -> None:
    """D5"""
    link = tmp_path / "a link"
    link.symlink_to(PROGRAM)
    done = subprocess.run([link, "held", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: consortia held" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    text = page.read_text()
    named = re.findall(r"`consortia ([a-z-]+)(?: ([a-z-]+))?", text)
    named += re.findall(r"^consortia ([a-z-]+)(?: ([a-z-]+))?", text, re.MULTILINE)
    for group, command in named:
        assert group in commands, f"consortia {group}"
        if subcommands := getattr(commands[group], "commands", None):
            assert command in {"", *subcommands}, f"consortia {group} {command}"
    assert "python -m infra.local " not in text, "the program has one name"
