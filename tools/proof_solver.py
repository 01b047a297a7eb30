"""Answers a query of halmos: `proof_solver.py FILE.smt2`, run by `make prove` in its environment.

Yices decides what is about bits, fast; cvc5, which reads the same words as integers, what is about
divisions and long sums. A query gets a short time of the one that is likelier, then the other.
Before both, Yices sees what is left of it without storage and products: often that is enough.
"""

import importlib
import subprocess
import sys
from pathlib import Path

YICES = (
    Path(sys.executable).with_name("yices-smt2"),
    "--smt2-model-format",
    "--bvconst-in-decimal",
)
# Halmos defines multiplication and division only where leaving them open did not suffice.
DEFINED = "define-fun f_evm_"
BRIEFLY = 4.0
OVER_BITS = 20.0
CVC5_MILLISECONDS = 15_000


def by_yices(query: Path, seconds: float | None, *options: str) -> str:
    """Yices' answer and model; nothing where it has none in time."""
    try:
        done = subprocess.run(
            [*YICES, *options, query], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def over_bits(query: Path) -> str:
    """Yices' answer about the bits alone, where they have no solution; nothing otherwise."""
    proof_bits = importlib.import_module("proof_bits")  # It has z3.
    bits = query.with_suffix(".bits")
    bits.write_text(proof_bits.over_bits(query))
    answer = by_yices(bits, OVER_BITS, "--delegate=y2sat")
    return answer if answer.startswith("unsat") else ""


def by_cvc5(query: Path) -> str:
    """cvc5's answer and model, over integers."""
    cvc5 = importlib.import_module("cvc5")  # No other environment has it.
    solver = cvc5.Solver()
    for option, value in (
        ("solve-bv-as-int", "sum"),
        ("produce-models", "true"),
        ("tlimit-per", str(CVC5_MILLISECONDS)),
    ):
        solver.setOption(option, value)
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, str(query))
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer += command.invoke(solver, symbols)
    return answer


def decided(answer: str) -> bool:
    return answer.startswith(("sat", "unsat"))


def main() -> None:
    query = Path(sys.argv[1])
    defined = DEFINED in query.read_text()
    answer = "" if defined else over_bits(query)
    if not decided(answer) and not defined:
        answer = by_yices(query, BRIEFLY)
    if not decided(answer):
        answer = by_cvc5(query)
    if not decided(answer):
        answer = by_yices(query, None)
    print(answer)


if __name__ == "__main__":
    main()
