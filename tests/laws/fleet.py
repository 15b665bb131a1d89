"""A small fleet, and what people do to it at random: commands, documents edited by hand, files edited by hand."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from scaffolder import git, plan, releases
from scaffolder.cli.work.session import checked
from scaffolder.merge import DELETED, EDITED, IN_THE_WAY, WHOLE
from scaffolder.plan.unfinished import OF_PEOPLE, ONE_DELETED
from scaffolder.tree import File, Memory
from tests.laws.scribe import RefusedError, Scribe
from tests.support.place import Place

EDIT = re.compile(rb"(?m)^# edit-\w+\r?\n| # edit-\w+(?=\r?\n)")
MINE = re.compile(r"<{7,} [^\n]*\n.*?={7,}\n(.*?)>{7,} [^\n]*\n", re.DOTALL)
NAMES = {
    "app": ("web", "api", "shop", "job"),
    "environment": ("dev", "staging", "prod"),
    "cluster": ("c1", "c2", "c3"),
    "tenant": ("team", "ops"),
}
SEEDED = {"README.md"}  # written once, then people's own
KEPT = {EDITED, ONE_DELETED, OF_PEOPLE}  # the file stays, and is people's own from then on
KINDS = ("app", "app", "environment", "cluster", "tenant")
Document = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing that somebody does; the numbers choose among what is there at that time."""

    what: str
    kind: str
    i: int
    j: int
    synced: bool


@dataclass
class Fleet:
    """A repository, and what the law must forgive: files of people's own, deleted ones, and kept ones."""

    scribe: Scribe
    author: str = "o"
    own: set[str] = field(default_factory=set)  # names of files that people added
    deleted: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)  # no longer generated, but edited
    count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def root(self) -> Path:
        return self.scribe.root

    def files(self) -> dict[str, bytes]:
        return Place(self.root).files()

    def tree(self) -> dict[str, bytes]:
        """All but documents and locks."""
        return {p: c for p, c in self.files().items() if not p.startswith((".scaffolder/", "gitops"))}

    def edits(self) -> dict[str, str]:
        """Every edit by hand that is there, and where."""
        return {e.decode(): path for path, c in self.tree().items() for e in re.findall(rb"edit-\w+", c)}

    def document(self, kind: str, name: str) -> Document:
        found: Document = yaml.safe_load((self.root / _place(kind, name)).read_bytes())
        return found

    def put(self, document: Document) -> None:
        """A document as people write it: a field a paragraph, so that git merges different fields."""
        text = "\n\n".join(yaml.safe_dump({k: v}, sort_keys=False).strip() for k, v in document.items()) + "\n"
        self.scribe.write(_place(document["kind"], document["name"]), text.encode())

    def names(self, kind: str) -> list[str]:
        return sorted(place.stem for place in (self.root / "gitops" / f"{kind}s").glob("*.yaml"))

    def now(self, path: str) -> str:
        """Where a path is after the renames and moves that the documents state."""
        for app in self.names("app"):
            if old := self.document("app", app).get("formerly"):
                path = re.sub(rf"/{old}(?=/|\.yaml$)", f"/{app}", path)
        for name in self.names("cluster"):
            cluster = self.document("cluster", name)
            if old := cluster.get("movedFrom"):
                path = re.sub(rf"^{old}/", f"clusters/{cluster['environment']}/{name}/", path)
        return path

    def unmerged(self) -> set[str]:
        """What git could not merge."""
        return {line.partition("\t")[2] for line in self.scribe.git("ls-files", "--unmerged").splitlines()}

    def rendered(self) -> dict[str, bytes]:
        """What the documents alone become."""
        documents = {p: File(c) for p, c in self.files().items() if p.startswith("gitops")}
        made = plan.make(checked(Memory(documents)), Memory(documents), plan.Tools(git.merge_file, lambda _: None))
        return {path: change.after.content for path, change in made.files.items() if change.after}

    def do(self, step: Step) -> None:
        """One step, as far as it can be done; what is refused is not done."""
        try:
            told = STEPS[step.what](self, step)
        except RefusedError:
            told = {}
        if step.synced and not told:
            told = self.sync()
        if told:
            self.settle(told)

    def sync(self) -> dict[str, str]:
        """The conflicts that it leaves; none where the documents are such that it refuses."""
        try:
            return self.scribe.run("sync")
        except RefusedError:
            return {}

    def settle(self, told: dict[str, str]) -> None:
        """What a person does about conflicts: takes the template's side of lines, and lets stay what stays."""
        unmerged = self.unmerged()
        for path, why in told.items():
            place = self.root / path
            brought_back = why == ONE_DELETED and path in self.rendered()  # an edit like any other from then on
            stays = why in KEPT and not brought_back
            assert not stays or self.now(path) not in self.rendered(), f"{path} has moved, its edits have not"
            if stays:
                self.kept.add(path)
            elif why == DELETED:
                self.deleted.add(path)
            elif why in {IN_THE_WAY, WHOLE} and place.is_file():
                self.scribe.remove(path)
            elif place.is_file():
                self.scribe.write(path, MINE.sub(r"\1", place.read_text(encoding="utf-8")).encode())
            if path in unmerged:
                self.scribe.git("add", "--all", path)
        left = {path: why for path, why in self.sync().items() if why not in KEPT}
        assert not left, f"solved, and still there: {left}"


def _place(kind: str, name: str) -> str:
    return f"gitops/{kind}s/{name}.yaml"


Told = dict[str, str]


def _add(fleet: Fleet, step: Step) -> Told:
    name, environments = NAMES[step.kind][step.i % len(NAMES[step.kind])], fleet.names("environment")
    environment = environments[step.j % len(environments)]
    options = {
        "app": ["--chart", f"oci://ghcr.io/acme/{name}", *(["-e", environment] if step.j % 3 == 0 else [])],
        "environment": ["--after", environment],
        "cluster": ["--environment", environment],
        "tenant": ["-e", environment] if step.j % 2 else [],
    }
    return fleet.scribe.run(f"add-{step.kind}", name, *options[step.kind])


def _remove(fleet: Fleet, step: Step) -> Told:
    names = fleet.names(step.kind)
    return fleet.scribe.run("remove", step.kind, names[step.i % len(names)], "--force") if names else {}


def _edit(fleet: Fleet, step: Step) -> Told:
    """Changes one field of a document."""
    kind = "platform" if step.j % 7 == 0 else step.kind
    names, environments = fleet.names(kind), fleet.names("environment")
    if not names:
        return {}
    document = fleet.document(kind, names[step.i % len(names)])
    environment = environments[step.j % len(environments)]
    level = {"LOG_LEVEL": ("debug", "warn", "error")[step.j % 3]}
    fields: dict[str, list[Document]] = {
        "app": [
            {"interval": ("5m", "10m", "30m")[step.j % 3]},
            {"environments": environments[: 1 + step.j % len(environments)]},
            {"values": {"replicas": step.j}},
            {"overlays": {environment: {"values": {"replicas": step.j}}}},
        ],
        "environment": [{"domain": f"{step.j % 3}.example.com"}, {"variables": level}],
        "cluster": [{"domain": f"{step.j % 3}.example.net"}, {"variables": level}],
        "tenant": [{"environments": environments[: 1 + step.j % len(environments)]}],
        "platform": [{"domain": f"{step.j % 3}.example.org"}, {"variables": level}],
    }
    fleet.put(document | fields[kind][step.i % len(fields[kind])])
    return {}


def _rename(fleet: Fleet, step: Step) -> Told:
    apps = fleet.names("app")
    known = {*apps, *(fleet.document("app", app).get("formerly") for app in apps)}
    free = [name for name in NAMES["app"] if name not in known]
    if not apps or not free:
        return {}
    document = fleet.document("app", apps[step.i % len(apps)])
    fleet.scribe.remove(_place("app", document["name"]))
    fleet.put(document | {"name": free[step.j % len(free)], "formerly": document["name"]})
    fleet.deleted |= {fleet.now(path) for path in fleet.deleted}
    return {}


def _move(fleet: Fleet, step: Step) -> Told:
    clusters, environments = fleet.names("cluster"), fleet.names("environment")
    if not clusters:
        return {}
    name = clusters[step.i % len(clusters)]
    if "movedFrom" in fleet.document("cluster", name):
        return fleet.scribe.run("move", name, "--finish")
    told = fleet.scribe.run("move", name, "--to", environments[step.j % len(environments)])
    fleet.deleted |= {fleet.now(path) for path in fleet.deleted}
    return told


def _update(fleet: Fleet, step: Step) -> Told:
    versions = releases.versions()
    return fleet.scribe.run("update", "--to", versions[step.i % len(versions)])


def _hand(fleet: Fleet, step: Step) -> tuple[str, str, list[bytes]] | None:
    """A file for somebody's hands: its path, the name of the edit, and its lines."""
    tree = fleet.tree()
    paths = sorted(path for path in tree if Path(path).name not in {*fleet.own, *SEEDED})
    if not paths:
        return None
    path = paths[(step.i * 17 + step.j) % len(paths)]
    return path, f"edit-{fleet.author}{next(fleet.count)}", tree[path].splitlines(keepends=True)


def _insert(fleet: Fleet, step: Step) -> Told:
    if found := _hand(fleet, step):
        path, edit, lines = found
        lines.insert(step.j % (len(lines) + 1), f"# {edit}\n".encode())
        fleet.scribe.write(path, b"".join(lines))
    return {}


def _change(fleet: Fleet, step: Step) -> Told:
    found = _hand(fleet, step)
    if found and found[2]:
        path, edit, lines = found
        at = step.j % len(lines)
        if b"edit-" not in lines[at]:
            lines[at] = lines[at].rstrip(b"\n") + f" # {edit}\n".encode()
            fleet.scribe.write(path, b"".join(lines))
    return {}


def _delete(fleet: Fleet, step: Step) -> Told:
    if found := _hand(fleet, step):
        fleet.deleted.add(found[0])
        fleet.scribe.remove(found[0])
    return {}


def _own(fleet: Fleet, step: Step) -> Told:
    if found := _hand(fleet, step):
        path, edit, _ = found
        fleet.own.add(f"{edit}.yaml")
        fleet.scribe.write(posixpath.join(posixpath.dirname(path), f"{edit}.yaml"), f"own: {edit}\n".encode())
    return {}


def _elsewhere(fleet: Fleet, step: Step) -> Told:
    """Moves a generated file beside itself, under a name of a person's own."""
    if found := _hand(fleet, step):
        path, edit, lines = found
        fleet.own.add(f"{edit}.yaml")
        fleet.deleted.add(path)
        fleet.scribe.write(posixpath.join(posixpath.dirname(path), f"{edit}.yaml"), b"".join(lines))
        fleet.scribe.remove(path)
    return {}


STEPS: dict[str, Callable[[Fleet, Step], Told]] = {
    "add": _add,
    "remove": _remove,
    "edit": _edit,
    "rename": _rename,
    "move": _move,
    "update": _update,
    "insert": _insert,
    "change": _change,
    "delete": _delete,
    "own": _own,
    "elsewhere": _elsewhere,
}
OFTEN = ("add", "add", "edit", "edit", "edit", "insert", "change")


def steps(random: Random, most: int) -> list[Step]:
    """Some steps; what is done often is there more often."""
    return [
        Step(
            random.choice((*STEPS, *OFTEN)),
            random.choice(KINDS),
            random.randrange(40),
            random.randrange(24),
            random.random() < 0.6,
        )
        for _ in range(random.randint(1, most))
    ]
