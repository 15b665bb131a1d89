"""A cluster, through the user's `kubectl`: it knows every way to log in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import ClusterError
from scaffolder.redact import redact

if TYPE_CHECKING:
    from collections.abc import Sequence

Object = dict[str, Any]  # as the API server prints it

DEFINITIONS: Final = "customresourcedefinitions.apiextensions.k8s.io"
MANAGER: Final = "flux"  # whose fields they are; `flux bootstrap` says so too, and the controllers take them over
PATIENCE: Final = 120.0  # seconds for one answer

# what kubectl says -> what it means, and what to do about it
REFUSALS: Final = {
    "current-context is not set": ("no context is chosen", "--context names one of `kubectl config get-contexts`"),
    "getting credentials": (
        "the kubeconfig's program that logs in is missing, or fails",
        "`kubectl get namespaces` has to work first",
    ),
    "must be logged in": ("it does not take these credentials", "log in, until `kubectl get namespaces` works"),
    "Unauthorized": ("it does not take these credentials", "log in, until `kubectl get namespaces` works"),
    "unable to read": (
        "a certificate or key of ours, or its authority's, cannot be read",
        "see --client-certificate, --client-key and --certificate-authority, or the kubeconfig",
    ),
    "certificate": ("its certificate is not trusted", "`kubectl get namespaces` has to work first"),
    "localhost:8080 was refused": ("no kubeconfig says where it is", "--kubeconfig names one, or export KUBECONFIG"),
    "Unable to connect": ("it does not answer", "`kubectl get namespaces` has to work first"),
    "was refused": ("it does not answer", "`kubectl get namespaces` has to work first"),
}
UNKNOWN: Final = ("the server doesn't have a resource type", "could not find the requested resource", "no matches for")


# a server that is restarted, or has too much to do: everything that is asked here may be asked again
PASSING: Final = (
    *("was refused", "connection reset", "unexpected EOF", "i/o timeout", "TLS handshake timeout", "etcdserver:"),
    *("unable to handle the request", "Internal error occurred", "TooManyRequests", "(InternalError)", "(Timeout)"),
)
ATTEMPTS: Final = 4
PAUSE: Final = 1.0  # seconds before the second attempt, twice as long before each further one
NOISE: Final = re.compile(r"Warning:|[EIW]\d{4} |\s*$")  # lines of kubectl's that give no reason
IN_CLUSTER: Final = "in-cluster"  # kubectl in a pod needs no context


@dataclass(frozen=True)
class Kubectl:
    """One cluster: `words` are the program and what it has to be told each time."""

    words: tuple[str, ...]
    context: str
    attempts: int = 1

    @classmethod
    def opened(
        cls, kubeconfig: Path | None = None, context: str | None = None, options: tuple[str, ...] = ()
    ) -> Kubectl:
        """The cluster of a kubeconfig's context, or of the current one; `options` are kubectl's own.

        Raises:
            ClusterError: there is no kubectl, no such context, or no answer.
        """
        program = shutil.which("kubectl")
        if program is None:
            raise ClusterError("kubectl is not on the PATH", hint="install it: this is done through it")
        if kubeconfig is not None and not kubeconfig.is_file():
            raise ClusterError(f"--kubeconfig {kubeconfig}: there is no such file")
        where = (f"--kubeconfig={kubeconfig}",) if kubeconfig else ()
        chosen = (f"--context={context}",) if context else ()
        name = context or _of_options(options) or _current(cls((program, *where), ""))
        opened = cls((program, *where, *chosen, *options), name)
        opened.said("version", "--output=json")
        return replace(opened, attempts=ATTEMPTS)

    def may(self, verb: str, kind: str) -> bool:
        """Whether we have the right to do something with the objects of a kind, everywhere."""
        return self._run(("auth", "can-i", verb, kind, "--all-namespaces", "--quiet"), "").returncode == 0

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """An object; None where it, its namespace or its kind does not exist."""
        text = self._asked("get", kind, name, *_in(namespace), "--ignore-not-found", "--output=json")
        return json.loads(text) if text.strip() else None

    def find(self, kinds: Sequence[str], *options: str) -> list[Object]:
        """The objects of some kinds, in every namespace; of kinds that the cluster does not know, none."""
        served = ",".join(kinds if len(kinds) == 1 else self._served(kinds))
        text = self._asked("get", served, *options, "--all-namespaces", "--output=json") if served else ""
        return list(json.loads(text)["items"]) if text.strip() else []

    def _served(self, kinds: Sequence[str]) -> list[str]:
        """Those kinds that are Kubernetes' own or defined: with another one among them, a request is refused whole."""
        defined = {name.partition("/")[2] for name in self.said("get", DEFINITIONS, "--output=name").split()}
        return [kind for kind in kinds if "." not in kind or kind in defined]

    def apply(self, text: str, *, manager: str = MANAGER) -> None:
        """Objects as YAML; also what others have set is set."""
        words = ("--server-side", "--force-conflicts", f"--field-manager={manager}")
        if text.strip():
            self.said("apply", *words, "--filename=-", stdin=text)

    def delete(self, kind: str, *names: str, namespace: str = "", wait: float = 0) -> bool:
        """Deletes objects that may be gone already; says whether they are gone within `wait` seconds."""
        waiting = ("--wait=true", f"--timeout={wait:.0f}s") if wait else ("--wait=false",)
        try:
            if names:
                self._asked("delete", kind, *names, *_in(namespace), "--ignore-not-found", *waiting)
        except ClusterError as error:
            if "timed out waiting" not in error.message:
                raise
            return False
        return True

    def annotate(self, kind: str, name: str, namespace: str, annotation: str) -> None:
        self.said("annotate", kind, name, *_in(namespace), "--overwrite", annotation)

    def patch(self, kind: str, name: str, namespace: str, change: Object) -> None:
        """A merge patch; of what is gone, none."""
        try:
            self.said("patch", kind, name, *_in(namespace), "--type=merge", "--patch", json.dumps(change))
        except ClusterError as error:
            if "(NotFound)" not in error.message:
                raise

    def _asked(self, *words: str) -> str:
        """Its answer; nothing where the cluster does not know the kind."""
        try:
            return self.said(*words)
        except ClusterError as error:
            if any(unknown in error.message for unknown in UNKNOWN):
                return ""
            raise

    def said(self, *words: str, stdin: str = "") -> str:
        """Its standard output.

        Raises:
            ClusterError: it failed; the message says how, in one line.
        """
        done = self._run(words, stdin)
        for attempt in range(self.attempts - 1):
            if done.returncode == 0 or not any(passing in done.stderr for passing in PASSING):
                break
            time.sleep(PAUSE * 2**attempt)
            done = self._run(words, stdin)
        if done.returncode:
            raise self._refused(done.stderr)
        return done.stdout

    def _run(self, words: Sequence[str], stdin: str) -> subprocess.CompletedProcess[str]:
        command = [*self.words, *words]
        try:
            return subprocess.run(
                command, input=stdin, capture_output=True, timeout=PATIENCE, check=False, encoding="utf-8"
            )
        except subprocess.TimeoutExpired:
            hint = "`kubectl get namespaces` has to work first, and to ask nothing"
            raise ClusterError(f"{self._title}: no answer within {PATIENCE:.0f} s", hint=hint) from None
        except OSError as error:
            raise ClusterError(f"kubectl cannot be run: {(error.strerror or str(error)).lower()}") from None

    @property
    def _title(self) -> str:
        return f"cluster `{self.context}`" if self.context else "the cluster"

    def _refused(self, said: str) -> ClusterError:
        for known, (meaning, hint) in REFUSALS.items():
            if known in said:
                return ClusterError(f"{self._title}: {meaning}", hint=hint)
        lines = [line for line in said.splitlines() if not NOISE.match(line)]
        plain = redact(" ".join(lines[-1:]) or "kubectl failed").removeprefix("error: ")
        return ClusterError(f"{self._title}: {plain.removeprefix('Error from server ')}")


def _in(namespace: str) -> tuple[str, ...]:
    return (f"--namespace={namespace}",) if namespace else ()


def _of_options(options: tuple[str, ...]) -> str:
    """The server or cluster that options name: then no context needs to be chosen."""
    found = (word.partition("=")[2] for word in options if word.startswith(("--server=", "--cluster=")))
    return redact(next(found, ""))


def _current(kubectl: Kubectl) -> str:
    """The current context; in a pod none is needed."""
    try:
        return kubectl.said("config", "current-context").strip()
    except ClusterError:
        chosen = os.environ.get("KUBECONFIG") or len(kubectl.words) > 1
        if chosen or "KUBERNETES_SERVICE_HOST" not in os.environ:
            raise
    return IN_CLUSTER
