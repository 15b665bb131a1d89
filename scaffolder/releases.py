"""The versions of the templates: those that are released, each a frozen archive, and the one that is in work.

`templates/` is the next version, and `templates/releases/<version>.zip` what was released: never changed, and in every
package, so that a repository can stay on its version, and go up and down, without network.
"""

from __future__ import annotations

import functools
import io
import re
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import TemplateError
from scaffolder.tree import File, Tree
from scaffolder.yamlio import YamlError, load

RELEASE: Final = "release.yaml"  # which version it is, and which files have moved since the one before
ARCHIVES: Final = "releases"
EXECUTABLE: Final = 0o100
TIME: Final = (1980, 1, 1, 0, 0, 0)  # of every file in an archive: the same bytes whenever it is made
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def home() -> Path:
    """The folder of the templates: in an installed package inside it, in a checkout beside it.

    Raises:
        TemplateError: neither is there.
    """
    package = Path(str(resources.files("scaffolder")))
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / RELEASE).is_file():
            return folder
    raise TemplateError("the package lies there without its templates", hint="pip install --force-reinstall scaffolder")


@functools.cache
def versions() -> tuple[str, ...]:
    """All versions of the templates that can be rendered, oldest first."""
    found = {*released(), version_in(home() / RELEASE, (home() / RELEASE).read_bytes())}
    return tuple(sorted(found, key=_number))


def released() -> tuple[str, ...]:
    """Those that are frozen, in no order."""
    return tuple(file.stem for file in (home() / ARCHIVES).glob("*.zip"))


def newest() -> str:
    return versions()[-1]


def _number(version: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(version)
    if not found:
        raise TemplateError(f"{version} is no version of templates, such as 1.0.0")
    return tuple(map(int, found.groups()))


@functools.cache
def files(version: str) -> Tree:
    """All files of a version: its templates, and `release.yaml`.

    Raises:
        TemplateError: there is no such version, or its archive is damaged.
    """
    if version not in versions():
        raise TemplateError(f"no templates {version}", hint=f"known versions: {', '.join(versions())}")
    archive = home() / ARCHIVES / f"{version}.zip"
    return _unpacked(archive) if archive.is_file() and version != newest() else in_work()


def in_work() -> Tree:
    """The files of the version that is in work."""
    found = {RELEASE: File((home() / RELEASE).read_bytes())}
    for folder in sorted(home().iterdir()):
        if (folder / "copier.yml").is_file():
            found |= {f"{folder.name}/{path}": file for path, file in in_folder(folder).items()}
    return found


def in_folder(folder: Path) -> Tree:
    """All files in a folder, by path, sorted."""
    found = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    return {path: File(file.read_bytes(), bool(file.stat().st_mode & EXECUTABLE)) for path, file in found}


def _unpacked(archive: Path) -> Tree:
    try:
        with zipfile.ZipFile(archive) as opened:
            return {
                entry.filename: File(opened.read(entry), bool(entry.external_attr >> 16 & EXECUTABLE))
                for entry in opened.infolist()
            }
    except (OSError, zipfile.BadZipFile) as error:
        raise TemplateError(f"{archive}: {error}", hint="pip install --force-reinstall scaffolder") from None


def packed(tree: Tree) -> bytes:
    """An archive of a version; the same files are the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, file in sorted(tree.items()):
            entry = zipfile.ZipInfo(path, TIME)
            entry.external_attr = (0o100755 if file.executable else 0o100644) << 16
            archive.writestr(entry, file.content)
    return buffer.getvalue()


@functools.cache
def moves(template: str) -> tuple[tuple[str, str], ...]:
    """The paths of a template's files that moved from one version to the next, as Jinja texts: before, after."""
    found = []
    for version in versions():
        said = settings(f"{version}/{RELEASE}", files(version)[RELEASE].content).get("moves", {}).get(template, [])
        found += [(str(move["from"]), str(move["to"])) for move in said]
    return tuple(found)


def version_in(place: object, content: bytes) -> str:
    return str(settings(place, content).get("version"))


def settings(place: object, content: bytes) -> dict[str, Any]:
    """The mapping in a YAML file of the templates.

    Raises:
        TemplateError: it is not one.
    """
    try:
        data = load(content)[0].data
    except YamlError as error:
        raise TemplateError(f"{place}:{error.mark}: {error.message}") from None
    except IndexError:
        raise TemplateError(f"{place}: is empty") from None
    if not isinstance(data, dict):
        raise TemplateError(f"{place}: must be a mapping")
    return data
