"""Objects of a cluster as dicts, by their kind; quick enough to be asked ten times a second."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.testbed.processes import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Object = dict[str, Any]

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True)
class Resource:
    """What discovery says of a kind."""

    group: str
    version: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str = "") -> str:
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}{'/' if name else ''}{name}"


class Api:
    """An API server on loopback, over one connection."""

    def __init__(self, port: int, token: str, certificate: Path) -> None:
        self.port = port
        self._token = token
        self._certificate = certificate
        self._connection: http.client.HTTPSConnection | None = None
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}

    def close(self) -> None:
        """The next request opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def get(self, kind: str, name: str, namespace: str = "flux-system") -> Object | None:
        return self.request(self.resource(kind).path(namespace, name))

    def list(self, kind: str, namespace: str | None = None) -> list[Object]:
        """Of one namespace, or of all. What kind they are does not stand in the items of a list: here it does."""
        found = self.request(self.resource(kind).path(namespace))
        return [{"kind": kind, **item} for item in found["items"]] if found else []

    def serves(self, kind: str) -> bool:
        if kind not in self._resources:
            self._resources = self._discover()
        return kind in self._resources

    def resource(self, kind: str) -> Resource:
        if not self.serves(kind):
            raise LookupError(f"the API server does not know the kind {kind}")
        return self._resources[kind]

    def _discover(self) -> dict[str, Resource]:
        """By kind; where groups share the name of one, the first that the API server names."""
        groups = [
            group for path in ("/api", "/apis") for group in (self.request(path, DISCOVERY) or {}).get("items", ())
        ]
        found: dict[str, Resource] = {}
        for kind, resource in (each for group in groups for each in _of_group(group)):
            found.setdefault(kind, resource)
        return found

    def ready(self) -> bool:
        try:
            return self._ask("GET", "/readyz", {})[0] == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def create(self, path: str, document: str) -> None:
        """Of an object in YAML; one that is there already is left as it is."""
        status, text = self._ask("POST", path, {"Content-Type": "application/yaml"}, document)
        if status not in {http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT}:
            raise RuntimeError(f"{path}: {status} {text}")

    def request(self, path: str, accept: str = "application/json") -> Object | None:
        """The answer; None for what does not exist."""
        status, text = self._ask("GET", path, {"Accept": accept})
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        if status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {status} {text}")
        found: Object = json.loads(text)
        return found

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[int, str]:
        """Status and text. A server that has only just started says "too many requests" of some resources."""
        for _ in range(100):
            status, text = self._ask_once(method, path, headers, body)
            if status != http.HTTPStatus.TOO_MANY_REQUESTS:
                break
            time.sleep(0.1)
        return status, text

    def _ask_once(self, method: str, path: str, headers: dict[str, str], body: str | None) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {self._token}", "User-Agent": "testbed", **headers}
        with self._lock:
            kept = self._connection is not None
            try:
                connection = self._connected()
                connection.request(method, path, body.encode() if body else None, headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.close()
                if not kept:  # a kept one may only have been idle for too long
                    raise
        return self._ask_once(method, path, headers, body)

    def _connected(self) -> http.client.HTTPSConnection:
        if not self._connection:
            trust = ssl.create_default_context(cafile=self._certificate)
            self._connection = http.client.HTTPSConnection(LOOPBACK, self.port, timeout=10, context=trust)
        return self._connection


def _of_group(group: Object) -> Iterator[tuple[str, Resource]]:
    name = group["metadata"].get("name", "")
    for version in group["versions"]:  # the preferred one first
        for found in version.get("resources", ()):
            namespaced = found["scope"] == "Namespaced"
            yield found["responseKind"]["kind"], Resource(name, version["version"], found["resource"], namespaced)
