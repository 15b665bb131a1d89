"""An OCI registry; what is in it is forgotten when it stops."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.testbed.processes import Process, Processes

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """`host` is what stands before the name in a reference."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._running: list[Process] = []
        self.host = f"{LOOPBACK}:{free_port()}"

    def start(self) -> None:
        self._running = [self._processes.start("crane", "registry", "serve", f"--address={self.host}")]
        self._running[0].wait_for(f"http://{self.host}/v2/")

    def stop(self) -> None:
        self._processes.stop(*self._running)
        self._running = []

    def push(self, name: str, tag: str, config: tuple[str, bytes], layer: tuple[str, bytes]) -> None:
        """An artifact of one layer; config and layer are media type and content."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(name, *config),
            "layers": [self._blob(name, *layer)],
        }
        content = json.dumps(manifest).encode()
        self._ask("PUT", f"/v2/{name}/manifests/{tag}", content, {"Content-Type": MANIFEST})

    def _blob(self, name: str, media_type: str, content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self._ask("POST", f"/v2/{name}/blobs/uploads/?digest={digest}", content, {})
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def _ask(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> None:
        request = urllib.request.Request(f"http://{self.host}{path}", content, dict(headers), method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
            pass
