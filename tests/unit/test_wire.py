import json
import math
from copy import deepcopy
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.bid import SignedBid, Submission, Sweep, Terms
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import NATIVE, ZERO32, CommitId
from compute_swarm.domain.status import TrialStatus
from compute_swarm.domain.verdict import SignedVerdict, Verdict
from compute_swarm.domain.wire import decode, encode
from compute_swarm.errors import DocumentInvalid
from examples import BUYER, bid, commit, digest, posted, receipt


@dataclass(frozen=True)
class Reading:
    status: TrialStatus
    value: float
    names: tuple[str, ...] = ()
    note: str | None = None


POSTED = posted("a", 32, 1)
VALUES = [
    SignedBid(bid(), b"\x01" * 65),
    Sweep(BUYER, digest("spec"), Terms(NATIVE, 32, 120, 8)),
    Submission(POSTED.award, POSTED.root, POSTED.done, b"\x02" * 65),
    commit(POSTED, posted("b", 64, 2)),
    SignedVerdict(Verdict(CommitId(ZERO32), 1, b"\x50", ZERO32), b""),
    Reading(TrialStatus.RUNNING, 0.1, ("a", "b"), "x"),
    Reading(TrialStatus.QUEUED, math.inf),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_goes_through_json(value):
    text = json.dumps(encode(value), allow_nan=False)
    assert decode(type(value), json.loads(text)) == value


def test_bytes_are_hex_and_amounts_decimal():
    document = encode(bid(price=2**100))
    assert document["price"] == str(2**100)
    assert document["trials"] == "0x0000000000030001"


def changed(**changes):
    return {**encode(bid()), **changes}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], ""),
        (changed(colour=1), "colour"),
        ({key: value for key, value in changed().items() if key != "nonce"}, "nonce"),
        (changed(sweep_id="0x12"), "sweep_id"),
        (changed(seller="0x12"), "seller"),
        (changed(price=100), "price"),
        (changed(price="1e3"), "price"),
        (changed(price="-1"), "price"),
        (changed(price=str(2**128)), "price"),
        (changed(price="9" * 5000), "price"),
        (changed(segments=2**16), "segments"),
        (changed(segments=-1), "segments"),
        (changed(segments="32"), "segments"),
        (changed(nonce=True), "nonce"),
        (changed(nonce=1.5), "nonce"),
        (changed(trials=None), "trials"),
    ],
)
def test_a_strangers_document_is_checked(document, place):
    with pytest.raises(DocumentInvalid) as caught:
        decode(type(bid()), document)
    assert caught.value.path == place


def test_the_place_within_a_list_is_named():
    document = encode(commit(POSTED))
    document["awards"][0]["award"]["price"] = 7
    with pytest.raises(DocumentInvalid) as caught:
        decode(type(commit()), document)
    assert caught.value.path == "awards[0].award.price"


@pytest.mark.parametrize(
    "document",
    [
        {"status": "asleep", "value": 1},
        {"status": [], "value": 1},
        {"status": "queued", "value": True},
        {"status": "queued", "value": "0x00"},
        {"status": "queued", "value": 10**400},
        {"status": "queued", "value": 1, "names": "ab"},
        {"status": "queued", "value": 1, "names": [1]},
        {"status": "queued", "value": 1, "note": 1},
    ],
)
def test_wrong_values_are_refused(document):
    with pytest.raises(DocumentInvalid):
        decode(Reading, document)


def test_a_default_may_be_left_out():
    assert decode(Reading, {"status": "queued", "value": 1}) == Reading(TrialStatus.QUEUED, 1.0)


def places(document, path=()):
    """Yield the path of every value of a document."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


RECEIPT = receipt(done=2).to_document()
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=200)
@given(st.sampled_from(list(places(RECEIPT))), anything)
def test_what_is_read_can_be_hashed(path, value):
    document = deepcopy(RECEIPT)
    section = document
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    try:
        read = Receipt.from_document(document)
    except DocumentInvalid:
        return
    assert len(read.leaf()) == 32
    assert Receipt.from_document(read.to_document()).leaf() == read.leaf()
