"""The generated CI: the jobs that branch protection asks for are there, and real programs accept and run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import scaffolder
from scaffolder.cli.repository import Part
from scaffolder.releases import newest
from scaffolder.render.checks import CHECKS, required
from scaffolder.render.units import Unit
from tests.cli.support import Make
from tests.judges import tools
from tests.render.trees import rendered, spec_of
from tests.support.place import Place

FILES = {"github": ".github/workflows/check.yaml", "gitea": ".gitea/workflows/check.yaml", "gitlab": ".gitlab-ci.yml"}
WORKFLOWS = ("github", "gitea")


def platform(forge: str, more: str = "") -> str:
    return f"{{kind: platform, name: acme, repository: {{forge: {forge}, branch: trunk}}{more}}}\n"


def files(forge: str) -> dict[str, str]:
    made = rendered(spec_of(platform(forge)), Unit("platform", "acme")).files
    return {path: file.content.decode() for path, file in made.items()}


def jobs(forge: str) -> dict[str, Any]:
    """The jobs of the generated file, by name."""
    data = yaml.load(files(forge)[FILES[forge]], Loader=yaml.BaseLoader)
    kept = {"workflow", "variables", "default", "stages"}
    found: dict[str, Any] = data["jobs"] if forge in WORKFLOWS else {n: j for n, j in data.items() if n not in kept}
    return found


def scripts(forge: str, job: str) -> list[str]:
    """What a job runs."""
    made = jobs(forge)[job]
    return made["script"] if forge == "gitlab" else [step["run"] for step in made["steps"] if "run" in step]


@pytest.mark.parametrize("repository", ["{}", *(f"{{forge: {forge}, checks: false}}" for forge in FILES)])
def test_without_a_forge_or_where_no_checks_are_wanted_there_is_no_ci(repository: str) -> None:
    spec = spec_of(f"{{kind: platform, name: acme, repository: {repository}}}\n")

    assert not rendered(spec, Unit("platform", "acme")).files.keys() & {*FILES.values(), "CODEOWNERS"}
    assert required(spec.platform) == ()


@pytest.mark.parametrize("forge", FILES)
def test_a_forge_gets_its_own_file_and_no_other_s(forge: str) -> None:
    assert [path for path in files(forge) if path in FILES.values()] == [FILES[forge]]
    assert ("/.gitea/" in files(forge)[".sourceignore"]) is (forge == "gitea")


@pytest.mark.parametrize("forge", FILES)
def test_the_jobs_are_the_checks_and_each_runs_its_part_of_check(forge: str) -> None:
    assert tuple(jobs(forge)) == CHECKS == tuple(Part)
    for job in CHECKS:
        (command,) = (line for line in scripts(forge, job) if line.startswith("scaffolder check"))
        assert command.removesuffix(' --schemas "$SCHEMAS"') == f"scaffolder check --only {job}"


@pytest.mark.parametrize(
    ("forge", "names"),
    [
        ("github", ("documents", "build", "secrets")),
        ("gitlab", ("documents", "build", "secrets")),
        ("gitea", tuple(f"check / {job} (pull_request)" for job in CHECKS)),
    ],
)
def test_what_is_required_is_called_as_its_forge_calls_it(forge: str, names: tuple[str, ...]) -> None:
    assert required(spec_of(platform(forge)).platform) == names


def test_older_templates_have_no_checks_so_none_is_required() -> None:
    assert required(spec_of(platform("github", ", templates: 0.3.0")).platform) == ()


@pytest.mark.parametrize("forge", FILES)
def test_what_is_installed_is_pinned_to_what_knows_these_templates(forge: str) -> None:
    text = files(forge)[FILES[forge]]

    assert f"scaffolder=={scaffolder.__version__}" in text, f"or freeze {newest()}: then this holds for the next"
    assert all(re.search(r"@[0-9a-f]{40} # v\d", line) for line in text.splitlines() if " uses: " in line)


@pytest.mark.parametrize("forge", WORKFLOWS)
def test_actionlint_accepts_the_workflow(forge: str, tmp_path: Path) -> None:
    (tmp_path / "check.yaml").write_text(files(forge)[FILES[forge]], encoding="utf-8")

    done = tools.run(tools.require("actionlint"), "-no-color", str(tmp_path / "check.yaml"), at=tmp_path)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("forge", WORKFLOWS)
def test_a_workflow_may_read_only_and_runs_for_changes_and_the_branch(forge: str) -> None:
    data = yaml.load(files(forge)[FILES[forge]], Loader=yaml.BaseLoader)

    assert data["permissions"] == {"contents": "read"}
    assert data["on"] == {"pull_request": "", "push": {"branches": ["trunk", "renovate/**"]}}
    assert all("timeout-minutes" in job for job in data["jobs"].values())
    assert "secrets." not in files(forge)[FILES[forge]]


def test_gitlab_runs_it_for_merge_requests_and_the_branch() -> None:
    data = yaml.load(files("gitlab")[FILES["gitlab"]], Loader=yaml.BaseLoader)

    assert data["variables"]["FLUX_BRANCH"] == "trunk"
    assert [rule["if"] for rule in data["workflow"]["rules"]][:2] == [
        '$CI_PIPELINE_SOURCE == "merge_request_event"',
        "$CI_COMMIT_BRANCH == $FLUX_BRANCH",
    ]
    assert all(job["stage"] in data["stages"] and job["script"] for job in jobs("gitlab").values())


@pytest.mark.parametrize("forge", FILES)
def test_the_programs_that_are_fetched_have_to_be_those_that_were_pinned(forge: str, tmp_path: Path) -> None:
    (tmp_path / "curl").write_text('#!/bin/sh\necho other > "$3"\n', encoding="utf-8")
    (tmp_path / "curl").chmod(0o755)
    script = "\n".join(line for line in scripts(forge, "build") if not re.search("scaffolder|pip install", line))
    folder = str(tmp_path / "tools")
    text = script.replace("$RUNNER_TEMP/bin", folder).replace("/tmp/tools", folder)

    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-ec", text], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode
    assert "kustomize.tar.gz: FAILED" in done.stdout


def test_the_summary_of_a_change_shows_the_objects_that_change(repository: Make, tmp_path: Path) -> None:
    fleet = repository()
    fleet.git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    fleet.run("add-app", "web", "--image", "nginx:1.27.0")
    shutil.copytree(fleet.root, tmp_path / "runner")  # the other one is locked by this process

    said = summary(Place(tmp_path / "runner"), tmp_path / "summary.md")

    assert said.startswith("```\n")
    assert "Deployment" in said
    assert said.endswith("```\n")


def summary(fleet: Place, written: Path) -> str:
    """What the last step of the job writes, run by bash as GitHub does it."""
    programs = [str(Path(sys.executable).parent), str(tools.require("kustomize").parent), os.environ["PATH"]]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(programs),
        "GITHUB_BASE_REF": "trunk",
        "GITHUB_STEP_SUMMARY": str(written),
    }
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts("github", "build")[-1]]
    done = subprocess.run(words, cwd=fleet.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return written.read_text(encoding="utf-8")
