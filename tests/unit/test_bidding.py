from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compute_swarm.domain.bid import Rung
from compute_swarm.domain.ids import AwardId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.engine.resources import Machine, ModelShape
from compute_swarm.node.bidding import Asked, Offer, Rates, Reason, quote, reasons
from compute_swarm.node.capacity import Capacity, guessed_speed
from examples import spec

MODEL = ModelShape(
    parameters=1_000_000,
    file_bytes=2_000_000,
    hidden=128,
    layers=4,
    vocabulary=320,
    linear=(("layers.0.q_proj", 128, 128), ("layers.0.v_proj", 64, 128)),
)
MACHINE = Machine(8 * 2**30, 6 * 2**30, 2**30, Path("/srv"), ())
CAPACITY = Capacity(MACHINE, "cpu", 8, "1", {"float32": "0xclass", "bfloat16": "0xother"})
RATES = Rates(price=Amount(2), most_trials=4, tokens_per_s=10_000.0)
SPEC = spec(budget__max_spend="1000", budget__deadline_s=600)
ASKED = Asked(SPEC, trials(SPEC), Rung.whole(32))
LATER = Rung(AwardId(b"a" * 32), 8, 4)


def whole(sweep: SweepSpec) -> Asked:
    return Asked(sweep, trials(sweep), Rung.whole(sweep.training.segments))


def why(
    rates: Rates = RATES,
    capacity: Capacity = CAPACITY,
    model: ModelShape | None = MODEL,
    **changes: Any,
) -> tuple[Reason, ...]:
    asked = spec(**{"budget__deadline_s": 600} | changes)
    return reasons(whole(asked), capacity, rates, model)


def test_a_sweep_that_fits_gets_an_offer() -> None:
    offer = quote(ASKED, CAPACITY, RATES, MODEL)
    assert offer == Offer(
        price=Amount(2),
        most_trials=4,
        seconds_per_trial=64 * 64 / 10_000,
        class_id="0xclass",
        deadline_s=600,
    )
    assert why() == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"requirements__vram_gib": 9}, Reason.VRAM),
        ({"requirements__reachability": "public"}, Reason.REACHABILITY),
        ({"budget__max_spend": "63"}, Reason.PRICE),
        ({"numeric__engine_version": "0"}, Reason.ENGINE),
        ({"lora__target_modules": ["nothing_of_it"]}, Reason.TARGETS),
        ({"dataset__max_length": 131_072}, Reason.MEMORY),
    ],
)
def test_each_limit_of_the_sweep_is_named(changes: dict[str, Any], reason: Reason) -> None:
    assert reason in why(**changes)


def test_a_model_that_is_not_here_is_named() -> None:
    assert why(model=None) == (Reason.MODEL,)
    assert quote(ASKED, CAPACITY, RATES, None) is None


def test_too_little_disk_is_named() -> None:
    full = replace(CAPACITY, machine=replace(MACHINE, disk_free=1000))
    assert why(capacity=full) == (Reason.DISK,)


def test_a_machine_too_slow_for_the_deadline_makes_no_offer() -> None:
    assert why(replace(RATES, tokens_per_s=1.0)) == (Reason.TIME,)


def test_work_taken_on_earlier_counts_as_time() -> None:
    assert why(replace(RATES, backlog_s=10_000)) == (Reason.TIME,)


def test_a_token_that_the_network_does_not_list_is_named() -> None:
    assert why(replace(RATES, listed=False)) == (Reason.TOKEN,)


def test_trials_of_two_kinds_are_refused() -> None:
    mixed = spec(search__space={"lr": 1e-3, "accumulation": {"choice": [1, 2]}}, search__trials=6)
    assert why(search__space=mixed.document()["search"]["space"]) == (Reason.KIND,)


def test_the_networks_least_price_is_not_undercut() -> None:
    offer = quote(ASKED, CAPACITY, replace(RATES, least_price=Amount(5)), MODEL)
    assert offer is not None
    assert offer.price == 5


def test_no_more_trials_are_offered_than_the_time_allows() -> None:
    offer = quote(ASKED, CAPACITY, replace(RATES, tokens_per_s=64 * 64 / 150), MODEL)
    assert offer is not None
    assert offer.most_trials == 2  # of 150 s each within 70 % of 600 s


def test_a_rung_takes_the_time_of_its_own_segments() -> None:
    offer = quote(replace(ASKED, rung=LATER), CAPACITY, RATES, MODEL)
    assert offer is not None
    part = LATER.segments / SPEC.training.segments
    assert offer.seconds_per_trial == part * 64 * 64 / 10_000


@pytest.mark.parametrize(
    "changes",
    [{"rung": replace(LATER, segments=400)}, {"rung": LATER, "startable": False}],
)
def test_a_rung_that_cannot_start_is_named(changes: dict[str, Any]) -> None:
    assert reasons(replace(ASKED, **changes), CAPACITY, RATES, MODEL)[-1] == Reason.START


def test_a_larger_model_is_thought_slower() -> None:
    larger = replace(MODEL, parameters=10 * MODEL.parameters)
    assert guessed_speed(larger, "cpu") < guessed_speed(MODEL, "cpu")
    assert guessed_speed(MODEL, "cpu") < guessed_speed(MODEL, "cuda:0")
