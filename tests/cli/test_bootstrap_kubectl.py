from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from scaffolder.cli.bootstrap_kubectl import of_kubectl, options
from tests.support.place import Place

OF_GIT = ("bootstrap", "git", "--url=x", "--path=clusters/prod")
OF_GITEA = ("bootstrap", "gitea", "--owner=a", "--repository=b")


def test_what_is_given_is_handed_on_in_kubectl_s_words() -> None:
    nothing = {name: parameter.default for name, parameter in inspect.signature(of_kubectl).parameters.items()}
    something = {"as_": "ada", "as_group": ["a", "b"], "cache_dir": Path("c"), "insecure_skip_tls_verify": True}

    assert options(nothing) == ()
    assert options(nothing | something) == (
        *("--as=ada", "--as-group=a", "--as-group=b"),
        *("--insecure-skip-tls-verify", "--cache-dir=c"),
    )


@pytest.mark.parametrize("words", [OF_GIT, OF_GITEA], ids=["git", "gitea"])
@pytest.mark.parametrize(
    "flag", ["--token=geheim", "--kube-api-qps=5", "--kube-api-burst=5", "--ns-follows-kube-context=true", "--verbose"]
)
def test_what_cannot_be_honoured_is_refused_with_a_way_out(place: Place, words: tuple[str, ...], flag: str) -> None:
    ran = place.run(*words, flag, code=2)

    message, hint, *rest = ran.err.splitlines()
    assert message.startswith(f"✗ {flag.partition('=')[0]} is not taken: ")
    assert hint.startswith("  ")
    assert rest == []
    assert "geheim" not in ran.err


@pytest.mark.parametrize("flag", ["--ssh-hostkey-algos=a", "--ssh-signing-reuse-private-key", "--private-key-file=k"])
def test_where_we_push_by_https_no_ssh_key_of_ours_is_asked_for(place: Place, flag: str) -> None:
    said = place.run(*OF_GITEA, flag, code=2).err

    assert said.startswith(f"✗ {flag.partition('=')[0]} is not taken: ")


@pytest.mark.parametrize("flag", ["--as=ada", "--cluster=c", "--disable-compression=true", "--registry-creds=a:b"])
def test_what_is_about_the_cluster_goes_with_apply_alone(place: Place, flag: str) -> None:
    said = place.run(*OF_GIT, flag, code=2).err

    assert said == f"✗ {flag.partition('=')[0]} is about the cluster\n  say --apply as well\n"
