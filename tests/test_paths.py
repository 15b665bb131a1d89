from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.paths import is_git, normal, reason_against, up

PATHS = st.lists(st.sampled_from(["a", "b", "..", ".", "", ".git", "\\", "é"]), max_size=6).map("/".join)


@pytest.mark.parametrize("path", ["a", "a/b.yaml", ".github/x", ".gitignore", "é/ü", "a b", "...", "a" * 255, "git~2"])
def test_a_path_inside_the_repository_is_fine(path: str) -> None:
    assert reason_against(path) == ""


@pytest.mark.parametrize("path", ["", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", ".", "./a", "a\\b", "..\\a"])
def test_a_path_that_is_not_relative_and_normal_is_refused(path: str) -> None:
    assert reason_against(path).startswith("must be relative and normal")


@pytest.mark.parametrize(
    "path", [".git", ".git/hooks/x", "a/.git/config", ".GIT/x", ".git./x", ".git /x", "GIT~1/x", ".git::$INDEX/x"]
)
def test_a_path_into_the_folder_of_git_is_refused_however_it_is_spelt(path: str) -> None:
    assert reason_against(path) == "leads into .git"


@pytest.mark.parametrize("path", ["a\nb", "a\x00b", "a\x1b[31m", "\u202eb", ".g\u200cit", "a\udcffb"])
def test_a_path_that_cannot_be_shown_is_refused(path: str) -> None:
    assert reason_against(path) == "holds characters that cannot be printed"


@pytest.mark.parametrize("path", ["a" * 256, "é" * 128, "a/" * 2000 + "a"])
def test_a_path_that_no_file_system_takes_is_refused(path: str) -> None:
    assert reason_against(path) == "is longer than file systems allow"


@given(PATHS)
def test_a_path_that_is_taken_stays_in_the_folder_and_out_of_git(path: str) -> None:
    if reason_against(path):
        return

    inside = Path(os.path.normpath(Path("/root") / path))

    assert inside.is_relative_to("/root")
    assert inside != Path("/root")
    assert not any(map(is_git, inside.parts))


@pytest.mark.parametrize(("path", "root"), [("../x", "x"), ("a/../b/", "b"), ("//a//b", "a/b"), ("a\\b", "a/b")])
def test_a_path_is_made_normal_as_flux_bootstrap_does(path: str, root: str) -> None:
    assert normal(path) == root


@pytest.mark.parametrize("path", ["", ".", "/", "./", "../..", "a/.."])
def test_the_root_has_many_names(path: str) -> None:
    assert normal(path) == ""
    assert up(normal(path)) == ""


@given(PATHS)
def test_a_normal_path_stays_as_it_is_and_leads_back(path: str) -> None:
    found = normal(path)

    assert normal(found) == found
    assert os.path.normpath(Path("/root") / found / up(found)) == "/root"
