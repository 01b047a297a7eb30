from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.ids import CommitId, SweepId
from compute_swarm.domain.slot import AwardSlot, awarded_tag, posted_tag
from compute_swarm.domain.status import AwardStatus
from examples import RELAYER, account, digest, posted

SWEEP = SweepId(digest("sweep"))
COMMIT = CommitId(digest("commit"))


flags = st.booleans()
words = st.builds(
    AwardSlot,
    *(st.sampled_from(AwardStatus), st.integers(0, 2**40 - 1), st.integers(0, 2**208 - 1)),
    *(flags, flags),
)


@given(words)
def test_a_slot_is_one_word(slot):
    assert AwardSlot.of(slot.word) == slot
    assert slot.word < 2**256


def test_its_highest_bits_are_marked_and_docked():
    slot = AwardSlot(AwardStatus.POSTED, 0, 0, marked=True, docked=False)
    assert slot.word >> 248 == 0x82
    assert replace(slot, marked=False, docked=True).word >> 248 == 0x42


def test_the_tag_is_the_low_part_of_the_hash():
    assert 0 < awarded_tag(SWEEP, posted("a", 1, 1).award) < 2**208


def test_the_tag_holds_whatever_the_next_call_repeats():
    some = posted("a", 1, 1)
    how = (1_000, RELAYER)
    tags = {
        posted_tag(SWEEP, some, COMMIT, *how),
        posted_tag(SWEEP, replace(some, done=2), COMMIT, *how),
        posted_tag(SWEEP, replace(some, root=digest("x")), COMMIT, *how),
        posted_tag(SWEEP, some, CommitId(digest("other")), *how),
        posted_tag(SweepId(digest("other")), some, COMMIT, *how),
        posted_tag(SWEEP, some, COMMIT, 1_001, RELAYER),
        posted_tag(SWEEP, some, COMMIT, 1_000, account("other")),
    }
    assert len(tags) == 7
