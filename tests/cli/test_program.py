"""The command line as a whole, as a program of its own."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from scaffolder import __version__
from scaffolder.cli.app import app
from scaffolder.cli.catalogue import ENTRIES, SWITCHES
from tests.support.place import Place
from tests.testbed.processes import eventually

COMMANDS = [
    "new",
    "add-app",
    "add-cluster",
    "add-environment",
    "add-tenant",
    "remove",
    "move",
    "promote",
    "pin",
    "list",
    "sync",
    "diff",
    "check",
    "update",
    "adopt",
    "vendor",
    "rehearse",
    "doctor",
    "schema",
    "bootstrap",
    "change",
]
GROUPS = {"bootstrap": ("git", "local", "gitea", "github", "gitlab"), "change": ("list", "show", "merge", "close")}
LEAVES = [
    *([name] for name in COMMANDS if name not in GROUPS),
    *([group, name] for group, names in GROUPS.items() for name in names),
]


@pytest.fixture(autouse=True)
def _this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that is started is the one that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def start(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "scaffolder", *words],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_waits_for_none_of_the_large_libraries() -> None:
    code = (
        "import sys; from scaffolder.cli.app import program; program(['--help'])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = set(done.stderr.split())
    assert (
        loaded & {"pydantic", "jinja2", "git", "yaml", "copier", "rich", "asyncio", "http", "ssl", "tempfile"} == set()
    )
    assert "typer" in loaded


def test_help_names_every_command_on_one_line_each() -> None:
    lines = start("--help").stdout.partition("Commands:\n")[2].splitlines()

    assert [line.split()[0] for line in lines] == COMMANDS
    assert not [line for line in lines if line.endswith("...")]


@pytest.mark.parametrize("name", ENTRIES)
def test_what_help_says_of_a_command_is_the_first_line_of_its_own_help(name: str) -> None:
    about = start(name, "--help").stdout.split("\n\n")[1].strip().splitlines()[0].strip()

    assert about.startswith(ENTRIES[name].about.rstrip("."))


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_option_is_told_and_fits_on_a_terminal(words: list[str]) -> None:
    text = start(*words, "--help", COLUMNS="80").stdout

    command = typer.main.get_command(app)
    for word in words:
        command = getattr(command, "commands")[word]  # noqa: B009  typer does not export its group
    told = [param for param in command.params if not getattr(param, "hidden", False)]  # what is refused is not told
    assert all(flag in text for param in told for flag in param.opts if flag.startswith("--"))
    assert all(getattr(param, "help", "") for param in told)
    assert max(map(len, text.splitlines())) <= 80


def test_the_version_is_told(place: Place) -> None:
    assert place.run("--version").out == f"scaffolder {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said", "way"),
    [
        (["new"], "missing argument 'DIR'", "scaffolder new --help"),
        (["nwe"], "no such command 'nwe'. Did you mean 'new'?", "scaffolder --help"),
        (["check", "--fix"], "no such option: --fix", "scaffolder check --help"),
        (["new", "a", "b"], "got unexpected extra argument", "scaffolder new --help"),
        (["add-cluster", "x"], "missing option '--environment'", "scaffolder add-cluster --help"),
        (["bootstrap", "githup"], "no such command 'githup'", "scaffolder bootstrap --help"),
        (["bootstrap", "local", "--token-auth"], "no such option: --token-auth", "scaffolder bootstrap local --help"),
        (["schema", "ap"], "invalid value for 'KIND': 'ap' is not one of 'platform'", "scaffolder schema --help"),
        (["sync", "--output", "xml"], "invalid value for '--output'", "scaffolder sync --help"),
        (["new", "--name"], "option '--name' requires an argument", "scaffolder new --help"),
    ],
)
def test_a_command_line_that_cannot_be_understood_ends_with_2_and_the_way_to_help(
    place: Place, words: list[str], said: str, way: str
) -> None:
    ran = place.run(*words, code=2)

    first, second = ran.err.splitlines()
    assert first.startswith(f"✗ {said}")
    assert second == f"  {way} says what there is"
    assert ran.out == ""


@pytest.mark.parametrize("words", [["--output", "json"], ["--output=json"], ["-o", "json"], ["-o=json"], ["-ojson"]])
def test_it_is_answered_in_json_where_json_was_asked_for(place: Place, words: list[str]) -> None:
    ran = place.run("check", *words, "--fix", code=2)

    report = json.loads(ran.out)
    assert (report["command"], report["exitCode"]) == ("check", 2)
    assert report["findings"][0]["message"] == "no such option: --fix"
    assert ran.err == ""


def test_every_switch_of_bootstrap_takes_go_s_true_and_false() -> None:
    command = typer.main.get_command(app)
    forges = getattr(command, "commands")["bootstrap"].commands.values()  # noqa: B009  typer does not export its group

    flags = {param.opts[0] for forge in forges for param in forge.params if param.is_flag}
    assert flags - {"--help"} == SWITCHES


@pytest.mark.parametrize(
    ("word", "there"), [("--dry-run=true", False), ("--dry-run=0", True), ("--dry-run=F", True), ("--dry-run=1", False)]
)
def test_a_switch_may_be_written_as_go_programs_take_it(place: Place, word: str, there: bool) -> None:  # noqa: FBT001
    place.run("new", "fleet", word)

    assert (place.root / "fleet").exists() is there


def test_what_stands_behind_two_dashes_is_no_switch(place: Place) -> None:
    ran = place.run("new", "--", "--dry-run=true", code=2)

    assert "`--dry-run=true` cannot be the name of a platform" in ran.err


def test_bash_is_offered_the_commands() -> None:
    done = start("--show-completion", "bash")
    words = start(_SCAFFOLDER_COMPLETE="complete_bash", COMP_WORDS="scaffolder add-", COMP_CWORD="1")

    assert "complete -o default -F _scaffolder_completion scaffolder" in done.stdout
    assert words.stdout.split() == ["add-app", "add-cluster", "add-environment", "add-tenant"]


def test_bash_is_offered_the_options_of_a_command() -> None:
    words = start(_SCAFFOLDER_COMPLETE="complete_bash", COMP_WORDS="scaffolder bootstrap local --comp", COMP_CWORD="3")

    assert words.stdout.split() == ["--components", "--components-extra"]


def test_a_working_directory_that_is_gone_is_told_so(tmp_path: Path) -> None:
    script = f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir {tmp_path}/x; {sys.executable} -m scaffolder sync"

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, "✗ the working directory is gone\n  cd to a folder that exists\n")


@pytest.mark.parametrize(
    "words",
    ["schema app | head -1", "schema app | true", "--help | true", "check --nope 2>&1 | true", "sync 2>&1 | true"],
)
def test_a_reader_that_goes_away_is_no_failure(place: Place, words: str) -> None:
    script = f"set -o pipefail; {sys.executable} -m scaffolder {words}; echo ended ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", script], cwd=place.root, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1] == f"ended {2 if '2>' in words else 0}"
    assert done.stderr == ""


def test_work_goes_on_when_nobody_reads_what_is_said(place: Place) -> None:
    script = f"{sys.executable} -m scaffolder new fleet 2>&1 | true"

    subprocess.run(["bash", "-c", script], cwd=place.root, check=True)

    assert place.inside("fleet").git("status", "--porcelain") == ""


def test_an_output_that_is_full_is_an_error_of_one_line() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m scaffolder schema app >/dev/full"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, "✗ standard output cannot be written: no space left on device\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_outputs_are_no_obstacle(place: Place, closed: str) -> None:
    script = f"{sys.executable} -m scaffolder new fleet {closed}"

    done = subprocess.run(["sh", "-c", script], cwd=place.root, check=False)

    assert done.returncode == 0


@pytest.mark.parametrize(
    "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_a_terminal_that_knows_ascii_alone_is_served(
    place: Place, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    place.write("é/gitops.yaml", "")

    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    done = start("new", "fleet", "--file", "é/gitops.yaml", cwd=place.root)
    help_text = start("add-app", "--help")

    assert done.returncode == 3
    assert done.stderr[:2] in ("x ", "✗ ")
    assert help_text.returncode == 0


def test_json_is_ascii_whatever_is_in_it(place: Place) -> None:
    done = start("new", "fleet", "--file", "é.yaml", "-ojson", cwd=place.root, PYTHONIOENCODING="ascii")

    assert json.loads(done.stdout)["findings"][0]["message"].startswith("--file é.yaml cannot be read")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_one_that_is_told_to_end_leaves_nothing_behind(place: Place, tmp_path: Path, told: signal.Signals) -> None:
    slow, scratch, mark = tmp_path / "bin" / "git", tmp_path / "scratch", tmp_path / "mark"
    scratch.mkdir()
    slow.parent.mkdir()
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *" init "*) touch {mark}; exec sleep 60;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    slow.chmod(0o755)
    environment = {**os.environ, "TMPDIR": str(scratch), "PATH": f"{slow.parent}:{os.environ['PATH']}"}
    words = ("bootstrap", "local", "--repository=fleet", "--path=clusters/prod", f"--root={tmp_path / 'forge'}")

    process = subprocess.Popen(
        [sys.executable, "-m", "scaffolder", *words], cwd=place.root, env=environment, stderr=subprocess.PIPE, text=True
    )
    eventually(mark.exists, 20, lambda: "it has not begun")
    process.send_signal(told)
    said = process.communicate(timeout=20)[1]

    assert process.returncode == 130
    assert said.endswith("✗ interrupted\n  run the command again to finish it\n")
    assert list(scratch.iterdir()) == []


def seen_on_a_terminal(words: list[str], cwd: Path, **environment: str) -> str:
    """What a person sees of a command on a terminal."""
    seen = b""
    child, terminal = pty.fork()
    if not child:
        os.chdir(cwd)  # noqa: TID251  the child's own
        os.environ.pop("NO_COLOR", None)
        os.environ.update({"TERM": "xterm", **environment})
        os.execv(sys.executable, [sys.executable, "-m", "scaffolder", *words])
    try:
        while block := os.read(terminal, 4096):
            seen += block
    except OSError:  # the other end is closed
        pass
    os.waitpid(child, 0)
    return seen.decode()


@pytest.mark.filterwarnings("ignore:This process")
def test_a_terminal_has_colours_unless_told_not_to(place: Place) -> None:
    words = ["new", "fleet", "--dry-run", "--yes"]

    assert "\x1b[32m✔\x1b[0m" in seen_on_a_terminal(words, place.root)
    assert "\x1b" not in seen_on_a_terminal(words, place.root, NO_COLOR="1")
    assert "\x1b" not in seen_on_a_terminal(words, place.root, TERM="dumb")


def test_what_is_no_terminal_gets_no_colours(place: Place) -> None:
    done = start("new", "fleet", "--dry-run", cwd=place.root, NO_COLOR="", TERM="xterm")

    assert done.returncode == 0
    assert "\x1b" not in done.stderr + done.stdout
