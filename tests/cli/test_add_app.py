"""`add-app` from every kind of source; charts and Git are in test_add.py too."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

import pytest

from tests.cli.support import Make, as_nobody, kills, open_to_all
from tests.support.place import Place

DIGEST = f"sha256:{'0' * 64}"
WEB = ("add-app", "web")
OCI = (*WEB, "--oci", "oci://ghcr.io/acme/web")
BUCKET = (*WEB, "--bucket", "web", "--endpoint", "s3.example.com")
IMAGE = (*WEB, "--image", "nginx:1.27.0")
CHART = (*WEB, "--chart", "oci://ghcr.io/acme/charts/web")
GIT = (*WEB, "--git", "https://git.example.com/web.git")
COPY = (*WEB, "--manifests", "../web")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n"
KUSTOMIZATION = "resources: [config.yaml]\n"


def in_step(fleet: Place) -> None:
    before = fleet.files()
    fleet.run("check")
    fleet.run("sync")
    assert fleet.files() == before


def said_by(fleet: Place, *words: str, code: int = 2) -> str:
    """What a command that is refused says in its one line; nothing is written."""
    before = fleet.files()
    ran = fleet.run(*words, code=code)
    assert fleet.files() == before
    assert len([line for line in ran.err.splitlines() if line.startswith("✗")]) == 1, ran.err
    return ran.err.removeprefix("✗ ")


def folder(fleet: Place, **files: str) -> Path:
    """A folder beside the repository; `__` in a name stands for `/`, `_` for a dot."""
    root = fleet.root.parent / "web"
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (OCI, "oci: {url: oci://ghcr.io/acme/web, ref: {tag: latest}}"),
        (
            (*OCI, "--semver", "1.x", "--digest", f"prod={DIGEST}", "--path", "./deploy", "--provider", "aws"),
            f"""
            oci: {{url: oci://ghcr.io/acme/web, ref: {{semver: 1.x}}, path: ./deploy, provider: aws}}
            overlays: {{prod: {{ref: {{digest: {DIGEST}}}}}}}
            """,
        ),
        ((*OCI, "--insecure"), "oci: {url: oci://ghcr.io/acme/web, ref: {tag: latest}, insecure: true}"),
        (
            (*BUCKET, "--region", "eu", "--secret-ref", "s3"),
            "bucket: {bucketName: web, endpoint: s3.example.com, region: eu, secretRef: {name: s3}}",
        ),
        (IMAGE, "image: {name: nginx, tag: 1.27.0}"),
        (
            (*IMAGE, "--port", "80", "--replicas", "2", "--replicas", "prod=3", "--tag", "prod=1.26.2"),
            """
            image: {name: nginx, tag: 1.27.0, port: 80, replicas: 2}
            overlays: {prod: {images: [{name: nginx, newTag: 1.26.2}], replicas: [{name: web, count: 3}]}}
            """,
        ),
        ((*IMAGE, "--replicas", "0"), "image: {name: nginx, tag: 1.27.0, replicas: 0}"),
        (
            (*WEB, "--image", "localhost:5000/team/web:1.10", "--tag", "dev=1.11"),
            """
            image: {name: localhost:5000/team/web, tag: '1.10'}
            overlays: {dev: {images: [{name: localhost:5000/team/web, newTag: '1.11'}]}}
            """,
        ),
        (
            (*CHART, "--crds", "Skip", "--values-from", "Secret/a,ConfigMap/b", "--release-name", "r"),
            """
            chart: {url: oci://ghcr.io/acme/charts/web}
            valuesFrom: [{kind: Secret, name: a}, {kind: ConfigMap, name: b}]
            releaseName: r
            crds: Skip
            """,
        ),
        (
            (*GIT, "--no-wait", "--no-prune", "--suspend", "--service-account", "sa", "--target-namespace", "default"),
            """
            git: {url: https://git.example.com/web.git, ref: {branch: main}}
            suspend: true
            prune: false
            wait: false
            serviceAccountName: sa
            targetNamespace: default
            """,
        ),
        (
            (*GIT, "--timeout", "90s", "--retry-interval", "10s", "--health-check", "Deployment/a,Job/b.other"),
            """
            git: {url: https://git.example.com/web.git, ref: {branch: main}}
            retryInterval: 10s
            timeout: 90s
            healthChecks: [{kind: Deployment, name: a}, {kind: Job, name: b, namespace: other}]
            """,
        ),
        (
            (*GIT, "--substitute", "A=b=c", "--substitute", "B=", "--substitute-from", "ConfigMap/cluster-vars"),
            """
            git: {url: https://git.example.com/web.git, ref: {branch: main}}
            postBuild: {substitute: {A: b=c, B: ''}, substituteFrom: [{kind: ConfigMap, name: cluster-vars}]}
            """,
        ),
    ],
)
def test_flags_say_what_a_document_from_a_file_says(repository: Make, words: tuple[str, ...], document: str) -> None:
    fleet, other = repository(), repository(name="other")
    other.write("../web.yaml", f"kind: app\nname: web\n{textwrap.dedent(document)}")

    fleet.run(*words)
    other.run(*WEB, "--from", "../web.yaml")

    ours, theirs = fleet.files(), other.files()
    own = "gitops/apps/web.yaml"
    assert {path: ours[path] for path in ours if path != own} == {path: theirs[path] for path in theirs if path != own}
    in_step(fleet)
    assert "is there, and in step" in other.run(*words).err


def test_a_patch_is_copied_from_a_file_for_all_and_for_one_environment(repository: Make) -> None:
    fleet = repository()
    patch = "# why\n- op: remove\n  path: /spec/replicas\n"
    fleet.write("../all.yaml", CONFIG)
    fleet.write("../prod.yaml", patch)

    fleet.run(*GIT, "--patch", "../all.yaml", "--patch", "prod=../prod.yaml", code=2)
    fleet.write("../prod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: c}\n")
    fleet.run(*GIT, "--patch", "../all.yaml", "--patch", "prod=../prod.yaml")

    assert fleet.read("stacks/dev/apps/web.yaml").count("  - patch: |\n") == 1
    assert fleet.read("stacks/prod/apps/web.yaml").count("  - patch: |\n") == 2


def test_an_app_of_single_clusters_stands_in_their_folders_alone(repository: Make) -> None:
    fleet = repository()
    before = set(fleet.files())

    ran = fleet.run(*IMAGE, "--cluster", "prod-1")

    assert "app `web` is added in cluster prod-1" in ran.err
    assert {path for path in set(fleet.files()) - before if not path.startswith(("gitops/", ".scaffolder/"))} == {
        "apps/base/web/deployment.yaml",
        "apps/base/web/kustomization.yaml",
        "apps/prod/web/kustomization.yaml",
        "clusters/prod/prod-1/apps/web.yaml",
        "clusters/prod/prod-1/apps/web/kustomization.yaml",
        "tenants/base/web/kustomization.yaml",
    }
    in_step(fleet)


@pytest.mark.parametrize(
    ("flags", "document"),
    [
        ((), "kind: tenant\nname: team\n"),
        (("-e", "prod"), "kind: tenant\nname: team\nenvironments:\n- prod\n"),
        (("--cluster", "prod-1"), "kind: tenant\nname: team\nclusters:\n- prod-1\n"),
    ],
)
def test_create_namespace_adds_the_tenant_where_the_app_is(
    repository: Make, flags: tuple[str, ...], document: str
) -> None:
    fleet = repository()

    fleet.run(*IMAGE, "-n", "team", "--create-namespace", *flags)

    assert fleet.read("gitops/tenants/team.yaml") == document
    in_step(fleet)
    fleet.run("add-app", "second", *IMAGE[2:], "-n", "team", "--create-namespace", *flags)
    assert fleet.read("gitops/tenants/team.yaml") == document


def test_create_namespace_of_a_document_is_where_the_document_says(repository: Make) -> None:
    fleet = repository()
    fleet.write("../web.yaml", "{kind: app, name: web, namespace: team, clusters: [dev-1], image: {name: a, tag: b}}\n")

    fleet.run(*WEB, "--from", "../web.yaml", "--create-namespace")

    assert fleet.read("gitops/tenants/team.yaml") == "kind: tenant\nname: team\nclusters:\n- dev-1\n"


def test_create_namespace_of_an_app_that_is_nowhere_yet_makes_none_either(repository: Make) -> None:
    fleet = repository()
    fleet.write("../web.yaml", "{kind: app, name: web, namespace: team, environments: [], image: {name: a, tag: b}}\n")

    fleet.run(*WEB, "--from", "../web.yaml", "--create-namespace")

    assert fleet.read("gitops/tenants/team.yaml") == "kind: tenant\nname: team\nenvironments: []\n"
    in_step(fleet)


def test_a_document_from_a_file_keeps_every_byte(repository: Make) -> None:
    fleet = repository()
    text = "# mine\nkind:   app\nname: 'web'  # this\nimage: {name: nginx, tag: 1.27.0}\n"
    fleet.write("../web.yaml", text)

    fleet.run(*WEB, "--from", "../web.yaml")

    assert fleet.read("gitops/apps/web.yaml") == text
    in_step(fleet)


@pytest.mark.parametrize(
    ("text", "flags", "code", "said"),
    [
        (None, (), 2, "--from ../web.yaml cannot be read: no such file"),
        ("kind: app\nname: other\nmanifests: {}\n", (), 3, "../web.yaml:2:7: must hold app `web`, as its path says"),
        ("kind: tenant\nname: web\n", (), 3, "../web.yaml:1:7: must hold app `web`"),
        ("kind: app\nname: web\n", (), 3, "../web.yaml:1:1: takes one source of chart, git, oci"),
        ("kind: app\nname: web\nimage: {name: a}\n", (), 3, "../web.yaml:3:"),
        ("kind: app\nname: web\nimage: {name: a, tag: b}\ndependsOn: [{name: db}]\n", (), 3, "../web.yaml:4:20: unkn"),
        ("[", (), 3, "../web.yaml:2:1: "),
        ("kind: app\nname: web\nimage: {name: a, tag: b}\n", ("--interval", "5m"), 2, "--interval does not go with"),
    ],
)
def test_a_document_that_cannot_be_taken_is_told_with_its_own_place(
    repository: Make, text: str | None, flags: tuple[str, ...], code: int, said: str
) -> None:
    fleet = repository()
    if text is not None:
        fleet.write("../web.yaml", text)

    assert said_by(fleet, *WEB, "--from", "../web.yaml", *flags, code=code).startswith(said)


def test_manifests_are_copied_and_named_in_a_kustomization(repository: Make) -> None:
    fleet = repository()
    folder(fleet, config_yaml=CONFIG, more__job_yml=CONFIG.replace("ConfigMap", "Job"), README_md="hello\n")

    fleet.run(*COPY)

    assert fleet.read("apps/base/web/config.yaml") == CONFIG
    assert fleet.read("apps/base/web/README.md") == "hello\n"
    assert fleet.read("apps/base/web/kustomization.yaml").endswith("resources:\n- config.yaml\n- more/job.yml\n")
    in_step(fleet)


def test_a_folder_with_its_own_kustomization_is_copied_as_it_is(repository: Make) -> None:
    fleet = repository()
    root = folder(fleet, kustomization_yaml=KUSTOMIZATION, config_yaml=CONFIG, patch_yaml="a: b\n", twice_yaml=CONFIG)

    fleet.run(*COPY)

    copies = {path.name: path.read_text() for path in (fleet.root / "apps/base/web").iterdir()}
    assert copies == {path.name: path.read_text() for path in root.iterdir()}
    in_step(fleet)


def test_a_folder_inside_with_a_kustomization_is_taken_as_a_whole(repository: Make) -> None:
    fleet = repository()
    folder(fleet, config_yaml=CONFIG, db__kustomization_yaml="resources: [db.yaml]\n", db__patch_yaml="a: b\n")
    folder(fleet, db__db_yaml=CONFIG.replace("web", "db"))

    fleet.run(*COPY)

    assert fleet.read("apps/base/web/kustomization.yaml").endswith("resources:\n- config.yaml\n- db\n")
    in_step(fleet)


def test_git_s_own_files_are_not_copied(repository: Make) -> None:
    fleet = repository()
    root = folder(fleet, config_yaml=CONFIG)
    Place(root).git("init", "-q")

    fleet.run(*COPY)

    assert sorted(path.name for path in (fleet.root / "apps/base/web").iterdir()) == [
        "config.yaml",
        "kustomization.yaml",
    ]


def test_what_was_copied_is_the_people_s_and_stays_when_the_command_runs_again(repository: Make) -> None:
    fleet = repository()
    folder(fleet, config_yaml=CONFIG)
    fleet.run(*COPY)
    fleet.edit("apps/base/web/config.yaml", "a: b", "a: mine")
    folder(fleet, config_yaml=CONFIG.replace("a: b", "a: theirs"))

    ran = fleet.run(*COPY)

    assert "is there, and in step" in ran.err
    assert "a: mine" in fleet.read("apps/base/web/config.yaml")
    in_step(fleet)


def test_files_that_are_in_the_way_are_not_overwritten(repository: Make) -> None:
    fleet = repository()
    folder(fleet, config_yaml=CONFIG)
    fleet.write("apps/base/web/config.yaml", "mine: true\n")

    assert said_by(fleet, *COPY).startswith("apps/base/web/config.yaml is there already, and says something else")


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: hunter2}\n"
LIST = "apiVersion: v1\nkind: List\nitems:\n"


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({"a_yaml": CONFIG, "b_yaml": CONFIG}, 3, r"\.\./web/b\.yaml:1:1: ConfigMap `web` is already in \.\./web/a"),
        (
            {"a_yaml": f"{CONFIG}---\n{CONFIG}"},
            3,
            r"\.\./web/a\.yaml:6:1: ConfigMap `web` is already in \.\./web/a\.ya",
        ),
        (
            {
                "a_yaml": CONFIG.replace("web", "web, namespace: a")
                + "---\n"
                + CONFIG.replace("web", "web, namespace: b")
            },
            3,
            r"\.\./web/a\.yaml:6:1: ConfigMap `web` is already",
        ),
        ({"a_yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"}, 3, r"\.\./web/a\.yaml:1:1: a Namespace"),
        ({"a_yaml": f"# x\n{SECRET}"}, 3, r"\.\./web/a\.yaml:2:1: a Secret in plain text cannot be copied: encrypt it"),
        (
            {"a_json": '{"apiVersion": "v1", "kind": "Secret", "data": {"a": "Yg=="}}'},
            3,
            r"\.\./web/a\.json:1:1: a Sec",
        ),
        (
            {"a_yaml": f"{LIST}- {{kind: Secret, apiVersion: v1, data: {{a: Yg==}}}}\n"},
            3,
            r".*a\.yaml:1:1: a Secret in",
        ),
        (
            {"a_yaml": "apiVersion: v1\nkind: SecretList\nitems: [{data: {a: Yg==}}]\n"},
            3,
            r".*a\.yaml:1:1: a Secret in plain text",
        ),
        (
            {"kustomization_yaml": "secretGenerator: [{name: a}]\n"},
            3,
            r".*/kustomization\.yaml:1:1: secretGenerator mak",
        ),
        (
            {"x__Kustomization": "secretGenerator: [{name: a}]\n"},
            3,
            r".*/web/x/Kustomization:1:1: secretGenerator makes",
        ),
        (
            {"kustomization_yaml": KUSTOMIZATION, "config_yaml": SECRET},
            3,
            r".*/config\.yaml:1:1: a Secret in plain text",
        ),
        ({"kustomization_yaml": "resources: [../db]\n"}, 3, r".*:1:1: `resources` leads out of the folder: `\.\./db`"),
        ({"a_yaml": "# nothing\n"}, 2, r"\.\./web: no Kubernetes objects in it"),
        ({"a_txt": CONFIG}, 2, r"\.\./web: no Kubernetes objects in it"),
        ({"values_yaml": "a: b\n"}, 3, r".*/values\.yaml:1:1: is no Kubernetes object: it has no apiVersion and kind"),
        ({"a_yaml": "- a\n"}, 3, r".*/a\.yaml:1:1: is no Kubernetes object"),
        ({"a_yaml": "a: [\n"}, 3, r".*/a\.yaml:2:1: "),
        ({"a_yaml": "a: \x00\n"}, 3, r".*/a\.yaml:1:1: "),
        ({"a_yaml": "x" * (16 * 2**20 + 1)}, 2, r"\.\./web: is larger than 16 MiB"),
    ],
    ids=range(19),
)
def test_manifests_that_cannot_be_taken_are_refused_with_their_place(
    repository: Make, files: dict[str, str], code: int, said: str
) -> None:
    fleet = repository()
    folder(fleet, **files)

    assert re.match(said, said_by(fleet, *COPY, code=code))


def test_objects_of_one_name_in_two_namespaces_stay_apart_where_no_namespace_is_forced(repository: Make) -> None:
    fleet = repository()
    folder(fleet, a_yaml=CONFIG, b_yaml=CONFIG.replace("web", "web, namespace: b"))

    fleet.run(*COPY, "--target-namespace", "")

    assert "targetNamespace" not in fleet.read("stacks/dev/apps/web.yaml")
    in_step(fleet)


def test_a_secret_that_is_encrypted_is_copied(repository: Make) -> None:
    fleet = repository()
    folder(fleet, secret_yaml=f"{SECRET}sops: {{version: 3.9.0}}\n")

    fleet.run(*COPY)

    assert (fleet.root / "apps/base/web/secret.yaml").is_file()


@pytest.mark.parametrize("link", ["file", "folder", "nowhere"])
def test_links_among_manifests_are_refused(repository: Make, link: str) -> None:
    fleet = repository()
    root = folder(fleet, config_yaml=CONFIG)
    (root.parent / "elsewhere").mkdir()
    (root / "z").symlink_to({"file": root / "config.yaml", "folder": root.parent / "elsewhere"}.get(link, "nowhere"))

    assert said_by(fleet, *COPY).startswith("../web/z: only plain files can be copied")


def test_a_pipe_among_manifests_is_refused_and_not_waited_for(repository: Make) -> None:
    fleet = repository()
    os.mkfifo(folder(fleet, config_yaml=CONFIG) / "pipe.yaml")

    assert said_by(fleet, *COPY).startswith("../web/pipe.yaml: only plain files can be copied")


def test_manifests_that_are_not_there_are_told(repository: Make) -> None:
    assert said_by(repository(), *COPY).startswith("--manifests ../web: is no folder")


@pytest.mark.parametrize("closed", ["config.yaml", "inner"])
def test_manifests_that_may_not_be_read_are_told_in_one_line(closed: str) -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        fleet = place.inside("fleet")
        root = folder(fleet, config_yaml=CONFIG, inner__more_yaml=CONFIG)
        (root / closed).chmod(0)
        before = fleet.files()

        ran = as_nobody(COPY, str(fleet.root))

        assert ran.err == f"✗ ../web/{closed} cannot be read: permission denied\n"
        assert ran.code == 2
        assert fleet.files() == before


def test_a_killed_copy_is_finished_by_the_same_command(repository: Make) -> None:
    fleet, done = repository(), repository(name="other")
    folder(fleet, config_yaml=CONFIG, more__job_yaml=CONFIG.replace("ConfigMap", "Job"))
    words = (*COPY, "-n", "team", "--create-namespace", "-e", "prod")
    done.run(*words)

    for number in kills(fleet, words):
        fleet.run(*words)
        assert fleet.files() == done.files(), f"killed before effect {number}"
        fleet.git("clean", "-qfdx")


def test_killed_between_app_and_tenant_sync_alone_goes_on(repository: Make) -> None:
    fleet, words = repository(), (*IMAGE, "-n", "team", "--create-namespace")

    for number in kills(fleet, words):
        fleet.run("sync")
        assert fleet.run("check").code == 0, f"killed before effect {number}"
        fleet.git("clean", "-qfdx")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*WEB, "--image", "nginx"), "--image nginx: must be NAME:TAG"),
        ((*WEB, "--image", "localhost:5000/nginx"), "--image localhost:5000/nginx: must be NAME:TAG"),
        ((*WEB, "--image", "Nginx:1"), "app `web`: `image.name` must be an image without its tag"),
        ((*WEB, "--image", "nginx:a b"), "app `web`: `image.tag` must be a tag"),
        ((*IMAGE, "--tag", "1"), "--tag of --image is for one environment: ENV=TAG"),
        ((*IMAGE, "--replicas", "x"), "--replicas x: must be a whole number"),
        ((*IMAGE, "--replicas", "-1"), "--replicas -1: must be a whole number"),
        ((*IMAGE, "--replicas", "9999999999"), "app `web`: `image.replicas` "),
        ((*IMAGE, "--port", "0"), "app `web`: `image.port` "),
        ((*IMAGE, "--values", "x"), "--values does not go with --image"),
        ((*GIT, "--port", "1"), "--port does not go with --git"),
        ((*GIT, "--digest", DIGEST), "--digest does not go with --git"),
        ((*GIT, "--insecure"), "--insecure does not go with --git"),
        ((*OCI, "--branch", "x"), "--branch does not go with --oci"),
        ((*OCI, "--digest", "abc"), "app `web`: `oci.ref.digest` must be a digest"),
        ((*OCI, "--tag", "a", "--semver", "1.x"), "app `web`: `oci.ref` takes one of branch, tag"),
        ((*OCI, "--provider", "ibm"), "app `web`: `oci.provider` "),
        ((*WEB, "--oci", "ghcr.io/acme/web"), "app `web`: `oci.url` must be a URL that starts with oci://"),
        ((*WEB, "--oci", "oci://ghcr.io/acme/web:1"), "app `web`: `oci.url` must end in the artifact's path"),
        ((*WEB, "--bucket", "web"), "--endpoint is missing: the object store of --bucket"),
        ((*BUCKET[:-1], "https://s3"), "app `web`: `bucket.endpoint` must be a host"),
        ((*BUCKET, "--tag", "x"), "--tag does not go with --bucket"),
        ((*GIT, "--health-check", "web"), "--health-check web: must be KIND/NAME"),
        ((*GIT, "--health-check", "Job/x", "--wait"), "app `web`: takes `wait: true` or `healthChecks`"),
        ((*GIT, "--substitute", "A"), "--substitute A: must be NAME=VALUE"),
        ((*GIT, "--substitute", "a-b=c"), "app `web`: `postBuild.substitute"),
        ((*GIT, "--substitute-from", "Deployment/a"), "app `web`: `postBuild.substituteFrom[0].kind` "),
        ((*GIT, "--target-namespace", "nowhere"), "app `web`: the namespace `nowhere` is no tenant"),
        ((*CHART, "--target-namespace", ""), 'app `web`: `targetNamespace: ""` is for manifests'),
        ((*CHART, "--crds", "skip"), "app `web`: `crds` "),
        ((*GIT, "--cluster", "prod1"), "app `web`: unknown cluster `prod1`; did you mean `prod-1`?"),
        ((*GIT, "--cluster", "prod-1", "--tag", "dev=x"), "app `web`: the app is not in environment `dev`"),
        ((*GIT, "--patch", "nowhere.yaml"), "--patch nowhere.yaml cannot be read: no such file"),
        ((*IMAGE, "-n", "default"), "app `web`: the namespace `default` is no tenant"),
    ],
)
def test_what_flags_cannot_mean_is_told_in_one_line_and_nothing_is_written(
    repository: Make, words: tuple[str, ...], said: str
) -> None:
    assert said_by(repository(), *words).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "app `web`: `patches[0].patch` must not be empty"),
        ("# nothing\n", "app `web`: `patches[0]` is no patch: it is empty"),
        ("a: [\n", "app `web`: `patches[0]` is no patch: in its line 2, "),
        ("just text\n", "app `web`: `patches[0]` is neither a merge patch nor a list of operations"),
        ("data: {a: b}\n", "app `web`: `patches[0]` needs apiVersion, kind and metadata.name"),
        ("- op: remove\n  path: /a\n", "app `web`: `patches[0]` needs a `target`"),
        ("[{op: remove, path: /a}]\n", "app `web`: `patches[0]` begins with [, so it must be JSON"),
        ("- op: delete\n  path: /a\n", "app `web`: `patches[0]` is neither"),
    ],
)
def test_a_patch_that_kustomize_would_refuse_is_refused(repository: Make, text: str, said: str) -> None:
    fleet = repository()
    fleet.write("../patch.yaml", text)

    assert said_by(fleet, *GIT, "--patch", "../patch.yaml").startswith(said)
