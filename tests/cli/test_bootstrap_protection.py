"""`repository.protection` in `bootstrap`: a platform's document says it, and a real Gitea is brought to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.work.bootstrap.protection import edited, ensured
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.rules import Label, MergeSettings, Protection, Rules
from scaffolder.report import Made, Report
from scaffolder.spec.model import Platform
from scaffolder.tree import File, Memory
from tests.cli.support import Make
from tests.support.gitea import Gitea
from tests.support.place import Place

Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def owner(gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    return gitea.organisation()


@pytest.fixture
def words(gitea: Gitea, flux: str, owner: str) -> Words:
    server = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    fleet = (f"--owner={owner}", "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}")
    return lambda *more: ("bootstrap", "gitea", *server, *fleet, *more)


def actions(out: str) -> list[tuple[str, str, str]]:
    return [(made["kind"], made["name"], made["action"]) for made in json.loads(out)["forge"]]


def rules(gitea: Gitea, owner: str) -> list[tuple[str, int, bool, bool]]:
    found = gitea.done("GET", f"repos/{owner}/fleet/branch_protections")
    named = ("rule_name", "required_approvals", "enable_push", "block_admin_merge_override")
    return [tuple(each[name] for name in named) for each in found]


def test_without_checks_none_are_brought_along_and_none_have_to_pass(
    gitea: Gitea, place: Place, words: Words, owner: str
) -> None:
    place.run(*words("--no-checks", "--protect"))

    (rule,) = gitea.done("GET", f"repos/{owner}/fleet/branch_protections")
    assert not rule["enable_status_check"]
    assert ".gitea" not in Place(gitea.repository(owner, "fleet")).git("ls-tree", "--name-only", "main")


def test_asked_for_by_a_flag_the_documents_say_it_and_the_branch_is_protected_after_the_push(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    dry = place.run(*words("--protect", "--dry-run", "--output=json"))
    ran = place.run(*words("--protect", "--output=json"))

    assert (
        actions(dry.out)
        == actions(ran.out)
        == [
            ("repository", f"{owner}/fleet", "created"),
            ("branch protection", "main", "created"),
            ("merge settings", f"{owner}/fleet", "updated"),
            ("label", "scaffolder", "created"),
        ]
    )
    assert rules(gitea, owner) == [("main", 1, False, True)]
    [rule] = gitea.done("GET", f"repos/{owner}/fleet/branch_protections")
    assert rule["status_check_contexts"] == [
        f"check / {job} (pull_request)" for job in ("build", "documents", "secrets")
    ]
    assert gitea.done("GET", f"repos/{owner}/fleet")["default_delete_branch_after_merge"] is True
    assert "approvals: 1" in Place(gitea.repository(owner, "fleet")).git("show", "main:gitops.yaml")


def test_run_again_it_changes_nothing_by_four_reads_and_a_dry_run_says_the_same(
    gitea: Gitea, place: Place, words: Words
) -> None:
    place.run(*words("--protect"))
    before = gitea.requests()

    again = place.run(*words("--output=json"))

    calls = [line for line in gitea.requests()[len(before) :] if " /api/v1/" in line]
    assert {action for _, _, action in actions(again.out)} == {"unchanged"}
    assert [line.partition(" ")[0] for line in calls] == ["GET"] * 4
    assert actions(place.run(*words("--dry-run", "--output=json")).out) == actions(again.out)


def test_what_was_not_reached_or_was_changed_since_is_done_by_the_next_run_though_nothing_is_pushed(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    place.run(*words("--protect"))
    path = f"repos/{owner}/fleet/branch_protections"
    gitea.ask("DELETE", f"{path}/main")

    place.run(*words())
    gitea.done("PATCH", f"{path}/main", {"enable_push": True})
    ran = place.run(*words("--output=json"))

    assert ("branch protection", "main", "updated") in actions(ran.out)
    assert rules(gitea, owner) == [("main", 1, False, True)]


def test_who_may_push_but_not_protect_is_told_so_after_the_push(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = gitea.user()
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet"})
    gitea.done("PUT", f"repos/{owner}/fleet/collaborators/{user}", {"permission": "write"})
    monkeypatch.setenv("GITEA_TOKEN", gitea.token_of(user))

    ran = place.run(*words("--protect"), code=7)

    assert f"✗ the protected branches of {owner}/fleet cannot be read: " in ran.err
    assert ran.err.endswith("  the token's user lacks the permission\n")
    assert Place(gitea.repository(owner, "fleet")).git("log", "--format=%s", "main")


@pytest.mark.parametrize(
    ("before", "protect", "after"),
    [
        ("{url: https://h.example/a/b}", True, "{url: https://h.example/a/b, protection: {approvals: 1}}"),
        ("{branch: main, protection: {approvals: 2}}", False, "{branch: main}"),
        ("{protection: {approvals: 2}}", True, None),
        ("{protection: {approvals: 2}}", None, None),
        ("{branch: main}", False, None),
    ],
)
def test_a_flag_edits_the_documents_where_they_say_otherwise(
    *, before: str, protect: bool | None, after: str | None
) -> None:
    text = "kind: platform\nname: acme\nrepository: {}\n"
    tree = Memory({"gitops.yaml": File(text.format(before).encode())})

    found = edited(tree, protect=protect)

    assert found == ({"gitops.yaml": File(text.format(after).encode())} if after else {})


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_forge_without_an_api_gets_a_note(repository: Make, more: tuple[str, ...]) -> None:
    ran = repository(PROTECTED).run("bootstrap", "local", "--root=../forge", *more)

    assert "◎ `repository.protection` is not brought to a forge: `local` has no API for it\n" in ran.err


class Poor:
    """A forge that lacks what costs more."""

    def ensure_settings(self, _hosted: Hosted, _wanted: MergeSettings) -> Action:
        return Action.UNCHANGED

    def ensure_label(self, _hosted: Hosted, _wanted: Label) -> Action:
        return Action.UNCHANGED

    def ensure_protection(self, _hosted: Hosted, wanted: Protection) -> Ensured[Protection]:
        return Ensured(Protection(wanted.branch, wanted.checks, 0), Action.UPDATED)


def test_what_a_forge_lacks_is_a_note() -> None:
    hosted = Hosted("acme", "fleet", "private", "https://git.example.com/acme/fleet.git", None)
    said = {"protection": {"approvals": 2, "code_owners": True}}
    platform = Platform.model_validate({"kind": "platform", "name": "acme", "repository": said}, by_name=True)
    made = Report(command="bootstrap gitlab", forge=(Made(action="unchanged", kind="repository", name="acme/fleet"),))

    report = ensured(made, Console(json=True), cast("Rules", Poor()), platform, hosted)

    assert [finding.message for finding in report.findings] == [
        "`main` is protected, but does not ask for 2 approvals: this edition of the forge lacks it",
        "`main` is protected, but does not ask for the approval of code owners: this edition of the forge lacks it",
    ]


PROTECTED = """
    kind: platform
    name: acme
    domain: example.com
    repository: {forge: gitea, protection: {approvals: 2}}
    ---
    kind: environment
    name: prod
    ---
    kind: cluster
    name: prod-1
    environment: prod
    """


def test_where_nobody_may_push_a_dry_run_says_that_it_becomes_a_change_request_and_what_waits_for_it_is_told(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    place.run(*words("--protect", "--no-checks"))
    later = words("--interval=7m", "--secret-file=secret.yaml")

    foreseen = place.run(*words("--interval=7m", "--dry-run"))
    ran = place.run(*later)

    assert foreseen.err.endswith('✔ "main" is protected: this would become a change request\n')
    assert "change request #1 is opened" in ran.err
    assert "scaffolder bootstrap gitea --secret-file …" in ran.err
    assert gitea.done("GET", f"repos/{owner}/fleet/pulls")[0]["head"]["ref"] == "scaffolder/bootstrap"
    assert place.files() == {}
