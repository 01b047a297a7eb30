"""`swarm explain CODE`: what a code means, taken from the error tree itself."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Annotated, TypeGuard

import typer

from compute_swarm.cli.output import console, show_json, show_pairs
from compute_swarm.errors import CodeUnknown, SwarmError


def explain(
    code: Annotated[str, typer.Argument(help="the code of a refusal; none lists them all")] = "",
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Say what an error's code means and what to do about it."""
    entries = {entry["code"]: entry for entry in map(_entry, _leaves(SwarmError))}
    if code and code not in entries:
        near = tuple(sorted(known for known in entries if known.split(".")[0] in code))
        raise CodeUnknown(code, near)
    if json:
        show_json(entries[code] if code else entries)
    elif code:
        show_pairs(dict(entries[code]))
    else:
        for known in sorted(entries):
            console.print(f"{known:32} {entries[known]['says']}", markup=False, highlight=False)


def _leaves(kind: type[SwarmError]) -> Iterator[type[SwarmError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _leaves(child)


def _entry(kind: type[SwarmError]) -> dict[str, str]:
    parents = [parent for parent in kind.__mro__ if issubclass(parent, SwarmError)]
    meaning = next((parent.__doc__ for parent in parents if parent.__doc__), "")
    return {
        "code": kind.code,
        "means": inspect.cleandoc(meaning or ""),
        "says": _template(kind, "sentence"),
        "do": _template(kind, "action"),
        "exit": str(kind.exit_status),
    }


def _template(kind: type[SwarmError], name: str) -> str:
    """Return the text that the property builds, with the names of the values left in."""
    getter = inspect.getattr_static(kind, name).fget
    tree = ast.parse(textwrap.dedent(inspect.getsource(getter)))
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return _words(returned[-1]) if returned and returned[-1] is not None else ""


def _words(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_words, parts))
        case ast.FormattedValue(value=value):
            named = [part.attr for part in ast.walk(value) if _of_self(part)]
            return f"<{named[0]}>" if named else "…"
        case _:
            return "…"


def _of_self(node: ast.AST) -> TypeGuard[ast.Attribute]:
    match node:
        case ast.Attribute(value=ast.Name(id="self")):
            return True
        case _:
            return False
