"""What Babel extracts from the sources: the method `converter` of `babel.cfg`.

- templates in `t(...)`, `pt(context, ...)`, `N_(...)` and, with its plural, `N_(..., ...)`;
- the helps of options, and the docstrings of commands in paragraphs, as `help_parts` divides them;
- of the page's templates (the method `pages`), the texts in `t("...")`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import IO, Any

from converter.messages.help_text import help_parts

Found = tuple[int, str, str | tuple[str, str], list[str]]
"""Line, function, template (with its context before it) and comments, as Babel wants them."""


def extract(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Every template of a Python file."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            for part in help_parts(ast.get_docstring(node) or ""):
                yield node.lineno, "_", part, []


_IN_TEMPLATE = re.compile(r'\bt\("([^"]+)"')


def extract_template(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Found]:
    """Every text of a template of the page."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for text in _IN_TEMPLATE.findall(line):
            yield number, "_", text, []


def _of_call(call: ast.Call) -> Iterator[Found]:
    name = getattr(call.func, "id", "")
    texts = [node.value if isinstance(node, ast.Constant) else None for node in call.args[:2]]
    if name == "N_" and len(texts) == 2:
        yield call.lineno, "ngettext", (str(texts[0]), str(texts[1])), []
    elif name in ("t", "N_") and texts and isinstance(texts[0], str):
        yield call.lineno, "_", texts[0], []
    elif name == "pt" and len(texts) == 2 and isinstance(texts[1], str):
        yield call.lineno, "pgettext", (str(texts[0]), texts[1]), []
    for word in call.keywords:
        is_click = getattr(call.func, "attr", "").endswith("option")
        if is_click and word.arg == "help" and isinstance(word.value, ast.Constant):
            yield call.lineno, "_", str(word.value.value), []


def _is_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "attr", "") in ("command", "group")
