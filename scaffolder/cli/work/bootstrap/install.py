"""`--apply`: what `flux bootstrap` does on the cluster once its commits are pushed, in its order and its words."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from scaffolder.bridge import kustomize
from scaffolder.bridge.builder import FREE, Builder
from scaffolder.cli.work.bootstrap.secretfile import SecretFile, Written, tell_host_keys, written
from scaffolder.cli.work.bootstrap.target import KUSTOMIZATION, REPOSITORY, Target, target
from scaffolder.cli.work.questions import possible
from scaffolder.errors import ClusterError
from scaffolder.kube.kubectl import DEFINITIONS
from scaffolder.kube.manifests import DEFINITION, Stages, stages
from scaffolder.kube.secret import Credentials, credentials
from scaffolder.kube.status import condition, rolling, unready
from scaffolder.kube.waiting import Deadline
from scaffolder.report import Made

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.bootstrap.asked import Asked
    from scaffolder.kube.kubectl import Kubectl, Object
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source

Verb = Literal["created", "updated", "unchanged"]
REQUEST: Final = "reconcile.fluxcd.io/requestedAt"


def aims(console: Console, spec: Spec, asked: Asked) -> tuple[Target | None, Written | None]:
    """The cluster to install on, or the file for its secret; without `--apply` and `--secret-file`, neither."""
    if isinstance(asked.apply, SecretFile):
        return None, written(console, spec, asked, asked.apply)
    return (target(console, spec, asked, asked.apply) if asked.apply else None), None


def foreseen(found: Target) -> tuple[Made, ...]:
    """What `install` is going to do, from looking alone."""
    known = found.sync()
    flux: Verb = "unchanged" if known else "created"
    return (
        Made(action=flux, kind="components", name=found.namespace),
        *_of_pull_secret(found),
        Made(action=_of_secret(found, found.credentials()), kind="secret", name=found.secret),
        Made(action=flux, kind="sync", name=found.namespace),
    )


def install(found: Target, source: Source, commit: str) -> None:
    """Brings Flux to the cluster, and waits until it follows the commit; may be repeated.

    Args:
        found: the cluster.
        source: the files of the commit.
        commit: its full hash, pushed already.

    Raises:
        ClusterError: something is refused, or is not well in time.
    """
    deadline = Deadline(found.apply.timeout, found.console.step)
    builder = Builder((*found.kubectl.words[:1], "kustomize", *FREE))
    parts = stages(kustomize.build(builder, kustomize.gather(source, found.home), found.home))
    known = found.sync() or {}
    fresh = not known.get("status", {}).get("lastAppliedRevision")
    if fresh:
        found.console.step(f'installing components in "{found.namespace}" namespace')
        _apply(found, deadline, parts)
        found.console.done("installed components")
    _reconcile_pull_secret(found)
    found.console.done("reconciled components")
    _reconcile_secret(found)
    found.console.step("applying sync manifests")
    if not fresh:
        _apply(found, deadline, parts)
    found.kubectl.apply(parts.sync)
    found.console.done("reconciled sync configuration")
    _wait(found, deadline, commit)


def _apply(found: Target, deadline: Deadline, parts: Stages) -> None:
    found.kubectl.apply(parts.first)
    if problem := deadline.until(lambda: _unestablished(found.kubectl)):
        raise ClusterError(problem)
    found.kubectl.apply(parts.components)


def _unestablished(kubectl: Kubectl) -> str:
    definitions = kubectl.find([DEFINITIONS], "--selector=app.kubernetes.io/part-of=flux")
    waiting = [
        each["metadata"]["name"] for each in definitions if condition(each, "Established").get("status") != "True"
    ]
    return f"{DEFINITION} {waiting[0]} is not established" if waiting else ""


def _of_pull_secret(found: Target) -> tuple[Made, ...]:
    wanted, name = found.pull_secret, found.install.image_pull_secret
    if wanted is None:
        return ()
    known = found.kubectl.get("secrets", name, found.namespace)
    action: Verb = "created" if known is None else "unchanged" if known.get("data") == wanted.encoded else "updated"
    return (Made(action=action, kind="image pull secret", name=f"{found.namespace}/{name}"),)


def _reconcile_pull_secret(found: Target) -> None:
    if wanted := found.pull_secret:
        name = found.install.image_pull_secret
        found.kubectl.apply(wanted.manifest(name, found.namespace))
        found.console.done(f"reconciled image pull secret {name}")


def _of_secret(found: Target, known: Object | None) -> Verb:
    if known is None:
        return "created"
    if _is_kept(found, known):
        return "unchanged"
    return "unchanged" if not found.loan and known.get("data") == _credentials(found).encoded else "updated"


def _is_kept(found: Target, known: Object) -> bool:
    """Whether a secret stays as it is: the flags say nothing that could be in it, or what was lent still works."""
    if found.url.startswith("ssh://"):
        return found.access.private_key is None
    if found.loan:
        authority = found.access.ca_file.read_text(encoding="utf-8") if found.access.ca_file else ""
        return _said(known, "ca.crt") == authority and found.loan.works(_said(known, "username"))
    return not (found.access.password or found.access.ca_file)


def _said(secret: Object, key: str) -> str:
    """What a secret has under a key, or nothing."""
    return base64.b64decode(secret.get("data", {}).get(key, "")).decode()


def _credentials(found: Target) -> Credentials:
    access = replace(found.loan.renewed(), ca_file=found.access.ca_file) if found.loan else found.access
    return credentials(found.url, access, found.apply.keys)


def _reconcile_secret(found: Target) -> None:
    """Makes the secret unless it is there and the flags say nothing that could be in it."""
    console = found.console
    console.step(f'determining if source secret "{found.secret}" exists')
    known = found.credentials()
    if known and _is_kept(found, known):
        public = _said(known, "identity.pub")
        if found.grant and public:
            found.grant(public)  # somebody may have taken it back
        console.done("source secret up to date")
        return
    console.step("generating source secret")
    made = _credentials(found)
    tell_host_keys(console, made)
    if found.grant and made.public_key:  # first: of a run that is killed after it, the next one replaces the key
        console.done(f"public key: {made.public_key}")
        found.grant(made.public_key)
    console.step(f'applying source secret "{found.secret}"')
    found.kubectl.apply(made.manifest(found.spec.platform.flux.secret_name, found.namespace))
    console.done("reconciled source secret")
    if made.public_key and not (found.access.private_key or found.grant):
        _tell(found, made)


def _tell(found: Target, made: Credentials) -> None:
    """Shows the new key, and goes on when somebody says that it may read the repository."""
    found.console.done(f"public key: {made.public_key}")
    if found.silent:
        return
    if possible(found.console):
        said = input("Please give the key access to your repository, then type y: ")
        if said.strip().lower() in {"y", "yes"}:
            return
    message = f"the cluster's key may not read {found.url} yet: {made.public_key}"
    raise ClusterError(message, hint="give the key access to the repository, then run this again")


def _wait(found: Target, deadline: Deadline, commit: str) -> None:
    """Flux's three waits; what is not well in the end is told together."""
    namespace, revision = found.namespace, f"{found.spec.platform.repository.branch}@sha1:{commit}"
    problems = [
        _reconciled(found, deadline, "GitRepository", REPOSITORY, lambda each: _fetched(each, revision)),
        _reconciled(found, deadline, "Kustomization", KUSTOMIZATION, lambda each: _applied(each, revision)),
    ]
    found.console.step("confirming components are healthy")
    for component in sorted(found.install.components):
        problem = deadline.until(partial(_unhealthy, found.kubectl, component, namespace))
        problems.append(f"{component}: {problem}" if problem else "")
        if not problem:
            found.console.done(f"{component}: deployment ready")
    if failed := [problem for problem in problems if problem]:
        hint = f"`flux get all --namespace {namespace}` shows more; then run this again"
        raise ClusterError(
            f"bootstrap failed with {len(failed)} health check failure(s): {'; '.join(failed)}", hint=hint
        )
    found.console.done("all components are healthy")


def _reconciled(found: Target, deadline: Deadline, kind: str, resource: str, problem: Callable[[Object], str]) -> str:
    namespace = found.namespace
    title = f'{kind} "{namespace}/{namespace}"'
    found.console.step(f"waiting for {title} to be reconciled")
    found.kubectl.annotate(resource, namespace, namespace, f"{REQUEST}={time.time_ns()}")

    def look() -> str:
        each = found.kubectl.get(resource, namespace, namespace)
        return problem(each) if each else "it is gone"

    if left := deadline.until(look):
        return f"{title}: {left}"
    found.console.done(f"{kind} reconciled successfully")
    return ""


def _fetched(each: Object, revision: str) -> str:
    found = each.get("status", {}).get("artifact", {}).get("revision", "nothing")
    return unready(each) or ("" if found == revision else f"it has fetched {found}, not {revision}")


def _applied(each: Object, revision: str) -> str:
    found = each.get("status", {}).get("lastAttemptedRevision", "nothing")
    return unready(each) or ("" if found == revision else f"it has tried {found}, not {revision}")


def _unhealthy(kubectl: Kubectl, name: str, namespace: str) -> str:
    found = kubectl.get("deployments.apps", name, namespace)
    return rolling(found) if found else "deployment not found"
