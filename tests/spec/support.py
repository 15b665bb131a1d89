"""Documents in memory, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping

from scaffolder.errors import DocumentError
from scaffolder.flux import rules
from scaffolder.spec.load import Key, Spec
from scaffolder.tree import File, Memory

SMALL = (
    "{kind: platform, name: acme, domain: example.com, variables: {LOG: info}}\n",
    "{kind: environment, name: dev}\n",
    "{kind: environment, name: prod, after: dev}\n",
)
CHART = "chart: {name: web, url: https://charts.example.com}"


def small(*documents: str) -> str:
    """A platform with two environments, a line each, and more documents; the first of them starts in line 7."""
    return "---\n".join((*SMALL, *(document if document.endswith("\n") else f"{document}\n" for document in documents)))


def source(documents: str | Mapping[str, str]) -> Memory:
    """A text is `gitops.yaml`; a mapping is files by path."""
    files = {"gitops.yaml": documents} if isinstance(documents, str) else documents
    return Memory({path: File(text.encode()) for path, text in files.items()})


def problems(documents: str | Mapping[str, str], keys: list[Key] | None = None) -> list[str]:
    """Every line that is told of the documents."""
    try:
        rules.check(Spec(source(documents)), keys)
    except DocumentError as error:
        return list(error.problems)
    return []


def told(*documents: str) -> list[str]:
    """What is told of documents beside the small ones, without the file's name."""
    return [line.removeprefix("gitops.yaml:") for line in problems(small(*documents))]
