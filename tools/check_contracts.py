"""What the contracts' house rules ask and no tool of Foundry's checks: one line for each breach.

Every error has arguments, is reverted with, and is expected by a test; whatever can be seen from
outside is documented, constructors with each parameter; no function is longer than 75 lines; each
suite has its tree; and the tests are two and a half times as long as what they test. The sources
are read as `forge fmt` lays them out: what is declared in a contract begins in column five.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ROOT / "contracts" / "src"
TESTS: Final = ROOT / "contracts" / "test"
PUBLISHED: Final = ("contracts/src/interfaces/", "contracts/src/types/")
OTHERS: Final = (ROOT / "contracts" / "script", ROOT / "contracts" / "bench")
MOST_LINES: Final = 75
LEAST_RATIO: Final = 2.5

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"", re.DOTALL)
_UNNAMED: Final = re.compile(r"\b(require|assert)\s*\(|\brevert\s*\(\s*[)\"]")
_REVERT: Final = re.compile(r"\brevert\s+(?:\w+\.)?(\w+)\s*\(")
_EXPECTED: Final = re.compile(r"\.(\w+)\.selector\b")
_ERROR: Final = re.compile(r"^(?: {4})?error\s+(\w+)\s*\(([^)]*)\)", re.MULTILINE)
_DECLARED: Final = re.compile(
    r"^(?: {4})?(function|constructor|modifier|event|error|struct|enum|interface|library|"
    r"(?:abstract )?contract)\b"
)
_VARIABLE: Final = re.compile(r"^ {4}(?:mapping\b|\w+(?:\[\])? ).*\bpublic\b")
_HIDDEN: Final = re.compile(r"\b(internal|private)\b")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration as it lies in a file."""

    kind: str
    head: str  # As far as its body, or all of it where it has none.
    line: int
    lines: int
    text: str  # The NatSpec before it.

    @property
    def name(self) -> str:
        if self.kind == "constructor":
            return self.kind
        if self.kind == "variable":
            return re.split(r"=(?!>)", self.head, maxsplit=1)[0].split()[-1]
        return re.sub(r"[({;].*", "", self.head, flags=re.DOTALL).split()[-1]

    @property
    def parameters(self) -> list[str]:
        listed = self.head.partition("(")[2].partition(")")[0]
        return [one.split()[-1] for one in listed.split(",") if one.strip()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reverts", action="store_true", help="list where each error is used")
    sources, tests = read(SOURCES), read(TESTS)
    if parser.parse_args().reverts:
        for name, sites in sorted(reverts(sources).items()):
            print(name, *sites)
        return 0
    everything = (
        sources | tests | {path: text for top in OTHERS for path, text in read(top).items()}
    )
    found = [
        *errors(sources, tests),
        *undocumented(sources),
        *too_long(everything),
        *without_tree(tests),
        *too_few_tests(sources, tests),
    ]
    for sentence in found:
        print(sentence)
    return 1 if found else 0


def read(top: Path) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(top.rglob("*.sol"))
    }


# --- errors ---


def errors(sources: Mapping[str, str], tests: Mapping[str, str]) -> Iterator[str]:
    """Errors that say nothing, that nobody reverts with, or that no test expects."""
    bare = {path: without_comments(text) for path, text in sources.items()}
    sites = reverts(sources)
    for path, text in bare.items():
        for match in _UNNAMED.finditer(text):
            yield f"{path}:{_line(text, match.start())} reverts without an error of its own"
    expected = {
        name for text in tests.values() for name in _EXPECTED.findall(without_comments(text))
    }
    for path, text in bare.items():
        for match in _ERROR.finditer(text):
            name, place = match[1], f"{path}:{_line(text, match.start())}"
            if not match[2].strip():
                yield f"{place} {name} has no arguments"
            if name not in sites:
                yield f"{place} nothing reverts with {name}"
    for name in sites:
        if name not in expected:
            yield f"{', '.join(sites[name])} no test expects {name}"


def reverts(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Where each error is reverted with."""
    sites: dict[str, list[str]] = {}
    for path, text in sources.items():
        bare = without_comments(text)
        for match in _REVERT.finditer(bare):
            sites.setdefault(match[1], []).append(f"{path}:{_line(bare, match.start())}")
    return sites


def without_comments(text: str) -> str:
    """The same lines, with nothing in place of comments and strings."""
    return _COMMENT.sub(
        lambda match: '""' if match[0][0] == '"' else "\n" * match[0].count("\n"), text
    )


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


# --- declarations ---


def declarations(text: str) -> Iterator[Declaration]:
    lines = text.splitlines()
    for at, line in enumerate(lines):
        match = _DECLARED.match(line)
        if match or _VARIABLE.match(line):
            indent = line[: len(line) - len(line.lstrip())]
            last = _last(lines, at, indent)
            head = re.split(r"[{;]", "\n".join(lines[at : last + 1]), maxsplit=1)[0]
            kind = match[1] if match else "variable"
            yield Declaration(kind, head.strip(), at + 1, last - at + 1, _text(lines, at))


def _last(lines: list[str], at: int, indent: str) -> int:
    """The line that closes a body, or ends what has none."""
    for last in range(at, len(lines)):
        line = lines[last].rstrip()
        if line.startswith(f"{indent}}}") or line.endswith((";", "{}")):
            return last
        if line.endswith("{"):
            break
    closes = (last for last in range(at, len(lines)) if lines[last].startswith(f"{indent}}}"))
    return next(closes, at)


def _text(lines: list[str], at: int) -> str:
    first = at
    while first > 0 and lines[first - 1].lstrip().startswith("///"):
        first -= 1
    return "\n".join(lines[first:at])


def undocumented(sources: Mapping[str, str]) -> Iterator[str]:
    """What can be called, read or caught from outside and has no NatSpec."""
    for path, text in sources.items():
        published = path.startswith(PUBLISHED)
        abstract = False
        for one in declarations(text):
            place = f"{path}:{one.line} {one.name}"
            abstract = one.kind.startswith("abstract") or (abstract and one.kind != "contract")
            if one.kind == "constructor":
                for name in [] if abstract else one.parameters:
                    if not re.search(rf"@param {name}\b", one.text):
                        yield f"{place} has no @param {name}"
                continue
            inside = one.kind == "modifier" or _HIDDEN.search(one.head) is not None
            if inside or (one.kind in ("struct", "enum") and not published):
                continue
            if not re.search(r"@(notice|inheritdoc|dev|title)\b", one.text):
                yield f"{place} has no NatSpec"


def too_long(everything: Mapping[str, str]) -> Iterator[str]:
    for path, text in everything.items():
        for one in declarations(text):
            if one.kind in ("function", "constructor", "modifier") and one.lines > MOST_LINES:
                yield f"{path}:{one.line} {one.name} has {one.lines} lines"


# --- suites ---


def without_tree(tests: Mapping[str, str]) -> Iterator[str]:
    for path, text in tests.items():
        tree = ROOT / path.replace(".t.sol", ".tree")
        if re.search(r"function (test|invariant)_", text) and not tree.exists():
            yield f"{path} has no {tree.name} beside it"


def too_few_tests(sources: Mapping[str, str], tests: Mapping[str, str]) -> Iterator[str]:
    """Lines of code alone count: neither blank ones nor text."""
    tested, testing = (sum(map(code_lines, texts.values())) for texts in (sources, tests))
    if testing < LEAST_RATIO * tested:
        yield f"{testing} lines of tests for {tested} of contracts: below {LEAST_RATIO} for one"


def code_lines(text: str) -> int:
    return sum(1 for line in without_comments(text).splitlines() if line.strip())


if __name__ == "__main__":
    raise SystemExit(main())
