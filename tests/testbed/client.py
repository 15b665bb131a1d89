"""What tests do with a cluster."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.testbed.processes import eventually
from tests.testbed.readiness import FLUX, unready
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.testbed.api import Api, Object

NAMESPACE = "flux-system"


class Client:
    """Objects go by "Kind/name"; their namespace is flux-system, if no other is given."""

    def __init__(self, api: Api, environment: Mapping[str, str]) -> None:
        self.api = api
        self.environment = environment  # in which programs find the cluster, and nothing of the user's

    def kubectl(self, *arguments: str | Path, stdin: str = "") -> str:
        """Its standard output."""
        return self.run("kubectl", *arguments, stdin=stdin).stdout

    def flux(self, *arguments: str | Path, code: int = 0) -> str:
        """All that it said: progress and results."""
        done = self.run("flux", *arguments, code=code)
        return done.stderr + done.stdout

    def run(
        self, name: str, *arguments: str | Path, stdin: str = "", code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """A program of the toolbox, which is to end with this code."""
        done = subprocess.run(
            [PROGRAMS[name].path, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        command = " ".join(map(str, (name, *arguments)))
        assert done.returncode == code, f"{command}\nended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def apply(self, *objects: Object | str, namespace: str = NAMESPACE) -> None:
        """Dicts, or YAML."""
        documents = [each if isinstance(each, str) else json.dumps(each) for each in objects]
        options = ("--server-side", "--force-conflicts", f"--namespace={namespace}")
        self.kubectl("apply", *options, "-f", "-", stdin="\n---\n".join(documents))

    def get(self, name: str, namespace: str = NAMESPACE) -> Object | None:
        kind, _, name = name.partition("/")
        return self.api.get(kind, name, namespace)

    def ready(self, *names: str, namespace: str = NAMESPACE, seconds: float = 60) -> None:
        """Wait for these; without names, for all that Flux reconciles, and every Deployment."""

        def problems() -> list[str]:
            found = {name: self.get(name, namespace) for name in names}
            reasons = {name: unready(each) if each else "does not exist" for name, each in found.items()}
            return [f"{name}: {reason}" for name, reason in reasons.items() if reason]

        self._settled(problems if names else self.problems, seconds)

    def until(
        self, name: str, holds: Callable[[Object], object], *, namespace: str = NAMESPACE, seconds: float = 60
    ) -> Object:
        """The object, as soon as it is there and this holds of it."""

        def found() -> Object | None:
            found = self.get(name, namespace)
            return found if found and holds(found) else None

        return eventually(found, seconds, lambda: f"{name} is {json.dumps(self.get(name, namespace))}\n{self.report()}")

    def gone(self, *names: str, namespace: str = NAMESPACE, seconds: float = 60) -> None:
        def there() -> list[str]:
            return [f"{name} is still there" for name in names if self.get(name, namespace)]

        self._settled(there, seconds)

    def problems(self) -> list[str]:
        """Of all that is to become ready."""
        kinds = filter(self.api.serves, sorted(FLUX | {"Deployment"}))
        found = [each for kind in kinds for each in self.api.list(kind)]
        return [f"{_name(each)}: {reason}" for each in found if (reason := unready(each))]

    def warnings(self) -> list[str]:
        """The events that say that something is wrong."""
        events = sorted(self.api.list("Event"), key=lambda each: str(each["metadata"]["creationTimestamp"]))
        events = [each for each in events if each.get("type") == "Warning"]
        return [f"{_name(each['involvedObject'])}: {each['reason']}: {each['message']}" for each in events]

    def report(self) -> str:
        """What one wants to read when a test has failed."""
        return "\n".join(["Not ready:", *self.problems(), "Warnings:", *self.warnings()[-20:]])

    def _settled(self, problems: Callable[[], list[str]], seconds: float) -> None:
        eventually(lambda: not problems(), seconds, lambda: "\n".join([*problems(), self.report()]))


def _name(found: Object) -> str:
    where = found.get("metadata", found)
    return f"{found['kind']} {where.get('namespace', '')}/{where['name']}"
