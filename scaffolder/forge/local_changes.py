"""Change requests of the local forge: a file each in the bare repository, so that a clone's `origin` leads to them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from scaffolder import git
from scaffolder.errors import ForgeError, GitError
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.changes import ChangeRequest, Checks, Proposal, State

FOLDER: Final = "scaffolder/changes"
NAME: Final = re.compile(r"([1-9]\d*)\.json")


class LocalChanges:
    """Nothing checks them and nobody has to approve: what is not in conflict, and no draft, can be merged."""

    def find(self, hosted: Hosted, head: str) -> ChangeRequest | None:
        own = [each for each in _all(hosted) if each.head == head]
        return next((each for each in own if each.state is State.OPEN), own[0] if own else None)

    def each(self, hosted: Hosted, state: State = State.OPEN) -> Iterator[ChangeRequest]:
        return (each for each in _all(hosted) if each.state is state)

    def get(self, hosted: Hosted, number: int) -> ChangeRequest:
        found = _read(hosted, number)
        able = bool(_joined(hosted, found)) if found.state is State.OPEN else None
        return replace(found, checks=Checks.NONE, mergeable=able)

    def ensure(self, hosted: Hosted, wanted: Proposal) -> Ensured[ChangeRequest]:
        with _alone(hosted):
            known = self.find(hosted, wanted.head)
            if known is None or known.state is not State.OPEN:
                made = _opened(hosted, wanted)
                return Ensured(self._merged_at_once(hosted, made, wanted), Action.CREATED)
            now = replace(
                known,
                **{name: getattr(wanted, name) for name in ("base", "title", "body", "draft")},
                labels=_more(known.labels, wanted.labels),
                reviewers=_more(known.reviewers, wanted.reviewers),
            )
            if now != known:
                _write(hosted, now)
            done = self._merged_at_once(hosted, now, wanted)
            return Ensured(done, Action.UNCHANGED if done == known else Action.UPDATED)

    def _merged_at_once(self, hosted: Hosted, found: ChangeRequest, wanted: Proposal) -> ChangeRequest:
        """What is to be merged as soon as it may be: here, that is now."""
        commit = _joined(hosted, found) if wanted.auto_merge and not wanted.draft else None
        return _merge(hosted, found, commit) if commit else found

    def merge(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        with _alone(hosted):
            found = _read(hosted, number)
            if found.state is State.MERGED:
                return Ensured(found, Action.UNCHANGED)
            if found.state is State.CLOSED:
                raise ForgeError(f"#{number} is closed")
            if found.draft:
                raise ForgeError(f"#{number} is a draft", hint="run the command that opened it with --no-draft")
            commit = _joined(hosted, found)
            if commit is None:
                message = f"#{number} is in conflict with `{found.base}`"
                raise ForgeError(message, hint=f"git merge origin/{found.base} on {found.head}, and push it")
            return Ensured(_merge(hosted, found, commit), Action.UPDATED)

    def close(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        with _alone(hosted):
            found = _read(hosted, number)
            if found.state is State.MERGED:
                raise ForgeError(f"#{number} is merged already")
            if found.state is State.CLOSED:
                return Ensured(found, Action.UNCHANGED)
            closed = replace(found, state=State.CLOSED)
            _write(hosted, closed)
            return Ensured(closed, Action.UPDATED)


def _more(known: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *wanted)))


def _opened(hosted: Hosted, wanted: Proposal) -> ChangeRequest:
    bare = _bare(hosted)
    commit = git.tip(bare, wanted.head)
    for branch in (wanted.head, wanted.base):
        if git.tip(bare, branch) is None:
            raise ForgeError(f"there is no branch `{branch}` on {hosted.git_url}", hint="push it first")
    if commit is None or _is_in(hosted, wanted.base, commit):
        raise ForgeError(f"`{wanted.head}` has nothing that `{wanted.base}` lacks")
    number = max((int(found[1]) for found in _files(hosted)), default=0) + 1
    author = git.run(bare, "log", "-1", "--format=%an", commit).out.strip()
    said = {name: value for name, value in vars(wanted).items() if name != "auto_merge"}
    made = ChangeRequest(
        number=number, url=str(_place(hosted, number)), state=State.OPEN, commit=commit, author=author, **said
    )
    _write(hosted, made)
    return made


def _merge(hosted: Hosted, found: ChangeRequest, commit: str) -> ChangeRequest:
    """Brings a commit that joins both branches to the base, if nobody has pushed to either meanwhile."""
    _write(hosted, found)  # with what its branch is at: whatever stops us now, it will be found to be merged
    base = git.run(_bare(hosted), "rev-parse", f"{commit}^1").out.strip()
    steps = f"start\nupdate refs/heads/{found.base} {commit} {base}\ndelete refs/heads/{found.head} {found.commit}\n"
    try:
        git.run(_bare(hosted), "update-ref", "--stdin", stdin=f"{steps}prepare\ncommit\n".encode())
    except GitError:
        raise ForgeError(f"somebody has pushed to `{found.base}` meanwhile", hint="run this again") from None
    merged = replace(found, state=State.MERGED)
    _write(hosted, merged)
    return merged


def _joined(hosted: Hosted, found: ChangeRequest) -> str | None:
    """The commit that would join both branches, with its objects in the repository; None where they are in conflict."""
    bare = _bare(hosted)
    if found.state is not State.OPEN or git.tip(bare, found.head) is None:
        return None
    who = git.identity(bare)
    people = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _said(who).items()}
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        work = git.Repo(Path(scratch, ".git"), Path(scratch))
        git.as_committed(work)
        git.clone(work, hosted.git_url, found.base)
        git.run(work, "fetch", "--quiet", "--no-tags", "--", hosted.git_url, found.commit)
        words = ["merge", "--quiet", "--no-ff", "--no-gpg-sign", "--no-verify-signatures"]
        message = f"Merge #{found.number}: {found.title}\n"
        if git.run(work, *words, "-m", message, found.commit, ok=(0, 1), env=people).status:
            return None
        git.run(bare, "fetch", "--quiet", "--no-tags", "--", str(work.git_dir), f"refs/heads/{found.base}")
        return git.tip(work, found.base)


def _said(who: git.Person) -> dict[str, str]:
    return {"NAME": who.name, "EMAIL": who.email}


def _is_in(hosted: Hosted, branch: str, commit: str) -> bool:
    words = ("merge-base", "--is-ancestor", commit, f"refs/heads/{branch}")
    return not git.run(_bare(hosted), *words, ok=(0, 1, 128)).status


def _bare(hosted: Hosted) -> git.Repo:
    return git.Repo(Path(hosted.git_url))


def _place(hosted: Hosted, number: int) -> Path:
    return Path(hosted.git_url, FOLDER, f"{number}.json")


def _files(hosted: Hosted) -> list[re.Match[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(Path(hosted.git_url, FOLDER)) as found:
        return [match for entry in found if (match := NAME.fullmatch(entry.name))]
    return []


def _all(hosted: Hosted) -> Iterator[ChangeRequest]:
    """All of them, the newest first."""
    numbers = sorted((int(found[1]) for found in _files(hosted)), reverse=True)
    return (_read(hosted, number) for number in numbers)


def _read(hosted: Hosted, number: int) -> ChangeRequest:
    """As it is now: an open one is where its branch is, and merged where somebody has brought that to the base."""
    place = _place(hosted, number)
    try:
        found = _of_json(json.loads(place.read_text(encoding="utf-8")), place)
    except FileNotFoundError:
        raise ForgeError(f"there is no change request #{number}", hint="`scaffolder change list` shows all") from None
    except (OSError, ValueError, TypeError, LookupError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no change request of ours"
        raise ForgeError(f"{place} cannot be read: {str(said).lower()}") from None
    if found.state is not State.OPEN:
        return found
    now = replace(found, commit=git.tip(_bare(hosted), found.head) or found.commit)
    return replace(now, state=State.MERGED) if _is_in(hosted, now.base, now.commit) else now


def _of_json(said: Mapping[str, Any], place: Path) -> ChangeRequest:
    lists = {name: tuple(said[name]) for name in ("labels", "reviewers") if name in said}
    return ChangeRequest(**{**said, **lists, "state": State(said["state"]), "url": str(place)})


def _write(hosted: Hosted, request: ChangeRequest) -> None:
    """Writes it, whole or not at all."""
    said = {name: value for name, value in asdict(request).items() if name not in {"url", "checks", "mergeable"}}
    place = _place(hosted, request.number)
    beside = place.with_name(f".{place.name}.new")
    try:
        beside.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        beside.replace(place)
    except OSError as error:
        raise ForgeError(f"{place} cannot be written: {(error.strerror or str(error)).lower()}") from None


@contextlib.contextmanager
def _alone(hosted: Hosted) -> Iterator[None]:
    """One at a time writes: numbers are taken once, and a branch has one open request."""
    folder = Path(hosted.git_url, FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o666)
    except OSError as error:
        raise ForgeError(f"{folder} cannot be written: {(error.strerror or str(error)).lower()}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
