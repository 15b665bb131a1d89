from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.git.stored import stored

URL = "https://git.example.com"


def test_what_a_helper_keeps_for_a_server_is_found_and_nothing_for_another() -> None:
    git.run(None, "config", "--global", "credential.helper", "store")
    Path.home().joinpath(".git-credentials").write_text("https://ada:open-sesame-17@git.example.com\n", "utf-8")

    assert [stored(URL), stored(f"{URL}:3000"), stored("https://example.com")] == ["open-sesame-17", "", ""]


def test_where_nothing_is_kept_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asking = tmp_path / "asking"
    asking.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho x\n", encoding="utf-8")
    asking.chmod(0o700)
    git.run(None, "config", "--global", "core.askPass", str(asking))
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(asking))

    assert stored(URL) == ""

    assert not (tmp_path / "asked").exists()
