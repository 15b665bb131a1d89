"""Repositories, documents and settings as nobody should have them: one clear line, or no difference at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.support import Make
from tests.support.place import Place

VARS = "clusters/dev/dev-1/cluster-vars.yaml"
BOMB = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{letter}: &{letter}0 [{', '.join([f'*{before}0'] * 10)}]\n"
    for before, letter in zip("abcdefg", "bcdefgh", strict=True)
)


def app(text: bytes) -> bytes:
    return b"kind: app\nname: web\nchart: {name: web, url: https://charts.example.com}\n" + text


def new_ref(fleet: Place) -> None:
    """A change of the documents that changes one generated file."""
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")


def settings(text: str) -> None:
    """More of the user's own git configuration."""
    with Path(os.environ["HOME"], ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (app(b"# " + b"x" * 10_000_000), "1:1: more than 5 MB"),
        (app(b"values: " + b"[" * 5_000), "4:109: nested deeper than 100 levels"),
        (app(b"values: " + b"{a: " * 5_000), "4:409: nested deeper than 100 levels"),
        (
            app(b"values:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 1_000))),
            "105:102: nested deeper than 100 levels",
        ),
        (app(BOMB.encode()), "9:24: more than 500000 values, aliases expanded"),
        (b"\xef\xbb\xbf" + app(b""), "1:1: the character U+FEFF is not text to every YAML parser"),
        (app(b"values: {a: caf\xe9}\n"), "4:16: not UTF-8 text"),
        (app(b"").decode().encode("utf-16"), "1:1: not UTF-8 text"),
        (app(b"values: {a: \0}\n"), "4:13: the character U+0000 is not allowed in YAML"),
        ("kind: app\nname: 🚀\n".encode(), "2:7: must hold app `web`, as its path says, not app `🚀`"),
        (b"kind: app\nname: " + b"a" * 300 + b"\n", "2:7: must hold app `web`, as its path says, not app `aaa"),
    ],
    ids=["10 MB", "brackets", "braces", "indentation", "bomb", "BOM", "latin-1", "UTF-16", "NUL", "emoji", "long name"],
)
def test_a_document_that_cannot_be_read_is_one_line_with_its_place(repository: Make, content: bytes, told: str) -> None:
    fleet = repository()
    fleet.write("gitops/apps/web.yaml", "").write_bytes(content)
    before = fleet.files()

    ran = fleet.run("sync", code=3)

    assert f"✗ gitops/apps/web.yaml:{told}" in ran.err
    assert len(ran.err) < 1000
    assert fleet.files() == before


def test_documents_with_carriage_returns_are_the_same_documents(repository: Make) -> None:
    fleet = repository()
    text = fleet.read("gitops.yaml").replace("\n", "\r\n")
    (fleet.root / "gitops.yaml").write_text(text, encoding="utf-8", newline="")

    assert "everything is in step" in fleet.run("sync").err


@pytest.mark.parametrize("name", ["🚀", "a" * 300, "A", "a/b", "../a", "-a", "a\nb", "a\x1b[31m", "é"])
def test_a_name_that_kubernetes_would_not_take_is_refused(repository: Make, name: str) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run("add-tenant", "--", name, code=2)

    assert ran.err.startswith("✗ ")
    assert len(ran.err) < 1000
    assert fleet.files() == before


def test_a_folder_may_be_called_anything(place: Place) -> None:
    name = "🚀 " + "é" * 100
    place.run("new", name, "--name", "acme")

    assert "everything is in step" in place.inside(name).run("sync").err


@pytest.mark.parametrize("path", ["apps/base/🚀.yaml", f"apps/{'n' * 250}.txt", "stacks/dev/apps/a\tb", "Apps/Base/x"])
def test_files_of_people_may_be_called_anything(repository: Make, path: str) -> None:
    fleet = repository()
    fleet.write(path, "# mine\n")

    assert "everything is in step" in fleet.run("sync").err
    assert fleet.read(path) == "# mine\n"


@pytest.mark.parametrize("target", ["gone", "../../../gitops.yaml", "/etc/passwd"])
def test_a_link_in_place_of_a_file_of_ours_is_not_written_through(repository: Make, target: str) -> None:
    fleet = repository()
    (fleet.root / VARS).unlink()
    (fleet.root / VARS).symlink_to(target)
    new_ref(fleet)

    ran = fleet.run("sync", code=5)

    assert VARS in ran.err
    assert (fleet.root / VARS).readlink() == Path(target)


def test_a_link_in_place_of_a_folder_of_ours_is_not_followed(repository: Make, tmp_path: Path) -> None:
    fleet = repository()
    (fleet.root / "clusters").rename(tmp_path / "elsewhere")
    (fleet.root / "clusters").symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere/dev/dev-1/cluster-vars.yaml").read_bytes()
    new_ref(fleet)

    ran = fleet.run("sync", code=5)

    assert VARS in ran.err
    assert (tmp_path / "elsewhere/dev/dev-1/cluster-vars.yaml").read_bytes() == before


def test_a_file_in_place_of_a_folder_is_in_the_way(repository: Make) -> None:
    fleet = repository()
    fleet.write("gitops/tenants", "mine\n")
    before = fleet.files()

    ran = fleet.run("add-tenant", "team", code=1)

    assert "✗ gitops/tenants is in the way: it is no folder\n" in ran.err
    assert fleet.files() == before


def test_a_folder_in_place_of_a_file_is_in_the_way(repository: Make) -> None:
    fleet = repository()
    fleet.write("gitops/tenants/team.yaml/mine", "mine\n")
    before = fleet.files()

    fleet.run("add-tenant", "team", code=3)

    assert fleet.files() == before


def test_a_detached_head_is_as_good_as_a_branch(repository: Make) -> None:
    fleet = repository()
    fleet.git("checkout", "-q", "--detach")
    new_ref(fleet)

    fleet.run("sync")

    assert "refs/tags/v1.0.0" in fleet.read(VARS)


def test_a_rebase_in_progress_is_no_obstacle_and_goes_on(repository: Make) -> None:
    fleet = repository()
    fleet.write("mine.txt", "1\n")
    fleet.commit()
    fleet.git("-c", "sequence.editor=sed -i s/pick/edit/", "rebase", "-q", "-i", "HEAD~1")
    new_ref(fleet)

    fleet.run("sync")

    assert "refs/tags/v1.0.0" in fleet.read(VARS)
    fleet.commit()
    fleet.git("rebase", "--continue")
    assert "refs/tags/v1.0.0" in fleet.read(VARS)


def test_a_submodule_is_a_repository_of_its_own(repository: Make, place: Place) -> None:
    repository()
    outer = place.inside("outer")
    outer.root.mkdir()
    outer.git("init", "-q")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(place.root / "fleet"), "sub/fleet")
    inner = outer.inside("sub/fleet")
    new_ref(inner)

    inner.run("sync")

    assert "refs/tags/v1.0.0" in inner.read(VARS)
    assert "holds no documents" in outer.run("sync", code=2).err


def test_a_submodule_in_place_of_a_folder_of_ours_is_as_a_folder(repository: Make, place: Place) -> None:
    fleet = repository()
    other = place.inside("other")
    other.write("README.md", "mine\n")
    other.git("init", "-q")
    other.commit()
    fleet.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "vendor/other")

    assert "everything is in step" in fleet.run("sync").err


def test_a_repository_inside_a_repository_is_left_alone(repository: Make) -> None:
    fleet = repository()
    inner = fleet.inside("apps/base/inner")
    inner.write("gitops.yaml", "not: ours\n")
    inner.git("init", "-q")

    assert "everything is in step" in fleet.run("sync").err
    assert inner.run("sync", code=3).err.startswith("► ")


@pytest.mark.parametrize("command", [("sync",), ("check",), ("add-tenant", "x")])
def test_a_sparse_checkout_is_refused_since_what_is_not_there_cannot_be_kept(
    repository: Make, command: tuple[str, ...]
) -> None:
    fleet = repository()
    fleet.git("sparse-checkout", "set", "gitops")
    before = fleet.files()

    ran = fleet.run(*command, code=2)

    assert "is a sparse checkout: what is not there cannot be kept" in ran.err
    assert fleet.files() == before
    fleet.git("sparse-checkout", "disable")
    fleet.run("sync")


def test_folders_that_differ_in_case_alone_clash(repository: Make) -> None:
    fleet = repository()

    ran = fleet.run("add-cluster", "prod-2", "-e", "prod", "--path", "clusters/Prod/prod-1", code=2)

    assert "the cluster's folder `clusters/Prod/prod-1` clashes with that of cluster `prod-1`" in ran.err


def test_line_endings_as_autocrlf_makes_them_are_no_difference_and_stay(repository: Make) -> None:
    settings("[core]\n\tautocrlf = true\n")
    fleet = repository()
    fleet.git("rm", "-q", "-r", "--cached", ".")
    fleet.git("reset", "-q", "--hard")
    assert b"\r\n" in (fleet.root / VARS).read_bytes()
    new_ref(fleet)

    fleet.run("sync")

    content = (fleet.root / VARS).read_bytes()
    assert b"refs/tags/v1.0.0\r\n" in content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert len(fleet.git("status", "--porcelain").splitlines()) == 3


def test_a_global_ignore_file_hides_nothing_of_ours(repository: Make) -> None:
    ignored = Path(os.environ["HOME"], "ignore")
    ignored.write_text("*.yaml\n.scaffolder/\nstacks/\n", encoding="utf-8")
    settings(f"[core]\n\texcludesFile = {ignored}\n")

    fleet = repository()

    assert set(fleet.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()) == set(fleet.files())
    assert "everything is in step" in fleet.run("sync").err


def test_hooks_that_fail_stop_nothing(repository: Make, tmp_path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-checkout", "reference-transaction", "post-index-change"):
        hook = tmp_path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
    settings(f"[core]\n\thooksPath = {tmp_path}/hooks\n")

    fleet = repository()
    new_ref(fleet)

    fleet.run("sync")
    assert "refs/tags/v1.0.0" in fleet.read(VARS)
