"""A validator whose coordinator is gone, on a real chain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chain_life import Life
from compute_swarm.chain.devnet import Devnet
from compute_swarm.chain.rpc import Block
from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item
from compute_swarm.domain.ids import Address
from compute_swarm.domain.seats import JUDGE, SUBSTITUTES
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome, SignedVerdict, unpack_answers
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.examination import NOTHING
from compute_swarm.node.hearing import Case
from compute_swarm.node.rounds import Backoff, Patience
from compute_swarm.node.seeds import Moment
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator, Work
from court_session import remember
from examples import digest
from examples import spec as example_spec

NOWHERE = "http://127.0.0.1:9"
PATIENT = 3_600.0


@pytest.fixture
async def posted(life: Life) -> Life:
    """An award whose result waits to be judged."""
    await life.award(await life.bid(life.cast.sellers[0], [0, 1, 2]))
    await life.post_results(72)
    return life


@asynccontextmanager
async def node(
    life: Life, folder: Path, address: Address, patience: float = 0.0
) -> AsyncIterator[Validator]:
    life.contracts.deployment.save(folder / "deployment.json")
    settings = NodeSettings(
        role=Role.VALIDATOR,
        home=folder / address,
        deployment=folder / "deployment.json",
        rpc=life.net.url,
        coordinator=NOWHERE,
        patience_s=patience,
    )
    async with open_workplace(settings, life.cast.wallet(address)) as workplace:
        yield Validator.at(workplace)


@pytest.fixture
async def judge(posted: Life, tmp_path: Path) -> AsyncIterator[Validator]:
    """The judge of the first item."""
    address = (await posted.judges())[posted.items[0].share]
    async with node(posted, tmp_path, address) as validator:
        yield validator


async def verdict_on(life: Life, item: Item, refuted: bool) -> SignedVerdict:
    return (await life.verdicts(item if refuted else None))[item.share]


async def case_of(validator: Validator, **changes: object) -> Case:
    """The only commit as the validator sees it, some of it said otherwise."""
    chronicle = await validator.workplace.chronicle()
    (entry,) = chronicle.open_commits()
    now = await validator.workplace.now()
    case = await validator.workplace.cases.of(chronicle, entry, now)
    assert case is not None
    return replace(case, **changes)


async def is_posted(life: Life, share: int, seat: int = JUDGE) -> bool:
    return (await life.contracts.court.share(life.commit_id, share)).posted(seat)


# The judge


async def test_without_a_relayer_a_judge_posts_its_refutation_itself(
    posted: Life, judge: Validator
) -> None:
    item = posted.items[0]
    remember(judge, posted, [await verdict_on(posted, item, refuted=True)])
    await judge.speak()
    slot = await posted.contracts.market.award_slot(posted.awards[0].id)
    assert slot.status is AwardStatus.DISPUTED


async def test_an_upheld_verdict_stays_off_chain(posted: Life, judge: Validator) -> None:
    item = posted.items[0]
    remember(judge, posted, [await verdict_on(posted, item, refuted=False)])
    await judge.speak()
    assert not await is_posted(posted, item.share)


async def test_a_summoned_judge_posts_its_verdict_at_once(posted: Life, tmp_path: Path) -> None:
    item = posted.items[0]
    address = (await posted.judges())[item.share]
    async with node(posted, tmp_path, address, PATIENT) as judge:
        remember(judge, posted, [await verdict_on(posted, item, refuted=False)])
        posted.net.advance(121)
        await posted.summon(item.share)
        await judge.speak()
    assert await is_posted(posted, item.share)


async def test_a_summoned_judge_that_is_too_late_is_silent(posted: Life, judge: Validator) -> None:
    item = posted.items[0]
    remember(judge, posted, [await verdict_on(posted, item, refuted=False)])
    posted.net.advance(121)
    await posted.summon(item.share)
    posted.net.advance(61)
    await judge.speak()
    assert not await is_posted(posted, item.share)


async def test_without_a_directory_a_judge_accuses_nobody(
    posted: Life, judge: Validator, net: Devnet
) -> None:
    (entry,) = (await judge.workplace.chronicle()).open_commits()
    note = f"spec/{entry.sweep_id.hex()}"
    judge.workplace.journal.noted(note, example_spec().document())
    net.advance(61)  # what is missing by now counts as withheld
    await judge.work()
    await judge.speak()
    assert judge.workplace.journal.verdict(entry.id, posted.items[0].share) is None


async def test_nothing_is_drawn_while_the_entropy_is_unknown(life: Life, judge: Validator) -> None:
    chronicle = await judge.workplace.chronicle()
    (entry,) = chronicle.open_commits()
    head = await life.contracts.rpc.head()
    later = replace(entry, commit=replace(entry.commit, block_number=head.number + 1))
    assert await judge.workplace.draws.of_commit(chronicle, later) is None
    assert await judge.workplace.draws.of_commit(chronicle, entry) is not None


async def test_the_first_verdict_signed_is_the_one_that_counts(
    posted: Life, judge: Validator
) -> None:
    item = posted.items[0]
    upheld = await verdict_on(posted, item, refuted=False)
    remember(judge, posted, [upheld, await verdict_on(posted, item, refuted=True)])
    kept = judge.workplace.journal.verdict(upheld.verdict.commit_id, item.share)
    assert kept is not None
    assert kept["signed"] == wire.encode(upheld)


async def test_a_verdict_is_signed_once_no_reorganisation_can_change_the_draw(
    posted: Life, judge: Validator, net: Devnet
) -> None:
    case, share = await case_of(judge), posted.items[0].share
    spec = example_spec().document()
    judge.workplace.journal.noted(f"spec/{case.entry.sweep_id.hex()}", spec)
    judge.judging._examined[case.id, share, case.draw.seed] = NOTHING
    young = replace(case.commit, block_number=case.commit.block_number + 100)
    now = await judge.workplace.now()
    await judge.judging.speak(replace(case, entry=replace(case.entry, commit=young)), now)
    assert judge.workplace.journal.verdict(case.id, share) is None
    net.mine(4)
    await judge.judging.speak(case, now)
    kept = judge.workplace.journal.verdict(case.id, share)
    assert kept is not None
    signed = wire.decode(SignedVerdict, kept["signed"])
    answers = unpack_answers(signed.verdict.answers, len(case.draw.share(share)))
    assert {answer.outcome for answer in answers} == {Outcome.UNAVAILABLE}


async def test_a_commit_that_was_drawn_anew_gets_no_second_verdict(
    posted: Life, judge: Validator
) -> None:
    case, item = await case_of(judge), posted.items[0]
    remember(judge, posted, [await verdict_on(posted, item, refuted=True)])
    anew = replace(case, draw=replace(case.draw, seed=digest("another")))
    await judge.judging.speak(anew, await judge.workplace.now())
    assert not await is_posted(posted, item.share)
    assert item.share not in [duty.share for duty in judge.judging.duties(anew, 0)]


async def test_work_that_keeps_us_waiting_comes_again_after_all_other(judge: Validator) -> None:
    done: list[str] = []

    def work(name: str, due: int) -> Work:
        async def run() -> None:
            done.append(name)

        return Work(name, name, due, run)

    found = [work("hostile", 1), work("another", 2), work("honest", 3)]
    judge.rests = Backoff(0.0, 0.0)
    for _ in range(4):
        chosen = judge._first(found)
        assert chosen is not None
        await judge._examine(chosen)
    assert done == ["hostile", "another", "honest", "hostile"]


async def test_nobody_votes_on_what_another_draw_may_replace(
    posted: Life, judge: Validator
) -> None:
    item = posted.items[0]
    await posted.post(await verdict_on(posted, item, refuted=True))
    chronicle, case = await judge.workplace.chronicle(), await case_of(judge)
    (dispute,) = chronicle.open_disputes()
    young = replace(case.commit, block_number=case.commit.block_number + 100)
    undecided = replace(case, entry=replace(case.entry, commit=young))
    async with asyncio.timeout(5):  # it would ask for the spec, which nobody has
        await judge.voting.examine(undecided, dispute)
    assert judge.workplace.journal.vote(dispute.id, dispute.round) is None


# Seeds


@dataclass
class Asked:
    """Seeds that nobody has to keep, and what for somebody looked."""

    moments: list[Moment] = field(default_factory=list)

    async def due(self, moment: Moment, _: Block) -> None:
        self.moments.append(moment)


async def asked_before_the_draw(life: Life, validator: Validator) -> list[Moment]:
    """Let a validator look at the commit as if its block were not there yet."""
    chronicle, now = await validator.workplace.chronicle(), await life.now()
    (entry,) = chronicle.open_commits()
    undrawn = replace(entry, commit=replace(entry.commit, block_number=10**6))
    validator.workplace.seeds = asked = Asked()  # type: ignore[assignment]
    await validator._judge(chronicle, undrawn, now)
    return asked.moments


async def test_while_a_commit_has_no_draw_any_validator_sees_to_its_seed(
    posted: Life, tmp_path: Path
) -> None:
    for address in {one.address for one in posted.cast.validators}:
        async with node(posted, tmp_path, address) as validator:
            moments = await asked_before_the_draw(posted, validator)
            assert moments == [Moment(10**6, posted.commit.time)]


async def test_others_have_their_time_to_bring_a_seed_first(posted: Life, judge: Validator) -> None:
    judge.patience = Patience(PATIENT)
    assert await asked_before_the_draw(posted, judge) == []


# Substitutes


async def test_a_substitute_posts_in_its_turn_and_in_each_of_its_seats(
    posted: Life, tmp_path: Path
) -> None:
    holders = await posted.substitutes(0)
    posted.net.advance(121)
    await posted.summon(0)
    async with node(posted, tmp_path, holders[0], PATIENT) as validator:
        remember(validator, posted, [posted.verdict(0, holders[0])])
        await validator.speak()
        assert not await is_posted(posted, 0, 1)
        posted.net.advance(61)
        await validator.speak()
        assert await is_posted(posted, 0, 1)
        posted.net.advance(240)
        for _ in SUBSTITUTES:
            await validator.speak()
    own = [seat for seat in SUBSTITUTES if holders[seat - 1] == holders[0]]
    spoken = [seat for seat in SUBSTITUTES if await is_posted(posted, 0, seat)]
    assert spoken == own[: max(2, len(spoken))]


async def test_where_two_have_upheld_everything_a_third_stays_silent(
    posted: Life, tmp_path: Path
) -> None:
    holders = await posted.substitutes(0)
    posted.net.advance(121)
    await posted.summon(0)
    posted.net.advance(61)
    for seat in (1, 2):
        await posted.post(posted.verdict(0, holders[seat - 1]), seat)
    posted.net.advance(240)
    async with node(posted, tmp_path, holders[4]) as validator:
        remember(validator, posted, [posted.verdict(0, holders[4])])
        await validator.speak()
    assert [seat for seat in SUBSTITUTES if await is_posted(posted, 0, seat)] == [1, 2]


async def test_a_substitute_has_nothing_to_examine_before_the_summons(
    posted: Life, tmp_path: Path
) -> None:
    holder = (await posted.substitutes(0))[0]
    async with node(posted, tmp_path, holder) as validator:
        case, now = await case_of(validator), await posted.now()
        assert 0 not in [duty.share for duty in validator.judging.duties(case, now)]
        posted.net.advance(121)
        await posted.summon(0)
        case, now = await case_of(validator), await posted.now()
        assert 0 in [duty.share for duty in validator.judging.duties(case, now)]
