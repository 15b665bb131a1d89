"""How the daily commands grow with apps and clusters: `python benchmarks/fleet.py [--apps N] [--clusters N ...]`.

`--write` puts the tables into benchmarks/README.md, as run.py does with its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from run import AUTHOR, COMMIT, ENVIRONMENTS, HERE, NEW_APP, git, scaffolder, seconds

BEGIN, END = "<!-- fleet -->\n", "<!-- end of fleet -->\n"
APPS, CLUSTERS = 1000, (40, 200, 1000)
BESIDE = 40  # clusters, beside many apps
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n"
SOURCES = {
    "chart": NEW_APP[2:],
    "chart, OCI": ("--chart", "oci://registry.example.com/charts/new", "--version", "1.0.0"),
    "Git": ("--git", "https://git.example.com/new.git", "--tag", "prod=v1.0.0"),
    "OCI artifact": ("--oci", "oci://registry.example.com/new", "--semver", "1.x"),
    "bucket": ("--bucket", "new", "--endpoint", "s3.example.com"),
    "manifests": ("--manifests", "../manifests"),
    "image": ("--image", "nginx:1.27.0", "--port", "80", "--replicas", "prod=3"),
    "image, one cluster": ("--image", "nginx:1.27.0", "--cluster", "prod-0001"),
}


def repository(scratch: Path, apps: int, clusters: int) -> Path:
    """The documents, rendered nowhere yet: `sync` renders them for the first time."""
    documents = ["kind: platform\nname: bench\ndomain: example.com\nvariables: {REGION: eu}\n"]
    documents += [f"kind: environment\nname: {name}\n" for name in ENVIRONMENTS]
    given, root = scratch / "given.yaml", scratch / "repository"
    given.write_text("---\n".join(documents))
    seconds(*scaffolder("new", str(root), "--file", str(given), *AUTHOR), at=scratch, runs=1)
    for kind in ("apps", "clusters"):
        (root / "gitops" / kind).mkdir(parents=True)
    for number in range(apps):
        (root / f"gitops/apps/app-{number:05}.yaml").write_text(
            f"kind: app\nname: app-{number:05}\nchart: {{name: a, url: https://charts.example.com, version: 6.3.5}}\n"
            "overlays: {prod: {version: 6.3.4}}\n"
        )
    for number in range(clusters):
        environment = ENVIRONMENTS[number % len(ENVIRONMENTS)]
        (root / f"gitops/clusters/{environment}-{number:04}.yaml").write_text(
            f"kind: cluster\nname: {environment}-{number:04}\nenvironment: {environment}\n"
            f"variables: {{REGION: r{number % 9}}}\n"
        )
    (root / "gitops/clusters/prod-0001.yaml").write_text("kind: cluster\nname: prod-0001\nenvironment: prod\n")
    (scratch / "manifests").mkdir()
    (scratch / "manifests/config.yaml").write_text(MANIFEST)
    return root


def clean(root: Path) -> None:
    git(root, "reset", "-q", "--hard")
    git(root, "clean", "-qfd")


def of_apps(apps: int) -> Iterator[str]:
    """Each source, and `list`, in one repository."""
    with tempfile.TemporaryDirectory() as folder:
        root = repository(Path(folder), apps, BESIDE)
        seconds(*scaffolder("sync"), at=root, runs=1)
        seconds("bash", "-c", COMMIT, at=root, runs=1)
        for source, flags in SOURCES.items():
            words = scaffolder("add-app", "new", *flags)
            yield f"| `add-app`, {source} | {seconds(*words, at=root, prepare=lambda: clean(root)):.2f} |"
        clean(root)
        yield f"| `list` | {seconds(*scaffolder('list'), at=root):.2f} |"
        yield f"| `list --output json` | {seconds(*scaffolder('list', '--output', 'json'), at=root):.2f} |"


def of_clusters(clusters: int) -> str:
    """The first render of clusters, and one more of them."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        root, state = repository(scratch, 0, clusters), scratch / "state"
        shutil.copytree(root, state)

        def unrendered() -> None:
            shutil.rmtree(root)
            shutil.copytree(state, root)

        first = seconds(*scaffolder("sync"), at=root, prepare=unrendered)
        seconds("bash", "-c", COMMIT, at=root, runs=1)
        words = scaffolder("add-cluster", "new", "--environment", "prod")
        added = seconds(*words, at=root, prepare=lambda: clean(root))
        return f"| {clusters:,} | {first:.2f} | {1000 * first / clusters:.1f} | {added:.2f} |"


def tables(apps: int, clusters: list[int]) -> str:
    lines = [f"In a repository of {apps:,} apps and {BESIDE} clusters:", "", "| what | seconds |", "|---|---:|"]
    for line in of_apps(apps):
        print(line, file=sys.stderr)
        lines.append(line)
    lines += ["", "| clusters | first render, s | ms a cluster | `add-cluster`, s |", "|---:|---:|---:|---:|"]
    for count in clusters:
        lines.append(of_clusters(count))
        print(lines[-1], file=sys.stderr)
    return "\n".join(lines) + "\n"


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--apps", type=int, default=APPS)
    cli.add_argument("--clusters", nargs="*", type=int, default=list(CLUSTERS))
    cli.add_argument("--write", action="store_true")
    asked = cli.parse_args()
    os.environ |= {"https_proxy": "http://127.0.0.1:9", "GIT_CONFIG_GLOBAL": os.devnull}
    os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "gc.auto", "GIT_CONFIG_VALUE_0": "0"}  # none beside it
    os.environ |= {f"GIT_{who}_{what}": "b@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    figures = tables(asked.apps, asked.clusters)
    print(figures)
    if asked.write:
        head, _, rest = (HERE / "README.md").read_text().partition(BEGIN)
        (HERE / "README.md").write_text(head + BEGIN + figures + END + rest.partition(END)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
