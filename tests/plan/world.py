"""A repository in memory: documents in, plans out, and carried out at once."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from hypothesis import strategies as st

from scaffolder import git, plan
from scaffolder.cli.work.session import checked
from scaffolder.flux.components import Install
from scaffolder.plan import Plan
from scaffolder.render.units import Scope
from scaffolder.tree import File, Memory

PLATFORM = "{kind: platform, name: acme, domain: example.com, flux: {version: v2.9.4}}\n"
ENVIRONMENTS = "{kind: environment, name: dev}\n---\n{kind: environment, name: prod}\n"
CLUSTERS = "{kind: cluster, name: dev-1, environment: dev}\n---\n{kind: cluster, name: prod-1, environment: prod}\n"
WEB = "{kind: app, name: web, chart: {name: web, url: 'https://charts.example.com'}}\n"

RELEASE = "apps/base/web/release.yaml"
GOTK = "clusters/dev/dev-1/flux-system/gotk-components.yaml"
KUSTOMIZATION = "clusters/dev/dev-1/flux-system/kustomization.yaml"

# documents of random fleets: the fields that each may have
CHART = "chart: {name: x, url: 'https://charts.example.com'}"
GIT = "git: {url: 'https://example.com/r'}"
DOCUMENTS = {
    ("cluster", "c1"): ("environment: dev", "environment: prod"),
    ("cluster", "c2"): ("environment: prod", "environment: prod, path: x"),
    ("tenant", "team"): ("environments: [dev, prod]", "environments: [prod]"),
    ("tenant", "web"): ("environments: [dev, prod]",),
    ("environment", "qa"): ("after: dev", "ref: refs/tags/v1"),
    ("app", "web"): (f"environments: [dev, prod], {CHART}", f"environments: [dev, prod], interval: 5m, {CHART}"),
    ("app", "job"): (GIT, f"environments: [dev], {GIT}"),
    ("app", "api"): (
        f"environments: [prod], {CHART}, overlays: {{prod: {{values: {{a: 1}}}}}}",
        f"environments: [prod], namespace: team, {CHART}",
        f"environments: [prod], suspend: true, dependsOn: [{{name: web}}], {CHART}",
    ),
}
choices = st.fixed_dictionaries({key: st.sampled_from((None, *texts)) for key, texts in DOCUMENTS.items()})
Choice = dict[tuple[str, str], str | None]


def document(key: tuple[str, str], fields: str) -> str:
    return f"{{kind: {key[0]}, name: {key[1]}, {fields}}}\n"


@dataclass
class World:
    """`offline` means that Flux's components cannot be had; `asked` is what they were asked for."""

    files: dict[str, File] = field(default_factory=dict)
    offline: bool = False
    asked: list[Install] = field(default_factory=list)

    @classmethod
    def of(cls, *documents: str, offline: bool = False) -> World:
        world = cls(offline=offline)
        world.documents(*(documents or (PLATFORM, ENVIRONMENTS, CLUSTERS, WEB)))
        return world

    def documents(self, *texts: str) -> None:
        self.write("gitops.yaml", "---\n".join(textwrap.dedent(text).lstrip("\n") for text in texts))

    def read(self, path: str) -> str:
        return self.files[path].content.decode()

    def write(self, path: str, text: str) -> None:
        self.files[path] = File(text.encode())

    def edit(self, path: str, old: str, new: str) -> None:
        assert old in self.read(path)
        self.write(path, self.read(path).replace(old, new))

    def prepend(self, path: str, line: str = "# mine\n") -> None:
        self.write(path, line + self.read(path))

    def components(self, install: Install) -> str | None:
        self.asked.append(install)
        return None if self.offline else f"# Flux {install.version} {','.join(install.components)}\n"

    def plan(self, *, scope: Scope | None = None, thorough: bool = False) -> Plan:
        source = Memory(dict(self.files))
        return plan.make(
            checked(source), source, plan.Tools(git.merge_file, self.components), scope=scope, thorough=thorough
        )

    def sync(self, *, scope: Scope | None = None) -> Plan:
        made = self.plan(scope=scope)
        for path, file in effects(made).items():
            self.files.pop(path, None)
            if file is not None:
                self.files[path] = file
        return made


def effects(made: Plan) -> dict[str, File | None]:
    """Every path that a plan writes or (None) deletes."""
    locks = {path: None if lock is None else File(lock) for path, lock in made.locks.items()}
    return {path: change.after for path, change in made.files.items()} | locks
