"""What happens to a fleet when people work beside each other: each case with its tree, `a` on main and `b` on a branch.

`+` was added, `-` removed, `~` changed by a document, `*` edited by hand.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scaffolder import releases
from tests.support.place import Place, Ran

EXACT = "-Xfind-renames=100%"
OLD, NEW = releases.versions()[:2]
RELEASE = "apps/base/web/release.yaml"
WIRING = "stacks/dev/apps/web.yaml"
DOCUMENTS = f"""
    kind: platform
    name: acme
    templates: {OLD}
    domain: example.com
    ---
    kind: environment
    name: dev
    ---
    kind: cluster
    name: c1
    environment: dev
    """
WEB = "kind: app\nname: web\nchart: {url: oci://ghcr.io/acme/web}\n"


@pytest.fixture
def fleet(tmp_path: Path) -> Place:
    place = Place(tmp_path / "fleet")
    place.root.mkdir()
    place.git("init", "-q", "-b", "main")
    place.write("gitops.yaml", DOCUMENTS)
    place.write("gitops/apps/web.yaml", WEB)
    place.run("sync")
    place.commit()
    place.git("branch", "b")
    return place


def on_b(fleet: Place) -> None:
    """Ends the work on main, and begins that on the branch."""
    fleet.commit("a")
    fleet.git("checkout", "-q", "b")


def merged(fleet: Place, *, clean: bool = True, squash: bool = False) -> None:
    """Ends the work on the branch, and brings it to main."""
    fleet.commit("b")
    fleet.git("checkout", "-q", "main")
    how = ["--squash"] if squash else ["-m", "merge"]
    done = subprocess.run(["git", "merge", "-q", EXACT, *how, "b"], cwd=fleet.root, capture_output=True, check=False)
    assert (done.returncode == 0) == clean


def in_step(fleet: Place) -> None:
    before = fleet.files()
    assert "everything is in step" in fleet.run("sync").err
    assert fleet.files() == before


def edited(fleet: Place, path: str, line: str = "# mine") -> None:
    fleet.write(path, f"{line}\n{fleet.read(path)}")


def conflicts(ran: Ran) -> list[str]:
    return [line.removeprefix("✗ ") for line in ran.err.splitlines() if line.startswith("✗ ")][:-1]


def renamed(fleet: Place) -> None:
    (fleet.root / "gitops/apps/web.yaml").unlink()
    fleet.write("gitops/apps/shop.yaml", WEB.replace("name: web", "name: shop\nformerly: web"))
    fleet.run("sync")


def test_an_environment_here_and_an_app_there(fleet: Place) -> None:
    """One sync makes the app in the environment, which neither branch could know.

    a  + gitops/environments/prod.yaml  + stacks/prod/
    b  + gitops/apps/api.yaml           + stacks/dev/apps/api.yaml
    =  + stacks/prod/apps/api.yaml
    """
    fleet.run("add-environment", "prod", "--after", "dev")
    on_b(fleet)
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    merged(fleet)

    fleet.run("sync")

    assert (fleet.root / "stacks/prod/apps/api.yaml").is_file()
    in_step(fleet)


def test_newer_templates_here_and_an_app_with_the_old_ones_there(fleet: Place) -> None:
    """The app is as the newer templates have it.

    a  ~ gitops.yaml  ~ everything
    b  + gitops/apps/api.yaml  + apps/base/api/
    =  apps/base/api/ as the newer templates have it
    """
    fleet.run("update", "--to", NEW)
    on_b(fleet)
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    merged(fleet)

    fleet.run("sync")

    merged_files = fleet.files()
    in_step(fleet)
    fleet.run("update", "--to", OLD)
    fleet.run("update", "--to", NEW)
    assert fleet.files() == merged_files


def test_the_same_app_here_and_there(fleet: Place) -> None:
    """Equal files are no conflict.

    a  + gitops/apps/api.yaml  + apps/base/api/
    b  + gitops/apps/api.yaml  + apps/base/api/
    """
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    on_b(fleet)
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    merged(fleet)

    in_step(fleet)


def test_two_apps_of_one_name(fleet: Place) -> None:
    """Which one is meant is a person's to say; everything generated follows from that.

    a  + gitops/apps/api.yaml (one/api)  + apps/base/api/
    b  + gitops/apps/api.yaml (two/api)  + apps/base/api/
    """
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/one/api")
    on_b(fleet)
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/two/api")
    merged(fleet, clean=False)

    ran = fleet.run("sync", code=5)
    fleet.git("checkout", "--theirs", "gitops/apps/api.yaml")
    fleet.git("add", "gitops/apps/api.yaml")
    fleet.run("sync")

    assert "gitops/apps/api.yaml: git could not merge this document" in ran.err
    assert "url: oci://ghcr.io/two/api" in fleet.read("apps/base/api/source.yaml")
    assert fleet.git("ls-files", "--unmerged") == ""
    in_step(fleet)


def test_an_app_removed_here_and_edited_there(fleet: Place) -> None:
    """The edited file stays, and is told.

    a  - gitops/apps/web.yaml  - apps/base/web/
    b  * apps/base/web/release.yaml
    """
    fleet.run("remove", "app", "web")
    on_b(fleet)
    edited(fleet, RELEASE)
    merged(fleet, clean=False)

    ran = fleet.run("sync", code=5)

    assert conflicts(ran) == [f"{RELEASE}: one side edited it, the other deleted it"]
    assert fleet.read(RELEASE).startswith("# mine\n")
    fleet.git("rm", "-qf", RELEASE)
    in_step(fleet)


@pytest.mark.parametrize("here", ["deleted", "edited"])
def test_a_file_deleted_by_hand_on_one_side_and_edited_on_the_other(fleet: Place, here: str) -> None:
    """It is still generated: whoever keeps it has an edit like any other.

    a  - apps/base/web/release.yaml
    b  * apps/base/web/release.yaml
    """
    sides = [(fleet.root / RELEASE).unlink, lambda: edited(fleet, RELEASE)]
    first, second = sides if here == "deleted" else reversed(sides)
    first()
    on_b(fleet)
    second()
    merged(fleet, clean=False)

    ran = fleet.run("sync", code=5)

    assert conflicts(ran) == [f"{RELEASE}: one side edited it, the other deleted it"]
    fleet.git("add", RELEASE)
    in_step(fleet)
    assert fleet.read(RELEASE).startswith("# mine\n")


def test_an_environment_removed_here_and_an_app_s_file_in_it_edited_there(fleet: Place) -> None:
    """Again the edited file stays, and is told; all else in that environment goes.

    a  - gitops/environments/prod.yaml  - stacks/prod/  - apps/prod/
    b  * stacks/prod/apps/web.yaml
    """
    fleet.run("add-environment", "prod")
    fleet.commit("prod")
    fleet.git("branch", "-f", "b")
    fleet.run("remove", "environment", "prod", "--force")
    on_b(fleet)
    edited(fleet, "stacks/prod/apps/web.yaml")
    merged(fleet, clean=False)

    ran = fleet.run("sync", code=5)

    assert conflicts(ran) == ["stacks/prod/apps/web.yaml: one side edited it, the other deleted it"]
    assert [path for path in fleet.files() if "/prod/" in path] == ["stacks/prod/apps/web.yaml"]


def test_a_rename_here_and_an_edit_there(fleet: Place) -> None:
    """The edit goes where the file went (S22 of Copier's losses).

    a  - gitops/apps/web.yaml  + gitops/apps/shop.yaml (formerly: web)  - apps/base/web/  + apps/base/shop/
    b  * apps/base/web/release.yaml
    =  * apps/base/shop/release.yaml
    """
    renamed(fleet)
    on_b(fleet)
    edited(fleet, RELEASE)
    merged(fleet, clean=False)

    fleet.run("sync")

    assert fleet.read("apps/base/shop/release.yaml").startswith("# mine\n")
    assert not (fleet.root / RELEASE).exists()
    assert fleet.git("ls-files", "--unmerged") == ""
    in_step(fleet)


@pytest.mark.parametrize("join", ["squash", "rebase", "cherry-pick", "shallow"])
def test_however_branches_are_joined(fleet: Place, tmp_path: Path, join: str) -> None:
    """No history is needed: what was written last stands in the locks.

    a  + gitops/environments/prod.yaml  + stacks/prod/
    b  + gitops/apps/api.yaml  * stacks/dev/apps/web.yaml
    =  + stacks/prod/apps/api.yaml  * stacks/dev/apps/web.yaml
    """
    fleet.run("add-environment", "prod")
    on_b(fleet)
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    edited(fleet, WIRING)
    place = joined(fleet, tmp_path, join)

    place.run("sync")

    assert (place.root / "stacks/prod/apps/api.yaml").is_file()
    assert place.read(WIRING).startswith("# mine\n")
    in_step(place)


def joined(fleet: Place, tmp_path: Path, join: str) -> Place:
    if join in {"squash", "shallow"}:
        merged(fleet, squash=True)
        fleet.commit("squashed")
    else:
        fleet.commit("b")
        fleet.git("checkout", "-q", "main")
        fleet.git(*{"rebase": ("rebase", "-q", EXACT, "b"), "cherry-pick": ("cherry-pick", EXACT, "b")}[join])
    if join == "shallow":
        fleet.git("clone", "-q", "--depth=1", f"file://{fleet.root}", str(tmp_path / "clone"))
        return Place(tmp_path / "clone")
    return fleet


def test_a_sync_that_is_reverted_comes_again(fleet: Place) -> None:
    """The documents win: to go back, they are to go back.

    1  ~ gitops/apps/web.yaml (not synced)
    2  ~ apps/base/web/release.yaml (sync)
    3  reverts 2; sync does 2 again
    """
    fleet.write("gitops/apps/web.yaml", f"{WEB}interval: 5m\n")
    fleet.commit("document")
    fleet.run("sync")
    fleet.commit("sync")
    after = fleet.files()
    fleet.git("revert", "--no-edit", "HEAD")

    fleet.run("sync")

    assert fleet.files() == after


def test_a_revert_of_document_and_files_is_in_step(fleet: Place) -> None:
    """What was committed together goes back together.

    1  ~ gitops/apps/web.yaml  ~ apps/base/web/release.yaml
    2  * stacks/dev/apps/web.yaml
    3  reverts 1
    """
    before = fleet.read(RELEASE)
    fleet.write("gitops/apps/web.yaml", f"{WEB}interval: 5m\n")
    fleet.run("sync")
    fleet.commit("one")
    edited(fleet, WIRING)
    fleet.commit("two")

    fleet.git("revert", "--no-edit", "HEAD~1")

    in_step(fleet)
    assert fleet.read(RELEASE) == before
    assert fleet.read(WIRING).startswith("# mine\n")


def test_s1_a_file_that_moves_takes_its_edits_along(fleet: Place) -> None:
    """The release states the move, so nobody has to guess it; back again too.

    *  stacks/base/sources.yaml
    =  stacks/base/fleet.yaml with the edit, and `sources.yaml` again when the older templates are back
    """
    before = fleet.files()
    edited(fleet, "stacks/base/sources.yaml")

    fleet.run("update", "--to", NEW)

    assert fleet.read("stacks/base/fleet.yaml").startswith("# mine\n")
    assert not (fleet.root / "stacks/base/sources.yaml").exists()
    fleet.run("update", "--to", OLD)
    assert fleet.read("stacks/base/sources.yaml").startswith("# mine\n")
    assert fleet.files().keys() == before.keys()


def test_s2_a_file_that_somebody_moved_and_the_templates_change(fleet: Place) -> None:
    """Their file is left alone, and that something changed is told.

    -  stacks/base/layers.yaml, moved to stacks/base/mine.yaml
    ~  stacks/base/layers.yaml
    """
    (fleet.root / "stacks/base/layers.yaml").rename(fleet.root / "stacks/base/mine.yaml")
    mine = fleet.read("stacks/base/mine.yaml")

    ran = fleet.run("update", "--to", NEW, code=5)

    assert conflicts(ran) == ["stacks/base/layers.yaml: you deleted it, the template changed it"]
    assert fleet.read("stacks/base/mine.yaml") == mine
    in_step(fleet)


def test_s3_a_file_that_the_templates_no_longer_have_and_somebody_edited(fleet: Place) -> None:
    """It stays, and is told once.

    *  stacks/README.md
    -  stacks/README.md
    """
    edited(fleet, "stacks/README.md", "Mine.")

    ran = fleet.run("update", "--to", NEW, code=5)

    assert conflicts(ran) == ["stacks/README.md: no longer generated, but you edited it"]
    assert fleet.read("stacks/README.md").startswith("Mine.\n")
    in_step(fleet)


def test_s4_a_file_that_somebody_deleted_stays_away_and_is_told_when_it_changes(fleet: Place) -> None:
    """-  stacks/base/layers.yaml by hand; ~ by the templates."""
    (fleet.root / "stacks/base/layers.yaml").unlink()
    in_step(fleet)

    ran = fleet.run("update", "--to", NEW, code=5)

    assert conflicts(ran) == ["stacks/base/layers.yaml: you deleted it, the template changed it"]
    in_step(fleet)
    assert not (fleet.root / "stacks/base/layers.yaml").exists()


def test_s5_a_file_of_somebody_s_own_where_the_templates_bring_one(fleet: Place) -> None:
    """Theirs stays, and is told until it is moved away; an equal one is no conflict.

    +  .editorconfig by hand, and by the templates
    """
    fleet.write(".editorconfig", "root = false\n")

    ran = fleet.run("update", "--to", NEW, code=5)

    assert conflicts(ran) == [".editorconfig: a file of yours is in the way"]
    assert fleet.read(".editorconfig") == "root = false\n"
    (fleet.root / ".editorconfig").unlink()
    fleet.run("sync")
    in_step(fleet)


def test_s7_the_same_line_here_and_in_the_templates(fleet: Place) -> None:
    """Markers, and exit code 5: never a conflict that looks like success.

    *  stacks/base/layers.yaml: timeout: 9m0s
    ~  stacks/base/layers.yaml: timeout: 1m0s
    """
    text = fleet.read("stacks/base/layers.yaml")
    fleet.write("stacks/base/layers.yaml", text.replace("timeout: 5m0s", "timeout: 9m0s"))

    ran = fleet.run("update", "--to", NEW, code=5)

    assert conflicts(ran) == ["stacks/base/layers.yaml: both changed the same lines"]
    assert "=======\n" in fleet.read("stacks/base/layers.yaml")
    fleet.run("check", code=1)


def test_s9_a_document_that_is_written_by_hand_is_as_good_as_a_command(fleet: Place) -> None:
    """+  gitops/apps/api.yaml by hand; sync does the rest."""
    fleet.write("gitops/apps/api.yaml", WEB.replace("web", "api"))

    fleet.run("sync")

    by_hand = fleet.files()
    fleet.run("sync", "--abort")
    (fleet.root / "gitops/apps/api.yaml").unlink()
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    assert {path for path in by_hand if "/api" in path} == {path for path in fleet.files() if "/api" in path}


def test_s28_an_app_in_place_of_an_unrelated_one_does_not_get_its_edits(fleet: Place) -> None:
    """Nothing is guessed from files that look alike.

    -  gitops/apps/web.yaml  * apps/base/web/release.yaml
    +  gitops/apps/api.yaml  + apps/base/api/release.yaml, without the edit
    """
    edited(fleet, RELEASE)
    fleet.commit("edit")
    (fleet.root / "gitops/apps/web.yaml").unlink()
    fleet.write("gitops/apps/api.yaml", WEB.replace("web", "api"))

    ran = fleet.run("sync", code=5)

    assert conflicts(ran) == [f"{RELEASE}: no longer generated, but you edited it"]
    assert "# mine" not in fleet.read("apps/base/api/release.yaml")


def test_s29_a_file_written_by_hand_that_looks_like_a_deleted_one_is_left_alone(fleet: Place) -> None:
    """-  apps/base/web/release.yaml and +  apps/base/web/own.yaml by hand; ~ gitops/apps/web.yaml."""
    (fleet.root / RELEASE).rename(fleet.root / "apps/base/web/own.yaml")
    own = fleet.read("apps/base/web/own.yaml").replace("name: web", "name: own")
    fleet.write("apps/base/web/own.yaml", own)
    fleet.commit("own")
    fleet.write("gitops/apps/web.yaml", f"{WEB}interval: 5m\n")

    ran = fleet.run("sync", code=5)

    assert conflicts(ran) == [f"{RELEASE}: you deleted it, the template changed it"]
    assert fleet.read("apps/base/web/own.yaml") == own


@pytest.mark.parametrize("squash", [False, True], ids=["merge", "squash"])
def test_edits_of_neighbouring_lines_here_and_there_are_laid_over_what_a_document_asks_for(
    fleet: Place, *, squash: bool
) -> None:
    """Git cannot finish such a merge, and sync does.

    a  ~ gitops/apps/web.yaml  * apps/base/web/release.yaml: # ours before the first line
    b  ~ gitops/apps/web.yaml  * apps/base/web/release.yaml: # theirs after the last one
    """
    fleet.write("gitops/apps/web.yaml", f"{WEB}interval: 5m\n")
    fleet.run("sync")
    fleet.write(RELEASE, f"# ours\n{fleet.read(RELEASE)}")
    on_b(fleet)
    fleet.write("gitops/apps/web.yaml", f"{WEB}interval: 6m\n")
    fleet.run("sync")
    fleet.write(RELEASE, f"{fleet.read(RELEASE)}# theirs\n")
    merged(fleet, clean=False, squash=squash)
    fleet.git("checkout", "--theirs", "gitops/apps/web.yaml")
    fleet.git("add", "gitops")

    fleet.run("sync")

    lines = fleet.read(RELEASE).splitlines()
    assert (lines[0], lines[-1]) == ("# ours", "# theirs")
    assert "  interval: 6m0s" in lines
    assert fleet.git("ls-files", "--unmerged") == ""
    fleet.commit("merged")
    in_step(fleet)


@pytest.mark.parametrize("news", [False, True])
def test_s6_a_file_that_somebody_made_binary(fleet: Place, *, news: bool) -> None:
    """
    a  * apps/base/web/release.yaml     bytes that are no text
       ~ gitops/apps/web.yaml           and in the second case the template changes the file too
    =  theirs, and told where both changed it
    """
    (fleet.root / RELEASE).write_bytes(b"\x00\x01")
    if news:
        fleet.write("gitops/apps/web.yaml", WEB + "interval: 5m\n")

    fleet.run("sync", code=5 if news else 0)

    assert (fleet.root / RELEASE).read_bytes() == b"\x00\x01"


def test_x3_an_app_here_and_another_there(fleet: Place) -> None:
    """
    a  + gitops/apps/api.yaml  + apps/base/api/…  + stacks/dev/apps/api.yaml
    b  + gitops/apps/job.yaml  + apps/base/job/…  + stacks/dev/apps/job.yaml
    =  both, without a conflict, and nothing left to do
    """
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")
    on_b(fleet)
    fleet.run("add-app", "job", "--chart", "oci://ghcr.io/acme/job")
    merged(fleet)

    in_step(fleet)

    assert {"stacks/dev/apps/api.yaml", "stacks/dev/apps/job.yaml"} <= fleet.files().keys()
