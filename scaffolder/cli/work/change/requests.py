"""`change`: the change requests of the repository that the working directory is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from scaffolder import git
from scaffolder.cli.work.change import forges
from scaffolder.cli.work.change.delivery import KIND
from scaffolder.cli.work.table import table
from scaffolder.errors import ForgeError, printable
from scaffolder.forge.base import Action
from scaffolder.forge.changes import State
from scaffolder.report import Made, Report

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.change.delivery import Home
    from scaffolder.forge.base import Ensured
    from scaffolder.forge.changes import ChangeRequest

NONE: Final = "-"
UNKNOWN: Final = "not known"
WIDEST: Final = 72  # characters of a title in a list


class Requests(Report):
    """A report with change requests."""

    requests: tuple[dict[str, Any], ...] = Field(
        (),
        description="Each change request: `number`, `url`, `state` (`open`, `merged`, `closed`), `draft`, `head` and "
        "`base` (branches), `commit`, `title`, `body`, `author`, `labels`, `reviewers`, `checks` (`none`, `pending`, "
        "`passed`, `failed`) and `mergeable`. The last two are null where the forge was not asked, as in a list, or "
        "does not know yet.",
    )


def list_(console: Console, *, state: str) -> Report:
    """Lists those in a state, the newest first."""
    with _home(console) as home:
        found = list(home.changes.each(home.hosted, State(state)))
    heads = ["NUMBER", "TITLE", "BRANCH", "AUTHOR", "LABELS"]
    rows = [[f"#{c.number}", _cut(_title(c)), c.head, c.author, ", ".join(c.labels) or NONE] for c in found]
    console.out(table([heads, *([printable(cell) for cell in row] for row in rows)]))
    summary = "" if found else f"no {KIND} is {state}"
    return _report("list", found, summary=summary)


def show(console: Console, *, number: int) -> Report:
    """Shows one, with its checks, and whether it can be merged."""
    with _home(console) as home:
        found = home.changes.get(home.hosted, number)
    able = UNKNOWN if found.mergeable is None else "yes" if found.mergeable else "no"
    lines = {
        "state": found.state.value,
        "branch": f"{found.head} into {found.base}",
        "author": found.author,
        "checks": found.checks.value if found.checks else UNKNOWN,
        "mergeable": able if found.state is State.OPEN else NONE,
        "labels": ", ".join(found.labels) or NONE,
        "reviewers": ", ".join(found.reviewers) or NONE,
        "url": found.url,
    }
    # whoever may open one writes its text: a terminal must not obey it
    text = "\n".join(map(printable, found.body.rstrip().expandtabs().splitlines()))
    console.out(f"#{number} {printable(_title(found))}\n\n{_aligned(lines)}\n{text}\n")
    return _report("show", [found])


def merge(console: Console, *, number: int, dry_run: bool) -> Report:
    """Merges one.

    Raises:
        ForgeError: it cannot be merged; the message says why.
    """
    with _home(console) as home:
        if dry_run:
            found = home.changes.get(home.hosted, number)
            if found.state is State.CLOSED:
                raise ForgeError(f"#{number} is closed")
            if found.state is State.OPEN and (found.draft or found.mergeable is False):
                raise ForgeError(f"#{number} {'is a draft' if found.draft else 'cannot be merged as it is'}")
            return _foreseen("merge", found, State.MERGED)
        done = home.changes.merge(home.hosted, number)
    after = ("git pull",) if done.action is not Action.UNCHANGED else ()
    return _done("merge", done, State.MERGED).model_copy(update={"next": after})


def close(console: Console, *, number: int, dry_run: bool) -> Report:
    """Closes one without merging it.

    Raises:
        ForgeError: it is merged.
    """
    with _home(console) as home:
        if dry_run:
            found = home.changes.get(home.hosted, number)
            if found.state is State.MERGED:
                raise ForgeError(f"#{number} is merged already")
            return _foreseen("close", found, State.CLOSED)
        return _done("close", home.changes.close(home.hosted, number), State.CLOSED)


@contextmanager
def _home(console: Console) -> Iterator[Home]:
    """The forge of the repository here."""
    repo = git.find(console.place)
    with forges.opened(console, repo, forges.platform_of(repo)) as home:
        yield home


def _report(what: str, found: Iterable[ChangeRequest], **more: Any) -> Requests:
    return Requests(command=f"change {what}", requests=tuple(map(_record, found)), **more)


def _record(found: ChangeRequest) -> dict[str, Any]:
    """A change request as JSON has it."""
    return {
        **{name: getattr(found, name) for name in ("number", "url", "head", "base", "title", "body", "commit")},
        "author": found.author,
        "state": found.state.value,
        "draft": found.draft,
        "labels": list(found.labels),
        "reviewers": list(found.reviewers),
        "checks": found.checks.value if found.checks else None,
        "mergeable": found.mergeable,
    }


def _done(what: str, done: Ensured[ChangeRequest], state: State) -> Report:
    name = f"#{done.value.number}"
    already = " already" if done.action is Action.UNCHANGED else ""
    made = Made(action=done.action.value, kind=KIND, name=name)
    return _report(what, [done.value], forge=(made,), summary=f"{KIND} {name} is {state.value}{already}")


def _foreseen(what: str, found: ChangeRequest, state: State) -> Report:
    action, name = Action.UNCHANGED if found.state is state else Action.UPDATED, f"#{found.number}"
    told = f"is {state.value} already" if found.state is state else f"would be {state.value}"
    made = Made(action=action.value, kind=KIND, name=name)
    return _report(what, [found], dry_run=True, forge=(made,), summary=f"{KIND} {name} {told}")


def _title(found: ChangeRequest) -> str:
    return f"{found.title} (draft)" if found.draft else found.title


def _cut(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def _aligned(lines: dict[str, str]) -> str:
    width = max(map(len, lines))
    return "".join(f"{name.ljust(width)}  {printable(value)}\n" for name, value in lines.items())
