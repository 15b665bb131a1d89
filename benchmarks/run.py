"""How long the daily commands take, beside what they cannot be faster than: `python benchmarks/run.py [APPS ...]`.

Every figure is the best of a few runs of a whole process on this machine, so only the ratios travel. `--write` puts
the table into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import beside_copier

from scaffolder.releases import versions

HERE = Path(__file__).parent
ENVIRONMENTS = ("dev", "test", "staging", "prod")
SIZES = (10, 100, 1000)
LARGE = 10_000  # apps: only ours, each once
BESIDE_COPIER = 1000  # apps; more would take Copier an hour and longer
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
COMMIT = "git add -A && git commit -qm x"
AUTHOR = ("--author-name", "bench", "--author-email", "bench@example.com")
NEW_APP = ("add-app", "new", "--chart", "new", "--repo", "https://charts.example.com", "--version", "1.0.0")

PLAIN_JINJA = """
import functools, json, pathlib, sys, jinja2
env = jinja2.Environment(
    loader=jinja2.FileSystemLoader("/"), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
@functools.cache
def files(root):
    found = [file for file in root.rglob("*") if file.is_file()]
    paths = [str(file.relative_to(root)).removesuffix(".jinja") for file in found]
    return [(env.from_string(path), env.get_template(str(file))) for path, file in zip(paths, found)]
for folder, inputs in json.load(open(sys.argv[1])):
    for path, text in files(pathlib.Path(folder, "template")):
        if all((place := path.render(inputs)).split("/")):
            target = pathlib.Path(sys.argv[2], place)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.render(inputs))
"""

INPUTS = """
import json, pathlib, sys
from scaffolder.apply import WorkTree
from scaffolder.render.inputs import inputs
from scaffolder.render.units import all_units
from scaffolder.spec.load import Spec
from scaffolder.releases import home
spec = Spec(WorkTree(pathlib.Path("."), pathlib.Path(".git")))
json.dump([(str(home() / unit.template), inputs(spec, unit)) for unit in all_units(spec)], sys.stdout)
"""


@dataclass(frozen=True)
class Row:
    """What was done and in how many seconds, and what stands beside it."""

    what: str
    ours: float
    beside: str
    theirs: float


def seconds(*words: str, at: Path, prepare: Callable[[], object] = lambda: None, runs: int = 3) -> float:
    """The shortest of a few runs of a command."""
    found = []
    for _ in range(runs):
        prepare()
        start = time.perf_counter()
        subprocess.run(words, cwd=at, check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return min(found)


def peak(*words: str, at: Path) -> tuple[float, float]:
    """Seconds and megabytes of one run."""
    start = time.perf_counter()
    with subprocess.Popen(words, cwd=at, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, words)
    return time.perf_counter() - start, used.ru_maxrss / 1024


def scaffolder(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "scaffolder", *words)


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)


def committed(root: Path) -> float:
    """Commits what is in the work tree, and says how long that alone takes."""
    before = root.parent / "git"
    shutil.copytree(root / ".git", before)

    def uncommitted() -> None:
        shutil.rmtree(root / ".git")
        shutil.copytree(before, root / ".git")

    found = seconds("bash", "-c", COMMIT, at=root, prepare=uncommitted)
    shutil.rmtree(before)
    return found


def bare_platform(root: Path, apps: int) -> None:
    """A repository in which nothing but the platform is rendered, and the documents of many apps."""
    documents = ["kind: platform\nname: bench\ndomain: example.com\n"]
    documents += [f"kind: environment\nname: {name}\n" for name in ENVIRONMENTS]
    documents += [f"kind: cluster\nname: {name}-1\nenvironment: {name}\n" for name in ENVIRONMENTS]
    source = root.parent / "gitops.yaml"
    source.write_text("---\n".join(documents))
    subprocess.run(scaffolder("new", str(root), "--file", str(source), *AUTHOR), check=True, capture_output=True)
    (root / "gitops/apps").mkdir(parents=True)
    for number in range(apps):
        (root / f"gitops/apps/app-{number:05}.yaml").write_text(
            f"kind: app\nname: app-{number:05}\n"
            "chart:\n  name: podinfo\n  url: https://stefanprodan.github.io/podinfo\n  version: 6.3.5\n"
            f"values:\n  replicaCount: {number % 7}\noverlays:\n  prod:\n    values:\n      replicaCount: 5\n"
        )


def rows(apps: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        root, state, plain = scratch / "repository", scratch / "state", scratch / "plain"
        bare_platform(root, apps)
        shutil.copytree(root, state)

        inputs = scratch / "inputs.json"
        inputs.write_bytes(
            subprocess.run([sys.executable, "-c", INPUTS], cwd=root, check=True, capture_output=True).stdout
        )
        words = (sys.executable, "-c", PLAIN_JINJA, str(inputs), str(plain))
        jinja = seconds(*words, at=root, prepare=lambda: shutil.rmtree(plain, ignore_errors=True))

        def unrendered() -> None:
            shutil.rmtree(root)
            shutil.copytree(state, root)

        first = seconds(*scaffolder("sync"), at=root, prepare=unrendered)
        yield Row("first render", first, "plain Jinja", jinja)
        yield Row("first render", first, "`git add` + `git commit` of it", committed(root))
        nothing = seconds(*scaffolder("sync"), at=root)
        yield Row("no-op `sync`", nothing, "plain Jinja", jinja)

        def without() -> None:
            git(root, "reset", "-q", "--hard")
            git(root, "clean", "-qfd")

        added = seconds(*scaffolder(*NEW_APP), at=root, prepare=without)
        yield Row("`add-app`", added, "`git add` + `git commit` of it", committed(root))

        seconds(*scaffolder("update", "--to", versions()[0]), at=root, runs=1)
        seconds("bash", "-c", COMMIT, at=root, runs=1)
        updated = seconds(*scaffolder("update"), at=root, prepare=without)
        yield Row("template update", updated, "plain Jinja", jinja)
        ours = {"first render": first, "no-op `sync`": nothing, "`add-app`": added, "template update": updated}
        theirs = beside_copier.figures(apps, scratch, seconds) if apps <= BESIDE_COPIER else {}
        for what, time_of_copier in theirs.items():
            yield Row(what, ours[what], "Copier", time_of_copier)


def large(apps: int) -> Iterator[str]:
    """Each command once, with the memory that it took."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "repository"
        bare_platform(root, apps)
        for what, words in {
            "first render": ("sync",),
            "no-op `sync`": ("sync",),
            "`add-app`": NEW_APP,
            "update to the older templates": ("update", "--to", versions()[0]),
        }.items():
            took, memory = peak(*scaffolder(*words), at=root)
            yield f"| {apps:,} | {what} | {took:.2f} | {memory:.0f} MB | | |"


def table(sizes: list[int]) -> str:
    lines = ["| apps | what | seconds | beside, or memory | seconds | ratio |", "|---:|---|---:|---|---:|---:|"]
    for apps in sizes:
        for row in rows(apps):
            ratio = row.ours / row.theirs
            lines.append(f"| {apps:,} | {row.what} | {row.ours:.2f} | {row.beside} | {row.theirs:.2f} | {ratio:.2g} |")
            print(lines[-1], file=sys.stderr)
    for line in large(LARGE) if max(sizes) == max(SIZES) else ():
        lines.append(line)
        print(line, file=sys.stderr)
    ours = seconds(*scaffolder("--help"), at=HERE, runs=15)
    bare = seconds(sys.executable, "-c", "pass", at=HERE, runs=15)
    lines.append(f"| | `--help` | {ours:.3f} | a bare interpreter | {bare:.3f} | {1000 * (ours - bare):+.0f} ms |")
    git_version = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]
    lines += ["", f"Python {platform.python_version()}, git {git_version}, {os.cpu_count()} cores."]
    return "\n".join(lines) + "\n"


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("apps", nargs="*", type=int, default=list(SIZES))
    cli.add_argument("--write", action="store_true")
    asked = cli.parse_args()
    compileall.compile_dir(HERE.parent / "scaffolder", quiet=2)  # as pip does when it installs
    os.environ |= {"https_proxy": "http://127.0.0.1:9", "GIT_CONFIG_GLOBAL": os.devnull}
    os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "gc.auto", "GIT_CONFIG_VALUE_0": "0"}  # none beside it
    os.environ |= {f"GIT_{who}_{what}": "b@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    figures = table(asked.apps)
    print(figures)
    if asked.write:
        head, _, rest = (HERE / "README.md").read_text().partition(BEGIN)
        (HERE / "README.md").write_text(head + BEGIN + figures + END + rest.partition(END)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
