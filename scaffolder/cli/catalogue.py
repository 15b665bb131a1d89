"""Every command, in the order in which people meet them; each is imported when somebody asks for it."""

from __future__ import annotations

import importlib
from collections import UserDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
import typer.core
import typer.main

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter


class Entry(NamedTuple):
    """Where a command is declared, and its line in `--help`: importing all of them only for that would be slow."""

    module: str
    function: str
    about: str


ENTRIES: Final = {
    "new": Entry("new", "new", "Make and commit a repository."),
    "add-app": Entry("add_app", "add_app", "Add an app, from any kind of source."),
    "add-cluster": Entry("add", "add_cluster", "Add a cluster to an environment."),
    "add-environment": Entry("add", "add_environment", "Add an environment."),
    "add-tenant": Entry("add", "add_tenant", "Add a tenant: a namespace, and what is in each."),
    "remove": Entry("edit", "remove", "Remove a document, and what was generated from it."),
    "move": Entry("edit", "move", "Move a cluster to another environment."),
    "promote": Entry("edit", "promote", "Give an environment the versions that another one has."),
    "pin": Entry("edit", "pin", "Say what an environment follows: a tag or branch."),
    "list": Entry("listing", "list_", "List apps with their versions, or other documents."),
    "sync": Entry("repository", "sync", "Bring the files in step with the documents."),
    "diff": Entry("repository", "diff", "Show what sync would change."),
    "check": Entry("repository", "check", "Compare the files with the documents, and build them."),
    "update": Entry("repository", "update", "Bring newer or older templates in."),
    "adopt": Entry("adopt", "adopt", "Take a repository as it is."),
    "vendor": Entry("vendor", "vendor", "Put Flux's components into the repository."),
    "rehearse": Entry("rehearse", "rehearse", "Try the repository on a disposable cluster."),
    "doctor": Entry("doctor", "doctor", "Look whether all is there that bootstrap needs."),
    "schema": Entry("repository", "schema", "Print the JSON Schema of a kind of document."),
    "bootstrap": Entry("bootstrap", "app", "Put the repository on a forge, as flux bootstrap does."),
    "change": Entry("change", "app", "List, show, merge and close change requests."),
}

# flags that people of Flux also write as `--private=false`; the first of them have no `--no-` form
ONE_WAY: Final = frozenset({"--dry-run", "--change-request", "--auto-merge"})
SWITCHES: Final = ONE_WAY | frozenset(
    {
        *("--private", "--network-policy", "--watch-all-namespaces", "--recurse-submodules"),
        *("--token-auth", "--deploy-token-auth", "--silent", "--allow-insecure-http", "--apply", "--force"),
        *("--personal", "--read-write-key", "--reconcile", "--checks", "--protect"),
        *("--ssh-signing-reuse-private-key", "--with-bearer-token", "--draft"),
        *("--insecure-skip-tls-verify", "--disable-compression", "--ns-follows-kube-context", "--verbose"),
    }
)


class Commands(UserDict[str, Any]):
    """The commands by name."""

    def __init__(self) -> None:
        super().__init__(dict(ENTRIES))

    def __getitem__(self, name: str) -> Command:
        if isinstance(found := self.data[name], Entry):
            self.data[name] = found = _loaded(name, found)
        return found  # type: ignore[no-any-return]  # what is no entry any more is a command


def _loaded(name: str, entry: Entry) -> Command:
    found = getattr(importlib.import_module(f"scaffolder.cli.{entry.module}"), entry.function)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command(name)(found)
        found = alone
    return typer.main.get_command(found)


class Group(typer.core.TyperGroup):
    """The program's commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()

    def format_commands(self, _: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.about) for name, entry in ENTRIES.items()])
