"""Successive halving with real processes: the best go on from where they were, whoever trains."""

from pathlib import Path

import pytest

from compute_swarm.chain.books import read_books
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.status import AwardStatus
from compute_swarm.engine.tiny import tiny
from example_training import TEXT, example_rows
from node_town import town

# Processes on a busy machine take their time; waits inside are bounded by themselves.
pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("anvil_binary")]

FIRST, LAST = 8, 24  # segments that are done at the end of each rung


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny(folder / "tiny", text=TEXT * 20, steps=20)
    return folder


def options(folder: Path, models: Path) -> dict[str, object]:
    data = folder / "rows.jsonl"
    data.write_bytes(example_rows())
    return {
        "model": models / "tiny",
        "data": data,
        "space": {"lr": {"log": [1e-4, 1e-2]}, "r": 4},
        "max_spend": "0.1 ETH",
        "trials": 4,
        "steps": 24,
        "segments": LAST,
        "eval_every": FIRST,
        "max_length": 32,
        "eval_rows": 4,
        "vram_gib": 0,
        "deadline_s": 300,
        "target_modules": ["q_proj", "v_proj"],
    }


async def test_the_best_half_goes_on_and_who_starts_elsewhere_is_slashed(
    tmp_path: Path, models: Path
) -> None:
    """The cheater is honest as long as trials are fresh, so others have to go on from its ends."""
    async with town(tmp_path, models) as place:
        await place.validators()
        await place.seller(6, cheat="other-start")
        await place.online(6)
        async with place.buyer() as buyer:
            sweep = await buyer.sweep(**options(tmp_path, models))
            await sweep.start(FIRST)
            first = await sweep.watch()
            assert [row.segments for row in first.rows] == [FIRST] * 4
            best = await sweep.survivors(FIRST, "1/2")
            await place.seller(7, price=Amount(2 * 10**9))  # the dearer one: it comes second
            await place.online(7)
            await sweep.rung(best, LAST)
            await sweep.rung(best, LAST)  # a cell that is run twice
            view = await sweep.watch()
            lines = (await sweep.books()).books.lines
            saved = await (await sweep.best()).save(tmp_path / "best")
        books = await read_books(place.contracts)
    assert view.settled == 4
    assert {TrialKey(row.trial, 0) for row in view.rows if row.segments == LAST} == set(best)
    assert len(best) == 2
    by_seller = [(line.seller, line.status) for line in lines]
    cheater, honest = dev_wallet(6).address, dev_wallet(7).address
    assert by_seller[0] == (cheater, AwardStatus.SETTLED)
    assert (cheater, AwardStatus.SLASHED) in by_seller[1:]
    assert (honest, AwardStatus.SETTLED) in by_seller[1:]
    assert (cheater, AwardStatus.SETTLED) not in by_seller[1:]
    assert books.balanced
    assert (saved / "adapter_config.json").is_file()
