from dataclasses import replace

from compute_swarm.chain.profiles import DEMO
from compute_swarm.domain.audit import ItemKind
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import DisputeId
from compute_swarm.domain.verdict import Outcome, SignedVote, Vote
from compute_swarm.node.chronicle import DisputeEntry
from compute_swarm.node.panel import count, is_over, panel_items, place_of
from example_case import COMMIT, DRAW, ENTRY, JUDGES, SUMMON, A, B, S, case, record, verdict
from examples import account, digest

OF_B = [item for item in DRAW.items if item.award_index == 1]
SUBJECT = OF_B[0]
DISPUTE = DisputeEntry(
    *(DisputeId(digest("dispute")), ENTRY.id, B),
    Subject.judged(SUBJECT.share, SUBJECT.number),
    JUDGES[SUBJECT.share],
    *(200, SUMMON),
)


PANEL = [account("one"), account("two"), account("one")]


def vote(name: str, outcome: Outcome, round_: int = 0) -> SignedVote:
    return SignedVote(Vote(digest("dispute"), round_, outcome), account(name), b"")


def test_a_vote_counts_once_for_each_seat():
    one, two = vote("one", Outcome.REFUTED), vote("two", Outcome.UPHELD)
    ballot = count(PANEL, 0, [one, vote("stranger", Outcome.UPHELD)])
    assert (ballot.upheld, ballot.against, ballot.complete) == (0, 2, False)
    assert list(ballot.votes) == [one]
    assert ballot.decided(2)
    assert count(PANEL, 0, [one, two]).complete
    assert not count(PANEL, 0, [two]).decided(2)


def test_who_could_not_get_something_is_on_the_side_of_those_that_refute():
    ballot = count(PANEL[:2], 0, [vote("one", Outcome.UNAVAILABLE), vote("two", Outcome.REFUTED)])
    assert ballot.decided(2)
    assert (ballot.upheld, ballot.against, ballot.complete) == (0, 2, True)


def test_a_vote_of_another_round_counts_nothing():
    stale = vote("one", Outcome.UNAVAILABLE)
    again = vote("one", Outcome.UPHELD, 1)
    ballot = count(PANEL, 1, [stale, again])
    assert (ballot.upheld, ballot.against) == (2, 0)
    assert list(ballot.votes) == [again]


def test_a_panel_has_its_time_from_its_own_call():
    assert not is_over(DISPUTE, DEMO.rules, SUMMON + 120)
    assert is_over(DISPUTE, DEMO.rules, SUMMON + 121)
    again = replace(DISPUTE, round=1, time=SUMMON + 130)
    assert not is_over(again, DEMO.rules, SUMMON + 250)


def test_a_refutation_is_about_the_item_that_was_named():
    told = record(
        posted={(SUBJECT.share, 0): verdict(SUBJECT.share, {SUBJECT.number: Outcome.NAMED})}
    )
    assert panel_items(case(record=told), DISPUTE) == (SUBJECT,)
    assert place_of(case(), DISPUTE) == 1


def test_a_panel_looks_at_all_that_the_accuser_could_not_get_of_the_award():
    share = DRAW.share(SUBJECT.share)
    missing = {item.number: Outcome.UNAVAILABLE for item in share}
    told = record(posted={(SUBJECT.share, 0): verdict(SUBJECT.share, missing)})
    looked_at = panel_items(case(record=told), DISPUTE)
    assert looked_at[0] == SUBJECT
    assert set(looked_at) == {item for item in share if item.award_index == 1}


def test_what_another_validator_of_the_share_could_not_get_is_not_this_panels():
    missing = verdict(SUBJECT.share, {item.number: Outcome.UNAVAILABLE for item in OF_B})
    told = record({SUBJECT.share: SUMMON}, {(SUBJECT.share, 1): missing})
    assert panel_items(case(record=told), DISPUTE) == (SUBJECT,)


def test_a_challenge_is_about_a_segment_that_need_not_be_drawn():
    position = S + 5
    challenged = replace(DISPUTE, award_id=A, subject=Subject.challenged(position))
    (item,) = panel_items(case(), challenged)
    assert (item.award_index, item.kind) == (0, ItemKind.AUDIT)
    assert (item.block, item.position) == (1, position)
    assert item.number not in {one.number for one in DRAW.items}
    assert 0 <= DRAW.shard(ENTRY, item, 4) < 4
    assert COMMIT.awards[item.award_index].award.id == A
