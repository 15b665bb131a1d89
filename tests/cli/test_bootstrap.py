from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.support import Make, as_nobody, kills, log, open_to_all
from tests.support.place import Place
from tests.support.shared import flux_manifests, shared

ADA = "Ada <ada@example.com>"


@pytest.fixture
def forge(place: Place) -> Place:
    """A folder of bare repositories beside the place."""
    return Place(place.root.parent / "forge")


def flags(forge: Place, *more: str) -> tuple[str, ...]:
    return ("bootstrap", "local", f"--root={forge.root}", *more)


def tip(place: Place, branch: str = "main") -> str:
    return place.git("rev-parse", branch).strip()


def here(place: Place) -> tuple[str, str, str]:
    """A work tree as people see it: its commit's files, what differs from them, and what it follows."""
    return (
        place.git("rev-parse", "HEAD^{tree}"),
        place.git("status", "--porcelain", "--ignored"),
        place.git("rev-parse", "--abbrev-ref", "HEAD", "HEAD@{upstream}"),
    )


def test_in_an_empty_folder_the_documents_come_from_the_flags(place: Place, forge: Place, flux: str) -> None:
    ran = place.run(
        *flags(forge, "--owner=acme/platform", "--repository=fleet", "--path=clusters/prod", "--private=false"),
        *("--components-extra=image-reflector-controller", "--version=v2.8.8", f"--manifests={flux}", "--interval=5m"),
    )

    bare = forge.inside("acme/platform/fleet.git")
    assert bare.git("show", "main:gitops.yaml").partition("\n")[2] == (
        "kind: platform\nname: fleet\ntemplates: 0.4.0\nrepository:\n"
        "  url: https://git.invalid/acme/platform/fleet.git\n  visibility: public\nflux:\n  version: v2.8.8\n"
        "  componentsExtra:\n  - image-reflector-controller\n  interval: 5m\n---\nkind: environment\nname: prod\n"
        "---\nkind: cluster\nname: prod\nenvironment: prod\npath: clusters/prod\n"
    )
    assert list(place.root.iterdir()) == []
    assert f"next: git clone {bare.root}\n" in ran.err
    assert bare.root.stat().st_mode & 0o077


def test_the_commits_are_flux_bootstrap_s_to_the_byte(place: Place, forge: Place, flux: str) -> None:
    place.run(*flags(forge, "--repository=fleet", "--path=clusters/prod", "--version=v2.8.8", f"--manifests={flux}"))

    bare = forge.inside("local/fleet.git")
    commits = bare.git("rev-list", "--reverse", "main").split()
    assert log(bare, "%an <%ae>|%cn <%ce>") == ["Flux <>|Flux <>", "Flux <>|Flux <>", f"{ADA}|{ADA}"]
    assert bare.git("cat-file", "commit", commits[0]).endswith("\n\nAdd Flux v2.8.8 component manifests")
    assert bare.git("cat-file", "commit", commits[1]).endswith("\n\nAdd Flux sync manifests")
    assert bare.git("ls-tree", "-r", "--name-only", commits[0]).split() == [
        "clusters/prod/flux-system/gotk-components.yaml"
    ]
    assert bare.git("diff", "--name-only", *commits[:2]).split() == [
        "clusters/prod/flux-system/gotk-sync.yaml",
        "clusters/prod/flux-system/kustomization.yaml",
    ]
    assert bare.git("show", f"{commits[1]}:clusters/prod/flux-system/kustomization.yaml") == (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
        "- gotk-components.yaml\n- gotk-sync.yaml\n"
    )


def test_every_option_of_the_components_reaches_the_file(place: Place, forge: Place, flux: str) -> None:
    place.run(
        *flags(
            forge, "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}", "--registry=reg.example.com/f"
        ),
        *("--image-pull-secret=pull", "--toleration-keys=a,b", "--network-policy=false", "--log-level=debug"),
        *("--watch-all-namespaces=false", "--cluster-domain=k.example", "--namespace=gitops", "--secret-name=key"),
        *("--components=source-controller,kustomize-controller", "--recurse-submodules", "--branch=trunk"),
        "--sparse-checkout=clusters,stacks",
    )

    bare = forge.inside("local/fleet.git")
    text = bare.git("show", "trunk:clusters/prod/gitops/gotk-components.yaml")
    for said in (
        "# Components: source-controller,kustomize-controller\n",
        "image: reg.example.com/f/source-controller:v1.0.0",
        "- name: pull",
        "- key: a\n        operator: Exists\n      - key: b",
        "--log-level=debug",
        "--watch-all-namespaces=false",
        ".svc.k.example.",
        "namespace: gitops",
    ):
        assert said in text
    assert "name: policy" not in text
    sync = bare.git("show", "trunk:clusters/prod/gitops/gotk-sync.yaml")
    assert "recurseSubmodules: true\n  ref:\n    branch: trunk\n  secretRef:\n    name: key\n  sparse" in sync
    assert "  sparseCheckout:\n  - clusters\n  - stacks\n  url: " in sync


@pytest.mark.parametrize("version", ["v2.2.3", "v2.9.4"])
def test_with_flux_s_own_manifests_every_object_is_there(place: Place, forge: Place, version: str) -> None:
    folder = shared("flux-manifests", version)

    place.run(*flags(forge, "--repository=fleet", f"--version={version}", f"--manifests={folder}"))

    text = forge.inside("local/fleet.git").git("show", "main:flux-system/gotk-components.yaml")
    assert text.count("kind: Deployment\n") == 4
    assert f"# Flux Version: {version}\n" in text
    assert flux_manifests(version).keys() > {"rbac.yaml", "policies.yaml"}


@pytest.mark.parametrize(
    ("path", "names", "folder"),
    [
        ("clusters/prod", "prod/prod", "clusters/prod"),
        ("./clusters/prod/eu-1/", "prod/eu-1", "clusters/prod/eu-1"),
        ("clusters/prod_eu", "prod-eu/prod-eu", "clusters/prod_eu"),
        ("fleet/west/one", "one/one", "fleet/west/one"),
        ("../x", "x/x", "x"),
        ("/", "my-fleet/my-fleet", ""),
        (".", "my-fleet/my-fleet", ""),
    ],
)
def test_a_path_names_environment_and_cluster(
    place: Place, forge: Place, flux: str, path: str, names: str, folder: str
) -> None:
    environment, cluster = names.split("/")
    place.run(*flags(forge, "--repository=My_Fleet", f"--path={path}", f"--manifests={flux}"))

    bare = forge.inside("local/My_Fleet.git")
    text = bare.git("show", "main:gitops.yaml")
    assert f"kind: environment\nname: {environment}\n" in text
    assert f"kind: cluster\nname: {cluster}\nenvironment: {environment}\n" in text
    assert f"path: ./{folder}\n" in bare.git("show", f"main:{folder}/flux-system/gotk-sync.yaml".replace(":/", ":"))


def test_a_repository_made_by_new_is_pushed_as_it_is_and_followed(
    repository: Make, forge: Place, scratch: Path
) -> None:
    fleet = repository()
    before = fleet.files(), tip(fleet)

    ran = fleet.run(*flags(forge))

    bare = forge.inside("local/acme.git")
    assert (fleet.files(), tip(fleet), tip(fleet)) == (*before, tip(bare))
    assert fleet.git("remote", "get-url", "origin").strip() == str(bare.root)
    assert fleet.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main\n"
    assert f'✔ "main" is pushed to {bare.root}' in ran.err
    assert list(scratch.iterdir()) == []


def test_run_again_it_does_nothing_and_says_so(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.run(*flags(forge))
    before = fleet.files(), tip(fleet), here(fleet)

    ran = fleet.run(*flags(forge))

    assert f"✔ {forge.root}/local/acme.git is in step\n" in ran.err
    assert "► pushing" not in ran.err
    assert (fleet.files(), tip(fleet), here(fleet)) == before


def test_in_a_clone_and_in_a_subfolder_of_one_it_is_the_same_repository(place: Place, forge: Place, flux: str) -> None:
    place.run(*flags(forge, "--owner=acme", "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}"))
    place.git("clone", "-q", str(forge.root / "acme/fleet.git"), "clone")

    for folder in ("clone", "clone/clusters/prod"):
        ran = place.inside(folder).run(*flags(forge))
        assert f"{forge.root}/acme/fleet.git is in step" in ran.err
    assert [entry.name for entry in forge.root.iterdir()] == ["acme"]


def test_owner_and_name_may_come_from_the_documents_url(repository: Make, forge: Place) -> None:
    url = "repository: {url: https://git.example.com/group/team/fleet.git}"
    fleet = repository(f"kind: platform\nname: acme\n{url}\n")

    fleet.run(*flags(forge))

    assert (forge.root / "group/team/fleet.git/HEAD").is_file()


def test_an_origin_of_people_s_own_stays(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.git("remote", "add", "origin", "https://git.example.com/other.git")

    fleet.run(*flags(forge))

    assert fleet.git("remote", "-v").count("https://git.example.com/other.git") == 2
    assert tip(forge.inside("local/acme.git")) == tip(fleet)


def test_flags_that_differ_from_the_documents_are_edits_of_them(repository: Make, forge: Place, flux: str) -> None:
    fleet = repository()

    fleet.run(*flags(forge, f"--manifests={flux}", "--version=v2.8.8", "--private=false", "--log-level=debug"))

    text = fleet.read("gitops.yaml")
    assert "flux:\n  version: v2.8.8\n  logLevel: debug\n" in text
    assert "repository:\n  visibility: public\n" in text
    assert log(fleet)[-2:] == ["Flux <>|Add Flux v2.8.8 component manifests", f"{ADA}|Update platform acme"]
    assert here(fleet)[1] == ""
    assert tip(fleet) == tip(forge.inside("local/acme.git"))
    fleet.run("check")


@pytest.mark.parametrize(
    "flag",
    ["--log-level=info", "--network-policy=true", "--interval=60s", "--namespace=flux-system", "--version=v2.9.4"],
)
def test_flags_that_say_what_holds_anyway_edit_nothing(repository: Make, forge: Place, flag: str) -> None:
    fleet = repository()
    before = fleet.files()

    fleet.run(*flags(forge, flag))

    assert fleet.files() == before


def test_a_path_picks_the_cluster_that_flags_are_about(repository: Make, forge: Place, flux: str) -> None:
    fleet = repository()

    fleet.run(*flags(forge, "--path=clusters/prod/prod-1", "--log-level=debug", f"--manifests={flux}"))

    assert "name: prod-1\nenvironment: prod\nflux:\n  logLevel: debug\n" in fleet.read("gitops.yaml")
    assert "--log-level=debug" in fleet.read("clusters/prod/prod-1/flux-system/gotk-components.yaml")
    assert "--log-level=debug" not in fleet.read("clusters/dev/dev-1/flux-system/gotk-components.yaml")


def test_an_option_is_changed_where_the_only_cluster_has_it(place: Place, forge: Place, flux: str) -> None:
    documents = "kind: platform\nname: acme\n---\nkind: environment\nname: prod\nflux: {logLevel: error}\n"
    place.write("docs.yaml", f"{documents}---\nkind: cluster\nname: prod\nenvironment: prod\n")
    place.run("new", "fleet", "--file=docs.yaml", f"--manifests={flux}")
    fleet = place.inside("fleet")

    fleet.run(*flags(forge, "--log-level=debug", f"--manifests={flux}"))

    assert "name: prod\nflux: {logLevel: debug}\n" in fleet.read("gitops.yaml")
    assert "--log-level=debug" in fleet.read("clusters/prod/prod/flux-system/gotk-components.yaml")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--path=clusters/test",), 2, "--path clusters/test: no cluster has this folder"),
        (("--log-level=warn",), 2, "platform `acme`: `flux.logLevel` cannot be `warn`; allowed: debug, error, info"),
        (("--interval=99",), 2, "--interval 99: must be a duration"),
        (
            ("--version=2.9.4",),
            2,
            "platform `acme`: `flux.version` `2.9.4` is not a Flux release such as v2.9.4; write v2.9.4",
        ),
        (("--namespace=A",), 2, "platform `acme`: `flux.namespace` must be a DNS label"),
        (("--components-extra=image-reflector",), 2, "platform `acme`: "),
        (("--branch=next",), 6, "the branch `next` is not checked out"),
        (("--branch=a..b",), 2, "--branch `a..b` is not a name that Git accepts"),
        (("--owner=../x",), 2, "`..` cannot name an owner or repository"),
        (("--repository=a/b",), 2, "`a/b` cannot name an owner or repository"),
        (("--manifests=nowhere",), 2, "--manifests nowhere cannot be read"),
        (("--author-name=<Eve>", "--private=false"), 2, "'<Eve>' cannot name an author"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_touched(
    repository: Make, forge: Place, words: tuple[str, ...], code: int, said: str
) -> None:
    fleet = repository()
    before = fleet.files(), tip(fleet)

    ran = fleet.run(*flags(forge, *words), code=code)

    assert next(line for line in ran.err.splitlines() if line[0] == "✗").startswith(f"✗ {said}"), ran.err
    assert (fleet.files(), tip(fleet)) == before
    assert not forge.root.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--repository is missing"),
        (
            ("--repository=fleet", "--path=apps"),
            "cluster `apps`: the cluster's folder `apps` lies in ",
        ),
        (("--repository=fleet", "--path=clusters/base"), "environment `base`: `base` is reserved"),
        (("--repository=___", "--path=x"), "platform ``: "),
        (("--repository=fleet", "--log-level=warn"), "platform `fleet`: `flux.logLevel` cannot be `warn`"),
    ],
)
def test_in_an_empty_folder_what_cannot_be_meant_is_refused_too(
    place: Place, forge: Place, words: tuple[str, ...], said: str
) -> None:
    ran = place.run(*flags(forge, *words), code=2)

    assert next(line for line in ran.err.splitlines() if line[0] == "✗").startswith(f"✗ {said}"), ran.err
    assert not forge.root.exists()


@pytest.mark.parametrize("change", ["changed", "new", "staged", "removed"])
def test_documents_that_are_not_committed_are_refused_by_name(repository: Make, forge: Place, change: str) -> None:
    fleet = repository()
    path = "gitops/tenants/team.yaml" if change in {"new", "staged"} else "gitops.yaml"
    if change == "removed":
        fleet.git("mv", "gitops.yaml", "gitops/../kept.yaml")
        fleet.write("gitops/tenants/team.yaml", "kind: tenant\nname: team\n")
    else:
        (fleet.root / path).parent.mkdir(parents=True, exist_ok=True)
        with (fleet.root / path).open("a", encoding="utf-8") as file:
            file.write("# mine\n" if change == "changed" else "kind: tenant\nname: team\n")
    if change == "staged":
        fleet.git("add", path)

    ran = fleet.run(*flags(forge), code=3 if change == "removed" else 6)

    if change != "removed":
        assert ran.err.startswith(f"✗ {path} is not committed yet\n  commit or stash your changes")
    assert not forge.root.exists()


def test_a_file_that_would_be_overwritten_is_refused_by_name(repository: Make, forge: Place, flux: str) -> None:
    fleet = repository()
    path = "clusters/dev/dev-1/flux-system/gotk-components.yaml"
    fleet.write(path, "mine\n")

    ran = fleet.run(*flags(forge, f"--manifests={flux}"), code=6)

    assert f"✗ {path} is not committed yet" in ran.err
    assert fleet.read(path) == "mine\n"
    assert not forge.root.exists()


def test_changes_elsewhere_are_no_obstacle_and_stay(repository: Make, forge: Place, flux: str) -> None:
    fleet = repository()
    fleet.write("notes.txt", "mine\n")
    fleet.write("README.md", "mine too\n")
    fleet.git("add", "README.md")

    fleet.run(*flags(forge, f"--manifests={flux}"))

    assert fleet.git("status", "--porcelain") == "M  README.md\n?? notes.txt\n"
    assert "mine" not in forge.inside("local/acme.git").git("show", "main:README.md")


def test_commits_of_others_on_the_forge_are_taken_along(repository: Make, forge: Place, flux: str) -> None:
    fleet = repository()
    fleet.run(*flags(forge))
    fleet.git("clone", "-q", str(forge.root / "local/acme.git"), "../colleague")
    colleague = fleet.inside("../colleague")
    colleague.write("notes.txt", "hers\n")
    colleague.commit("Hers")
    colleague.git("push", "-q")

    fleet.run(*flags(forge, f"--manifests={flux}"))

    assert fleet.read("notes.txt") == "hers\n"
    assert log(fleet)[-3:] == [
        f"{ADA}|Hers",
        "Flux <>|Add Flux v2.9.4 component manifests",
        f"{ADA}|Bring platform acme in step",
    ]
    assert tip(fleet) == tip(forge.inside("local/acme.git"))
    assert here(fleet)[1] == ""


def test_a_file_that_others_changed_too_is_named_and_the_next_run_goes_on(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.run(*flags(forge))
    fleet.git("clone", "-q", str(forge.root / "local/acme.git"), "../colleague")
    colleague = fleet.inside("../colleague")
    colleague.write("README.md", "hers\n")
    colleague.commit("Hers")
    colleague.git("push", "-q")
    fleet.write("README.md", "mine\n")

    ran = fleet.run(*flags(forge), code=6)

    assert "✗ README.md is changed here and is in the way\n  commit or stash your changes" in ran.err
    assert fleet.read("README.md") == "mine\n"
    fleet.git("stash", "-q")
    fleet.run(*flags(forge))
    assert fleet.read("README.md") == "hers\n"


def test_in_a_linked_work_tree_it_is_that_work_tree_that_follows(
    repository: Make, forge: Place, flux: str, tmp_path: Path
) -> None:
    fleet = repository()
    fleet.git("switch", "-q", "-c", "other")
    fleet.git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
    linked = Place(tmp_path / "linked")

    linked.run(*flags(forge, "--log-level=debug", f"--manifests={flux}"))

    assert "logLevel: debug" in linked.read("gitops.yaml")
    assert "logLevel: debug" not in fleet.read("gitops.yaml")
    assert linked.git("status", "--porcelain") == fleet.git("status", "--porcelain") == ""


def test_a_forge_that_has_diverged_is_refused_and_nothing_is_touched(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.run(*flags(forge))
    fleet.git("clone", "-q", str(forge.root / "local/acme.git"), "../colleague")
    colleague = fleet.inside("../colleague")
    for place, name in ((colleague, "hers"), (fleet, "mine")):
        place.write(name, "")
        place.commit(name)
    colleague.git("push", "-q")
    before = tip(fleet), tip(forge.inside("local/acme.git"))

    ran = fleet.run(*flags(forge), code=6)

    assert "✗ `main` has commits there that are not here, and others here" in ran.err
    assert f"git pull --rebase {forge.root}/local/acme.git main" in ran.err
    assert (tip(fleet), tip(forge.inside("local/acme.git"))) == before


def test_a_repository_of_another_branch_is_gone_on_with_on_that_branch(place: Place, forge: Place, flux: str) -> None:
    words = ("--repository=fleet", f"--manifests={flux}", "--path=clusters/prod")
    place.run(*flags(forge, *words, "--branch=trunk"))

    ran = place.run(*flags(forge, *words))

    assert "is in step" in ran.err
    assert forge.inside("local/fleet.git").git("branch", "--format=%(refname:short)") == "trunk\n"


def test_a_repository_with_people_s_own_files_gets_ours_beside_them(place: Place, forge: Place, flux: str) -> None:
    place.git("init", "-q", "--bare", "-b", "main", str(forge.root / "local/fleet.git"))
    place.git("clone", "-q", str(forge.root / "local/fleet.git"), "clone")
    clone = place.inside("clone")
    clone.write("README.md", "mine\n")
    clone.commit("First")
    clone.git("push", "-q", "origin", "HEAD:main")

    place.run(*flags(forge, "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}"))

    bare = forge.inside("local/fleet.git")
    assert bare.git("show", "main:README.md") == "mine\n"
    assert len(log(Place(bare.root))) == 4


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "filter.x.smudge=tr a-z A-Z", "core.eol=crlf"])
def test_what_people_want_to_see_in_their_work_tree_is_not_committed(
    repository: Make, forge: Place, flux: str, setting: str
) -> None:
    fleet = repository()
    fleet.git("config", "--global", *setting.split("=", 1))
    attributes = forge.write("../attributes", "* text=auto filter=x\n")
    fleet.git("config", "--global", "core.attributesFile", str(attributes))

    fleet.run(*flags(forge, "--log-level=debug", f"--manifests={flux}"))

    bare = forge.inside("local/acme.git")
    changed = bare.git("diff", "--shortstat", "main~2", "main", "--", "gitops.yaml")
    assert changed == " 1 file changed, 1 insertion(+)\n"
    assert "kind: Deployment\n" in bare.git("show", "main:clusters/dev/dev-1/flux-system/gotk-components.yaml")


def test_a_history_that_has_nothing_to_do_with_ours_is_refused(repository: Make, place: Place, forge: Place) -> None:
    fleet, other = repository(), place.inside("other")
    other.write("README.md", "theirs\n")
    other.git("init", "-q", "-b", "main")
    other.commit()
    other.git("clone", "-q", "--bare", ".", str(forge.root / "local/acme.git"))

    ran = fleet.run(*flags(forge), code=6)

    assert "✗ `main` has commits there that are not here, and others here" in ran.err


def test_a_shallow_clone_is_refused_with_the_way_out(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.git("clone", "-q", "--depth=1", f"file://{fleet.root}", "../shallow")
    shallow = fleet.inside("../shallow")

    ran = shallow.run(*flags(forge), code=6)

    assert ran.err.endswith("✗ this clone is shallow\n  git fetch --unshallow, then run this again\n")
    assert not forge.root.exists()
    shallow.git("fetch", "-q", "--unshallow")
    shallow.run(*flags(forge))


def test_what_is_in_the_way_on_the_forge_is_an_error_of_the_forge(repository: Make, forge: Place) -> None:
    fleet = repository()
    forge.write("local/acme.git/mine", "")

    ran = fleet.run(*flags(forge), code=7)

    assert f"✗ {forge.root}/local/acme.git is not a bare git repository" in ran.err


@pytest.mark.parametrize("where", ["new", "empty"])
def test_a_dry_run_shows_and_changes_nothing(
    repository: Make, place: Place, forge: Place, flux: str, scratch: Path, where: str
) -> None:
    start = repository() if where == "new" else place
    before = start.files()

    ran = start.run(*flags(forge, "--repository=fleet", f"--manifests={flux}", "--log-level=debug", "--dry-run"))

    assert "  + repository local/fleet\n" in ran.err
    assert '✔ "main" would be pushed to' in ran.err
    assert start.files() == before
    assert not forge.root.exists()
    assert list(scratch.iterdir()) == []


def test_the_appendix_stands_behind_every_message(place: Place, forge: Place, flux: str) -> None:
    words = ("--repository=fleet", "--path=clusters/prod", f"--manifests={flux}", "--commit-message-appendix=[ci skip]")
    place.run(*flags(forge, *words))

    bodies = forge.inside("local/fleet.git").git("log", "--format=%B%x00", "main").split("\0")
    assert [body.strip("\n").partition("\n")[2] for body in bodies[:3]] == ["\n[ci skip]"] * 3


def test_a_branch_without_commits_is_refused(place: Place, forge: Place) -> None:
    place.git("init", "-q", "-b", "main")
    place.write("gitops.yaml", "kind: platform\nname: acme\n")

    ran = place.run(*flags(forge), code=6)

    assert ran.err == "✗ the branch `main` has no commits\n  commit first\n"


def test_a_conflict_is_refused_before_anything_is_pushed(repository: Make, forge: Place) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")
    fleet.commit()

    ran = fleet.run(*flags(forge), code=5)

    assert "✗ clusters/dev/dev-1/cluster-vars.yaml: both changed the same lines\n  `scaffolder sync` shows" in ran.err
    assert not forge.root.exists()


def test_a_forge_that_may_not_be_written_to_is_an_error_of_the_forge() -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        place.inside("fleet").run(*flags(place.inside("forge")))

        words = flags(place.inside("forge2"), "--repository=x", "--author-name=E", "--author-email=e")
        ran = as_nobody(words, str(place.root))

        assert f"✗ {place.root}/forge2/local/x.git cannot be created: permission denied" in ran.err
        assert ran.code == 7


def test_a_run_in_a_repository_that_was_killed_anywhere_is_made_good_by_the_next(
    repository: Make, forge: Place, flux: str
) -> None:
    documents = (
        "kind: platform\nname: a\n---\nkind: environment\nname: p\n---\nkind: cluster\nname: p\nenvironment: p\n"
    )
    fleet, calm = repository(documents), repository(documents, name="calm")
    words = ("--repository=fleet", f"--manifests={flux}", "--log-level=debug")
    beside = Place(forge.root.parent / "calm-forge")
    calm.run(*flags(beside, *words))
    commits = log(calm)
    start, before = tip(fleet), fleet.git("for-each-ref")

    for number in kills(fleet, flags(forge, *words)):
        if (fleet.git("for-each-ref"), fleet.git("status", "--porcelain")) == (before, "") and not forge.root.exists():
            continue  # nothing was done yet
        assert not _pushed(forge) or log(forge.inside("local/fleet.git")) == commits, "pushed in parts"
        fleet.run(*flags(forge, *words))
        assert (here(fleet)[1:], fleet.files(), log(fleet)) == (here(calm)[1:], calm.files(), commits), number
        assert tip(fleet) == tip(forge.inside("local/fleet.git"))
        _start_again(fleet, start, forge)


def _pushed(forge: Place) -> bool:
    return (forge.root / "local/fleet.git/refs/heads/main").exists()


def _start_again(fleet: Place, start: str, forge: Place) -> None:
    fleet.git("reset", "-q", "--hard", start)
    fleet.git("clean", "-qfdx")
    fleet.git("remote", "remove", "origin")
    shutil.rmtree(forge.root)


def test_a_run_in_an_empty_folder_that_was_killed_anywhere_is_made_good_by_the_next(
    place: Place, forge: Place, flux: str
) -> None:
    words = ("--repository=fleet", "--path=clusters/prod", f"--manifests={flux}")
    calm = Place(forge.root.parent / "calm")
    place.run(*flags(calm, *words))
    wanted = calm.inside("local/fleet.git").git("ls-tree", "-r", "main"), log(calm.inside("local/fleet.git"))

    for number in kills(place, flags(forge, *words)):
        if not forge.root.exists():
            continue  # nothing was done yet
        place.run(*flags(forge, *words))
        bare = forge.inside("local/fleet.git")
        assert (bare.git("ls-tree", "-r", "main"), log(bare)) == wanted, number
        assert [entry.name for entry in (forge.root / "local").iterdir()] == ["fleet.git"]
        shutil.rmtree(forge.root)


def test_the_output_looks_as_flux_s(place: Place, forge: Place, flux: str) -> None:
    ran = place.run(*flags(forge, "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}"))

    url = re.escape(f"{forge.root}/local/fleet.git")
    lines = [line for line in ran.err.splitlines() if line[0] in "►✔"]
    assert re.fullmatch(
        "► generating component and sync manifests\n"
        f"► connecting to {re.escape(str(forge.root))}\n"
        f'✔ repository "{url}" created\n'
        '✔ committed component manifests to "main" \\("[0-9a-f]{40}"\\)\n'
        '✔ committed sync manifests to "main" \\("[0-9a-f]{40}"\\)\n'
        '✔ committed documents and what follows from them to "main" \\("[0-9a-f]{40}"\\)\n'
        f'► pushing "main" to "{url}"\n'
        f'✔ "main" is pushed to {url}',
        "\n".join(lines),
    )
