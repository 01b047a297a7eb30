"""Sellers, validators and a coordinator as real processes on a real chain."""

import asyncio
from pathlib import Path

import pytest

from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain.status import AwardStatus
from compute_swarm.engine.tiny import tiny
from example_training import TEXT, example_rows
from node_town import Node, Town, town, until

# Processes on a busy machine take their time; waits inside are bounded by themselves.
pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("anvil_binary")]

SPACE = {"lr": {"log": [1e-4, 1e-2]}, "r": 4}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny(folder / "tiny", text=TEXT * 20, steps=20)
    return folder


def options(folder: Path, models: Path, trials: int, steps: int = 24) -> dict[str, object]:
    data = folder / "rows.jsonl"
    data.write_bytes(example_rows())
    return {
        "model": models / "tiny",
        "data": data,
        "space": SPACE,
        "max_spend": "0.1 ETH",
        "trials": trials,
        "steps": steps,
        "segments": 24,
        "max_length": 32,
        "eval_rows": 4,
        "vram_gib": 0,
        "deadline_s": 300,
        "target_modules": ["q_proj", "v_proj"],
    }


async def test_a_cheater_is_slashed_and_its_trials_are_done_by_another(
    tmp_path: Path, models: Path
) -> None:
    async with town(tmp_path, models) as place:
        await place.validators()
        await place.seller(6, cheat="half-tokens")
        await place.seller(7)
        await place.online(7)
        async with place.buyer() as buyer:
            sweep = await buyer.sweep(**options(tmp_path, models, 4))
            await sweep.start()
            view = await sweep.watch()
            lines = (await sweep.books()).books.lines
            by_seller = {(line.seller, line.status) for line in lines}
        assert view.settled == 4
        assert by_seller == {
            (dev_wallet(6).address, AwardStatus.SLASHED),
            (dev_wallet(7).address, AwardStatus.SETTLED),
        }


async def test_killed_nodes_go_on_and_the_sweep_is_paid_and_delivered(
    tmp_path: Path, models: Path
) -> None:
    async with town(tmp_path, models) as place:
        validators = await place.validators()
        seller = await place.seller(6)
        await place.online(6)
        async with place.buyer() as buyer:
            sweep = await buyer.sweep(**options(tmp_path, models, 2, steps=24 * 20))
            await sweep.start()
            watching = asyncio.create_task(sweep.watch())
            await killed_while_training(seller)
            await killed_while_judging(place, validators)
            view = await watching
            saved = await (await sweep.best()).save(tmp_path / "best")
        assert view.settled == 2
        assert not any(has_torch(node) for node in place.nodes)
        assert (saved / "adapter_config.json").is_file()


async def test_a_chain_that_is_started_again_is_gone_on_with(tmp_path: Path, models: Path) -> None:
    async with town(tmp_path, models) as place:
        validators = await place.validators()
        seller = await place.seller(6)
        await place.online(6)
        async with place.buyer() as buyer:
            sweep = await buyer.sweep(**options(tmp_path, models, 2, steps=24 * 20))
            await sweep.start()
            watching = asyncio.create_task(sweep.watch())
            await until(lambda: at_least(seller, 8), 90)
            await place.restart_chain(down_s=3)
            await one_is_working(place, validators)
            await place.restart_chain(down_s=3)
            view = await watching
            ledger = await sweep.ledger()
        assert view.settled == 2
        assert len(ledger.transactions) == 3
        assert all(node.alive for node in place.nodes)


def has_torch(node: Node) -> bool:
    """Whether the agent itself, not its worker, has mapped torch's libraries."""
    assert node.process is not None
    return "libtorch" in Path(f"/proc/{node.process.pid}/maps").read_text()


def states(seller: Node) -> dict[Path, int]:
    """Return the seller's states and when each was written."""
    found = seller.settings.home.glob("awards/*/states/*/*.safetensors")
    return {path: path.stat().st_mtime_ns for path in found}


async def killed_while_training(seller: Node) -> None:
    """Kill the seller after some segments, start it again, and see it do only the rest."""
    await until(lambda: at_least(seller, 8), 90)
    seller.kill()
    await asyncio.sleep(1)  # its worker notices and leaves
    before = states(seller)
    assert len(before) < 2 * 25
    seller.start()
    await until(lambda: at_least(seller, len(before) + 4), 90)
    after = states(seller)
    assert {path: after[path] for path in before} == before


async def at_least(seller: Node, count: int) -> bool:
    return len(states(seller)) >= count


async def killed_while_judging(place: Town, validators: list[Node]) -> None:
    """Kill the first validator that is at work, and start it again."""
    judge = await one_is_working(place, validators)
    judge.kill()
    judge.start()


async def one_is_working(place: Town, nodes: list[Node]) -> Node:
    """Wait for the first of them that is at work."""

    async def one_works() -> bool:
        return any(place.status(node) == "working" for node in nodes)

    await until(one_works, 120)
    return next(node for node in nodes if place.status(node) == "working")
