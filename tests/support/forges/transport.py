"""Git over HTTP: stock `git http-backend`, behind a name and a password or token."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from tests.support.forges.store import Bare, environment

PATH = re.compile(r"/(?P<full>.+?)(\.git)?(?P<rest>/(info/refs|git-upload-pack|git-receive-pack))")
PUSH = "git-receive-pack"


@dataclass(frozen=True)
class Opening:
    """What somebody finds at a repository's URL.

    `bare` is None where there is nothing for them; `blocked` are patterns of branches that they may not push to, which
    is told in the words of `refusal`.
    """

    user: str
    bare: Bare | None
    write: bool = True
    blocked: tuple[str, ...] = ()
    refusal: str = "protected"


# Of a user's name, a password, and `owner/name`; None where nobody has that password.
Open = Callable[[str, str, str], Opening | None]


def is_git(path: str) -> bool:
    return PATH.fullmatch(path) is not None


def answer(request: Request, path: str, opened: Open) -> Response:
    """What git is told. Who says no password is asked for one first, as git expects it."""
    found = PATH.fullmatch(path)
    assert found
    said = request.authorization
    opening = opened(said.username or "", said.password or "", found["full"]) if said and said.type == "basic" else None
    if opening is None:
        return Response("HTTP Basic: Access denied\n", 401, {"WWW-Authenticate": 'Basic realm="forge"'})
    if opening.bare is None:
        return Response("Repository not found.\n", 404)
    if not opening.write and PUSH in request.full_path:
        return Response(f"Permission to {found['full']} denied to {opening.user}.\n", 403)
    return _backend(request, opening, opening.bare, found["rest"])


def _backend(request: Request, opening: Opening, bare: Bare, rest: str) -> Response:
    body = request.get_data()
    variables = {
        "GIT_PROJECT_ROOT": str(bare.folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": rest,
        "REMOTE_USER": opening.user,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string.decode(),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "FORGE_BLOCKED": "\n".join(opening.blocked),
        "FORGE_REFUSAL": opening.refusal,
    }
    done = subprocess.run(
        ["git", "http-backend"],
        cwd=bare.folder,
        env={**environment(bare.folder), **variables},
        input=body,
        capture_output=True,
        check=False,
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return Response(content, headers.pop("Status", "200 OK"), headers)
