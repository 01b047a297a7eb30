"""A query of halmos over bits alone: no storage, no hashes, no products.

It says less than the query does, so where it has no solution the query has none either; a solution
of it means nothing. What is read from storage after writes becomes a choice between what was
written; every hash, product and quotient becomes a number of which only that it follows from its
arguments is kept, and that a product has no order.
"""

import importlib
import operator
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

z3: Any = importlib.import_module("z3")  # No other environment has it.

# What halmos adds so that hashes differ: true of them, and of no use about money.
OF_HASHES = "f_inv_sha3"
COMMUTATIVE = "f_evm_bvmul"
FIRST = "first "


N_ARY = {
    z3.Z3_OP_BOR: operator.or_,
    z3.Z3_OP_BMUL: operator.mul,
    z3.Z3_OP_BAND: operator.and_,
    z3.Z3_OP_BADD: operator.add,
}
FOLDED = {z3.Z3_OP_BOR, z3.Z3_OP_BMUL, z3.Z3_OP_BAND, z3.Z3_OP_BNOT, z3.Z3_OP_EXTRACT}


class Bits:
    """Rewrites terms, each once."""

    def __init__(self, written: dict[str, Any]) -> None:
        self.written = written  # Stored arrays by name: an older one with one more value.
        self.done: dict[int, tuple[Any, Any]] = {}
        self.numbers: dict[str, list[tuple[list[Any], Any]]] = {}

    def number(self, name: str, arguments: list[Any], sort: Any) -> Any:
        """The one number that stands for a function of these arguments."""
        known = self.numbers.setdefault(name, [])
        for others, number in known:
            if all(a.eq(b) for a, b in zip(arguments, others, strict=True)):
                return number
        new = z3.Const(f"{name}!{len(known)}", sort)
        known.append((arguments, new))
        return new

    def first(self, array: Any, key: Any) -> Any:
        """What an array held at a key at first."""
        return self.number(f"{FIRST}{array.decl().name()}", [key], array.sort().range())

    def alike(self) -> list[Any]:
        """That at the same key an array held the same."""
        claims = []
        for name in [name for name in self.numbers if name.startswith(FIRST)]:
            for (one, its), (other, others) in combinations(self.numbers[name], 2):
                same = z3.simplify(one[0] == other[0])
                if not z3.is_false(same):
                    claims.append(z3.Implies(same, its == others))
        return claims

    def read(self, array: Any, key: Any) -> Any:
        """What an array holds at a key."""
        while z3.is_const(array) and array.decl().name() in self.written:
            array = self.written[array.decl().name()]
        if array.decl().kind() != z3.Z3_OP_STORE:
            return self.first(array, key)
        older, where, value = array.children()
        same = z3.simplify(self.term(where) == key)
        if z3.is_false(same):
            return self.read(older, key)
        return z3.If(same, self.where(same, self.term(value)), self.read(older, key))

    def where(self, same: Any, value: Any) -> Any:
        """A value where two keys are the same: then what was read at one was read at the other."""
        if not z3.is_eq(same):
            return value
        one, other = same.children()
        if z3.is_bv_value(one):
            one, other = other, one
        renamed = [(one, other)]
        for name in [name for name in self.numbers if name.startswith(FIRST)]:
            for (key,), number in list(self.numbers[name]):
                alias = z3.simplify(z3.substitute(key, (one, other)))
                if not alias.eq(key):
                    renamed.append((number, self.number(name, [alias], number.sort())))
        return z3.substitute(value, *renamed)

    def term(self, term: Any) -> Any:
        if term.get_id() not in self.done:
            # The term is kept, or its id would be given to another.
            self.done[term.get_id()] = (term, self.rewritten(term))
        return self.done[term.get_id()][1]

    def rewritten(self, term: Any) -> Any:
        kind, name = term.decl().kind(), term.decl().name()
        if kind == z3.Z3_OP_SELECT:
            return self.read(term.arg(0), z3.simplify(self.term(term.arg(1))))
        arguments = [self.term(argument) for argument in term.children()]
        if kind == z3.Z3_OP_UNINTERPRETED and arguments:
            arguments = [z3.simplify(argument) for argument in arguments]
            if name.startswith(COMMUTATIVE):
                arguments.sort(key=lambda argument: argument.sexpr())
            return self.number(name, arguments, term.sort())
        if kind == z3.Z3_OP_AND:
            return z3.And(*arguments)
        if kind == z3.Z3_OP_OR:
            return z3.Or(*arguments)
        return self.applied(term, arguments) if arguments else term

    def applied(self, term: Any, arguments: list[Any]) -> Any:
        """An operation; a choice of two, where an argument is one of two constants."""
        if term.decl().kind() in FOLDED:
            for place, choice in enumerate(arguments):
                if z3.is_app_of(choice, z3.Z3_OP_ITE) and all(
                    z3.is_bv_value(value) for value in choice.children()[1:]
                ):
                    so, one, other = choice.children()
                    both = [[*arguments[:place], v, *arguments[place + 1 :]] for v in (one, other)]
                    return z3.If(so, *[z3.simplify(self.plain(term, some)) for some in both])
        return self.plain(term, arguments)

    def plain(self, term: Any, arguments: list[Any]) -> Any:
        declared = term.decl()
        if declared.kind() == z3.Z3_OP_EXTRACT:
            return z3.Extract(*declared.params(), arguments[0])
        if declared.kind() in N_ARY:
            return reduce(N_ARY[declared.kind()], arguments)
        return declared(*arguments)


def over_bits(query: Path) -> str:
    """The query over bits, in SMT-LIB."""
    solver = z3.Solver()
    solver.from_file(str(query))
    written: dict[str, Any] = {}
    said = []
    for claim in solver.assertions():
        if z3.is_eq(claim) and z3.is_array(claim.arg(0)):
            written[claim.arg(0).decl().name()] = claim.arg(1)
        elif OF_HASHES not in claim.sexpr():
            said.append(claim)
    bits = Bits(written)
    goal = z3.Goal()
    goal.add(*[bits.term(claim) for claim in said])
    goal.add(*bits.alike())
    steps = z3.Then("simplify", "propagate-values", "solve-eqs", "elim-uncnstr", "simplify")
    left = z3.Solver()
    left.add(*steps(goal)[0])
    return f"(set-logic QF_BV)\n{left.to_smt2()}"
