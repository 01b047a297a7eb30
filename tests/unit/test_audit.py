import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.audit import (
    DOUBLED_OF,
    ItemKind,
    award_answers,
    award_shares,
    disputed_items,
    drawn_shard,
    items,
    locate,
    most_items,
    share_count,
    share_items,
    upholds,
)
from compute_swarm.domain.draw import Tag, draw
from compute_swarm.domain.ids import ZERO32, AwardId, abi_hash
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Answer, Outcome, pack_answers
from compute_swarm.errors import AnswersInvalid
from examples import commit, digest, posted, receipt

S = 32
SEED = digest("seed")
shapes = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 8)), min_size=1, max_size=6)


def a_commit(shape):
    return commit(*(posted(str(at), done, trials) for at, (done, trials) in enumerate(shape)))


def test_a_draw_is_a_hash_of_its_place():
    types = ["bytes32", "uint256", "bytes32", "uint256"]
    want = int.from_bytes(abi_hash(types, [SEED, 1, digest("award"), 7]), "big")
    assert draw(SEED, Tag.SEGMENT, digest("award"), 7) == want


@given(shapes)
def test_whole_blocks_are_always_audited_and_partial_ones_at_most_once(shape):
    found = items(SEED, a_commit(shape), S)
    for index, (done, _) in enumerate(shape):
        blocks = [i.block for i in found if i.award_index == index and i.kind is ItemKind.AUDIT]
        assert blocks[: done // S] == list(range(done // S))
        assert len(blocks) - done // S <= (1 if done % S else 0)


@given(shapes)
def test_a_position_is_in_its_block_and_done(shape):
    for item in items(SEED, a_commit(shape), S):
        if item.kind is ItemKind.AUDIT:
            assert item.position // S == item.block
            assert item.position < shape[item.award_index][0]


@given(shapes)
def test_each_award_ends_with_one_rescore(shape):
    found = items(SEED, a_commit(shape), S)
    assert [i.award_index for i in found if i.kind is ItemKind.RESCORE] == list(range(len(shape)))
    assert [i.award_index for i in found] == sorted(i.award_index for i in found)
    assert len(found) <= most_items(a_commit(shape), S)


@given(shapes)
def test_items_are_dealt_in_turn(shape):
    some = a_commit(shape)
    found, shares = items(SEED, some, S), share_count(some)
    assert shares == min(3, sum(trials for _, trials in shape))
    assert [(i.number, i.share) for i in found] == [(n, n % shares) for n in range(len(found))]


@given(shapes)
def test_one_audit_of_ten_is_doubled_by_the_share_after_its_own(shape):
    some = a_commit(shape)
    found, shares = items(SEED, some, S), share_count(some)
    audits = [item for item in found if item.kind is ItemKind.AUDIT]
    doubled = [item for item in found if item.second is not None]
    assert len(doubled) == (0 if shares == 1 else len(audits) // DOUBLED_OF)
    assert all(item.second == (item.share + 1) % shares for item in doubled)
    places = [audits.index(item) for item in doubled]
    first = draw(SEED, Tag.DOUBLE, ZERO32, 0) % DOUBLED_OF
    assert places == [first + DOUBLED_OF * g for g in range(len(doubled))]


@given(shapes)
def test_a_share_answers_its_own_items_and_then_those_that_it_doubles(shape):
    some = a_commit(shape)
    found, shares = items(SEED, some, S), share_count(some)
    for share in range(shares):
        listed = share_items(found, share)
        own = [item for item in found if item.share == share]
        assert list(listed[: len(own)]) == own
        assert [item.second for item in listed[len(own) :]] == [share] * (len(listed) - len(own))
        assert [item.number for item in listed[len(own) :]] == sorted(
            item.number for item in listed[len(own) :]
        )


@given(shapes)
def test_an_awards_answers_are_those_of_all_shares_about_it(shape):
    some = a_commit(shape)
    found, shares = items(SEED, some, S), share_count(some)
    for index in range(len(shape)):
        by_share = [
            sum(item.award_index == index for item in share_items(found, share))
            for share in range(shares)
        ]
        assert award_answers(found, index) == sum(by_share)
        assert award_shares(found, index) == {n for n, count in enumerate(by_share) if count}


def test_a_partial_block_is_audited_as_often_as_it_is_long():
    hits = sum(len(items(digest(n), a_commit([(8, 1)]), S)) - 1 for n in range(1000))
    assert 200 < hits < 300  # a quarter


def test_another_seed_draws_other_segments():
    some = a_commit([(320, 10)])
    assert items(SEED, some, S) != items(digest("other"), some, S)


def test_awards_draw_independently():
    found = items(SEED, a_commit([(320, 10), (320, 10)]), S)
    positions = [[i.position for i in found if i.award_index == award] for award in (0, 1)]
    assert positions[0] != positions[1]


def test_a_shard_is_within_the_shards():
    drawn = {drawn_shard(SEED, AwardId(digest("award")), block, 5) for block in range(100)}
    assert drawn == set(range(5))


def test_a_position_leads_to_trial_and_boundary():
    some = [receipt(2, done=4), receipt(0), receipt(1, done=8, first=8)]
    assert locate(some, 0, S) == (TrialKey(0, 0), 0)
    assert locate(some, 31, S) == (TrialKey(0, 0), 31)
    assert locate(some, 32, S) == (TrialKey(1, 0), 8)
    assert locate(some, 43, S) == (TrialKey(2, 0), 3)


def test_beyond_the_last_segment_there_is_none():
    with pytest.raises(IndexError):
        locate([receipt(0)], 32, S)


# --- answers ---------------------------------------------------------------------------------


def share_of_two_awards():
    return share_items(items(SEED, a_commit([(S, 1), (S, 3)]), S), 0)


def answers(*outcomes):
    return pack_answers([Answer(outcome, exact=True) for outcome in outcomes])


def test_the_named_item_is_the_disputes_subject():
    share = share_of_two_awards()
    assert [item.award_index for item in share] == [0, 1]
    assert disputed_items(share, answers(Outcome.UPHELD, Outcome.NAMED)) == (share[1],)
    assert disputed_items(share, answers(Outcome.UPHELD, Outcome.UPHELD)) == ()
    assert disputed_items(share, answers(Outcome.NAMED, Outcome.NAMED)) == share


def test_a_refuted_award_has_a_named_item():
    with pytest.raises(AnswersInvalid):
        disputed_items(share_of_two_awards(), answers(Outcome.UPHELD, Outcome.REFUTED))


def test_of_an_award_that_is_not_refuted_the_first_unavailable_item_is_the_subject():
    share = items(SEED, a_commit([(2 * S, 2)]), S)
    withheld = answers(Outcome.UPHELD, Outcome.UNAVAILABLE, Outcome.UNAVAILABLE)
    assert disputed_items(share, withheld) == (share[1],)
    both = answers(Outcome.UNAVAILABLE, Outcome.REFUTED, Outcome.NAMED)
    assert disputed_items(share, both) == (share[2],)


def test_an_award_withheld_does_not_shield_another():
    share = share_of_two_awards()
    assert disputed_items(share, answers(Outcome.NAMED, Outcome.UNAVAILABLE)) == share


def test_an_award_has_one_named_item_only():
    share = items(SEED, a_commit([(S, 1)]), S)
    with pytest.raises(AnswersInvalid):
        disputed_items(share, answers(Outcome.NAMED, Outcome.NAMED))


def test_a_share_upholds_an_award_if_it_upholds_all_of_it():
    share = share_of_two_awards()
    data = answers(Outcome.UPHELD, Outcome.NAMED)
    assert (upholds(share, data, 0), upholds(share, data, 1)) == (True, False)
