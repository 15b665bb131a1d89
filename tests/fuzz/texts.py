"""Texts that are nearly right."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = [
    *(
        "",
        " ",
        "\n",
        "  ",
        "\t",
        "\r\n",
        "\r",
        ":",
        ": ",
        "- ",
        "? ",
        "#",
        " # c\n",
        ",",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        "{}",
        "[]",
        "[[[[[[[[",
        "{a: {a: {a: ",
        "&a ",
        "*a",
        "<<: *a",
        "!!str ",
        "!!python/name:os.x ",
    ),
    *('"', "'", "|\n", ">-\n", "\\", '"\\x00"', "~", "null", "true", "yes", "0o17", "1e3", "-1", "9" * 400, ".inf"),
    *("{{ x }}", "{% raw %}", "{#", "${X}", "$${X}", "${DOMAIN", "$(id)", "`id`", "../..", "/etc", ".git/config"),
    *("\x00", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\u202e", "é", "🚀", "\U0010ffff", "x" * 300, "a/" * 200),
    *(
        "kind: app\n",
        "name: web\n",
        "kind: platform\n",
        "name: ..\n",
        "environments: [dev]\n",
        "overlays: {prod: {}}\n",
    ),
    *("<<<<<<< yours\n", "=======\n", ">>>>>>> template\n", "# scaffolder 2\n", "+ gitops.yaml\n", ". gitops.yaml\n"),
]


@st.composite
def spoilt(draw: st.DrawFn, text: bytes) -> bytes:
    """A text in which a few pieces were put in, or took the place of something."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 0, 1, 2, 8, 40])))
        piece = draw(st.sampled_from(PIECES).map(str.encode) | st.binary(max_size=4))
        text = text[:start] + piece + text[end:]
    return text
