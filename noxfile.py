"""What developers run; `nox -l` lists it."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and the direction of imports."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests; those that need programs built from source are skipped where these are missing."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def thorough(session: nox.Session) -> None:
    """The merge law on many more random branches, every app on more repositories, and long fuzzing: about an hour."""
    session.install("-e", ".[test]")
    more = {"SCAFFOLDER_LAW_CASES": "3000", "SCAFFOLDER_EVERY_APP": "12", "SCAFFOLDER_FUZZ": "2000"}
    session.run("pytest", "tests/laws", "tests/fuzz", "tests/render/test_every_app.py", *session.posargs, env=more)


@nox.session
def tools(session: nox.Session) -> None:
    """Build kustomize, kubeconform and the other programs that tests ask, or some by name; needs Go."""
    session.run("python", "-m", "tests.toolbox.build", *session.posargs)


@nox.session
def testbed(session: nox.Session) -> None:
    """A cluster with Flux beside it, and what it fetches from, until ^C; parts of it by name: -- plane git."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.testbed", *session.posargs, interrupt_timeout=30, terminate_timeout=30)


@nox.session
def reference(session: nox.Session) -> None:
    """Write docs/reference from the code."""
    session.install("-e", ".")
    session.run("python", "docs/reference/generate.py")


@nox.session
def freeze(session: nox.Session) -> None:
    """Release the templates as they are: write the archive of the version that templates/release.yaml names."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.support.freeze")


@nox.session
def golden(session: nox.Session) -> None:
    """Write the trees of examples/ as they come out now; look at the difference before you commit it."""
    session.install("-e", ".[test]")
    session.run("pytest", "tests/test_examples.py", "--update-golden")


@nox.session
def figures(session: nox.Session) -> None:
    """Measure, and write the table of benchmarks/."""
    session.install("-e", ".")
    session.run("python", "benchmarks/run.py", "--write")
