from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import Make, as_nobody, kills, open_to_all
from tests.support.place import Place

CHART = ("add-app", "web", "--chart", "web", "--repo", "https://charts.example.com")
OCI = ("add-app", "web", "--chart", "oci://ghcr.io/acme/web")
GIT = ("add-app", "web", "--git", "https://git.example.com/web.git")
CHART_FIELDS = "chart:\n  name: web\n  url: https://charts.example.com\n"
OCI_FIELDS = "chart:\n  url: oci://ghcr.io/acme/web\n"
GIT_FIELDS = "git:\n  url: https://git.example.com/web.git\n  ref:\n"
OVERLAY = "overlays:\n  prod:\n"
PLATFORM = "kind: platform\nname: acme\ndomain: example.com\nvariables: {LEVEL: info}\n"


def in_step(fleet: Place) -> None:
    """`check` is green, and `sync` does nothing."""
    before = fleet.files()
    fleet.run("check")
    fleet.run("sync")
    assert fleet.files() == before


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (CHART, CHART_FIELDS),
        (OCI, OCI_FIELDS),
        ((*OCI, "--version", "1.2.3"), f"{OCI_FIELDS}  version: 1.2.3\n"),
        ((*OCI, "--version", ">=1.0"), f"{OCI_FIELDS}  version: '>=1.0'\n"),
        ((*OCI, "--version", "1.x || 2.x"), f"{OCI_FIELDS}  version: 1.x || 2.x\n"),
        (
            (*CHART, "--version", "1.2.3", "--version", "prod=1.2.2", "--secret-ref", "login"),
            f"{CHART_FIELDS}  version: 1.2.3\n  secretRef:\n    name: login\noverlays:\n  prod:\n    version: 1.2.2\n",
        ),
        (
            (*OCI, "--set", "replicas=1,image.tag=1.10", "--set", "prod:replicas=3"),
            f'{OCI_FIELDS}values:\n  replicas: 1\n  image:\n    tag: "1.10"\n{OVERLAY}    values:\n      replicas: 3\n',
        ),
        (GIT, f"{GIT_FIELDS}    branch: main\n"),
        ((*GIT, "--branch", "next"), f"{GIT_FIELDS}    branch: next\n"),
        (
            (*GIT, "--tag", "v1", "--tag", "prod=v0", "--path", "./deploy"),
            f"{GIT_FIELDS}    tag: v1\n  path: ./deploy\noverlays:\n  prod:\n    ref:\n      tag: v0\n",
        ),
        ((*GIT, "--semver", ">=1.0"), f"{GIT_FIELDS}    semver: '>=1.0'\n"),
        (
            (*GIT, "--commit", "a" * 40, "--branch", "main"),
            f"{GIT_FIELDS}    branch: main\n    commit: {'a' * 40}\n",
        ),
    ],
)
def test_an_app_is_one_new_document_and_everything_is_in_step(
    repository: Make, words: tuple[str, ...], document: str
) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run(*words)

    assert fleet.read("gitops/apps/web.yaml") == f"kind: app\nname: web\n{document}"
    assert {path: content for path, content in fleet.files().items() if path in before} == before
    assert "✔ app `web` is added in dev, prod" in ran.err
    assert "next: git add -A && git commit -m 'Add app web'" in ran.err
    in_step(fleet)


def test_an_app_s_other_flags_stand_in_its_document(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-tenant", "team")
    fleet.run("add-app", "db", "--chart", "oci://ghcr.io/acme/db")

    fleet.run(*OCI, "-n", "team", "-e", "prod", "--interval", "90m", "--depends-on", "db")

    text = fleet.read("gitops/apps/web.yaml")
    assert "namespace: team\nenvironments:\n- prod\n" in text
    assert "interval: 90m\ndependsOn:\n- name: db\n" in text
    assert not (fleet.root / "apps/dev/web").exists()
    in_step(fleet)


def test_values_are_copied_from_files_and_set_lays_over_them(repository: Make) -> None:
    fleet = repository()
    fleet.write("values.yaml", "# mine\nreplicas: 1\nlist: [a, b]\n")
    fleet.write("prod.yaml", "replicas: 3\n")

    fleet.run(*OCI, "--values", "values.yaml", "--values", "prod=prod.yaml", "--set", "prod:zone=eu")

    text = fleet.read("gitops/apps/web.yaml")
    assert "values:\n  replicas: 1\n  list:\n  - a\n  - b\n" in text
    assert "overlays:\n  prod:\n    values:\n      replicas: 3\n      zone: eu\n" in text


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("add-cluster", "dev-2", "-e", "dev"), "gitops/clusters/dev-2.yaml"),
        (("add-cluster", "dev-2", "-e", "dev", "--path", "clusters/two"), "gitops/clusters/dev-2.yaml"),
        (("add-cluster", "dev-2", "-e", "dev", "--ref", "refs/tags/v1"), "gitops/clusters/dev-2.yaml"),
        (("add-cluster", "d", "-e", "dev", "--variable", "LEVEL=warn"), "gitops/clusters/d.yaml"),
        (("add-environment", "test", "--after", "dev", "--domain", "t.example.com"), "gitops/environments/test.yaml"),
        (("add-environment", "test", "--variable", "LEVEL=a=b"), "gitops/environments/test.yaml"),
        (("add-tenant", "team"), "gitops/tenants/team.yaml"),
        (("add-tenant", "team", "-e", "dev,prod"), "gitops/tenants/team.yaml"),
    ],
)
def test_every_kind_is_one_new_document_and_asked_again_there_is_nothing_to_do(
    repository: Make, words: tuple[str, ...], path: str
) -> None:
    fleet = repository(f"{PLATFORM}---\nkind: environment\nname: dev\n---\nkind: environment\nname: prod\n")
    before = fleet.files()

    fleet.run(*words)

    after = fleet.files()
    assert {path: content for path, content in after.items() if path in before} == before
    assert [new for new in after.keys() - before.keys() if new.startswith("gitops")] == [path]
    in_step(fleet)
    again = fleet.run(*words)
    assert f"✔ {words[0][4:]} `{words[1]}` is there, and in step\n" in again.err
    assert "next:" not in again.err
    assert fleet.files() == after


def test_the_same_name_with_other_flags_is_refused_with_the_file_to_edit(repository: Make) -> None:
    fleet = repository()
    fleet.run(*OCI)
    before = fleet.files()

    ran = fleet.run(*OCI, "--version", "2.0.0", code=2)

    assert ran.err == (
        "✗ app `web` is there already, and says something else\n  edit gitops/apps/web.yaml, then `scaffolder sync`\n"
    )
    assert fleet.files() == before


def test_a_document_that_stands_with_the_others_is_found_too(repository: Make) -> None:
    fleet = repository()

    assert "is there, and in step" in fleet.run("add-environment", "prod", "--after", "dev").err
    assert "  edit gitops.yaml, then" in fleet.run("add-environment", "prod", code=2).err


def test_an_environment_brings_the_apps_that_are_everywhere(repository: Make) -> None:
    fleet = repository()
    fleet.run(*OCI)
    fleet.run("add-app", "dev-only", "--chart", "oci://ghcr.io/acme/x", "-e", "dev")

    fleet.run("add-environment", "test")

    assert (fleet.root / "stacks/test/apps/web.yaml").is_file()
    assert not (fleet.root / "stacks/test/apps/dev-only.yaml").exists()
    in_step(fleet)


def test_a_dry_run_shows_and_writes_nothing(repository: Make) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run(*OCI, "--dry-run")

    assert "  + gitops/apps/web.yaml\n" in ran.err
    assert "app `web` would be added in dev, prod" in ran.err
    assert fleet.files() == before


def test_what_is_pinned_to_a_tag_is_said_to_come_with_the_next_pin(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "name: prod\nafter", "name: prod\nref: refs/tags/v1\nafter")
    fleet.run("sync")

    ran = fleet.run(*OCI)

    assert "◎ what is pinned to a tag gets this with the next pin: prod (v1)" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add-app", "web"), "an app has one source: give one of --chart, --git,"),
        ((*CHART, "--git", "https://x/y"), "an app has one source: give one of --chart, --git,"),
        (("add-app", "web", "--chart", "web"), "--repo is missing: the chart's HTTP repository"),
        ((*OCI, "--repo", "https://x/y"), "--repo does not go with an oci:// chart"),
        ((*CHART, "--branch", "b"), "--branch does not go with --chart"),
        ((*CHART, "--tag", "b"), "--tag does not go with --chart"),
        ((*CHART, "--semver", "b"), "--semver does not go with --chart"),
        ((*CHART, "--commit", "b"), "--commit does not go with --chart"),
        ((*OCI, "--path", "b"), "--path does not go with --chart"),
        ((*GIT, "--repo", "b"), "--repo does not go with --git"),
        ((*GIT, "--version", "b"), "--version does not go with --git"),
        ((*GIT, "--values", "b"), "--values does not go with --git"),
        ((*GIT, "--set", "b=1"), "--set does not go with --git"),
        ((*GIT, "--tag", "a", "--branch", "b"), "app `web`: `git.ref` takes one of branch, tag"),
        ((*GIT, "--commit", "abc"), "app `web`: `git.ref.commit` must be a commit in full"),
        ((*CHART, "--version", "prd=1"), "--version prd=1: unknown environment `prd`"),
        ((*CHART, "--set", "prd:a=1"), "--set prd:a=1: unknown environment `prd`"),
        ((*CHART, "--set", "prod:a=null"), "app `web`: `overlays.prod.values"),
        ((*CHART, "-e", "prd"), "app `web`: unknown environment `prd`; did you mean `prod`?"),
        ((*CHART, "-e", "dev", "--version", "prod=1"), "app `web`: the app is not in environment `prod`"),
        ((*CHART, "-n", "team"), "app `web`: the namespace `team` is no tenant"),
        ((*CHART, "--depends-on", "db"), "app `web`: unknown app `db`"),
        ((*CHART, "--interval", "soon"), "app `web`: `interval` must be a duration such as 30s"),
        ((*CHART, "--secret-ref", "A b"), "app `web`: `chart.secretRef.name` must be a DNS label"),
        ((*CHART, "--set", "a=${NOWHERE}"), "app `web`: `${NOWHERE}` names no variable"),
        (("add-app", "web", "--git", "git@github.com:a/b"), "app `web`: `git.url` must be a URL: Flux does not know"),
        (("add-app", "web", "--git", "https://u:p@x/y"), "app `web`: `git.url` must not hold a user name or password"),
        (("add-app", "web", "--chart", "x", "--repo", "charts"), "app `web`: `chart.url` must be a URL"),
        (("add-cluster", "x", "-e", "prd"), "cluster `x`: unknown environment `prd`; did you mean `prod`?"),
        (
            ("add-cluster", "x", "-e", "dev", "--path", "../../x/.git"),
            "cluster `x`: the cluster's folder `x/.git` leads",
        ),
        (("add-cluster", "x", "-e", "dev", "--path", "clusters/dev/dev-1"), "cluster `x`: the cluster's folder"),
        (("add-cluster", "x", "-e", "dev", "--variable", "A"), "--variable A: must be NAME=VALUE"),
        (("add-cluster", "x", "-e", "dev", "--variable", "A=1"), "cluster `x`: the variable `A` has no default"),
        (("add-cluster", "x", "-e", "dev", "--ref", "main"), "cluster `x`: `ref` must be a full reference"),
        (("add-cluster", "x", "-e", "dev", "--domain", "A b"), "cluster `x`: `domain` "),
        (("add-environment", "base"), "environment `base`: `base` is reserved"),
        (("add-environment", "x", "--after", "y"), "environment `x`: unknown environment `y`"),
        (("add-tenant", "x", "-e", "prd"), "tenant `x`: unknown environment `prd`"),
        (("add-app", "kube-x", *OCI[2:]), "app `kube-x`: `kube-x` is reserved"),
    ],
)
def test_what_flags_cannot_mean_is_told_in_one_line_and_nothing_is_written(
    repository: Make, words: tuple[str, ...], said: str
) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run(*words, code=2)

    assert ran.err.startswith(f"✗ {said}"), ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("✗")]) == 1
    assert fleet.files() == before


NO_NAMES = "../x|a b|Web|..|.||a/b|w\u00e9b|a\nb|-|$(id)|a.b|{{x}}|" + "x" * 300


@pytest.mark.parametrize("command", ["add-app", "add-cluster", "add-environment", "add-tenant"])
def test_a_name_that_is_no_dns_label_is_refused_by_every_command(place: Place, command: str) -> None:
    place.git("init", "-q")
    place.write("gitops.yaml", "kind: platform\nname: acme\n")
    more = {"add-app": OCI[2:], "add-cluster": ("-e", "dev")}.get(command, ())

    for name in NO_NAMES.split("|"):
        ran = place.run(command, *more, "--", name, code=2)
        assert " it must be a DNS label: at most 63 of a-z, 0-9 and -" in ran.err
        assert len(ran.err) < 250
    assert list(place.files()) == ["gitops.yaml"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (None, 2, "--values v.yaml cannot be read: no such file or directory"),
        ("- a\n", 3, "v.yaml:1:1: Helm values are a mapping"),
        ("a: 1\n---\nb: 1\n", 3, "v.yaml:3:1: a second document"),
        ("a: 1\na: 2\n", 3, "v.yaml:2:1: the key `a` stands here twice"),
        ("a: y\n", 3, "v.yaml:1:4: "),
    ],
)
def test_values_that_cannot_be_used_are_told_with_their_place(
    repository: Make, text: str | None, code: int, said: str
) -> None:
    fleet = repository()
    if text is not None:
        (fleet.root / "v.yaml").write_text(text, encoding="utf-8")
    before = fleet.files()

    ran = fleet.run(*OCI, "--values", "v.yaml", code=code)

    assert ran.err.startswith(f"✗ {said}"), ran.err
    assert fleet.files() == before


def test_a_null_in_an_overlay_s_values_is_refused(repository: Make) -> None:
    fleet = repository()
    fleet.write("v.yaml", "a:\n  b: null\n")

    ran = fleet.run(*OCI, "--values", "prod=v.yaml", code=2)

    assert ran.err.startswith("✗ app `web`: `overlays.prod.values")


def test_an_empty_values_file_says_nothing(repository: Make) -> None:
    fleet = repository()
    fleet.write("v.yaml", "# nothing\n")

    fleet.run(*OCI, "--values", "v.yaml")

    assert "values" not in fleet.read("gitops/apps/web.yaml")


@pytest.mark.parametrize("kind", ["no repository", "no documents"])
def test_outside_of_a_repository_with_documents_every_command_says_so(place: Place, kind: str) -> None:
    if kind == "no documents":
        place.git("init", "-q")

    ran = place.run(*OCI, code=2)

    assert ("is not in a git repository" if kind == "no repository" else "holds no documents") in ran.err
    assert "`scaffolder new DIR`" in ran.err


def test_documents_that_are_wrong_elsewhere_are_told_with_their_place(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "name: acme", "name: acme\nname: acme")

    ran = fleet.run(*OCI, code=3)

    assert ran.err.startswith("✗ gitops.yaml:3:1: the key `name` stands here twice")


def test_a_command_works_in_a_subfolder_and_in_a_linked_work_tree(repository: Make, tmp_path: Path) -> None:
    fleet = repository()
    fleet.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Place(tmp_path / "linked")

    fleet.inside("stacks/dev").run(*OCI)
    linked.inside("clusters").run(*OCI)

    assert fleet.files().keys() - linked.files().keys() == {path for path in fleet.files() if path == ".git"}
    in_step(linked)


def test_a_hook_s_environment_does_not_lead_elsewhere(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, other = repository(), repository(name="other")
    before = other.files()
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))

    fleet.run(*OCI)

    assert other.files() == before
    in_step(fleet)


def test_where_nothing_may_be_written_one_line_says_so_and_nothing_is_half_written() -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        fleet = place.inside("fleet")
        fleet.run(*OCI, "--dry-run")
        before = fleet.files()

        ran = as_nobody(OCI, str(fleet.root))

        assert [line for line in ran.err.splitlines() if line.startswith("✗")] == [ran.err.splitlines()[0]]
        assert "permission denied" in ran.err
        assert ran.code == 1
        assert fleet.files() == before


def test_a_killed_add_app_is_finished_by_the_same_command_or_by_sync(repository: Make) -> None:
    fleet, done = repository(), repository(name="other")
    words = (*OCI, "-e", "prod")
    before = fleet.files()
    done.run(*words)

    for number in kills(fleet, words):
        begun = (fleet.root / "gitops/apps/web.yaml").exists()
        assert begun or fleet.files() == before, "without the document, sync would not know what the files are"
        fleet.run(*(("sync",) if begun and number % 2 else words))
        assert fleet.files() == done.files(), f"killed before effect {number}"
        fleet.git("clean", "-qfdx")
