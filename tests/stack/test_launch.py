"""A program that must not start on a full disk waits until there is room."""

from types import SimpleNamespace

import pytest

from infra.local import launch


def test_who_needs_room_on_its_disk_is_not_started_before_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    free = [0, launch.ROOM - 1, launch.ROOM]
    waited: list[float] = []
    monkeypatch.setattr(launch.os, "statvfs", lambda _: SimpleNamespace(f_bavail=free[len(waited)], f_frsize=1))
    monkeypatch.setattr(launch.time, "sleep", waited.append)
    launch.wait_for_room("/")
    assert len(waited) == 2
