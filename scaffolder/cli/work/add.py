"""One new document, and what follows from it; asked for again, the same command finishes or does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Session
from scaffolder.errors import DocumentError, UsageError
from scaffolder.spec.load import Spec, own_file
from scaffolder.spec.rules import environments_of
from scaffolder.spec.write import added
from scaffolder.tree import Memory
from scaffolder.yamlio import YamlError, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.cli.console import Console
    from scaffolder.report import Report


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


def add_app(console: Console, *, asked: App, dry_run: bool) -> Report:
    """Adds an app."""
    session = Session.open(console)
    known = Spec(session.tree).names("environment")
    base, overlays = _source(asked, known)
    values = _values(asked, known)
    for environment, found in values.items():
        if environment is None:
            base["values"] = found
        else:
            overlays.setdefault(environment, {})["values"] = found
    fields = {
        "namespace": asked.namespace,
        "environments": list(asked.environments),
        "interval": asked.interval,
        "dependsOn": [{"name": name} for name in asked.depends_on],
        **base,
        "overlays": overlays,
    }
    return add(session, "add-app", "app", asked.name, fields, Obtain(console), dry_run=dry_run)


def _source(asked: App, known: Sequence[str]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The source's fields, and by environment what differs of them."""
    if bool(asked.chart) == bool(asked.git):
        raise UsageError("an app has one source: --chart or --git")
    secret = {"secretRef": {"name": asked.secret}} if asked.secret else {}
    if asked.chart:
        return _chart(asked, known, secret)
    return _git(asked, known, secret)


def _chart(
    asked: App, known: Sequence[str], secret: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    _refuse(
        "--chart",
        {
            "--branch": asked.branch,
            "--tag": asked.tags,
            "--semver": asked.semvers,
            "--commit": asked.commit,
            "--path": asked.path,
        },
    )
    chart = asked.chart or ""
    oci = chart.startswith("oci://")
    if oci == bool(asked.repo):
        raise UsageError(
            "--repo is the chart's HTTP repository: " + ("an oci:// chart has none" if oci else "give its URL")
        )
    versions = _by_environment("--version", asked.versions, known)
    fields = {"url": chart} if oci else {"name": chart, "url": asked.repo}
    own = {"version": versions.pop(None)} if None in versions else {}
    overlays = {environment: {"version": version} for environment, version in versions.items() if environment}
    return {"chart": {**fields, **own, **secret}}, overlays


def _git(asked: App, known: Sequence[str], secret: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    _refuse("--git", {"--repo": asked.repo, "--version": asked.versions, "--values": asked.values, "--set": asked.sets})
    refs: dict[str | None, dict[str, str]] = {}
    for kind, given in (("tag", asked.tags), ("semver", asked.semvers)):
        for environment, value in _by_environment(f"--{kind}", given, known).items():
            refs.setdefault(environment, {})[kind] = value
    own = refs.pop(None, {}) | {k: v for k, v in (("branch", asked.branch), ("commit", asked.commit)) if v}
    git: dict[str, Any] = {"url": asked.git, "ref": own or {"branch": "main"}}
    if asked.path:
        git["path"] = asked.path
    return {"git": {**git, **secret}}, {environment: {"ref": ref} for environment, ref in refs.items() if environment}


def _refuse(source: str, flags: dict[str, Any]) -> None:
    for flag, value in flags.items():
        if value:
            raise UsageError(f"{flag} does not go with {source}")


def _by_environment(flag: str, given: Sequence[str], known: Sequence[str]) -> dict[str | None, str]:
    """`prod=1.0` is for one environment, `1.0` for all; a `=` inside a range such as `>=1.0` is neither."""
    found: dict[str | None, str] = {}
    for text in given:
        environment, equals, value = text.partition("=")
        key = environment if equals and environment in known else None
        if equals and key is None and environment.replace("-", "").isalnum():
            raise UsageError(f"{flag} {text}: unknown environment `{environment}`", hint=f"known: {', '.join(known)}")
        if key in found:
            raise UsageError(f"{flag} is given twice for {key or 'all environments'}")
        found[key] = value if key else text
    return found


def _values(asked: App, known: Sequence[str]) -> dict[str | None, dict[str, Any]]:
    found: dict[str | None, dict[str, Any]] = {}
    for environment, file in _by_environment("--values", asked.values, known).items():
        found[environment] = _read_values(Path(file))
    for environment, keys, value in _sets(asked.sets, known):
        _put(found.setdefault(environment, {}), keys, value, asked.name)
    return found


def _read_values(file: Path) -> dict[str, Any]:
    try:
        documents = load(file.read_bytes())
    except OSError as error:
        raise UsageError(f"--values {file} cannot be read: {(error.strerror or '').lower()}") from None
    except YamlError as error:
        raise DocumentError([f"{file}:{error.mark}: {error.message}"]) from None
    if len(documents) > 1 or (documents and not isinstance(documents[0].data, dict)):
        raise DocumentError([f"{file}:1:1: Helm values are one mapping"])
    return dict(documents[0].data) if documents else {}


def _sets(given: Sequence[str], known: Sequence[str]) -> Iterator[tuple[str | None, list[str], Any]]:
    for text in given:
        head, equals, value = text.partition("=")
        environment, colon, key = head.partition(":")
        if not equals or not head:
            raise UsageError(f"--set {text}: must be KEY=VALUE or ENVIRONMENT:KEY=VALUE")
        if colon and environment not in known:
            raise UsageError(f"--set {text}: unknown environment `{environment}`", hint=f"known: {', '.join(known)}")
        keys = (key if colon else head).split(".")
        if not all(keys):
            raise UsageError(f"--set {text}: a key has no empty parts")
        yield (environment if colon else None), keys, _typed(value)


def _typed(text: str) -> Any:
    """A value as Helm's --set reads it: numbers, true and false, null, else text."""
    try:
        documents = load(f"- {text}".encode())
        value = documents[0].data[0] if text else ""
    except (YamlError, IndexError):
        return text
    return value if isinstance(value, bool | int | float) else text


def _put(values: dict[str, Any], keys: Sequence[str], value: Any, name: str) -> None:
    for key in keys[:-1]:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {'.'.join(keys)}: `{key}` of app `{name}` is no mapping")
        values = inner
    values[keys[-1]] = value


def add_cluster(
    console: Console,
    *,
    name: str,
    fields: dict[str, Any],
    variables: list[str] | None,
    manifests: Path | None,
    dry_run: bool,
) -> Report:
    """Adds a cluster; the one command among these that may fetch Flux's components."""
    session = Session.open(console)
    fields = {**fields, "variables": pairs(variables)}
    obtain = Obtain(console, manifests, network=True)
    return add(session, "add-cluster", "cluster", name, fields, obtain, dry_run=dry_run)


def add_environment(
    console: Console, *, name: str, fields: dict[str, Any], variables: list[str] | None, dry_run: bool
) -> Report:
    """Adds an environment."""
    session = Session.open(console)
    fields = {**fields, "variables": pairs(variables)}
    return add(session, "add-environment", "environment", name, fields, Obtain(console), dry_run=dry_run)


def add_tenant(console: Console, *, name: str, environments: list[str], dry_run: bool) -> Report:
    """Adds a tenant."""
    session = Session.open(console)
    return add(session, "add-tenant", "tenant", name, {"environments": environments}, Obtain(console), dry_run=dry_run)


def pairs(given: Sequence[str] | None) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping."""
    found = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--variable {text}: must be NAME=VALUE")
        found[name] = value
    return found


def add(
    session: Session, command: str, kind: str, name: str, fields: dict[str, Any], obtain: Obtain, *, dry_run: bool
) -> Report:
    """Writes the document and what follows; one that is there and says the same is only brought in step."""
    documents = added(kind, name, fields)
    here = Spec(session.tree)
    if (kind, name) in here:
        fresh = Spec(Memory({"gitops.yaml": documents[own_file(kind, name)]}))
        if here[kind, name] != fresh[kind, name]:
            place = here.places[kind, name].file
            raise UsageError(
                f"{kind} `{name}` is there already, and says something else",
                hint=f"edit {place}, then `scaffolder sync`",
            )
        documents = {}
    done = session.change(command, documents, [(kind, name)], dry_run=dry_run, obtain=obtain)
    return done.model_copy(update={"summary": _told(session, kind, name, done, dry_run=dry_run), "next": _next(done)})


def _told(session: Session, kind: str, name: str, done: Report, *, dry_run: bool) -> str:
    if not done.documents and not done.files:
        return f"{kind} `{name}` is there, and in step"
    spec = Spec(session.tree)
    where = ""
    if kind in {"app", "tenant"} and (kind, name) in spec:
        document = spec.app(name) if kind == "app" else spec.tenant(name)
        where = f" in {', '.join(environments_of(spec, document)) or 'no environment yet'}"
    return f"{kind} `{name}` {'would be ' if dry_run else ''}added{where}"


def _next(done: Report) -> tuple[str, ...]:
    if done.dry_run or done.conflicts or not (done.documents or done.files):
        return ()
    return ("git add -A && git commit",)
