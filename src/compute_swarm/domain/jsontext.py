"""JSON from strangers.

Python's parser recurses in C and trusts the interpreter's recursion limit, which py_ecc (imported
by eth_account, hence by web3) raises to 100,000: a body of nothing but brackets then ends the
process. So the nesting is bounded here, before the parser sees it.
"""

import json
import math
import re
from typing import Any, Final, NoReturn

from compute_swarm.errors import DocumentInvalid

MOST_DEPTH: Final = 32

# Possessive, and a string without its end runs to the end of the text: one pass, whatever comes.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


def parse_json(text: str | bytes) -> Any:
    """Return what JSON (RFC 8259) says, or raise DocumentInvalid; NaN is not JSON.

    A number beyond a float's range would be read as an infinity, so it is refused as well.
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        _check_depth(decoded)
        return json.loads(decoded, parse_constant=_refuse, parse_float=_finite)
    except ValueError:
        raise DocumentInvalid("", "JSON") from None


def write_json(document: Any) -> str:
    """Return the document as JSON, or raise ValueError where JSON has no form for a number."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        match text[token.start()]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MOST_DEPTH:
            raise DocumentInvalid("", f"JSON of at most {MOST_DEPTH} levels")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
