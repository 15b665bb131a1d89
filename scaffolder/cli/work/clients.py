"""The tokens that the forges' own programs keep in their settings: `gh`, `glab` and `tea`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

PATIENCE: Final = 10.0  # seconds for one answer

Kept = tuple[str, str]  # a token, empty where there is none, and where it is


def kept(kind: str, host: str) -> Kept:
    """What the program for a kind of forge has for a host, which may have a port and a path."""
    return PROGRAMS[kind](host)


def _gh(host: str) -> Kept:
    place = _folder("gh", "GH_CONFIG_DIR") / "hosts.yml"
    known = _mapping(_read(place)).get(host)
    if not isinstance(known, dict):
        return "", ""
    if token := _text(known, "oauth_token"):
        return token, str(place)
    return _said("gh", "auth", "token", "--hostname", host), "gh"  # in the keyring, that is


def _glab(host: str) -> Kept:
    place = _folder("glab-cli", "GLAB_CONFIG_DIR") / "config.yml"
    known = _mapping(_mapping(_mapping(_read(place)).get("hosts")).get(host))
    if _text(known, "is_oauth2") == "true":
        return "", ""  # glab renews it every two hours: it is no token to work with
    return _text(known, "token"), str(place)


def _tea(host: str) -> Kept:
    place = _folder("tea") / "config.yml"
    logins = _mapping(_read(place)).get("logins")
    for login in map(_mapping, logins if isinstance(logins, list) else ()):
        parts = urlsplit(_text(login, "url"))
        if (parts.netloc + parts.path).rstrip("/") == host:
            return _text(login, "token"), str(place)
    return "", ""


PROGRAMS: Final[dict[str, Callable[[str], Kept]]] = {"github": _gh, "gitlab": _glab, "gitea": _tea}


def _folder(name: str, variable: str = "") -> Path:
    own, shared = os.environ.get(variable), os.environ.get("XDG_CONFIG_HOME")
    return Path(own) if own else (Path(shared) if shared else Path.home() / ".config") / name


def _read(place: Path) -> Any:
    """What a file says, everything in it as text: glab writes tokens as `!!null glpat-...`."""
    try:
        return yaml.load(place.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  it makes nothing but text
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(mapping: dict[str, Any], name: str) -> str:
    value = mapping.get(name)
    return value if isinstance(value, str) else ""


def _said(*command: str) -> str:
    """What a program says; nothing where it is missing or fails."""
    if not shutil.which(command[0]):
        return ""
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, encoding="utf-8"
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
