"""The programs of the test bed: one Go module, `go/`, requires them all, so that what they share is compiled once.

To change a version: edit go/go.mod, and there `go mod tidy -e`. (It ends with an error, and -e is needed, because a
test of source-controller imports a package that is gone.)
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.toolbox import older

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.toolbox.workshop import Workshop

    Recipe = tuple[str, str, Callable[[Workshop, Path], None]]  # name, version, build

MODULE = Path(__file__).parent / "go"
VERSIONS = dict(re.findall(r"^\t(\S+) v(\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE))

FLUX = (
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
)
KUBERNETES = ("kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler")

# kwok does nothing by itself: these files of its module say what becomes of nodes and pods, and how soon.
STAGES = ("node/fast/node-initialize.yaml", "node/heartbeat-with-lease/node-*.yaml", "pod/fast/pod-*.yaml")


def recipes() -> Iterator[Recipe]:
    yield ours("gitssh")
    yield ours("miniredis")
    yield required("crane", "github.com/google/go-containerregistry", "/cmd/crane")
    yield required("etcd", "go.etcd.io/etcd/server/v3")
    for name in KUBERNETES:
        yield required(name, "k8s.io/kubernetes", f"/cmd/{name}", variables=kubernetes_version())
    yield "kwok", VERSIONS["sigs.k8s.io/kwok"], build_kwok
    yield from older.recipes() if older.wanted() else map(controller, FLUX)


def ours(name: str) -> Recipe:
    """A program whose code stands in the module."""
    return name, digest(name), lambda shop, folder: compile_go(shop, folder / name, f"./{name}")


def required(name: str, module: str, package: str = "", variables: str = "") -> Recipe:
    """A program of a module that go.mod requires."""
    return (
        name,
        VERSIONS[module],
        lambda shop, folder: compile_go(shop, folder / name, module + package, variables),
    )


def controller(name: str) -> Recipe:
    """A Flux controller; those that store artifacts do it with a module of ours."""
    _, version, build = required(name, f"github.com/fluxcd/{name}")
    store = f"-{digest('artifact')}" if name in {"source-controller", "image-reflector-controller"} else ""
    return name, version + store, build


def compile_go(shop: Workshop, program: Path, package: str, variables: str = "") -> None:
    shop.run("go", "build", f"-ldflags=-s -w {variables}", "-o", program, package, at=MODULE)


def kubernetes_version() -> str:
    """Without it, charts and `flux check` would see v0.0.0-master."""
    version = VERSIONS["k8s.io/kubernetes"]
    major, minor, _ = version.split(".")
    values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    return " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in values.items())


def build_kwok(shop: Workshop, folder: Path) -> None:
    """`kwok`, and `stages.yaml`."""
    compile_go(shop, folder / "kwok", "sigs.k8s.io/kwok/cmd/kwok")
    module = Path(shop.run("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok", at=MODULE).strip())
    stages = [path for pattern in STAGES for path in sorted((module / "kustomize/stage").glob(pattern))]
    (folder / "stages.yaml").write_text("---\n".join(path.read_text() for path in stages))


def digest(part: str) -> str:
    """What takes the place of a version for code of ours."""
    files = sorted(path for path in (MODULE / part).rglob("*") if path.suffix in {".go", ".mod"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
