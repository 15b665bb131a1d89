"""The fake GitLab is one to those who know GitLab well: tests of python-gitlab's authors, which pass on a real one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.judges.tools import require
from tests.support.forges import upstream
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.gitlab_beside import BESIDE
from tests.support.forges.wire import Server, serving

# Those of what scaffolder asks; the others are about what it never does.
TESTS = (
    "test_branches.py::test_branch_name_with_period",
    "test_deploy_keys.py::test_project_deploy_keys",
    "test_deploy_tokens.py::test_project_deploy_tokens",
    "test_gitlab.py::test_auth_from_config",
    "test_lazy_objects.py::test_lazy_id",
    "test_lazy_objects.py::test_refresh_after_lazy_get_with_path",
    "test_lazy_objects.py::test_save_after_lazy_get_with_path",
    "test_lazy_objects.py::test_delete_after_lazy_get_with_path",
    "test_lazy_objects.py::test_list_children_after_lazy_get_with_path",
    "test_merge_requests.py::test_merge_requests",
    "test_merge_requests.py::test_merge_requests_get",
    "test_merge_requests.py::test_merge_requests_list_approver_ids",
    "test_merge_requests.py::test_merge_requests_get_lazy",
    "test_merge_requests.py::test_project_merge_request_approval_rules",
    "test_merge_requests.py::test_merge_request_merge",
    "test_merge_requests.py::test_merge_request_should_remove_source_branch",
    "test_merge_requests.py::test_merge_request_large_commit_message",
    "test_projects.py::test_project_protected_branches",
)
SETTINGS = "[pytest]\nxfail_strict = true\nmarkers =\n  gitlab_premium\n  gitlab_ultimate\n"


def test_the_tests_of_its_client_pass(forge_server: Server, tmp_path: Path) -> None:
    lab = GitLab(forge_server, tmp_path / "gitlab", beside=BESIDE)
    lab.group("above")
    theirs = tmp_path / "theirs"
    shutil.copytree(require("functional"), theirs)
    shutil.copy(upstream.__file__, theirs / "tests/functional/api/conftest.py")
    (theirs / "pytest.ini").write_text(SETTINGS, encoding="utf-8")

    with serving(forge_server, lab):
        done = run(theirs, f"https://{forge_server.host}", forge_server.authority)

    assert re.search(rf"^{len(TESTS)} passed in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def run(theirs: Path, url: str, authority: Path) -> subprocess.CompletedProcess[str]:
    """Pytest, with nothing of ours: neither options nor plugins."""
    words = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", "pytest.ini", f"--basetemp={theirs / 'temp'}"]
    ours = {"UPSTREAM_URL": url, "UPSTREAM_TOKEN": TOKEN, "REQUESTS_CA_BUNDLE": str(authority), "no_proxy": "localhost"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words, *(f"tests/functional/api/{test}" for test in TESTS)],
        cwd=theirs,
        env={"PATH": os.environ["PATH"], "HOME": str(theirs), **ours},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
