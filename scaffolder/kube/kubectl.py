"""A cluster, through the user's `kubectl`: it knows every way to log in."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import ClusterError
from scaffolder.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

Object = dict[str, Any]  # as the API server prints it

DEFINITIONS: Final = "customresourcedefinitions.apiextensions.k8s.io"
MANAGER: Final = "flux"  # whose fields they are; `flux bootstrap` says so too, and the controllers take them over
PATIENCE: Final = 120.0  # seconds for one answer

# what kubectl says -> what it means, and what to do about it
REFUSALS: Final = {
    "current-context is not set": ("no context is chosen", "--context names one of `kubectl config get-contexts`"),
    "must be logged in": ("it does not take these credentials", "log in, until `kubectl get namespaces` works"),
    "Unauthorized": ("it does not take these credentials", "log in, until `kubectl get namespaces` works"),
    "certificate": ("its certificate is not trusted", "`kubectl get namespaces` has to work first"),
    "localhost:8080 was refused": ("no kubeconfig says where it is", "--kubeconfig names one, or export KUBECONFIG"),
    "Unable to connect": ("it does not answer", "`kubectl get namespaces` has to work first"),
    "was refused": ("it does not answer", "`kubectl get namespaces` has to work first"),
    "executable": ("the program that logs in is missing", "`kubectl get namespaces` has to work first"),
}
UNKNOWN: Final = ("the server doesn't have a resource type", "could not find the requested resource", "no matches for")


@dataclass(frozen=True)
class Kubectl:
    """One cluster: `words` are the program and what it has to be told each time."""

    words: tuple[str, ...]
    context: str

    @classmethod
    def opened(cls, kubeconfig: Path | None = None, context: str | None = None) -> Kubectl:
        """The cluster of a kubeconfig's context, or of the current one.

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
        name = context or cls((program, *where), "").said("config", "current-context").strip()
        opened = cls((program, *where, *chosen), name)
        opened.said("version", "--output=json")
        return opened

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """An object; None where it, its namespace or its kind does not exist."""
        text = self._asked("get", kind, name, *_in(namespace), "--ignore-not-found", "--output=json")
        return json.loads(text) if text.strip() else None

    def find(self, kinds: Iterable[str], *options: str) -> list[Object]:
        """The objects of some kinds, in every namespace; of kinds that the cluster does not know, none."""
        words = (*options, "--all-namespaces", "--output=json")
        texts = (self._asked("get", kind, *words) for kind in kinds)
        return [each for text in texts if text.strip() for each in json.loads(text)["items"]]

    def apply(self, text: str, *, manager: str = MANAGER) -> None:
        """Objects as YAML; also what others have set is set."""
        words = ("--server-side", "--force-conflicts", f"--field-manager={manager}")
        if text.strip():
            self.said("apply", *words, "--filename=-", stdin=text)

    def delete(self, kind: str, *names: str, namespace: str = "", wait: float = 0) -> None:
        """Deletes objects that may be gone already; waits that many seconds until they are."""
        waiting = ("--wait=true", f"--timeout={wait:.0f}s") if wait else ("--wait=false",)
        if names:
            self._asked("delete", kind, *names, *_in(namespace), "--ignore-not-found", *waiting)

    def annotate(self, kind: str, name: str, namespace: str, annotation: str) -> None:
        self.said("annotate", kind, name, *_in(namespace), "--overwrite", annotation)

    def patch(self, kind: str, name: str, namespace: str, change: Object) -> None:
        """A merge patch."""
        self.said("patch", kind, name, *_in(namespace), "--type=merge", "--patch", json.dumps(change))

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
        try:
            done = subprocess.run(
                [*self.words, *words], input=stdin, capture_output=True, timeout=PATIENCE, check=False, encoding="utf-8"
            )
        except subprocess.TimeoutExpired:
            raise ClusterError(f"{self._title}: no answer within {PATIENCE:.0f} s") from None
        except OSError as error:
            raise ClusterError(f"kubectl cannot be run: {(error.strerror or str(error)).lower()}") from None
        if done.returncode:
            raise self._refused(done.stderr)
        return done.stdout

    @property
    def _title(self) -> str:
        return f"cluster `{self.context}`" if self.context else "the cluster"

    def _refused(self, said: str) -> ClusterError:
        for known, (meaning, hint) in REFUSALS.items():
            if known in said:
                return ClusterError(f"{self._title}: {meaning}", hint=hint)
        lines = [line for line in said.splitlines() if line.strip() and not line.startswith(("Warning:", "E1", "W1"))]
        plain = redact(" ".join(lines[-1:]) or "kubectl failed").removeprefix("error: ")
        return ClusterError(f"{self._title}: {plain.removeprefix('Error from server ')}")


def _in(namespace: str) -> tuple[str, ...]:
    return (f"--namespace={namespace}",) if namespace else ()
