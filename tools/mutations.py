"""Small faults that a test suite should notice, planned from a contract's syntax tree.

Each mutation replaces one stretch of one source. Comments, layout and what never reaches the
bytecode are left alone, so that a survivor is a question about the tests.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Node = Mapping[str, Any]
Changes = Iterable[tuple[int, int, str]]

# Each comparison has its boundary moved, and besides is turned round.
_OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("/",),
    "<<": (">>",),
    ">>": ("<<",),
    "&": ("|",),
    "|": ("&",),
    "^": ("&",),
    "&&": ("||",),
    "||": ("&&",),
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
}
_ASSIGNMENTS: Final[Mapping[str, str]] = {
    "+=": "-=",
    "-=": "+=",
    "*=": "/=",
    "/=": "*=",
    "|=": "&=",
    "&=": "|=",
    "^=": "|=",
    "<<=": ">>=",
    ">>=": "<<=",
}
_INSTRUCTIONS: Final[Mapping[str, str]] = {
    "add": "sub",
    "sub": "add",
    "mul": "div",
    "div": "mul",
    "and": "or",
    "or": "and",
    "xor": "and",
    "shl": "shr",
    "shr": "shl",
    "lt": "gt",
    "gt": "lt",
    "eq": "lt",
}
_DELETED: Final = ("ExpressionStatement", "EmitStatement", "RevertStatement")


@dataclass(frozen=True, order=True, slots=True)
class Mutation:
    """A stretch of a source, in bytes, and what takes its place."""

    file: str
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def line(self, source: bytes) -> int:
        """The number of its first line, from 1."""
        return source.count(b"\n", 0, self.start) + 1

    def change(self, source: bytes) -> tuple[str, str]:
        """Its lines before and after, layout aside."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = source.find(b"\n", self.end)
        before, rest = source[first:last], source[self.end : last]
        after = source[first : self.start] + self.text.encode() + rest
        return _flat(before), _flat(after)


def _flat(lines: bytes) -> str:
    return " ".join(lines.decode().split())


def mutations(file: str, source: bytes, tree: Node) -> list[Mutation]:
    """Every mutation of a source, in order, each once."""
    found: set[Mutation] = set()
    for node in _nodes(tree):
        plan = _PLANS.get(node["nodeType"])
        if plan is not None:
            changes = plan(node, source)
            found.update(Mutation(file, start, end, text) for start, end, text in changes)
    return sorted(found)


def _nodes(tree: object) -> Iterator[Node]:
    """All nodes whose code runs: declarations of constants and of the outside's shape aside."""
    if isinstance(tree, list):
        for part in tree:
            yield from _nodes(part)
    elif isinstance(tree, dict):
        if tree.get("contractKind") == "interface":
            return
        if "nodeType" in tree and "src" in tree:
            yield tree
        for name, part in tree.items():
            if name not in ("documentation", "typeName", "overrides"):
                yield from _nodes(part)


def _span(node: Node) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def _operator(node: Node, source: bytes) -> Changes:
    between = _span(node["leftExpression"])[1], _span(node["rightExpression"])[0]
    start, end = _place(source, node["operator"], *between)
    return [(start, end, other) for other in _OPERATORS.get(node["operator"], ())]


def _place(source: bytes, word: str, start: int, end: int) -> tuple[int, int]:
    found = source.index(word.encode(), start, end)
    return found, found + len(word)


def _assignment(node: Node, source: bytes) -> Changes:
    other = _ASSIGNMENTS.get(node["operator"])
    if other is None:
        return []
    between = _span(node["leftHandSide"])[1], _span(node["rightHandSide"])[0]
    return [(*_place(source, node["operator"], *between), other)]


def _unary(node: Node, _source: bytes) -> Changes:
    operator, (start, end) = node["operator"], _span(node)
    if operator in ("!", "~"):
        return [(start, start + 1, "")]
    if operator in ("++", "--"):
        place = (start, start + 2) if node["prefix"] else (end - 2, end)
        return [(*place, "--" if operator == "++" else "++")]
    return []


def _literal(node: Node, source: bytes) -> Changes:
    start, end = _span(node)
    if node["kind"] == "bool":
        return [(start, end, "false" if node["value"] == "true" else "true")]
    return _next(source, start, end) if node["kind"] == "number" else []


def _next(source: bytes, start: int, end: int) -> Changes:
    """One more; addresses keep their checksum and so stay as they are."""
    text = source[start:end].decode().replace("_", "")
    if not text.isdecimal():
        return []
    return [(start, end, str(int(text) + 1))]


def _condition(node: Node, _source: bytes) -> Changes:
    place = _span(node["condition"])
    return [(*place, "true"), (*place, "false")]


def _conditional(node: Node, source: bytes) -> Changes:
    first, second = _span(node["trueExpression"]), _span(node["falseExpression"])
    one, other = source[slice(*first)], source[slice(*second)]
    between = source[first[1] : second[0]]
    return [(first[0], second[1], (other + between + one).decode())]


def _deletion(node: Node, source: bytes) -> Changes:
    """A statement of its own; the step of a loop is none."""
    start, end = _span(node)
    end = end if source[end - 1 : end] == b";" else end + 1
    return [(start, end, "{}")] if source[end - 1 : end] == b";" else []


def _modifier(node: Node, _source: bytes) -> Changes:
    return [(*_span(node), "")] if node.get("kind") != "baseConstructorSpecifier" else []


def _instruction(node: Node, _source: bytes) -> Changes:
    name = node["functionName"]
    other = _INSTRUCTIONS.get(name["name"])
    return [(*_span(name), other)] if other is not None else []


def _yul_literal(node: Node, source: bytes) -> Changes:
    return _next(source, *_span(node)) if node["kind"] == "number" else []


def _yul_condition(node: Node, _source: bytes) -> Changes:
    place = _span(node["condition"])
    return [(*place, "1"), (*place, "0")]


def _yul_deletion(node: Node, _source: bytes) -> Changes:
    return [(*_span(node), "")]


_PLANS: Final[Mapping[str, Any]] = {
    "BinaryOperation": _operator,
    "Assignment": _assignment,
    "UnaryOperation": _unary,
    "Literal": _literal,
    "IfStatement": _condition,
    "Conditional": _conditional,
    "ModifierInvocation": _modifier,
    "YulFunctionCall": _instruction,
    "YulLiteral": _yul_literal,
    "YulIf": _yul_condition,
    "YulExpressionStatement": _yul_deletion,
    "YulAssignment": _yul_deletion,
} | dict.fromkeys(_DELETED, _deletion)
