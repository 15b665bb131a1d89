"""`--change-request` and `change`, on the local forge."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffolder import git
from scaffolder.errors import GitError
from tests.cli.support import Make
from tests.support.place import Place, Ran

WEB = ("add-app", "web", "--chart=oci://ghcr.io/acme/web", "--change-request")
BRANCH = "scaffolder/add-app-web"


@pytest.fixture
def fleet(repository: Make) -> Place:
    """A repository that stands on the local forge `../forge`."""
    made = repository()
    made.run("bootstrap", "local", "--root=../forge")
    made.git("pull", "-q", "origin", "main")
    return made


@pytest.fixture
def forge(fleet: Place) -> Place:
    """The bare repository there."""
    return Place(fleet.root.parent / "forge" / "local" / "acme.git")


@pytest.fixture
def other(fleet: Place, forge: Place) -> Place:
    """Somebody else's clone."""
    fleet.git("clone", "-q", str(forge.root), "../other")
    return fleet.inside("../other")


def requests(place: Place, state: str = "open") -> list[Any]:
    found: list[Any] = json.loads(place.run("change", "list", f"--state={state}", "-o", "json").out)["requests"]
    return found


def tip(forge: Place, branch: str = BRANCH) -> str:
    return forge.git("rev-parse", branch).strip()


def subjects(forge: Place, branch: str = BRANCH) -> list[str]:
    return forge.git("log", "--format=%s", f"main..{branch}").splitlines()


def push(other: Place, branch: str, path: str, text: str = "theirs\n") -> str:
    """Somebody else's commit on a branch."""
    other.git("fetch", "-q")
    other.git("checkout", "-q", "-B", "work", f"origin/{branch}")
    other.write(path, text)
    other.commit("Theirs")
    other.git("push", "-q", "origin", f"work:{branch}")
    return other.git("rev-parse", "work").strip()


def test_a_command_s_work_is_proposed_and_nothing_changes_here(fleet: Place, forge: Place) -> None:
    before = fleet.files()

    ran = fleet.run(*WEB, "--label=gitops", "--reviewer=bob")

    assert fleet.files() == before
    assert fleet.git("status", "--porcelain") == ""
    assert fleet.git("branch", "--format=%(refname:short)").split() == ["main"]
    assert "next: scaffolder change show 1" in ran.err
    assert subjects(forge) == ["Add app web"]
    assert forge.git("show", f"{BRANCH}:gitops/apps/web.yaml").startswith("kind: app")
    (found,) = requests(fleet)
    assert (found["number"], found["title"], found["head"], found["base"]) == (1, "Add app web", BRANCH, "main")
    assert (found["labels"], found["reviewers"], found["draft"]) == (["gitops"], ["bob"], False)
    assert "- add `gitops/apps/web.yaml`" in found["body"]
    assert found["body"].endswith(f"<!-- scaffolder: {BRANCH} {tip(forge, 'main')}..{tip(forge)} -->")


def test_what_is_merged_is_what_the_command_would_have_written_here(fleet: Place, other: Place) -> None:
    fleet.run(*WEB)
    other.run(*WEB[:-1])

    ran = fleet.run("change", "merge", "1")

    assert "next: git pull" in ran.err
    fleet.git("pull", "-q", "origin", "main")
    assert fleet.files() == other.files()
    assert "there is nothing to propose" in fleet.run(*WEB).err


def test_the_second_time_nothing_is_pushed_and_nothing_changes(fleet: Place, forge: Place) -> None:
    fleet.run(*WEB)
    before, commit = requests(fleet), tip(forge)

    told = json.loads(fleet.run(*WEB, "--output=json").out)

    assert told["forge"] == [{"action": "unchanged", "kind": "change request", "name": "#1"}]
    assert told["files"] == []
    assert (requests(fleet), tip(forge)) == (before, commit)


def test_one_that_is_ours_alone_is_made_anew_on_a_base_that_has_moved(fleet: Place, forge: Place, other: Place) -> None:
    fleet.run(*WEB)
    push(other, "main", "notes.md")

    ran = fleet.run(*WEB)

    assert "change request #1 is updated" in ran.err
    assert subjects(forge) == ["Add app web"]
    assert forge.git("merge-base", "main", BRANCH).strip() == tip(forge, "main")
    assert len(requests(fleet)) == 1


def test_somebody_else_s_commit_is_never_overwritten(fleet: Place, forge: Place, other: Place) -> None:
    fleet.run(*WEB)
    theirs = push(other, BRANCH, "notes.md")

    assert "says it all already" in fleet.run(*WEB).err
    assert tip(forge) == theirs
    push(other, "main", "more.md")
    fleet.run(*WEB)

    assert tip(forge) == theirs
    assert subjects(forge) == ["Theirs", "Add app web"]


def test_on_top_of_somebody_else_s_commit_ours_are_added(fleet: Place, forge: Place, other: Place) -> None:
    assert "there is nothing to propose" in fleet.run("sync", "--change-request").err
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\ndomain: one.example.com\n")
    fleet.run("sync", "--change-request")
    theirs = push(other, "scaffolder/sync", "notes.md")
    fleet.edit("gitops.yaml", "one.example.com", "two.example.com")

    ran = fleet.run("sync", "--change-request", "--title=Two")

    assert "  ~ gitops.yaml\n" in ran.err
    assert "change request #1 is updated" in ran.err
    assert len(subjects(forge, "scaffolder/sync")) == 3
    assert forge.git("rev-parse", "scaffolder/sync^").strip() == theirs
    assert "two.example.com" in forge.git("show", "scaffolder/sync:clusters/dev/dev-1/cluster-vars.yaml")
    assert requests(fleet)[0]["title"] == "Two"
    fleet.run("sync", "--change-request")
    assert len(subjects(forge, "scaffolder/sync")) == 3


def test_a_run_that_was_killed_after_its_push_is_gone_on_with(
    fleet: Place, forge: Place, other: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("scaffolder.forge.local_changes.LocalChanges.ensure", killed)
        fleet.run(*WEB, code=6)
    commit = tip(forge)
    assert requests(fleet) == []

    fleet.run(*WEB)
    assert (tip(forge), requests(fleet)[0]["commit"]) == (commit, commit)

    push(other, "main", "notes.md")
    with monkeypatch.context() as patch:
        patch.setattr("scaffolder.forge.local_changes.LocalChanges.ensure", killed)
        fleet.run(*WEB, code=6)
    commit = tip(forge)
    fleet.run(*WEB)
    assert tip(forge) == commit
    push(other, "main", "more.md")
    fleet.run(*WEB)  # and it is known to be ours
    assert subjects(forge) == ["Add app web"]


def killed(*_: object) -> None:
    raise GitError("killed")


def test_a_branch_of_somebody_else_s_is_gone_on_from(fleet: Place, forge: Place, other: Place) -> None:
    other.git("push", "-q", "origin", f"main:{BRANCH}")
    theirs = push(other, BRANCH, "notes.md")

    fleet.run(*WEB)

    assert subjects(forge) == ["Add app web", "Theirs"]
    assert forge.git("rev-parse", f"{BRANCH}^").strip() == theirs
    assert len(requests(fleet)) == 1


def test_a_branch_that_has_nothing_in_common_with_the_base_is_left_alone(
    fleet: Place, forge: Place, other: Place
) -> None:
    other.git("checkout", "-q", "--orphan", "work")
    other.commit("Unrelated")
    other.git("push", "-q", "origin", f"work:{BRANCH}")
    theirs = tip(forge)

    ran = fleet.run(*WEB, code=6)

    assert f"`{BRANCH}` is there already, and has nothing in common with `main`" in ran.err
    assert (tip(forge), requests(fleet)) == (theirs, [])


def test_what_is_in_the_way_on_a_branch_that_others_went_on_from_is_said_to_be_there(
    fleet: Place, other: Place
) -> None:
    fleet.run(*WEB)
    push(other, BRANCH, "notes.md")

    ran = fleet.run(*WEB, "--version=2.0.0", code=2)

    assert f"on the branch `{BRANCH}`, where others have pushed: edit gitops/apps/web.yaml" in ran.err


def test_after_one_is_closed_another_is_opened_from_the_branch_that_was_left(fleet: Place, other: Place) -> None:
    fleet.run(*WEB)
    fleet.run("change", "close", "1")
    push(other, "main", "notes.md")

    fleet.run(*WEB)

    assert [found["number"] for found in requests(fleet)] == [2]
    assert [found["number"] for found in requests(fleet, "closed")] == [1]


def test_where_somebody_pushes_meanwhile_it_is_planned_again(
    fleet: Place, forge: Place, other: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.run(*WEB)
    push(other, "main", "notes.md")
    pushed = git.push
    theirs: list[str] = []

    def racing(*words: Any, **more: Any) -> None:
        if not theirs:
            theirs.append(push(other, BRANCH, "more.md"))
        pushed(*words, **more)

    monkeypatch.setattr(git, "push", racing)
    ran = fleet.run(*WEB)

    assert "retrying with a fresh clone" in ran.err
    assert forge.git("merge-base", theirs[0], BRANCH).strip() == theirs[0]


def test_what_is_committed_here_and_not_pushed_is_proposed_too(fleet: Place, forge: Place) -> None:
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\ndomain: one.example.com\n")
    fleet.commit("Mine")

    ran = fleet.run("sync", "--change-request")

    assert subjects(forge, "scaffolder/sync") == ["Bring platform acme in step", "Mine"]
    assert "1 commit of `main` that had not been pushed: part of this change request" in ran.err
    assert "- 1 commit of `main`" in requests(fleet)[0]["body"]
    assert "says it all already" in fleet.run("sync", "--change-request").err


def test_documents_that_are_not_committed_are_left_out_of_nothing(fleet: Place) -> None:
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\ndomain: one.example.com\n")

    ran = fleet.run(*WEB, code=6)

    assert "gitops.yaml is not committed yet" in ran.err
    assert requests(fleet) == []


def test_sync_takes_edited_documents_along_and_tells_of_edits_that_others_made_to_the_same(
    fleet: Place, forge: Place, other: Place
) -> None:
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\ndomain: one.example.com\n")
    theirs = other.read("gitops.yaml").replace("name: dev-1\n", "name: dev-1\ndomain: two.example.com\n")
    push(other, "main", "gitops.yaml", theirs)

    ran = fleet.run("sync", "--change-request", code=5)

    assert "gitops.yaml: you and others changed the same lines" in ran.err
    assert forge.git("branch", "--format=%(refname:short)").split() == ["main"]


def test_a_conflict_is_never_pushed(fleet: Place, forge: Place) -> None:
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.commit()
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    ran = fleet.run("sync", "--change-request", code=5)

    assert "cluster-vars.yaml: both changed the same lines" in ran.err
    assert forge.git("branch", "--format=%(refname:short)").split() == ["main"]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(fleet: Place, forge: Place) -> None:
    before = forge.files()

    told = json.loads(fleet.run(*WEB, "--dry-run", "--output=json").out)

    assert told["dryRun"] is True
    assert told["documents"] == [{"path": "gitops/apps/web.yaml", "change": "create"}]
    assert told["forge"] == [{"action": "created", "kind": "change request", "name": BRANCH}]
    assert forge.files() == before


def test_paths_in_flags_are_those_of_the_working_directory(fleet: Place, forge: Place) -> None:
    fleet.write("../values.yaml", "replicas: 3\n")

    fleet.run(*WEB, "--values=../values.yaml")

    assert "replicas: 3" in forge.git("show", f"{BRANCH}:gitops/apps/web.yaml")


@pytest.mark.parametrize(
    ("words", "branch", "title"),
    [
        (("add-tenant", "team"), "add-tenant-team", "Add tenant team"),
        (("add-environment", "qa"), "add-environment-qa", "Add environment qa"),
        (("remove", "cluster", "dev-1"), "remove-cluster-dev-1", "Remove cluster dev-1"),
        (("pin", "dev", "--tag=v1"), "pin-dev", "Let dev follow tag v1"),
    ],
)
def test_every_command_that_writes_has_a_branch_of_its_own(
    fleet: Place, words: tuple[str, ...], branch: str, title: str
) -> None:
    fleet.run(*words, "--change-request")

    (found,) = requests(fleet)
    assert (found["head"], found["title"]) == (f"scaffolder/{branch}", title)
    assert "says it all already" in fleet.run(*words, "--change-request").err


def test_what_goes_with_a_change_request_is_refused_without_one(fleet: Place) -> None:
    for words in (("--title=x",), ("--label=x",), ("--draft",), ("--no-draft",), ("--auto-merge",)):
        ran = fleet.run(*WEB[:-1], *words, code=2)
        assert "goes with --change-request" in ran.err


def test_a_title_is_kept_as_forges_keep_one_so_that_the_second_run_finds_it_the_same(fleet: Place) -> None:
    words = (*WEB, "--title= Two\n lines ")
    fleet.run(*words)

    assert requests(fleet)[0]["title"] == "Two lines"
    assert "says it all already" in fleet.run(*words).err
    assert "is a forge's mark for drafts" in fleet.run(*WEB, "--title=wip: web", code=2).err
    assert "--title has 241 characters" in fleet.run(*WEB, f"--title={'x' * 241}", code=2).err


def test_what_can_be_taken_back_is_here_alone(fleet: Place) -> None:
    assert "leave out --change-request" in fleet.run("sync", "--abort", "--change-request", code=2).err


def test_a_draft_is_merged_when_it_is_one_no_more(fleet: Place) -> None:
    fleet.run(*WEB, "--draft")
    assert "(draft)" in fleet.run("change", "list").out
    assert "#1 is a draft" in fleet.run("change", "merge", "1", code=7).err
    assert "#1 is a draft" in fleet.run("change", "merge", "1", "--dry-run", code=7).err
    assert "says it all already" in fleet.run(*WEB).err

    fleet.run(*WEB, "--no-draft")

    assert "would be merged" in fleet.run("change", "merge", "1", "--dry-run").err
    fleet.run("change", "merge", "1")
    assert "is merged already" in fleet.run("change", "merge", "1").err


def test_change_shows_one_for_people(fleet: Place) -> None:
    fleet.run(*WEB, "--label=gitops")

    shown = fleet.run("change", "show", "1").out

    assert shown.startswith("#1 Add app web\n")
    for line in ("state      open", f"branch     {BRANCH} into main", "checks     none", "mergeable  yes"):
        assert line in shown
    assert "labels     gitops" in shown


def test_where_there_is_no_forge_the_way_to_name_one_is_told(repository: Make) -> None:
    fleet = repository()

    for words in (WEB, ("change", "list")):
        ran = fleet.run(*words, code=2)
        assert "it has no remote `origin`" in ran.err
        assert "repository.forge" in ran.err
    fleet.git("remote", "add", "origin", "git@git.example.com:acme/fleet.git")
    assert "which kind of forge `git.example.com` is" in fleet.run(*WEB, code=2).err


def hooked(forge: Place, script: str) -> None:
    hook = forge.root / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


PROTECTED = 'while read -r _ _ ref; do test "$ref" != refs/heads/main || { echo "main is closed"; exit 1; }; done'
Bootstrap = Callable[..., Ran]


@pytest.fixture
def bootstrap(fleet: Place, flux: str) -> Bootstrap:
    return lambda *words, **more: fleet.run(
        "bootstrap", "local", "--root=../forge", f"--manifests={flux}", *words, **more
    )


def test_bootstrap_goes_by_a_change_request_where_the_branch_is_protected(
    fleet: Place, forge: Place, bootstrap: Bootstrap
) -> None:
    hooked(forge, PROTECTED)
    before = fleet.git("rev-parse", "main")

    ran = bootstrap("--interval=5m")

    assert '"main" is protected' in ran.err
    assert subjects(forge, "scaffolder/bootstrap")[0] == "Update platform acme"
    assert fleet.git("rev-parse", "main") == before
    assert "says it all already" in bootstrap("--interval=5m").err
    fleet.run("change", "merge", "1")
    assert "is in step" in bootstrap("--interval=5m").err
    assert fleet.git("rev-parse", "main").strip() == tip(forge, "main")


def test_bootstrap_proposes_where_it_is_asked_to_and_the_first_push_is_none(
    fleet: Place, forge: Place, bootstrap: Bootstrap
) -> None:
    words = ("--interval=5m", "--change-request", "--title=Slower")
    assert '"name": "scaffolder/bootstrap"' in bootstrap(*words, "--dry-run", "-o", "json").out
    assert requests(fleet) == []

    bootstrap(*words)

    assert [found["title"] for found in requests(fleet)] == ["Slower"]
    assert subjects(forge, "scaffolder/bootstrap")[-1].startswith("Add Flux v")
    ran = bootstrap("--repository=new", "--change-request", code=2)
    assert "nothing that a change could come into" in ran.err
    assert not Path(forge.root.parent, "new.git").exists()


def test_a_plain_git_server_has_none_and_says_what_is_left(fleet: Place, forge: Place, flux: str) -> None:
    hooked(forge, PROTECTED)
    words = ("bootstrap", "git", f"--url={forge.root}", f"--manifests={flux}", "--interval=5m")

    assert "has no change requests" in fleet.run(*words, "--change-request", code=2).err
    ran = fleet.run(*words, code=6)

    assert "main is closed" in ran.err
    assert "a plain Git server has no change requests" in ran.err


def test_a_terminal_obeys_nothing_that_others_wrote_into_a_request(fleet: Place, forge: Place) -> None:
    fleet.run(*WEB)
    place = forge.root / "scaffolder/changes/1.json"
    said = {**json.loads(place.read_text()), "title": "One\x1b[2J\nand two " + "x" * 300, "body": "a\n\x1b]0;b\x07"}
    place.write_text(json.dumps(said))

    listed, shown = fleet.run("change", "list").out, fleet.run("change", "show", "1").out

    assert "\x1b" not in listed + shown
    assert len(listed.splitlines()) == 2
    assert max(map(len, listed.splitlines())) < 150
    assert shown.endswith("\na\n\\x1b]0;b\\x07\n")
