"""GitHub's git data, and the contents API as far as it makes the first commit."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.forges.github_changes import ROOT, View, of_ref, refuse_empty
from tests.support.forges.github_shapes import Refused
from tests.support.forges.github_state import Repository, Token, World
from tests.support.forges.wire import Answer, Asked

MODES = {"100644", "100755"}


def tree(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    refuse_empty(inside)
    sha = inside.bare.git("rev-parse", f"{asked.names['tree_sha']}^{{tree}}")
    entries = []
    for line in inside.bare.git("ls-tree", "-r", "-t", "-z", sha).split("\0"):
        if line:
            about, _, path = line.partition("\t")
            mode, kind, of = about.split()
            entries.append({"path": path, "mode": mode, "type": kind, "sha": of, "url": "", "size": 0})
    return Answer(200, {"sha": sha, "url": "", "tree": entries, "truncated": False})


def blob(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    content = inside.bare.content("cat-file", "blob", asked.names["file_sha"])
    text = base64.encodebytes(content).decode()  # in lines, as GitHub has it
    return Answer(200, {"sha": asked.names["file_sha"], "content": text, "encoding": "base64", "size": len(content)})


def blob_made(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    refuse_empty(inside)
    return Answer(201, {"sha": inside.bare.blob(base64.b64decode(asked.body["content"])), "url": ""})


def tree_made(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    refuse_empty(inside)
    bare = inside.bare
    known = {path: about for about, path in _entries(inside, asked.body["base_tree"])}
    for each in asked.body["tree"]:
        if each.get("sha", "") is None:
            if known.pop(each["path"], None) is None:
                raise Refused(422, "GitRPC::BadObjectState")
        else:
            sha = each.get("sha") or bare.blob(each["content"].encode())
            assert each["mode"] in MODES
            known[each["path"]] = f"{each['mode']} blob {sha}"
    root: dict[str, Any] = {}
    for path, about in known.items():
        *folders, name = path.split("/")
        inner = root
        for folder in folders:
            inner = inner.setdefault(folder, {})
        inner[name] = about
    return Answer(201, {"sha": _written(inside, root), "url": "", "tree": [], "truncated": False})


def _entries(inside: Repository, sha: str) -> list[tuple[str, str]]:
    lines = inside.bare.git("ls-tree", "-r", "-z", sha).split("\0")
    return [(about, path) for about, _, path in (line.partition("\t") for line in lines if line)]


def _written(inside: Repository, folder: dict[str, Any]) -> str:
    lines = [
        f"{each}\t{name}" if isinstance(each, str) else f"040000 tree {_written(inside, each)}\t{name}"
        for name, each in folder.items()
    ]
    return inside.bare.content("mktree", stdin="".join(f"{line}\n" for line in lines).encode()).decode().strip()


def commit(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    sha = asked.names["commit_sha"]
    return Answer(200, {"sha": sha, "tree": {"sha": inside.bare.git("rev-parse", f"{sha}^{{tree}}"), "url": ""}})


def commit_made(_world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    return Answer(201, {"sha": _committed(inside, token, asked.body, asked.body["tree"], asked.body["parents"])})


def _committed(inside: Repository, token: Token, said: dict[str, Any], tree: str, parents: list[str]) -> str:
    usual = {"name": token.user, "email": f"{token.user}@example.invalid"}
    lines = [f"tree {tree}", *(f"parent {each}" for each in parents)]
    for role in ("author", "committer"):
        who = said.get(role) or said.get("author") or usual
        if not who["email"]:
            raise Refused(422, "Invalid request.\n\nemail can't be blank")
        lines.append(f"{role} {who['name']} <{who['email']}> 1796000000 +0000")
    text = "\n".join(lines) + f"\n\n{said['message']}"
    return inside.bare.content("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode()).decode().strip()


def ref_made(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    refuse_empty(inside)
    if inside.bare.tip(asked.body["ref"].removeprefix("refs/heads/")):
        raise Refused(422, "Reference already exists")
    inside.bare.git("update-ref", asked.body["ref"], asked.body["sha"])
    return Answer(201, of_ref(asked.body["ref"], asked.body["sha"]))


def ref_moved(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    name, sha = asked.names["ref"].removeprefix("heads/"), asked.body["sha"]
    tip = inside.bare.tip(name) or ""
    if inside.bare.git("merge-base", tip, sha) != tip and not asked.body["force"]:
        raise Refused(422, "Update is not a fast forward")
    if name in world.blocked(token.user, inside):
        raise Refused(422, "Changes must be made through a pull request.")
    inside.bare.git("update-ref", f"refs/heads/{name}", sha)
    return Answer(200, of_ref(f"refs/heads/{name}", sha))


def file_put(_world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    if inside.bare.branches():
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    root: dict[str, Any] = {}
    *folders, name = asked.names["path"].split("/")
    inner = root
    for folder in folders:
        inner = inner.setdefault(folder, {})
    inner[name] = f"100644 blob {inside.bare.blob(base64.b64decode(asked.body['content']))}"
    made = _committed(inside, token, asked.body, _written(inside, root), [])
    inside.bare.git("update-ref", f"refs/heads/{asked.body['branch']}", made)
    return Answer(201, {"content": None, "commit": {"sha": made}})


GIT = f"{ROOT}/git"
ROUTES: dict[str, tuple[View, str]] = {
    f"GET {GIT}/trees/{{tree_sha}}": (tree, "pull"),
    f"POST {GIT}/trees": (tree_made, "push"),
    f"GET {GIT}/blobs/{{file_sha}}": (blob, "pull"),
    f"POST {GIT}/blobs": (blob_made, "push"),
    f"GET {GIT}/commits/{{commit_sha}}": (commit, "pull"),
    f"POST {GIT}/commits": (commit_made, "push"),
    f"POST {GIT}/refs": (ref_made, "push"),
    f"PATCH {GIT}/refs/{{ref}}": (ref_moved, "push"),
    f"PUT {ROOT}/contents/{{path}}": (file_put, "push"),
}
