"""A plain wheel, built from the source archive and installed far from the checkout, does everything."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.support import flux_release

ROOT = Path(__file__).parent.parent
AS_WE_CAME = dict(os.environ)  # pip has to find its index; a test's own environment has no way out
BUILD = "import sys; from hatchling.build import build_{0}; print(build_{0}(sys.argv[1]))"


class Installed(NamedTuple):
    bin: Path
    sdist: Path
    wheel: Path  # built from the sdist
    wheel_of_checkout: Path


def python(program: Path, *words: str, cwd: Path | None = None) -> str:
    done = subprocess.run([program, *words], cwd=cwd, env=AS_WE_CAME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def pip(program: Path, *words: str) -> None:
    """Pip for another environment; without an index, the tests are skipped, but never in CI."""
    command = [sys.executable, "-m", "pip", "--quiet", "--python", str(program), *words]
    done = subprocess.run(command, env=AS_WE_CAME, capture_output=True, text=True, check=False)
    if done.returncode and os.environ.get("SCAFFOLDER_CI") != "1" and "No matching distribution" in done.stderr:
        pytest.skip(f"pip reaches no index: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "installed"
    with folder.with_suffix(".lock").open("w") as lock:  # one of several workers builds for all
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder)
            (folder / "done").touch()
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("of-sdist/*.whl")
    return Installed(folder / "user" / "bin", sdist, wheel, folder / "of-checkout" / wheel.name)


def _install(folder: Path) -> None:
    """Checkout to source archive, source archive to wheel, wheel into an environment of its own."""
    for name in ("builder", "user"):
        venv.create(folder / name, with_pip=False)
    builder, user = (folder / name / "bin" / "python" for name in ("builder", "user"))
    pip(builder, "install", "hatchling>=1.27")
    sdist = folder / python(builder, "-c", BUILD.format("sdist"), str(folder), cwd=_checkout(folder)).strip()
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.2 has none
        archive.extractall(folder)
    unpacked = folder / sdist.name.removesuffix(".tar.gz")
    wheel = python(builder, "-c", BUILD.format("wheel"), str(folder / "of-sdist"), cwd=unpacked).strip()
    python(builder, "-c", BUILD.format("wheel"), str(folder / "of-checkout"), cwd=folder / "checkout")
    pip(user, "install", str(folder / "of-sdist" / wheel))


def _checkout(folder: Path) -> Path:
    """What a person has who clones the repository: without caches, environments and other things that are ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():
            (folder / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / "checkout" / name)
    return folder / "checkout"


def test_the_installed_program_does_the_main_job(installed: Installed, tmp_path: Path) -> None:
    manifests, forge = flux_release(tmp_path / "flux"), tmp_path / "forge"
    script = f"""
        scaffolder new fleet --cluster dev/one --cluster prod/two --manifests {manifests}
        cd fleet
        scaffolder add-app podinfo --chart oci://ghcr.io/stefanprodan/charts/podinfo --version prod='>=6.0'
        scaffolder sync
        scaffolder check
        git add -A && git commit -qm podinfo
        scaffolder bootstrap local --root {forge}
        scaffolder check --output json >report.json
        scaffolder schema app >app.json
        cd /
        scaffolder bootstrap local --root {forge} --repository small --path clusters/prod --manifests {manifests}
    """
    environment = {**os.environ, "PATH": f"{installed.bin}:{os.environ['PATH']}", "PYTHONPATH": ""}

    done = subprocess.run(
        ["sh", "-ec", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("✔ everything is in step") == 2
    assert sorted(path.name for path in (forge / "local").iterdir()) == ["fleet.git", "small.git"]


def test_it_runs_from_its_own_files_alone(installed: Installed, tmp_path: Path) -> None:
    told = "import scaffolder, scaffolder.releases as r; print(scaffolder.__file__); print(r.home())"

    package, templates = python(installed.bin / "python", "-c", told, cwd=tmp_path).split()

    assert Path(package).is_relative_to(installed.bin.parent)
    assert Path(templates) == Path(package).parent / "templates"


def test_the_wheel_of_the_source_archive_is_that_of_the_checkout(installed: Installed) -> None:
    wheels = []
    for wheel in (installed.wheel, installed.wheel_of_checkout):
        with zipfile.ZipFile(wheel) as archive:
            wheels.append({name: archive.read(name) for name in archive.namelist()})

    assert wheels[0] == wheels[1]


def test_the_wheel_holds_every_template_and_nothing_but_the_package(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert {name.removeprefix("scaffolder/") for name in names if name.startswith("scaffolder/templates/")} == templates
    assert all(name.startswith("scaffolder/") for name in names)
    assert {"scaffolder/__main__.py", "scaffolder/cli/work/bootstrap/run.py"} <= names


def test_the_source_archive_holds_what_its_readers_need(installed: Installed) -> None:
    with tarfile.open(installed.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"README.md", "LICENSE", "pyproject.toml", "templates/release.yaml"} <= names
    assert not [name for name in names if name.endswith(".pyc") or name.startswith((".cache", "tests"))]
