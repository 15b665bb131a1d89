from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.support import as_nobody, kills, log, open_to_all
from tests.support.place import Place

ONE = "kind: platform\nname: acme\n---\nkind: environment\nname: p\n---\nkind: cluster\nname: p\nenvironment: p\n"


def state(place: Place) -> tuple[str, str, list[str]]:
    """Everything about a repository but times."""
    return place.git("rev-parse", "HEAD^{tree}"), place.git("status", "--porcelain", "--ignored"), log(place)


def test_the_first_two_commits_are_flux_bootstrap_s_to_the_byte(place: Place, flux: str) -> None:
    place.run("new", "fleet", "--cluster", "prod/eu-1", "--manifests", flux)

    fleet = place.inside("fleet")
    first, second, third = fleet.git("rev-list", "--reverse", "HEAD").split()
    assert fleet.git("cat-file", "commit", first).endswith("\n\nAdd Flux v2.9.4 component manifests")
    assert fleet.git("cat-file", "commit", second).endswith("\n\nAdd Flux sync manifests")
    assert log(fleet, "%an <%ae>|%cn <%ce>") == ["Flux <>|Flux <>"] * 2 + [
        "Ada <ada@example.com>|Ada <ada@example.com>"
    ]
    at = "clusters/prod/eu-1/flux-system"
    assert fleet.git("ls-tree", "-r", "--name-only", first).split() == [f"{at}/gotk-components.yaml"]
    assert fleet.git("diff", "--name-only", first, second).split() == [
        f"{at}/gotk-sync.yaml",
        f"{at}/kustomization.yaml",
    ]
    assert "components:" not in fleet.git("show", f"{second}:{at}/kustomization.yaml")
    assert "components:\n- ../../../../stacks/flux" in fleet.git("show", f"{third}:{at}/kustomization.yaml")


def test_without_components_there_is_no_commit_of_them_and_it_is_said(place: Place) -> None:
    ran = place.run("new", "fleet", "--cluster", "prod/eu-1")

    assert log(place.inside("fleet")) == ["Flux <>|Add Flux sync manifests", "Ada <ada@example.com>|Add platform fleet"]
    assert "Flux's manifests could not be had: `eu-1` fetch" in ran.err


def test_without_any_option_there_are_three_stages_with_a_cluster_in_each(place: Place) -> None:
    place.run("new", "fleet")

    text = place.read("fleet/gitops.yaml")
    assert "name: prod\nafter: staging" in text
    assert "name: staging-1\nenvironment: staging" in text
    place.inside("fleet").run("check")


def test_the_work_tree_is_what_was_committed(place: Place, flux: str) -> None:
    place.run("new", "fleet", "--manifests", flux)

    assert place.inside("fleet").git("status", "--porcelain", "--ignored") == ""
    assert place.inside("fleet").git("branch", "--show-current") == "main\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "kind: platform # it\nname: acme\n",
            "kind: platform # it\nname: acme\ntemplates: 0.4.0\nflux:\n  version: v2.9.4\n",
        ),
        (
            "# on top\n---\nname: acme\nflux:   # ours\n  interval: 5m\n\n# x\nkind: platform",
            "# on top\n---\nname: acme\nflux:   # ours\n  interval: 5m\n  version: v2.9.4\n\n# x\nkind: platform\n{}\n",
        ),
        ("{kind: platform, name: acme}", "{kind: platform, name: acme, templates: 0.4.0, flux: {version: v2.9.4}}"),
        (
            "kind: platform\r\nname: 'acme'\r\n",
            "kind: platform\r\nname: 'acme'\r\ntemplates: 0.4.0\r\nflux:\r\n  version: v2.9.4\r\n",
        ),
        ("kind: platform\nname: acme", "kind: platform\nname: acme\ntemplates: 0.4.0\nflux:\n  version: v2.9.4\n"),
    ],
)
def test_documents_are_kept_but_for_the_two_versions(place: Place, before: str, after: str) -> None:
    (place.root / "docs.yaml").write_bytes(before.encode())

    place.run("new", "fleet", "--file", "docs.yaml")

    text = (place.root / "fleet/gitops.yaml").read_bytes().decode()
    assert text.removesuffix("\n") == after.replace("{}", "templates: 0.4.0").removesuffix("\n")


def test_documents_that_say_both_versions_are_kept_to_the_byte(place: Place) -> None:
    text = "kind: platform\nname: acme\ntemplates: 0.4.0   # ours\nflux: {version: v2.8.8}\n"
    place.write("docs.yaml", text)

    place.run("new", "fleet", "-f", "docs.yaml")

    assert place.read("fleet/gitops.yaml") == text


def test_kind_and_name_are_enough_and_an_environment_may_be_without_clusters(place: Place) -> None:
    place.write("docs.yaml", f"{ONE}---\nkind: environment\nname: empty\n---\nkind: tenant\nname: team\n")

    place.run("new", "fleet", "--file", "docs.yaml")

    assert (place.root / "fleet/stacks/empty/kustomization.yaml").is_file()
    place.inside("fleet").run("check")


def test_forty_clusters_are_made_and_right(place: Place, flux: str) -> None:
    words = [
        f"--cluster={environment}/{environment}-{number}" for environment in ("dev", "prod") for number in range(20)
    ]

    ran = place.run("new", "fleet", *words, "--manifests", flux)

    assert "holds 2 environments and 40 clusters" in ran.err
    assert place.inside("fleet").git("show", "--format=", "--name-only", "HEAD~2").count("gotk-components.yaml") == 40
    place.inside("fleet").run("sync")


@pytest.mark.parametrize("given", ["there", "there/", "./there", "a/b/there", "a/../there", "."])
def test_a_folder_may_be_empty_or_missing_and_be_named_in_any_way(place: Place, given: str) -> None:
    (place.root / "there").mkdir()
    start = place.inside("there") if given == "." else place

    ran = start.run("new", given, "--name", "acme")

    assert Path(os.path.normpath(start.root / given), ".git").is_dir()
    assert (f"cd {Path(given)}" in ran.err) is (given != ".")


def test_an_absolute_folder_with_a_space_is_told_so_that_it_can_be_pasted(place: Place) -> None:
    ran = place.run("new", str(place.root / "my fleet"), "--name", "acme")

    assert f"next: cd '{place.root}/my fleet'" in ran.err


@pytest.mark.parametrize("name", ["My Fleet", "fleet_infra", "a" * 64, "x.y", "-x", "a\nb"])
def test_a_folder_whose_name_no_platform_can_have_is_refused_with_the_way_out(place: Place, name: str) -> None:
    ran = place.run("new", f"./{name}", code=2)

    assert ran.err.startswith("✗ `")
    assert "cannot be the name of a platform: it must be a DNS label" in ran.err
    assert "--name NAME gives it another name" in ran.err
    assert list(place.root.iterdir()) == []


def test_a_folder_without_a_name_is_not_the_one_that_one_is_in(place: Place) -> None:
    ran = place.run("new", "", code=2)

    assert ran.err.startswith("✗ DIR is empty")
    assert list(place.root.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "broken link", "full"])
def test_what_is_not_an_empty_folder_is_refused_and_left_alone(place: Place, kind: str) -> None:
    target = place.root / "fleet"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    elif kind == "full":
        place.write("fleet/.hidden", "mine")
    else:
        target.symlink_to(place.root if kind == "link" else place.root / "nowhere")

    ran = place.run("new", "fleet", code=2)

    assert ran.err.startswith(f"✗ {target} is not {'empty' if kind == 'full' else 'a folder'}\n")
    assert [entry.name for entry in place.root.iterdir()] == ["fleet"]


def test_a_second_run_on_a_finished_repository_is_refused(place: Place) -> None:
    place.run("new", "fleet")
    before = state(place.inside("fleet"))

    ran = place.run("new", "fleet", code=2)

    assert "is not empty" in ran.err
    assert state(place.inside("fleet")) == before


def test_a_parent_that_is_a_file_is_an_error_of_one_line(place: Place) -> None:
    place.write("file", "mine")

    ran = place.run("new", "file/fleet", code=2)

    assert "file/fleet cannot be written: not a directory" in ran.err


@pytest.mark.parametrize("there", [True, False])
def test_a_dry_run_writes_nothing_at_all(place: Place, there: bool) -> None:  # noqa: FBT001
    if there:
        (place.root / "fleet").mkdir()

    ran = place.run("new", "fleet", "--dry-run")

    assert "fleet would hold 3 environments and 3 clusters" in ran.err
    assert "next:" not in ran.err
    assert [str(path) for path in place.root.rglob("*")] == ([str(place.root / "fleet")] if there else [])


def test_the_author_of_our_commit_can_be_chosen(place: Place) -> None:
    place.run("new", "fleet", "--author-name", "Eve O'Neil", "--author-email", "eve@example.com")

    assert log(place.inside("fleet"))[-1] == "Eve O'Neil <eve@example.com>|Add platform fleet"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--author-name", "Eve"), "--author-email is missing"),
        (("--author-email", "e@x.y"), "--author-name is missing"),
        (("--author-name", "E<e>", "--author-email", "e@x.y"), "'E<e>' cannot name an author"),
        (("--author-name", "E", "--author-email", "e\nx"), "'e\\nx' cannot name an author"),
    ],
)
def test_an_author_that_cannot_be_one_is_refused_and_nothing_is_left(
    place: Place, words: tuple[str, ...], said: str
) -> None:
    ran = place.run("new", "a/b/fleet", *words, code=2)

    assert f"✗ {said}" in ran.err
    assert list(place.root.iterdir()) == []


def test_a_git_that_does_not_know_who_commits_is_an_error_with_the_way_out(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = place.write("config", "[user]\n    useConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))

    ran = place.run("new", "fleet", code=6)

    assert ran.err.splitlines()[-2:] == [
        "✗ git does not know who you are",
        "  set git's user.name and user.email, or give --author-name and --author-email",
    ]
    assert not (place.root / "fleet").exists()
    place.run("new", "fleet", "--author-name", "Eve", "--author-email", "e@x.y")


def test_without_git_nothing_is_begun(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(place.root))

    ran = place.run("new", "fleet", code=6)

    assert ran.err == "✗ git is not installed\n  install git 2.34 or newer\n"
    assert list(place.root.iterdir()) == []


def test_where_nothing_may_be_written_one_line_says_so() -> None:
    with open_to_all() as place:
        place.run("new", "warm")  # nobody may read Python's modules either: they are here already
        before = place.files()

        ran = as_nobody(("new", "fleet", "--author-name", "E", "--author-email", "e"), str(place.root))

        assert f"✗ {place.root}/fleet cannot be written: permission denied" in ran.err
        assert ran.code == 2
        assert place.files() == before


def test_in_a_hook_s_environment_another_repository_is_not_touched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.run("new", "other")
    other = place.inside("other")
    before = state(other)
    for name, path in (("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_WORK_TREE", ".")):
        monkeypatch.setenv(name, str(other.root / path))

    place.run("new", "fleet")

    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    assert state(other) == before
    assert state(place.inside("fleet"))[1] == ""


@pytest.mark.parametrize(
    "option", ["--name=x", "-e=x", "-c=x/y", "--variable=A=b", "--kubernetes=1.33", "--url=https://x/y"]
)
def test_options_beside_a_file_are_refused_by_name(place: Place, option: str) -> None:
    place.write("docs.yaml", ONE)
    names = {"-e": "--environment", "-c": "--cluster"}

    ran = place.run("new", "fleet", "--file", "docs.yaml", *option.split("=", 1), code=2)

    flag = option.partition("=")[0]
    assert ran.err == f"✗ {names.get(flag, flag)} does not go with --file: write it into the documents\n"


BOMB = "kind: platform\nname: a\nx: &a [1, 1]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 40)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1:1: "),
        (b"# nothing\n---\n", "1:1: "),
        (b"\x00\x01\x02", "1:1: "),
        (b"kind: \xff\n", "1:7: not UTF-8 text"),
        (b"kind: platform\nkind: platform\n", "2:1: the key `kind` stands here twice"),
        (b"kind: platform\nname:\tacme\n\tx: 1\n", "3:1: "),
        (b"kind: platform\nname: acme\ncolour: red\n", "3:1: unknown field `colour`"),
        (BOMB.encode(), ": more than 500000 values"),
        (b"- kind: platform\n", "1:1: a document is a mapping"),
        (b"kind: platfrom\nname: x\n", "1:7: unknown kind `platfrom`; did you mean `platform`?"),
    ],
)
def test_documents_that_cannot_be_read_are_told_by_the_name_of_their_file(
    place: Place, content: bytes, said: str
) -> None:
    (place.root / "my docs.yaml").write_bytes(content)

    ran = place.run("new", "fleet", "--file", "my docs.yaml", code=3)

    assert ran.err.startswith("✗ my docs.yaml:")
    assert said in ran.err
    assert not (place.root / "fleet").exists()


def test_a_name_that_is_there_twice_is_told_with_both_places(place: Place) -> None:
    place.write("docs.yaml", "kind: platform\nname: a\n---\nkind: tenant\nname: t\n---\nkind: tenant\nname: t\n")

    ran = place.run("new", "fleet", "--file", "docs.yaml", code=3)

    assert ran.err == "✗ docs.yaml:8:7: tenant `t` is already in docs.yaml:4:1\n"


def test_all_problems_of_a_file_are_told_at_once(place: Place) -> None:
    place.write("docs.yaml", "kind: platform\nname: A\n---\nkind: cluster\nname: b\nenvironment: c\nextra: 1\n")

    ran = place.run("new", "fleet", "--file", "docs.yaml", code=3)

    assert [line.split(": ")[0] for line in ran.err.splitlines() if line.startswith("✗")] == [
        "✗ docs.yaml:2:7",
        "✗ docs.yaml:7:1",
    ]


def test_a_file_that_cannot_be_opened_is_an_error_of_one_line(place: Place) -> None:
    ran = place.run("new", "fleet", "--file", "nowhere.yaml", code=2)

    assert ran.err == "✗ --file nowhere.yaml cannot be read: no such file or directory\n"


def test_a_run_that_was_killed_anywhere_is_made_good_by_the_next(place: Place, flux: str) -> None:
    words = ("new", "a/fleet", "--cluster=prod/eu-1", f"--manifests={flux}")
    place.run("new", "undisturbed", "--name=fleet", *words[2:])
    wanted = state(place.inside("undisturbed"))

    for number in kills(place, words):
        if not (place.root / "a/fleet/.git").exists():
            place.run(*words)
        assert state(place.inside("a/fleet")) == wanted, f"killed before effect {number}"
        assert not (place.root / "a/fleet/.git.new").exists()
        shutil.rmtree(place.root / "a")


def test_a_run_that_was_killed_at_any_moment_with_its_git_is_made_good_by_the_next(place: Place) -> None:
    words = ("new", "fleet", *(f"--cluster=prod/c{number}" for number in range(30)))
    place.run("new", "undisturbed", "--name=fleet", *words[2:])
    wanted = state(place.inside("undisturbed"))
    command = [sys.executable, "-m", "scaffolder", *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    for hundredths in random.Random(4).sample(range(20, 90), 6):
        child = subprocess.Popen(command, cwd=place.root, env=environment, stderr=subprocess.DEVNULL, process_group=0)
        time.sleep(hundredths / 100)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if not (place.root / "fleet/.git").exists():
            place.run(*words)
        assert state(place.inside("fleet")) == wanted, f"killed after {hundredths} hundredths of a second"
        shutil.rmtree(place.root / "fleet")


def test_what_a_killed_run_left_is_not_mixed_with_something_else(place: Place) -> None:
    place.write("fleet/.git.new/HEAD", "")
    place.write("fleet/gitops.yaml", "half of it")
    place.write("fleet/mine.txt", "")

    ran = place.run("new", "fleet", code=2)

    assert "fleet is not empty: mine.txt" in ran.err
    assert place.read("fleet/gitops.yaml") == "half of it\n".strip()
    (place.root / "fleet/mine.txt").unlink()
    place.run("new", "fleet")
    assert state(place.inside("fleet"))[1] == ""


def test_an_error_while_files_are_put_down_leaves_nothing(place: Place) -> None:
    (place.root / "fleet").mkdir()
    place.git("config", "--global", "core.attributesFile", str(place.write("attributes", "README.md filter=broken\n")))
    place.git("config", "--global", "filter.broken.smudge", "false")
    place.git("config", "--global", "filter.broken.required", "true")

    ran = place.run("new", "fleet", code=6)

    assert "✗ git reset failed: " in ran.err
    assert list((place.root / "fleet").iterdir()) == []
