"""What met in a long run is said at its end."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, said in getattr(report, "user_properties", ()):
                if name == "what met" and report.when == "call":
                    terminalreporter.section("what met in this run")
                    terminalreporter.write_line(said)
