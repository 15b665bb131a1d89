"""Every flag of `flux bootstrap` in Flux 2.9, and what ours does, for the reference; a test asks the real flux."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer.main

from scaffolder.cli.app import app
from scaffolder.cli.bootstrap_kubectl import REFUSED

SAME: Final = "the same"
KUBECTL: Final = "with `--apply`: handed on to kubectl"
APPLY: Final = "with `--apply`: the same"
KINDS: Final = ("github", "gitlab", "gitea", "bitbucket-server", "git")

# of every kind: flag -> what ours does where it takes it
OF_ALL: Final = {
    "--as": KUBECTL,
    "--as-group": KUBECTL,
    "--as-uid": KUBECTL,
    "--as-user-extra": KUBECTL,
    "--author-email": "the same, of all three commits; without both, Flux's are by `Flux`, ours by whom git knows",
    "--author-name": "likewise",
    "--branch": "more: a branch that is missing is made from the default one, which is taken where none is given",
    "--ca-file": SAME,
    "--cache-dir": KUBECTL,
    "--certificate-authority": KUBECTL,
    "--client-certificate": KUBECTL,
    "--client-key": KUBECTL,
    "--cluster": KUBECTL,
    "--cluster-domain": SAME,
    "--commit-message-appendix": "the same, of all three commits",
    "--components": SAME,
    "--components-extra": SAME,
    "--context": APPLY,
    "--disable-compression": KUBECTL,
    "--force": APPLY,
    "--gpg-key-id": "the same; the ring's first key without it, also where there are several",
    "--gpg-key-ring": "the same, through the `gpg` on the PATH, which reads armored rings too",
    "--gpg-passphrase": "the same, better as `GPG_PASSPHRASE`",
    "--image-pull-secret": SAME,
    "--insecure-skip-tls-verify": KUBECTL,
    "--interval": SAME,
    "--kube-api-burst": SAME,
    "--kube-api-qps": SAME,
    "--kubeconfig": APPLY,
    "--log-level": SAME,
    "--manifests": "more: also a release's `manifests.tar.gz`, or its URL",
    "--namespace": "the same, also as `FLUX_SYSTEM_NAMESPACE`",
    "--network-policy": SAME,
    "--ns-follows-kube-context": SAME,
    "--path": "the same; it names the environment and the cluster, or the cluster of a repository with documents",
    "--private-key-file": SAME,
    "--recurse-submodules": SAME,
    "--registry": SAME,
    "--registry-creds": "with `--apply`: the same, better as `FLUX_REGISTRY_CREDS`",
    "--secret-name": SAME,
    "--server": KUBECTL,
    "--sparse-checkout": "more: a list that lacks a folder which the cluster needs is refused",
    "--ssh-ecdsa-curve": APPLY,
    "--ssh-hostkey-algos": SAME,
    "--ssh-hostname": SAME,
    "--ssh-key-algorithm": APPLY,
    "--ssh-rsa-bits": APPLY,
    "--ssh-signing-key-file": SAME,
    "--ssh-signing-password": "the same, better as `SSH_SIGNING_PASSWORD`",
    "--ssh-signing-reuse-private-key": SAME,
    "--timeout": "with `--apply`: for all waits together",
    "--tls-server-name": KUBECTL,
    "--token": SAME,
    "--token-auth": SAME,
    "--toleration-keys": SAME,
    "--user": KUBECTL,
    "--verbose": SAME,
    "--version": "more: any release that is known or given, whatever Flux is installed",
    "--watch-all-namespaces": SAME,
}
OF_FORGES: Final = {
    "--hostname": "more: with a port, and a path behind it",
    "--owner": SAME,
    "--personal": SAME,
    "--read-write-key": SAME,
    "--reconcile": "accepted: teams are seen to in any case, and Flux changes nothing else",
    "--repository": SAME,
}
PRIVATE: Final = {"--private": "the same, of a new repository"}
TEAM: Final = {"--team": "more: `NAME:PERMISSION` is one team, and one that there is not is an error"}
OF_KIND: Final = {
    "github": OF_FORGES | PRIVATE | TEAM,
    "gitlab": OF_FORGES | TEAM | {"--deploy-token-auth": SAME, "--visibility": "the same, of a new repository"},
    "gitea": OF_FORGES | PRIVATE | TEAM,
    "bitbucket-server": OF_FORGES | PRIVATE | {"--group": SAME, "--username": SAME},
    "git": {
        "--allow-insecure-http": SAME,
        "--password": "the same, better as `GIT_PASSWORD`",
        "--silent": SAME,
        "--url": "more: also a folder",
        "--username": SAME,
        "--with-bearer-token": SAME,
    },
}

INTRODUCTION: Final = """\
# The flags of `flux bootstrap`

What `scaffolder bootstrap` does with every flag of `flux bootstrap` in Flux 2.9, kind by kind. A flag that cannot be
honoured is refused before anything is done. Without `--apply` no cluster is touched, and flags about it are refused.
A switch may be written in Flux's way too: `--network-policy=false`.
"""


def ours() -> dict[str, dict[str, bool]]:
    """Our kinds: flag -> whether it is taken, and not refused."""
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands")["bootstrap"].commands  # noqa: B009
    return {
        kind: {
            flag: param.name not in REFUSED or not param.hidden
            for param in command.params
            for flag in param.opts
            if flag.startswith("--")
        }
        for kind, command in commands.items()
    }


def of_flux(kind: str) -> dict[str, str]:
    """The flags of one of Flux's kinds, and what ours does with each."""
    return OF_ALL | OF_KIND[kind]


def page() -> Iterator[str]:
    """One table for what all kinds have, and one for what each has beside it."""
    yield INTRODUCTION
    known = ours()
    yield "## Of every kind\n"
    yield from table({flag: told(flag, OF_ALL[flag], [kind for kind in KINDS if kind in known]) for flag in OF_ALL})
    for kind in KINDS:
        yield f"## {kind}\n"
        if kind not in known:
            yield "There is no such command here; `bootstrap git` pushes to a repository that was made there.\n"
            continue
        yield from table({flag: told(flag, note, [kind]) for flag, note in sorted(OF_KIND[kind].items())})


def told(flag: str, note: str, kinds: list[str]) -> str:
    """What the kinds do with a flag: what is noted, or why it is refused."""
    known = ours()
    refusing = [kind for kind in kinds if not known[kind].get(flag, False)]
    reason, hint = REFUSED.get(flag.strip("-").replace("-", "_"), ("", ""))
    refused = f"refused, as {reason}: {hint}"
    if not refusing:
        return note
    if refusing == kinds:
        return refused
    return f"{note}; of {', '.join(refusing)}: {refused}"


def table(rows: dict[str, str]) -> Iterator[str]:
    yield "| flag | ours |\n|---|---|"
    for flag, text in rows.items():
        yield f"| `{flag}` | {text} |"
    yield ""
