"""Of which code a report is: the day, the commit, and whether more was changed than that. An old report says so by this."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_SAID = "code of which nothing is said"
WRITTEN_BY_RUNS = ":(exclude)docs/faults"  # what one run has written must not make the next one's code look changed


def stamp(root: Path = ROOT, today: date | None = None) -> str:
    today = today or datetime.now(UTC).date()
    commit = _git(root, "rev-parse", "--short", "HEAD") or "no commit that git knows of"
    changed = " with changes" if _git(root, "status", "--porcelain", "--", ".", WRITTEN_BY_RUNS) else ""
    return f"{today.day} {today:%B %Y}, {commit}{changed}"


def _git(root: Path, *words: str) -> str:
    """What git says; nothing where there is none, or no repository."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
