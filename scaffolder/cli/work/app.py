"""`add-app`'s flags as the fields of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.cli.work.pairs import EVERYWHERE, by_environment, settings
from scaffolder.errors import DocumentError, UsageError
from scaffolder.yamlio import YamlError, load

Fields = dict[str, Any]
Overlays = dict[str, Fields]  # environment -> what differs there


@dataclass(frozen=True)
class App:
    """An app in flags, as they were given."""

    name: str
    chart: str | None
    repo: str | None
    versions: tuple[str, ...]
    values: tuple[str, ...]
    sets: tuple[str, ...]
    git: str | None
    branch: str | None
    tags: tuple[str, ...]
    semvers: tuple[str, ...]
    commit: str | None
    path: str | None
    secret: str | None
    namespace: str | None
    environments: tuple[str, ...]
    interval: str | None
    depends_on: tuple[str, ...]

    @property
    def secret_ref(self) -> Fields:
        return {"secretRef": {"name": self.secret}} if self.secret is not None else {}


def fields(asked: App, known: Sequence[str]) -> Fields:
    """The document's fields; `known` are the environments that there are."""
    if (asked.chart is None) == (asked.git is None):
        raise UsageError("an app has one source: give --chart or --git")
    source, overlays = _git(asked, known) if asked.chart is None else _chart(asked, asked.chart, known)
    return {
        "namespace": asked.namespace,
        "environments": list(asked.environments),
        "interval": asked.interval,
        "dependsOn": [{"name": name} for name in asked.depends_on],
        **source,
        "overlays": {name: overlays[name] for name in known if name in overlays},
    }


def _chart(asked: App, chart: str, known: Sequence[str]) -> tuple[Fields, Overlays]:
    git_flags = {"--branch": asked.branch, "--tag": asked.tags, "--semver": asked.semvers}
    _refuse("--chart", {**git_flags, "--commit": asked.commit, "--path": asked.path})
    if chart.startswith("oci://"):
        _refuse("an oci:// chart", {"--repo": asked.repo})
        source: Fields = {"url": chart}
    elif asked.repo is None:
        raise UsageError(
            "--repo is missing: the chart's HTTP repository", hint="a chart in a registry is oci://HOST/CHART"
        )
    else:
        source = {"name": chart, "url": asked.repo}
    versions = by_environment("--version", asked.versions, known)
    if EVERYWHERE in versions:
        source["version"] = versions.pop(EVERYWHERE)
    overlays: Overlays = {name: {"version": version} for name, version in versions.items()}
    values = _values(asked, known)
    own = {"values": values.pop(EVERYWHERE)} if EVERYWHERE in values else {}
    for name, found in values.items():
        overlays.setdefault(name, {})["values"] = found
    return {"chart": {**source, **asked.secret_ref}, **own}, overlays


def _git(asked: App, known: Sequence[str]) -> tuple[Fields, Overlays]:
    _refuse("--git", {"--repo": asked.repo, "--version": asked.versions, "--values": asked.values, "--set": asked.sets})
    refs: dict[str, Fields] = {}
    for kind, given in (("tag", asked.tags), ("semver", asked.semvers)):
        for environment, value in by_environment(f"--{kind}", given, known).items():
            refs.setdefault(environment, {})[kind] = value
    own = {"branch": asked.branch, "commit": asked.commit, **refs.pop(EVERYWHERE, {})}
    ref = {key: value for key, value in own.items() if value is not None} or {"branch": "main"}
    path = {"path": asked.path} if asked.path is not None else {}
    return {"git": {"url": asked.git, "ref": ref, **path, **asked.secret_ref}}, {k: {"ref": v} for k, v in refs.items()}


def _refuse(source: str, flags: Mapping[str, Any]) -> None:
    for flag, value in flags.items():
        if value not in (None, ()):
            raise UsageError(f"{flag} does not go with {source}")


def _values(asked: App, known: Sequence[str]) -> dict[str, Fields]:
    """By environment: the values files, and over them what `--set` says."""
    files = by_environment("--values", asked.values, known)
    found = {environment: _read(Path(file)) for environment, file in files.items()}
    for setting in settings(asked.sets, known):
        setting.put(found.setdefault(setting.environment, {}))
    return found


def _read(file: Path) -> Fields:
    try:
        documents = load(file.read_bytes())
    except OSError as error:
        raise UsageError(f"--values {file} cannot be read: {(error.strerror or '').lower()}") from None
    except YamlError as error:
        raise DocumentError([f"{file}:{error.mark}: {error.message}"]) from None
    if len(documents) > 1:
        raise DocumentError([f"{file}:{documents[1].start}: a second document: Helm values are one mapping"])
    if documents and not isinstance(documents[0].data, dict):
        raise DocumentError([f"{file}:{documents[0].start}: Helm values are a mapping"])
    return dict(documents[0].data) if documents else {}
