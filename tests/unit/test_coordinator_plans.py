from dataclasses import replace

import pytest

from compute_swarm.domain.audit import (
    Answer,
    Outcome,
    items,
    pack_answers,
    share_count,
    share_items,
)
from compute_swarm.domain.bid import Award, Commit, Submission, Sweep, Terms
from compute_swarm.domain.ids import NATIVE, ZERO32, AwardId, CommitId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, SignedVote, Verdict, Vote
from compute_swarm.node.coordinator.board import Result
from compute_swarm.node.coordinator.plans import (
    Case,
    Waiting,
    count,
    due_results,
    expirable,
    heard,
    parcels,
    settle_now,
    settleable,
    to_post,
)
from examples import account, digest, posted

S = 32
SWEEP = Sweep(account("buyer"), digest("spec"), Terms(NATIVE, S, 120, 0))
COMMIT = Commit(100, (posted("a", 3 * S, 3), posted("b", 2 * S, 2)))
SEED = digest("seed")
JUDGES = tuple(account(f"judge {share}") for share in range(3))
POSTED, DISPUTED = AwardStatus.POSTED, AwardStatus.DISPUTED


def award(label: str, segments: int = S, price: int = 100, deadline: int = 2_000) -> Award:
    id_ = AwardId(digest(label))
    return Award(id_, account("seller"), segments // S, segments, Amount(price), deadline)


def result(of: Award, at: float = 0.0) -> Result:
    return Result(SweepId(digest("s")), Submission(of, digest("root"), of.segments, b""), at)


def case(**changes) -> Case:
    assert share_count(COMMIT) == 3
    base = Case(
        id=CommitId(digest("commit")),
        sweep=SWEEP,
        commit=COMMIT,
        statuses=(POSTED, POSTED),
        items=items(SEED, COMMIT, S),
        judges=JUDGES,
        settle_from=1_000,
        answer_by=1_120,
        posted={},
    )
    return replace(base, **changes)


def verdict(share: int, outcomes: dict[int, Outcome] | None = None) -> SignedVerdict:
    answers = [
        Answer((outcomes or {}).get(item.number, Outcome.UPHELD), exact=True)
        for item in share_items(case().items, share)
    ]
    of = Verdict(CommitId(digest("commit")), share, pack_answers(answers), ZERO32)
    return SignedVerdict(of, b"signed")


UPHELD = {share: verdict(share) for share in range(3)}
OF_A = next(item for item in case().items if item.award_index == 0)
REFUTED = UPHELD | {OF_A.share: verdict(OF_A.share, {OF_A.number: Outcome.NAMED})}


def brought(verdicts: dict[int, SignedVerdict]):
    return [(JUDGES[share], signed) for share, signed in verdicts.items()]


# Results


def test_complete_results_are_due_at_once():
    a, b = award("a"), award("b")
    waiting = Waiting([a, b], [result(a, 5), result(b, 6)], grace=10)
    assert [one.award for one in due_results(waiting, 60, 6, 100)] == [a, b]


@pytest.mark.parametrize(
    ("now", "chain_now", "due"),
    [(59, 100, 0), (65, 100, 1), (6, 1_939, 0), (6, 1_940, 1)],
    ids=["early", "patience is over", "time is left", "the deadline is near"],
)
def test_a_part_is_due_when_the_rest_takes_too_long(now, chain_now, due):
    a, b = award("a"), award("b")
    waiting = Waiting([a, b], [result(a, 5)], grace=10)
    assert len(due_results(waiting, 60, now, chain_now)) == due


def test_nothing_is_due_without_results():
    assert due_results(Waiting([award("a")], [], 10), 0, 1e9, 10**9) == []


def test_parcels_stay_below_items_and_price():
    many = [result(award(str(n), 100 * S)).submission for n in range(25)]  # 101 items each
    assert [len(parcel) for parcel in parcels(many, S, Amount(10**9))] == [10, 10, 5]
    price = int(many[0].award.total)
    assert [len(parcel) for parcel in parcels(many[:5], S, Amount(2 * price))] == [2, 2, 1]
    assert parcels([], S, Amount(1)) == []


def test_a_commit_holds_so_many_awards():
    small = [result(award(str(n), price=1)).submission for n in range(130)]
    assert [len(parcel) for parcel in parcels(small, S, Amount(10**9))] == [64, 64, 2]


# Verdicts


def test_only_drawn_judges_with_fitting_answers_are_heard():
    stranger = [(account("stranger"), verdict(0))]
    other_share = [(JUDGES[1], verdict(0))]
    short = replace(verdict(0), verdict=replace(verdict(0).verdict, answers=b""))
    beyond = replace(verdict(0), verdict=replace(verdict(0).verdict, share=3))
    unnamed = verdict(OF_A.share, {OF_A.number: Outcome.REFUTED})
    wrong = [(JUDGES[0], short), (JUDGES[0], beyond), (JUDGES[OF_A.share], unnamed)]
    assert heard(case(), stranger + other_share + wrong, 1_000) == {}
    assert heard(case(), brought(UPHELD), 1_000) == UPHELD


def test_late_only_what_is_posted_counts():
    one = {0: verdict(0)}
    assert heard(case(posted=one), brought(UPHELD), 1_120) == UPHELD
    assert heard(case(posted=one), brought(UPHELD), 1_121) == one


def test_a_judge_cannot_say_another_thing_than_it_posted():
    one = {OF_A.share: REFUTED[OF_A.share]}
    assert OF_A.share not in heard(case(posted=one), brought(UPHELD), 1_000)


def test_a_commit_settles_once_all_is_upheld_and_its_window_over():
    assert settleable(case(), UPHELD) == [0, 1]
    assert not settle_now(case(), UPHELD, 999)
    assert settle_now(case(), UPHELD, 1_000)


def test_a_missing_verdict_holds_settlement_until_time_runs_out():
    part = {share: verdict(share) for share in range(2)}
    lacking = {item.award_index for item in share_items(case().items, 2)}
    assert settleable(case(), part) == [index for index in (0, 1) if index not in lacking]
    b_done = case(statuses=(POSTED, AwardStatus.SETTLED))
    assert not settle_now(b_done, {}, 1_119)
    assert settle_now(case(), UPHELD, 1_119)


def test_what_can_settles_before_time_runs_out():
    refuted = settleable(case(), REFUTED)
    assert refuted == [1]
    assert not settle_now(case(), REFUTED, 1_107)
    assert settle_now(case(), REFUTED, 1_108)


def test_a_disputed_award_does_not_hold_up_the_others():
    assert settle_now(case(statuses=(DISPUTED, POSTED)), REFUTED, 1_000)


def test_a_cleared_share_settles_all_the_same():
    cleared = {(COMMIT.awards[0].award.id, OF_A.share)}
    assert settleable(case(cleared=cleared), REFUTED) == [0, 1]


def test_a_refutation_is_posted_and_nothing_else_at_first():
    assert to_post(case(), UPHELD) == []
    assert to_post(case(), REFUTED) == [REFUTED[OF_A.share]]


def test_in_a_dispute_the_other_verdicts_on_the_award_are_posted_too():
    disputed = case(statuses=(DISPUTED, POSTED), posted={OF_A.share: REFUTED[OF_A.share]})
    others = [share for share in range(3) if share != OF_A.share]
    assert [one.verdict.share for one in to_post(disputed, REFUTED)] == others


def test_a_refutation_of_a_closed_award_is_not_posted():
    assert to_post(case(statuses=(AwardStatus.SLASHED, POSTED)), REFUTED) == []


def test_a_withheld_item_is_posted_like_a_refuted_one():
    withheld = {OF_A.share: verdict(OF_A.share, {OF_A.number: Outcome.UNAVAILABLE})}
    assert to_post(case(), withheld) == [withheld[OF_A.share]]
    assert to_post(case(statuses=(AwardStatus.REFUNDED, POSTED)), withheld) == []
    assert settleable(case(), UPHELD | withheld) == [1]


def test_a_refutation_is_posted_though_another_award_is_withheld():
    of_b = next(i for i in case().items if i.award_index == 1 and i.share == OF_A.share)
    mixed = {OF_A.number: Outcome.NAMED, of_b.number: Outcome.UNAVAILABLE}
    one = {OF_A.share: verdict(OF_A.share, mixed)}
    assert to_post(case(), one) == [one[OF_A.share]]


def test_awards_expire_late_and_only_where_a_share_has_no_posted_verdict():
    assert expirable(case(), 1_120) == []
    assert expirable(case(), 1_121) == [0, 1]
    assert expirable(case(posted=UPHELD), 1_121) == []
    assert expirable(case(statuses=(DISPUTED, POSTED)), 1_121) == [1]


@pytest.mark.parametrize("now", [1_121, 5_000])
@pytest.mark.parametrize("shares", [(), (0,), (0, 1), (0, 1, 2)])
def test_settling_and_expiring_are_never_both_open(shares, now):
    late = case(posted={share: verdict(share) for share in shares})
    verdicts = heard(late, brought(UPHELD), now)
    assert not set(settleable(late, verdicts)) & set(expirable(late, now))


# Disputes


def vote(name: str, upheld: bool) -> SignedVote:
    return SignedVote(Vote(digest("dispute"), upheld), account(name), b"")


def test_a_vote_counts_once_for_each_seat():
    panel = [account("one"), account("two"), account("one")]
    ballot = count(panel, [vote("one", False), vote("stranger", True)])
    assert (ballot.upheld, ballot.refuted, ballot.complete) == (0, 2, False)
    assert list(ballot.votes) == [vote("one", False)]
    assert ballot.decided(2)
    assert count(panel, [vote("one", False), vote("two", True)]).complete
    assert not count(panel, [vote("two", True)]).decided(2)
