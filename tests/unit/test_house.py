"""The rules of the house, each seen failing once on a planted fault."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "import importlinter.cli as c; c.lint_imports_command()"


def files() -> list[Path]:
    """What is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]
    skipped = {".venv", ".git", "build", "var", "__pycache__"}  # a copy without its history
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code as it is, to plant faults in."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("services", "shared", "infra"):
        ignored = shutil.ignore_patterns("__pycache__", "*.csv", "*.json", "*.lock")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_import_rules_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


FAULTS = {
    "A service never imports another": ("services/meetings/use_cases/planted.py", "import services.funding.domain"),
    "What services are built on knows no service and no machine": ("shared/planted.py", "import services.meetings"),
    "A service does not know on what machine it runs": ("services/funding/planted.py", "import infra.local.ports"),
    "A domain is plain Python": ("services/membership/domain/planted.py", "import sqlalchemy"),
    "A domain knows refusals, money and the calendar, and nothing else": (
        "services/funding/domain/planted.py",
        "import shared.settings",
    ),
    "A domain does not know who uses it": ("services/funding/domain/planted.py", "import services.funding.web.api"),
    "A use case does not know whether a page, a message or a command": (
        "services/meetings/use_cases/planted.py",
        "import fastapi",
    ),
}


@pytest.mark.parametrize(("rule", "place", "line"), [(rule, *fault) for rule, fault in FAULTS.items()])
def test_each_import_rule_catches_its_planted_fault(copy: Path, rule: str, place: str, line: str) -> None:
    planted = copy / place
    planted.write_text(f'"""A fault."""\n\n{line}\n')
    try:
        done = lint(copy)
    finally:
        planted.unlink()
    assert done.returncode == 1
    broken = [" ".join(each.split()) for each in done.stdout.replace("\n", " ").split("KEPT")]
    assert any(rule in each and "BROKEN" in each for each in broken), done.stdout


def test_every_import_rule_has_a_planted_fault() -> None:
    rules = re.findall(r"^name = (.+)$", (ROOT / ".importlinter").read_text(), re.MULTILINE)
    assert [rule for rule in rules if not any(rule.startswith(known) for known in FAULTS)] == []


# Written in pieces, so that this file does not hold what it forbids.
ADDRESSES = re.compile(
    "|".join(
        re.escape(start) + re.escape(end)
        for start, end in (
            ("pypi", ".org"),
            ("pythonhosted", ".org"),
            ("repo.maven", ".apache"),
            ("repo1.maven", ".org"),
            ("registry.npm", "js"),
            ("proxy.gol", "ang"),
            ("docker", ".io/"),
            ("gh", "cr.io/"),
            ("qu", "ay.io/"),
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w./{}*])/" + r"(?:work|root|home/\w+)/\w")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in files():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_holds_the_address_of_a_package_registry() -> None:
    assert lines_with(ADDRESSES) == []


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


@pytest.mark.parametrize("line", ["index-url = https://pypi" + ".org/simple", "see repo1.maven" + ".org/maven2"])
def test_an_address_of_a_registry_would_be_seen(line: str) -> None:
    assert ADDRESSES.search(line)


@pytest.mark.parametrize("line", ['open("/work' + '/main/x")', "cd /root" + "/x", "at /home" + "/me/x"])
def test_a_path_of_a_machine_would_be_seen(line: str) -> None:
    assert MACHINE_PATHS.search(line)


def code(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_only_the_store_reaches_below_the_unit_of_work() -> None:
    """D4: what goes past the unit of work commits by itself and survives its rollback."""
    reaching = [path for path in code("services", "shared") if "driver_connection" in path.read_text()]
    assert [path.relative_to(ROOT).as_posix() for path in reaching if path.name != "store.py"] == []


def test_no_use_case_commits() -> None:
    """One request or one batch is one transaction; its edge commits (D3.1)."""
    committing = [path for path in code("services") if re.search(r"\.(commit|rollback)\(\)", path.read_text())]
    assert committing == []


def test_no_file_is_a_drawer_for_what_has_no_place() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "base.py", "manager.py", "models.py"}
    assert [path for path in code("services", "shared", "infra") if path.name in drawers] == []


def test_no_test_sleeps() -> None:
    """What happens by itself is awaited by draining or with `eventually`."""
    sleeping = re.compile(r"\btime\.sleep\(|asyncio\.sleep\((?!0\))")
    allowed = {"eventually.py", "pace.py", Path(__file__).name}
    found = [
        path.relative_to(ROOT).as_posix()
        for path in code("tests")
        if path.name not in allowed and sleeping.search(path.read_text())
    ]
    assert found == []
