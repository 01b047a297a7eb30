"""Writes tests/vectors from the Python reference; the same code gives the same bytes."""

import argparse
import json
import sys
from pathlib import Path

from vector_cases import bonds, draws, ids, leaves

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
FILES = {"ids": ids, "draw": draws, "leaves": leaves, "bonds": bonds}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 if one differs")
    check = parser.parse_args().check
    stale = []
    for name, subject in FILES.items():
        path, text = VECTORS / f"{name}.json", json.dumps(subject.tables(), indent=1) + "\n"
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"stale: {', '.join(stale)}; run tools/write_vectors.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
