"""Examples of the domain's values that several tests start from."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from compute_swarm.domain.bid import FRESH, Award, Bid, Commit, Posted
from compute_swarm.domain.commitment import Boundary, Receipt
from compute_swarm.domain.ids import (
    Address,
    AwardId,
    ClassId,
    Digest,
    SweepId,
    address,
    keccak,
    parse_hex,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.spec import SweepSpec

CHAIN_ID = 31337
MARKET = address("0x" + "11" * 20)
BUYER = address("0x" + "22" * 20)
SELLER = address("0x" + "33" * 20)
RELAYER = address("0x" + "44" * 20)

SPEC: dict[str, Any] = {
    "model": {
        "id": "HuggingFaceTB/SmolLM2-135M",
        "revision": "main",
        "digest": "0x" + "01" * 32,
        "tokenizer_digest": "0x" + "02" * 32,
    },
    "dataset": {
        "cid": "bafkreia",
        "digest": "0x" + "03" * 32,
        "format": "text",
        "train_rows": 100,
        "eval_rows": 40,
        "max_length": 64,
    },
    "lora": {"target_modules": ["q_proj", "v_proj"]},
    "training": {"steps": 64},
    "search": {"space": {"lr": {"log": [1e-5, 1e-3]}, "r": {"choice": [4, 8]}}, "trials": 6},
    "budget": {"max_spend": "1000"},
}


def spec_document(**changes: Any) -> dict[str, Any]:
    """Return SPEC with keys set by path, `training__steps=64`; ... takes a key out."""
    document = deepcopy(SPEC)
    for path, value in changes.items():
        *sections, key = path.split("__")
        section = document
        for name in sections:
            section = section.setdefault(name, {})
        if value is ...:
            del section[key]
        else:
            section[key] = value
    return document


def spec(**changes: Any) -> SweepSpec:
    return SweepSpec.from_document(spec_document(**changes))


def digest(label: object) -> Digest:
    return Digest(keccak(str(label).encode()))


def account(label: object) -> Address:
    return address("0x" + digest(label)[:20].hex())


def bid(trials: int = 3, segments: int = 32, price: int = 100) -> Bid:
    return Bid(
        sweep_id=SweepId(digest("sweep")),
        seller=SELLER,
        trials=pack_trials(TrialKey(index, 0) for index in range(trials)),
        first=0,
        segments=segments,
        price=Amount(price),
        start=FRESH,
        deadline=2_000_000_000,
        expiry=1_900_000_000,
        nonce=0,
    )


def posted(label: str, done: int, trials: int, price: int = 100) -> Posted:
    award = Award(AwardId(digest(label)), SELLER, trials, trials * 32, Amount(price), 2_000_000_000)
    return Posted(award, digest(f"{label}/root"), done)


def commit(*awards: Posted) -> Commit:
    return Commit(100, 1_800_000_000, RELAYER, awards)


def receipt(index: int = 0, done: int = 32, loss: float | None = 2.0, first: int = 0) -> Receipt:
    """A receipt whose last boundary has been evaluated to `loss`."""
    boundaries = [
        Boundary(first + at, digest(f"{index}/{first + at}"), float(at)) for at in range(done + 1)
    ]
    if loss is not None:
        last = boundaries[-1]
        boundaries[-1] = Boundary(last.k, last.digest, last.loss, (loss, loss))
    return Receipt(
        award_id=AwardId(digest("award")),
        seller=SELLER,
        key=TrialKey(index, 0),
        trial_hash=digest(f"trial/{index}"),
        start=boundaries[0].digest,
        offset=0,
        boundaries=tuple(boundaries),
        adapter_digest=digest(f"adapter/{index}"),
        adapter_cid="bafkreia",
        metrics_digest=digest(f"metrics/{index}"),
        class_id=ClassId(digest("class")),
    )


def vectors(name: str, part: str) -> list[dict[str, Any]]:
    """Return a list of tests/vectors, numbers and bytes read."""
    path = Path(__file__).parent / "vectors" / f"{name}.json"
    listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[part]["list"]
    return [{key: _read(value) for key, value in case.items()} for case in listed]


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if isinstance(value, str) and value.startswith("0x"):
        data = parse_hex(value)
        return address(value) if len(data) == 20 else data
    return int(value) if isinstance(value, str) and value.isdigit() else value
