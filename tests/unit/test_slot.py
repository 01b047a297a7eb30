from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.ids import CommitId, SweepId
from compute_swarm.domain.slot import AwardSlot, awarded_tag, posted_tag
from compute_swarm.domain.status import AwardStatus
from examples import digest, posted

SWEEP = SweepId(digest("sweep"))
COMMIT = CommitId(digest("commit"))


@given(st.sampled_from(AwardStatus), st.integers(0, 2**40 - 1), st.integers(0, 2**208 - 1))
def test_a_slot_is_one_word(status, time, tag):
    slot = AwardSlot(status, time, tag)
    assert AwardSlot.of(slot.word) == slot
    assert slot.word < 2**256


def test_the_tag_is_the_low_part_of_the_hash():
    assert 0 < awarded_tag(SWEEP, posted("a", 1, 1).award) < 2**208


def test_the_tag_holds_whatever_the_next_call_repeats():
    some = posted("a", 1, 1)
    tags = {
        posted_tag(SWEEP, some, COMMIT),
        posted_tag(SWEEP, replace(some, done=2), COMMIT),
        posted_tag(SWEEP, replace(some, root=digest("x")), COMMIT),
        posted_tag(SWEEP, some, CommitId(digest("other"))),
        posted_tag(SweepId(digest("other")), some, COMMIT),
    }
    assert len(tags) == 5
