"""Every command block of the documentation is run, in the order in which a reader meets it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.support import flux_release
from tests.support.releases import of_files
from tests.toolbox.programs import PROGRAMS

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```sh([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/README.md")])


class Block(NamedTuple):
    """A fenced block of commands; `mark` is what stands behind ```sh."""

    mark: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(mark.strip(), text) for mark, text in FENCE.findall(page.read_text(encoding="utf-8"))]


def release(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in flux_release(folder).iterdir()}


def run(script: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_the_commands_of_a_page_work(page, tmp_path, tmp_path_factory):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "manifests.tar.gz").write_bytes(of_files(release(tmp_path_factory.mktemp("flux"))))  # as if downloaded
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:{PROGRAMS['kustomize'].folder}"

    run("\n".join(block.text for block in blocks(page) if not block.mark.startswith("needs-")), tmp_path, PATH=path)


def test_no_block_is_left_out_without_saying_what_it_needs():
    marks = {block.mark for page in PAGES for block in blocks(page)}

    assert marks <= {"", "needs-account", "needs-cluster", "needs-network"}


def test_the_readme_s_first_command_does_the_main_job_in_a_fresh_clone_with_a_fresh_home(tmp_path):
    main, tests = blocks(ROOT / "README.md")
    clone = tmp_path / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    (tmp_path / "home").mkdir()

    said = run(main.text, clone, HOME=str(tmp_path / "home"), https_proxy="", http_proxy="")

    assert "everything is in step" in said
    assert "is pushed to" in said
    assert "next: " in said
    assert (clone / "demo/apps/prod/podinfo/release.yaml").is_file()
    assert tests.mark == "tests"


def test_ci_runs_the_readme_s_own_test_command():
    assert "'/^```sh tests$/,/^```$/p' README.md" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_links_between_pages_lead_somewhere():
    for page in [*PAGES, ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "templates/README.md"]:
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)} links to {link}"
