"""The one Jinja environment: sandboxed, strict, and with nothing in it that Copier does not have too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from scaffolder.errors import TemplateError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OPTIONS: Final = frozenset({"trim_blocks", "lstrip_blocks", "keep_trailing_newline"})


def environment(options: Mapping[str, Any], name: str) -> jinja2.Environment:
    """An environment with the options of a template's `_envops`.

    Raises:
        TemplateError: an option that we do not know.
    """
    if unknown := options.keys() - OPTIONS:
        raise TemplateError(f"{name}: unknown _envops: {', '.join(sorted(unknown))}")
    env = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False, **options)
    for forbidden in ("lipsum", "cycler", "joiner"):  # random, or with a memory
        env.globals.pop(forbidden, None)
    env.filters.pop("random", None)
    return env


def compiled(env: jinja2.Environment, text: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    """The text as a function of the inputs.

    Raises:
        TemplateError: from here when the text is not Jinja, from the function when it uses what is not there.
    """
    try:
        template = env.from_string(text)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{name}:{error.lineno}: {error.message}") from None
    template.globals = dict(template.globals)  # a ChainMap is copied for every render: four times slower

    def render(inputs: Mapping[str, Any]) -> str:
        try:
            return template.render(inputs)
        except Exception as error:  # noqa: BLE001  a template can raise anything
            line = _line(error)
            raise TemplateError(f"{name}{f':{line}' if line else ''}: {printable(str(error))}") from None

    return render


def _line(error: BaseException) -> int | None:
    """The line of the template in which an error arose; Jinja's frames are named <template>."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
