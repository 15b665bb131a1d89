"""The compiled template of each kind of unit, in each version."""

from __future__ import annotations

import functools
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scaffolder import releases
from scaffolder.errors import TemplateError
from scaffolder.jinja import compiled, environment
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scaffolder.tree import Tree

SUFFIX: Final = ".jinja"
SETTINGS: Final[dict[str, type]] = {"_subdirectory": str, "_envops": dict, "_skip_if_exists": list}
OPTIONS: Final = {"keep_trailing_newline": True}  # Copier's default


@dataclass(frozen=True)
class TemplateFile:
    """One file of a template, compiled: where it goes, what it holds, and whether people own it from then on."""

    name: str
    path: Callable[[Mapping[str, Any]], str]
    content: Callable[[Mapping[str, Any]], bytes]
    executable: bool
    seeded: bool


@dataclass(frozen=True)
class Template:
    """A Copier template of one kind of unit, e.g. `app@place`."""

    name: str
    inputs: frozenset[str]
    files: tuple[TemplateFile, ...]


@functools.cache
def template(version: str, name: str) -> Template:
    """The template of a kind of unit, in one version.

    Raises:
        TemplateError: unknown version or kind, or a template that cannot be compiled.
    """
    prefix = f"{name}/"
    found = {path.removeprefix(prefix): f for path, f in releases.files(version).items() if path.startswith(prefix)}
    if "copier.yml" not in found:
        raise TemplateError(f"no template `{name}` in {version}")
    return compile_files(name, found)


def read(folder: Path) -> Template:
    """The template in a folder, compiled.

    Raises:
        TemplateError: it cannot be.
    """
    return compile_files(folder.name, releases.in_folder(folder))


def compile_files(name: str, files: Tree) -> Template:
    """A template from its files.

    Raises:
        TemplateError: it cannot be compiled.
    """
    settings = _settings(f"{name}/copier.yml", files.get("copier.yml", File(b"")).content)
    root = posixpath.normpath(settings.get("_subdirectory", "."))
    prefix = "" if root == "." else f"{root}/"
    found = {path.removeprefix(prefix): file for path, file in files.items() if path.startswith(prefix)}
    if root.startswith(("..", "/")) or not found:
        raise TemplateError(f"{name}/copier.yml: _subdirectory must be a folder of the template")
    env = environment({**OPTIONS, **settings.get("_envops", {})}, f"{name}/copier.yml")
    seeded = frozenset(settings.get("_skip_if_exists", ()))
    compiled_files = tuple(_file(env, f"{name}/{path}", path, file, seeded) for path, file in sorted(found.items()))
    return Template(name, frozenset(key for key in settings if not key.startswith("_")), compiled_files)


@functools.cache
def moves(name: str) -> tuple[tuple[Callable[[Mapping[str, Any]], str], Callable[[Mapping[str, Any]], str]], ...]:
    """Where files of a template stood in one version, and in the next: two functions of the inputs each."""
    env, place = environment(OPTIONS, releases.RELEASE), releases.RELEASE
    return tuple((compiled(env, a, place), compiled(env, b, place)) for a, b in releases.moves(name))


def _settings(place: str, content: bytes) -> dict[str, Any]:
    settings = releases.settings(place, content)
    own = {key: value for key, value in settings.items() if key.startswith("_")}
    if unknown := sorted(own.keys() - SETTINGS):
        raise TemplateError(f"{place}: unknown settings {', '.join(unknown)}; known: {', '.join(SETTINGS)}")
    for key, value in own.items():
        if not isinstance(value, SETTINGS[key]):
            raise TemplateError(f"{place}: {key} must be a {SETTINGS[key].__name__}")
    return settings


def _file(env: Any, name: str, relative: str, file: File, seeded: frozenset[str]) -> TemplateFile:
    target = relative.removesuffix(SUFFIX)
    return TemplateFile(
        name=name,
        path=compiled(env, target, name),
        content=_content(env, name, file, plain=target == relative),
        executable=file.executable,
        seeded=target in seeded,
    )


def _content(env: Any, name: str, file: File, *, plain: bool) -> Callable[[Mapping[str, Any]], bytes]:
    if plain:
        return lambda _: file.content
    try:
        render = compiled(env, file.content.decode(), name)
    except UnicodeDecodeError:
        raise TemplateError(f"{name}: not UTF-8 text") from None
    return lambda inputs: render(inputs).encode()
