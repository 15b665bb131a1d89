"""The same work by Copier: as many files of each app, out of one template that loops over the apps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

FILES = 17  # of each app, as ours
MANY = 100  # apps: beside more, one update is enough, as each takes minutes
COPIER = (sys.executable, "-m", "copier")
ASKED = "apps: {type: yaml, default: []}\n_subdirectory: template\n"
BODY = "kind: File\nmetadata:\n  name: part\nspec:\n" + "".join(f"  field{number}: value\n" for number in range(15))
PATH = "{% yield app from apps %}{{ app }}{% endyield %}.yaml.jinja"
ANSWERS = "{{ _copier_answers | to_nice_yaml }}"


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def template(root: Path) -> None:
    """A template with two versions; the second one changes a line of every file."""
    files = root / "template"
    for version in ("v1", "v2"):
        for number in range(FILES):
            (files / f"part-{number}").mkdir(parents=True, exist_ok=True)
            (files / f"part-{number}" / PATH).write_text(f"# {version}: {{{{ app }}}}\n{BODY}")
        (files / "{{ _copier_conf.answers_file }}.jinja").write_text(ANSWERS)
        (root / "copier.yml").write_text(ASKED)
        if version == "v1":
            git(root, "init", "-q")
        git(root, "add", "-A")
        git(root, "commit", "-qm", version)
        git(root, "tag", version)


def figures(apps: int, scratch: Path, seconds: Callable[..., float]) -> dict[str, float]:
    """Seconds by what is done."""
    source, root = scratch / "copier-template", scratch / "copied"
    source.mkdir()
    template(source)
    names = [f"app-{number:05}" for number in range(apps)]
    for file, given in (("apps.yml", names), ("more.yml", [*names, "new"])):
        (scratch / file).write_text(f"apps: [{', '.join(given)}]\n")
    copy = (*COPIER, "copy", "--defaults", "--quiet", "--vcs-ref", "v1", "--data-file", str(scratch / "apps.yml"))
    found = {"first render": seconds(*copy, str(source), str(root), at=scratch, runs=1)}
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")

    def clean() -> None:
        git(root, "reset", "-q", "--hard")
        git(root, "clean", "-qfd")

    update = (*COPIER, "update", "--defaults", "--quiet", "--vcs-ref")
    updates = {
        "`add-app`": ("v1", "--data-file", str(scratch / "more.yml")),
        "no-op `sync`": ("v1",),
        "template update": ("v2",),
    }
    for what, words in list(updates.items())[: 1 if apps > MANY else None]:
        found[what] = seconds(*update, *words, at=root, prepare=clean, runs=1)
    return found
