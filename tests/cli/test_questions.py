"""The questions of `new`, asked and answered in a real terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.support.place import Place

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds until something must be on the screen
CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"
CHART = "podinfo https://stefanprodan.github.io/podinfo 6.3.5"
ENVIRONMENTS = "Environments, in the order that changes travel [dev, staging, prod]: "
QUESTIONS = {
    "Name of the platform [fleet]: ": "acme",
    "URL of its repository [none]: ": "https://git.example.com/acme/fleet.git",
    ENVIRONMENTS: "qa live",
    "Clusters of qa [qa-1]: ": "",
    "Clusters of live [live-1]: ": "eu, us",
    "Flux version [v2.9.4]: ": "v2.8.8",
    "First app, a Helm chart: NAME URL [VERSION] [none]: ": CHART,
}
GO_AHEAD = "Go ahead? [Y/n]: "


class Terminal:
    """A command in a terminal of its own, and somebody who reads and types."""

    def __init__(self, *words: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has threads; the child needs none
            self.child, self.screen = pty.fork()
        if not self.child:
            os.environ["PYTHONPATH"] = str(ROOT)
            os.execv(sys.executable, [sys.executable, "-m", "scaffolder", *words])
        self.seen = ""

    def asks(self, question: str) -> str:
        """Waits for a question to stand at the end of the screen; all that was seen since the last answer."""
        while not self.seen.endswith(question):
            text = self._more()
            assert text, f"{question!r} is not asked, but: {self.seen}"
            self.seen += text
        seen, self.seen = self.seen, ""
        return seen

    def types(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def leaves(self, key: str) -> tuple[int, str]:
        """Presses a key, again where Python was not listening yet; what `ends` says."""
        for _ in range(int(PATIENCE)):
            self.types(key)
            while select.select([self.screen], [], [], 1)[0]:
                text = self._more()
                self.seen += text
                if not text:
                    return self.ends()
        raise AssertionError(self.seen)

    def ends(self) -> tuple[int, str]:
        """The exit code, and what was said to the end."""
        while text := self._more():
            self.seen += text
        os.close(self.screen)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1]), self.seen

    def _more(self) -> str:
        assert select.select([self.screen], [], [], PATIENCE)[0], f"nothing more after: {self.seen}"
        try:
            return os.read(self.screen, 4096).decode().replace("\r\n", "\n")
        except OSError:  # the command has ended
            return ""


def answer(terminal: Terminal, questions: dict[str, str]) -> None:
    for question, text in questions.items():
        terminal.asks(question)
        terminal.types(text + ENTER)


def before(question: str) -> dict[str, str]:
    """The questions that come before one."""
    names = list(QUESTIONS)
    return {name: QUESTIONS[name] for name in names[: names.index(question)]}


def test_what_is_answered_stands_in_the_documents(place: Place) -> None:
    terminal = Terminal("new", str(place.root / "fleet"))

    answer(terminal, QUESTIONS)
    plan = terminal.asks(GO_AHEAD)
    assert not (place.root / "fleet").exists()
    terminal.types(ENTER)

    assert terminal.ends()[0] == 0
    assert "fleet would hold 2 environments and 3 clusters" in plan
    text = place.read("fleet/gitops.yaml")
    assert "name: acme\n" in text
    assert "url: https://git.example.com/acme/fleet.git\n" in text
    assert "name: live\nafter: qa\n" in text
    assert "name: qa-1\nenvironment: qa\n" in text
    assert "name: us\nenvironment: live\n" in text
    assert "version: v2.8.8\n" in text
    assert "version: 6.3.5\n" in place.read("fleet/gitops/apps/podinfo.yaml")


def test_whoever_only_presses_enter_gets_what_is_made_without_questions(place: Place) -> None:
    place.run("new", "silent", "--name", "fleet")
    terminal = Terminal("new", str(place.root / "fleet"))

    for question in ("platform [fleet]", "[none]", "[dev, staging, prod]", "[dev-1]", "[staging-1]", "[prod-1]"):
        answer(terminal, {f"{question}: ": ""})
    answer(terminal, {"[v2.9.4]: ": "", "[none]: ": "", GO_AHEAD: ""})

    assert terminal.ends()[0] == 0
    assert place.inside("fleet").files() == place.inside("silent").files()
    assert place.inside("fleet").git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("number", "wrong", "reason"),
    [
        (0, "Fleet!", "`Fleet!` cannot be the name of a platform: it must be a DNS label"),
        (0, "\x1bOA", "must be one line of printable text"),
        (1, "git@github.com:acme/fleet", "Flux does not know the short form, write ssh://git@github.com/acme/fleet"),
        (2, "dev base", "environment `base`: `base` is reserved"),
        (2, ", ,", "must be one name at least"),
        (4, "qa-1", "the cluster `qa-1` is in `qa` already"),
        (5, "2.9.4", "`2.9.4` is not a Flux release such as v2.9.4; write v2.9.4"),
        (6, "podinfo", "must be NAME URL [VERSION], such as podinfo https://stefanprodan.github.io/podinfo 6.3.5"),
        (6, "podinfo ftp://x", "must be a URL that starts with https:// or oci:// or http://"),
        (6, "fleet https://x.example.com", "`fleet` is reserved"),
    ],
)
def test_a_wrong_answer_is_asked_again_with_the_reason(place: Place, number: int, wrong: str, reason: str) -> None:
    question = list(QUESTIONS)[number]
    terminal = Terminal("new", str(place.root / "fleet"))
    answer(terminal, before(question))
    terminal.asks(question)

    terminal.types(wrong + ENTER)

    assert reason in terminal.asks(question)
    assert terminal.leaves(CTRL_C)[0] == 130


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("question", [*list(QUESTIONS)[::3], GO_AHEAD])
def test_who_leaves_at_any_question_leaves_nothing_behind(place: Place, key: str, question: str) -> None:
    terminal = Terminal("new", str(place.root / "fleet"))
    answer(terminal, QUESTIONS if question == GO_AHEAD else before(question))
    terminal.asks(question)

    code, said = terminal.leaves(key)

    assert code == 130
    assert said.endswith("\n✗ stopped before anything was written\n")
    assert list(place.root.iterdir()) == []


def test_who_says_no_to_the_plan_leaves_nothing_behind(place: Place) -> None:
    terminal = Terminal("new", str(place.root / "fleet"))

    answer(terminal, {**QUESTIONS, GO_AHEAD: "n"})

    assert terminal.ends() == (130, "n\n✗ stopped before anything was written\n")
    assert list(place.root.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("--name=a",), "URL of its repository [none]: "),
        (("--name=a", "--url=https://x.example.com/y"), ENVIRONMENTS),
        (("--name=a", "--url=https://x.example.com/y", "--environment=qa"), "Clusters of qa [qa-1]: "),
        (("--name=a", "--url=https://x.example.com/y", "--cluster=qa/one"), "Flux version [v2.9.4]: "),
        (
            ("--name=a", "--url=https://x.example.com/y", "--cluster=qa/one", "--flux-version=v2.9.4"),
            "First app, a Helm chart: NAME URL [VERSION] [none]: ",
        ),
    ],
)
def test_what_a_flag_answers_is_not_asked(place: Place, words: tuple[str, ...], first: str) -> None:
    terminal = Terminal("new", str(place.root / "fleet"), *words)

    assert terminal.asks(first) == first

    assert terminal.leaves(CTRL_D)[0] == 130


def test_a_wrong_flag_is_told_before_the_first_question(place: Place) -> None:
    code, said = Terminal("new", str(place.root / "fleet"), "--flux-version=2").ends()

    assert code == 2
    assert said.startswith("✗ platform ")
    assert "is not a Flux release" in said


def test_a_folder_that_is_not_empty_is_refused_before_the_first_question(place: Place) -> None:
    place.write("fleet/mine", "")

    code, said = Terminal("new", str(place.root / "fleet")).ends()

    assert (code, said.splitlines()[0]) == (2, f"✗ {place.root}/fleet is not empty")


@pytest.mark.parametrize("words", [("--yes",), ("--file=docs.yaml",), ("--output=json",), ("--yes", "--dry-run")])
def test_who_wants_no_questions_gets_none_on_a_terminal_either(place: Place, words: tuple[str, ...]) -> None:
    docs = place.write("docs.yaml", "kind: platform\nname: acme\n")
    given = [word.replace("docs.yaml", str(docs)) for word in words]

    code, said = Terminal("new", str(place.root / "fleet"), *given).ends()

    assert code == 0
    assert "]: " not in said
    assert (place.root / "fleet/.git").exists() == ("--dry-run" not in words)


def test_a_dry_run_asks_for_what_is_to_be_shown_and_not_whether_to_go_ahead(place: Place) -> None:
    terminal = Terminal("new", str(place.root / "fleet"), "--dry-run")
    answer(terminal, QUESTIONS)

    code, said = terminal.ends()

    assert code == 0
    assert "would hold 2 environments and 3 clusters" in said
    assert GO_AHEAD not in said
    assert list(place.root.iterdir()) == []


@pytest.mark.parametrize("missing", ["input", "output"])
def test_without_a_terminal_on_both_sides_nothing_is_asked(place: Place, missing: str) -> None:
    screen, terminal = pty.openpty()
    reads, writes = (None, terminal) if missing == "input" else (terminal, None)

    done = subprocess.run(
        [sys.executable, "-m", "scaffolder", "new", str(place.root / "fleet")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=reads or subprocess.DEVNULL,
        stdout=writes or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    for side in (screen, terminal):
        os.close(side)

    assert done.returncode == 0
    assert b"[none]" not in done.stderr
    assert (place.root / "fleet/.git").is_dir()
