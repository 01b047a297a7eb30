"""What the mutation run counts as a fault, and how it tells it."""

from pathlib import Path

import pytest

from mutate import SOURCES, SUITES, planned, selections
from mutations import Mutation

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

interface IOther {
    function other(uint256[3] calldata) external; // 7 + 7
}

contract Sample {
    uint256 constant NUMBER = 12;

    modifier onlyOwner() {
        _;
    }

    event Told(uint256 what);

    function f(uint256 a, uint256[2] calldata b) external onlyOwner returns (uint256 c) {
        if (!(a <= NUMBER)) revert("too much");
        for (uint256 i; i < 2; ++i) {
            c += b[i];
        }
        emit Told(c);
        c = a == 1 ? a : c;
        assembly {
            c := add(c, 1)
        }
    }
}
"""


def changes() -> set[tuple[str, str]]:
    source = SOURCE.encode()
    return {one.change(source) for one in planned("Sample.sol", source)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("uint256 constant NUMBER = 12;", "uint256 constant NUMBER = 13;"),
        ('if (!(a <= NUMBER)) revert("too much");', 'if (!(a < NUMBER)) revert("too much");'),
        ('if (!(a <= NUMBER)) revert("too much");', 'if (!(a > NUMBER)) revert("too much");'),
        ('if (!(a <= NUMBER)) revert("too much");', 'if ((a <= NUMBER)) revert("too much");'),
        ('if (!(a <= NUMBER)) revert("too much");', 'if (true) revert("too much");'),
        ('if (!(a <= NUMBER)) revert("too much");', "if (!(a <= NUMBER)) {}"),
        ("for (uint256 i; i < 2; ++i) {", "for (uint256 i; i < 2; --i) {"),
        ("c += b[i];", "c -= b[i];"),
        ("c += b[i];", "{}"),
        ("emit Told(c);", "{}"),
        ("c = a == 1 ? a : c;", "c = a == 1 ? c : a;"),
        ("c = a == 1 ? a : c;", "c = a == 2 ? a : c;"),
        ("c := add(c, 1)", "c := sub(c, 1)"),
        ("c := add(c, 1)", ""),
        (
            "function f(uint256 a, uint256[2] calldata b) external onlyOwner returns (uint256 c) {",
            "function f(uint256 a, uint256[2] calldata b) external returns (uint256 c) {",
        ),
    ],
)
def test_a_fault_is_planned(before: str, after: str) -> None:
    assert (before, after) in changes()


def test_declarations_and_comments_are_left_alone() -> None:
    befores = {before for before, _ in changes()}
    assert not any(word in before for word in ("other", "pragma", "event") for before in befores)


def test_a_step_of_a_loop_is_not_deleted() -> None:
    assert ("for (uint256 i; i < 2; ++i) {", "for (uint256 i; i < 2; {}) {") not in changes()


def test_a_mutation_tells_its_line() -> None:
    source = b"one\ntwo three\nfour\n"
    mutation = Mutation("a.sol", 8, 13, "more")
    assert mutation.applied(source) == b"one\ntwo more\nfour\n"
    assert mutation.line(source) == 2
    assert mutation.change(source) == ("two three", "two more")


def test_every_source_has_suites_and_every_suite_is_there(root: Path) -> None:
    for path in SOURCES.rglob("*.sol"):
        if path.parent.name not in ("interfaces", "types"):
            next(selections(path.relative_to(root).as_posix()))
    names = {name for suites in SUITES.values() for name in suites.split(",")}
    assert [name for name in names if not (root / f"contracts/test/{name}.t.sol").exists()] == []
