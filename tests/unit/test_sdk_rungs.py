import math
from dataclasses import replace
from fractions import Fraction

import pytest

from compute_swarm.domain.bid import FRESH, Bid, Leg, Rung
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.status import TrialStatus
from compute_swarm.errors import (
    NotKnown,
    ResultsNotShown,
    RungNotEvaluated,
    RungOutOfRange,
    RungUndecided,
    RungUnfinished,
    SurvivorsUnknown,
)
from compute_swarm.sdk.facade import Sweep
from compute_swarm.sdk.ledger import read_ledger
from compute_swarm.sdk.rungs import (
    check_decided,
    check_end,
    chosen_keys,
    course,
    loss_at,
    onward,
    read_keep,
    steps,
    survivors,
    unplaced,
)
from compute_swarm.sdk.sweep import AsyncSweep
from compute_swarm.sdk.view import Evidence, view_sweep
from example_sweep import (
    SELLERS,
    SWEEP_ID,
    award_id,
    awarded,
    committed,
    opened,
    receipt,
    settled,
    slashed,
    spec,
)

SPEC = spec(eval_every=8)
KEYS = tuple(TrialKey(index, 0) for index in range(4))
BEST = KEYS[:2]
FIRST, SECOND, THIRD = (awarded(n, 4 - 2 * bool(n), SELLERS[0], block=1 + 9 * n) for n in range(3))
BOUGHT = (opened(), FIRST)
ENDED = (*BOUGHT, committed(0, (0, 32)), settled(0, FIRST))
GOING = (*ENDED, SECOND)
SLASHED = (*GOING, committed(1, (1, 32), block=14), slashed(1, SECOND, block=16))
AGAIN = (*SLASHED, THIRD)


def bid(trials, first, segments, start=FRESH):
    return Bid(
        SWEEP_ID, SELLERS[0], pack_trials(trials), first, segments, Amount(1), start, 9, 9, 0
    )


BIDS = {
    award_id(0): bid(KEYS, 0, 8),
    award_id(1): bid(BEST, 8, 16, award_id(0)),
    award_id(2): bid(BEST, 8, 16, award_id(0)),
}


def ended(award, trial, first, last, loss):
    """A receipt of some segments, the last of them evaluated."""
    whole = receipt(award, trial, loss)
    middle = [replace(b, eval_losses=None) for b in whole.boundaries[first:last]]
    end = replace(whole.boundaries[last], loss=loss, eval_losses=(loss,))
    middle[0] = replace(middle[0], eval_losses=(3.0,))
    return replace(whole, boundaries=(*middle, end))


RECEIPTS = {
    award_id(0): {key: ended(0, key.index, 0, 8, 2.5 + key.index) for key in KEYS},
    award_id(1): {key: ended(1, key.index, 8, 24, 2.25) for key in BEST},
}


def lines(events):
    return read_ledger(SWEEP_ID, events).books.lines


def way(key, events):
    return course(steps(key, lines(events), BIDS))


def ids(events, key=KEYS[0]):
    return [step.id for step in way(key, events)]


def test_a_trial_that_goes_on_has_come_from_one_award_to_the_next():
    assert ids(ENDED) == [award_id(0)]
    assert ids(GOING) == [award_id(0), award_id(1)]
    assert ids(GOING, KEYS[3]) == [award_id(0)]


def test_where_a_rung_failed_the_trial_is_where_it_was_before():
    assert ids(SLASHED) == [award_id(0)]
    assert ids(AGAIN) == [award_id(0), award_id(2)]


def test_what_goes_on_from_a_forgery_counts_as_nothing():
    events = (*BOUGHT, committed(0, (0, 32)), SECOND, slashed(0, FIRST))
    assert ids(events) == []
    (leg,) = unplaced(SPEC, lines(events), BIDS, RECEIPTS, 24)[:1]
    assert leg == Leg(BEST, Rung.whole(24))


def test_before_anything_is_bought_every_trial_is_wanted_as_far_as_was_said():
    assert unplaced(SPEC, (), {}, {}, 8) == (Leg(KEYS, Rung.whole(8)),)


def test_nothing_is_bought_again_that_runs_or_is_there():
    assert [unplaced(SPEC, lines(events), BIDS, RECEIPTS, 24) for events in (ENDED, GOING)] == [
        (),
        (),
    ]


def test_a_rung_that_failed_is_bought_again_from_where_it_began():
    wanted = unplaced(SPEC, lines(SLASHED), BIDS, RECEIPTS, 24)
    assert wanted == (Leg(BEST, Rung(award_id(0), 8, 16)),)


def test_who_was_left_behind_is_not_bought_again_once_a_later_rung_exists():
    behind = awarded(3, 2, SELLERS[0], block=2)
    bids = BIDS | {award_id(0): bid(BEST, 0, 8), award_id(3): bid(KEYS[2:], 0, 8)}
    failed = (opened(), FIRST, behind, slashed(3, behind))
    assert unplaced(SPEC, lines(failed), {id_: bids[id_] for id_ in map(award_id, (0, 3))}, {}, 8)
    assert unplaced(SPEC, lines((*failed, SECOND)), bids, RECEIPTS, 8) == ()


def test_a_failed_rung_waits_until_its_beginning_is_known():
    assert unplaced(SPEC, lines(SLASHED), BIDS, {}, 24) == ()


def test_going_on_names_the_award_and_the_segment_and_costs_nothing_twice():
    ways = {key: way(key, ENDED) for key in BEST}
    assert onward(SPEC, ways, RECEIPTS, 16) == (Leg(BEST, Rung(award_id(0), 8, 8)),)
    again = {key: way(key, GOING) for key in BEST}
    assert onward(SPEC, again, RECEIPTS, 24) == ()
    assert onward(SPEC, ways, RECEIPTS, 8) == ()


def test_a_partial_result_is_gone_on_from_where_it_ended():
    short = {award_id(0): RECEIPTS[award_id(0)] | {KEYS[1]: ended(0, 1, 0, 6, 2.5)}}
    legs = onward(SPEC, {key: way(key, ENDED) for key in BEST}, short, 16)
    assert {leg.rung for leg in legs} == {Rung(award_id(0), 8, 8), Rung(award_id(0), 6, 10)}


def test_a_trial_without_a_result_on_chain_cannot_go_on():
    with pytest.raises(RungUnfinished, match="0/0"):
        onward(SPEC, {KEYS[0]: way(KEYS[0], BOUGHT)}, {}, 16)


@pytest.mark.parametrize(
    ("losses", "keep", "chosen"),
    [
        ((3.0, 1.0, 2.0, 4.0), Fraction(1, 2), (1, 2)),
        ((1.0, 1.0, 1.0, 1.0), Fraction(1, 2), (0, 1)),
        ((math.nan, 2.0, math.inf, 1.0), Fraction(3, 4), (1, 2, 3)),
        ((None, 2.0, None, 1.0), Fraction(1, 2), (3,)),
        ((3.0, 2.0, 1.0, 4.0), Fraction(1, 100), (2,)),
    ],
)
def test_the_best_part_survives_and_at_least_one(losses, keep, chosen):
    known = dict(zip(KEYS, losses, strict=True))
    assert survivors(known, keep) == tuple(KEYS[index] for index in chosen)


def test_without_any_evaluation_nobody_survives():
    with pytest.raises(SurvivorsUnknown):
        survivors(dict.fromkeys(KEYS), Fraction(1, 2))


def test_a_loss_counts_once_its_award_is_settled():
    assert loss_at(way(KEYS[1], ENDED), KEYS[1], RECEIPTS, 8) == 3.5
    assert loss_at(way(KEYS[1], ENDED), KEYS[1], RECEIPTS, 16) is None
    assert loss_at(way(KEYS[1], BOUGHT), KEYS[1], RECEIPTS, 8) is None


def ways(events):
    return {key: way(key, events) for key in KEYS}


@pytest.mark.parametrize("events", [BOUGHT, (*BOUGHT, committed(0, (0, 32)))])
def test_nobody_is_chosen_while_a_trial_is_not_settled(events):
    with pytest.raises(RungUndecided, match="0/0"):
        check_decided(ways(events), RECEIPTS, 8)


def test_the_choice_is_made_by_what_a_later_rung_cannot_change():
    check_decided(ways(ENDED), RECEIPTS, 8)
    check_decided(ways(GOING), RECEIPTS, 8)
    with pytest.raises(RungUndecided):
        check_decided(ways(GOING), RECEIPTS, 16)


def test_nobody_is_chosen_while_a_settled_result_is_not_shown():
    hidden = {award_id(0): {key: RECEIPTS[award_id(0)][key] for key in KEYS[:3]}}
    with pytest.raises(ResultsNotShown, match="3/0"):
        check_decided(ways(ENDED), hidden, 8)


@pytest.mark.parametrize(("keep", "part"), [(0.5, (1, 2)), ("1/3", (1, 3)), ("0.25", (1, 4))])
def test_a_part_is_read_as_people_write_it(keep, part):
    assert read_keep(keep) == Fraction(*part)


@pytest.mark.parametrize("keep", [0, -1, 1.5, "half", "1/0", math.nan, math.inf])
def test_what_is_no_part_is_refused(keep):
    with pytest.raises(SurvivorsUnknown):
        read_keep(keep)


@pytest.mark.parametrize(
    ("end", "first", "refused"),
    [
        (2, True, RungOutOfRange),
        (0, False, RungOutOfRange),
        (25, False, RungOutOfRange),
        (12, False, RungNotEvaluated),
    ],
)
def test_a_rung_that_could_not_be_chosen_by_is_refused(end, first, refused):
    with pytest.raises(refused):
        check_end(SPEC, end, first)


def test_trials_are_named_by_number_or_key():
    assert chosen_keys([1, KEYS[0], 1], KEYS) == (KEYS[1], KEYS[0])
    with pytest.raises(NotKnown):
        chosen_keys([9], KEYS)


def view_of(events):
    return view_sweep("0xab", SPEC, read_ledger(SWEEP_ID, events), Evidence(BIDS, RECEIPTS, {}))


def test_the_view_shows_how_far_each_trial_is_in_all():
    view = view_of((*GOING, committed(1, (1, 32), block=14), settled(1, SECOND, block=16)))
    assert [row.segments for row in view.rows] == [24, 24, 8, 8]
    assert [row.eval_loss for row in view.rows] == [2.25, 2.25, 4.5, 5.5]
    assert {row.base_eval_loss for row in view.rows} == {3.0}
    assert {row.attempts for row in view.rows} == {1}
    assert [row.price for row in view.rows] == [FIRST.price * n for n in (24, 24, 8, 8)]
    assert view.finished


def test_a_failed_rung_counts_as_an_attempt():
    row = view_of(AGAIN).rows[0]
    assert (row.status, row.segments, row.attempts) == (TrialStatus.RUNNING, 8, 2)


class Noted(AsyncSweep):
    """A sweep that only notes what it is asked to do."""

    def __init__(self) -> None:
        self.asked = list[tuple[object, ...]]()

    @property
    def spec(self):
        return SPEC

    async def start(self, segments=None):
        self.asked.append(("start", segments))

    async def allow(self, limits, segments=None):
        self.asked.append(("allow", limits, segments))

    async def watch(self, show=None):
        self.asked.append(("watch",))
        return len(self.asked)

    async def survivors(self, segments, keep):
        self.asked.append(("survivors", segments, keep))
        return BEST

    async def rung(self, trials, segments):
        self.asked.append(("rung", trials, segments))


async def test_halving_goes_from_rung_to_rung_and_waits_for_each():
    sweep = Noted()
    assert await sweep.halve([8, 16, 24], "1/2") == len(sweep.asked)
    assert sweep.asked == [
        ("start", 8),
        ("watch",),
        ("survivors", 8, "1/2"),
        ("rung", BEST, 16),
        ("watch",),
        ("survivors", 16, "1/2"),
        ("rung", BEST, 24),
        ("watch",),
    ]


def test_a_notebook_allows_a_key_from_the_first_rung_on():
    sweep = Noted()
    Sweep(sweep).allow("0x" + "11" * 20, "0.01 ETH", 8, hours=2)
    (_, limits, segments), *_ = sweep.asked
    assert (limits.hours, segments) == (2, 8)


@pytest.mark.parametrize(
    ("rungs", "keep", "refused"),
    [
        ([8, 12], 0.5, RungNotEvaluated),
        ([8, 99], 0.5, RungOutOfRange),
        ([2, 8], 0.5, RungOutOfRange),
        ([8, 16], 2, SurvivorsUnknown),
        ([16, 8], 0.5, RungOutOfRange),
        ([], 0.5, RungOutOfRange),
    ],
)
async def test_a_plan_that_cannot_be_carried_out_buys_nothing(rungs, keep, refused):
    sweep = Noted()
    with pytest.raises(refused):
        await sweep.halve(rungs, keep)
    assert sweep.asked == []
