"""Conflicts as people meet them: in a work tree, in git's index, and in merges that git could not finish."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.support import Make
from tests.support.place import Place

RELEASE = "apps/base/web/release.yaml"
CHART = "{kind: app, name: web, interval: INTERVAL, chart: {name: web, url: 'https://charts.example.com'}}\n"


def stuck(place: Place, *words: str) -> None:
    """A git command that cannot finish."""
    assert subprocess.run(["git", *words], cwd=place.root, capture_output=True, check=False).returncode


def committed(place: Place, message: str = "x") -> None:
    place.git("add", "-A")
    place.git("commit", "-qm", message)


@pytest.fixture
def fleet(repository: Make) -> Place:
    made = repository()
    made.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "1h"))
    made.run("sync")
    committed(made)
    return made


def in_conflict(fleet: Place) -> None:
    """A person and the template change one line."""
    fleet.write(RELEASE, fleet.read(RELEASE).replace("interval: 1h0m0s", "interval: 7m0s"))
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "5m"))
    fleet.run("sync", code=5)


def test_a_conflict_shows_both_sides_and_git_knows_them_too(fleet: Place) -> None:
    in_conflict(fleet)

    assert "<<<<<<< yours\n  interval: 7m0s\n=======\n  interval: 5m0s\n>>>>>>> template\n" in fleet.read(RELEASE)
    assert [line.split()[2] for line in fleet.git("ls-files", "-u").splitlines()] == ["2", "3"]
    assert "interval: 7m0s" in fleet.git("show", f":2:{RELEASE}")
    assert "interval: 5m0s" in fleet.git("show", f":3:{RELEASE}")


def test_a_command_that_leaves_a_conflict_does_not_sound_finished(fleet: Place) -> None:
    fleet.write(RELEASE, fleet.read(RELEASE).replace("interval: 1h0m0s", "interval: 7m0s"))

    ran = fleet.run("remove", "app", "web", code=5)

    assert ran.err.splitlines()[-1] == "✗ app `web` is removed, with 1 conflict to solve"


def test_mergetool_solves_a_conflict_and_sync_goes_on(fleet: Place) -> None:
    in_conflict(fleet)
    fleet.git("config", "mergetool.theirs.cmd", 'cp "$REMOTE" "$MERGED"')
    fleet.git("config", "mergetool.theirs.trustExitCode", "true")

    fleet.git("-c", "mergetool.keepBackup=false", "mergetool", "--tool=theirs", "--no-prompt")
    fleet.run("sync")

    assert "interval: 5m0s" in fleet.read(RELEASE)
    assert fleet.git("ls-files", "-u") == ""
    assert fleet.run("check").code == 0


def test_sync_alone_goes_on_when_the_markers_are_gone(fleet: Place) -> None:
    in_conflict(fleet)
    text = fleet.read(RELEASE)
    begin, end = text.index("<<<<<<<"), text.index(">>>>>>> template\n") + len(">>>>>>> template\n")
    fleet.write(RELEASE, f"{text[:begin]}  interval: 6m0s\n{text[end:]}")

    fleet.run("sync")

    assert fleet.git("ls-files", "-u") == ""
    assert "interval: 6m0s" in fleet.read(RELEASE)
    assert fleet.run("sync").err.count("everything is in step") == 1


def test_a_conflict_that_is_left_alone_is_told_again_and_nothing_changes(fleet: Place) -> None:
    in_conflict(fleet)
    before = fleet.files()

    fleet.run("sync", code=5)
    fleet.run("check", code=1)

    assert fleet.files() == before


def test_abort_takes_a_conflict_back(fleet: Place) -> None:
    fleet.write(RELEASE, fleet.read(RELEASE).replace("interval: 1h0m0s", "interval: 7m0s"))
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "5m"))
    before, status = fleet.files(), fleet.git("status", "--porcelain")
    fleet.run("sync", code=5)

    fleet.run("sync", "--abort")

    assert fleet.files() == before
    assert fleet.git("status", "--porcelain") == status
    fleet.run("sync", "--abort", code=2)


def test_abort_takes_back_an_added_app_and_leaves_what_people_changed_since(fleet: Place) -> None:
    before = fleet.files()
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    fleet.write("apps/base/api/release.yaml", "# mine\n" + fleet.read("apps/base/api/release.yaml"))

    ran = fleet.run("sync", "--abort")

    assert "apps/base/api/release.yaml: changed since, and stays" in ran.err
    assert fleet.files().keys() - before.keys() == {"apps/base/api/release.yaml"}


def branches(fleet: Place, one: str, other: str) -> None:
    """Two branches that change the interval of one app, by document and sync; then the first again."""
    fleet.git("branch", "other")
    for branch, interval in (("main", one), ("other", other)):
        fleet.git("checkout", "-q", branch)
        fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", interval))
        fleet.run("sync")
        committed(fleet, branch)
    fleet.git("checkout", "-q", "main")


def test_a_document_that_git_could_not_merge_is_a_person_s(fleet: Place) -> None:
    branches(fleet, "5m", "6m")
    stuck(fleet, "merge", "other")

    ran = fleet.run("sync", code=5)

    assert "✗ gitops/apps/web.yaml: git could not merge this document" in ran.err


def test_a_merge_is_finished_when_its_document_is_solved(fleet: Place) -> None:
    branches(fleet, "5m", "6m")
    stuck(fleet, "merge", "other")
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "8m"))
    fleet.git("add", "gitops")

    ran = fleet.run("sync")

    assert "git add -A && git commit --no-edit" in ran.err
    assert "interval: 8m0s" in fleet.read(RELEASE)
    assert fleet.git("ls-files", "-u") == ""
    fleet.git("commit", "-q", "--no-edit", "-a")
    assert "everything is in step" in fleet.run("sync").err
    assert fleet.run("check").code == 0


def test_both_sides_edits_by_hand_are_laid_over_what_the_documents_ask_for(fleet: Place) -> None:
    branches(fleet, "5m", "6m")
    fleet.write(RELEASE, "# ours\n" + fleet.read(RELEASE))
    committed(fleet)
    fleet.git("checkout", "-q", "other")
    fleet.write(RELEASE, fleet.read(RELEASE) + "# theirs\n")
    committed(fleet)
    fleet.git("checkout", "-q", "main")
    stuck(fleet, "merge", "other")
    fleet.git("checkout", "--theirs", "gitops/apps/web.yaml")
    fleet.git("add", "gitops")

    fleet.run("sync")

    text = fleet.read(RELEASE)
    assert text.startswith("# ours\n")
    assert text.endswith("# theirs\n")
    assert "interval: 6m0s" in text
    assert "<<<<" not in text


@pytest.mark.parametrize(
    ("begin", "goes_on"),
    [
        (("merge", "other"), "git commit --no-edit"),
        (("rebase", "other"), "git rebase --continue"),
        (("cherry-pick", "other"), "git cherry-pick --continue"),
    ],
)
def test_whatever_git_left_unfinished_is_finished(fleet: Place, begin: tuple[str, ...], goes_on: str) -> None:
    branches(fleet, "5m", "6m")
    stuck(fleet, *begin)
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "8m"))
    fleet.git("add", "gitops")

    ran = fleet.run("sync")

    assert goes_on in ran.err
    fleet.git("add", "-A")
    fleet.git("-c", "core.editor=true", *goes_on.split()[1:])
    assert "interval: 8m0s" in fleet.read(RELEASE)
    assert "everything is in step" in fleet.run("sync").err


def test_a_revert_that_git_left_unfinished_is_finished(fleet: Place) -> None:
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "5m"))
    fleet.run("sync")
    committed(fleet)
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "6m"))
    fleet.run("sync")
    committed(fleet)
    stuck(fleet, "revert", "--no-edit", "HEAD~1")
    fleet.write("gitops/apps/web.yaml", CHART.replace("INTERVAL", "1h"))
    fleet.git("add", "gitops")

    fleet.run("sync")

    assert "interval: 1h0m0s" in fleet.read(RELEASE)
    assert fleet.git("ls-files", "-u") == ""


def test_a_file_that_somebody_is_solving_is_left_to_them(fleet: Place) -> None:
    branches(fleet, "5m", "6m")
    stuck(fleet, "merge", "other")
    fleet.git("checkout", "--ours", "gitops/apps/web.yaml")
    fleet.git("add", "gitops")
    fleet.write(RELEASE, "solved: by hand\n")

    ran = fleet.run("sync", code=5)

    assert f"✗ {RELEASE}: not yet marked as solved in git" in ran.err
    assert fleet.read(RELEASE) == "solved: by hand\n"
    fleet.git("add", RELEASE)
    fleet.run("sync")


def test_a_person_s_own_file_is_theirs_in_a_merge_too(fleet: Place) -> None:
    fleet.git("branch", "other")
    for branch in ("main", "other"):
        fleet.git("checkout", "-q", branch)
        fleet.write("notes.txt", f"{branch}\n")
        committed(fleet)
    stuck(fleet, "merge", "main")

    ran = fleet.run("sync", code=5)

    assert "✗ notes.txt: git could not merge it, and it is not generated" in ran.err
