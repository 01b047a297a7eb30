"""Who may read what of a seller's, on a real chain with real draws."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chain_life import Life
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.ids import AwardId, hex32
from compute_swarm.domain.packing import TrialKey
from compute_swarm.errors import AuthMalformed, NotAllowed, PeerRefused
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.api import Counter, application
from compute_swarm.node.coordinator.main import CoordinatorSettings, running
from compute_swarm.node.files import award_folder
from compute_swarm.node.journal import BidRecord
from compute_swarm.node.seller import Seller
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.unixfs import add_path
from compute_swarm.verifier.layout import state_file
from node_town import until
from seller_capacity import CAPACITY

STATE = b"a state"
WEIGHTS = b"weights of an adapter"
KEY = TrialKey(0, 0)
RELAYER = 20


@dataclass
class Shop:
    """A seller with one posted award, and everybody who might ask it for something."""

    life: Life
    workplace: Workplace
    url: str
    adapter: Cid

    @property
    def award(self) -> AwardId:
        return self.life.awards[0].id

    async def state(self, who: Wallet | None, k: int = 3) -> bytes:
        path = f"/v1/awards/{hex32(self.award)}/states/0/0/{k}"
        async with Peer(self.url, Loopback(), who) as peer:
            return await peer.get_bytes(path, 1000)

    async def block(self, who: Wallet | None) -> bytes:
        async with Peer(self.url, Loopback(), who) as peer:
            return await peer.get_bytes(f"/ipfs/{self.adapter}", 1000, {"format": "raw"})

    async def post_verdicts(self) -> None:
        """Hang the judges' upheld verdicts on the board, once it knows the commit."""
        for verdict in await self.life.verdicts():

            async def taken(signed: object = verdict) -> bool:
                try:
                    await self.workplace.board.post_verdict(signed)  # type: ignore[arg-type]
                except PeerRefused:
                    return False
                return True

            await until(taken, 20)


@pytest.fixture
async def shop(life: Life, net: Devnet, tmp_path: Path) -> AsyncIterator[Shop]:
    deployment = life.contracts.deployment
    deployment.save(tmp_path / "deployment.json")
    coordinator = CoordinatorSettings(tmp_path / "coordinator", deployment, net.url, port=0)
    async with running(coordinator, dev_wallet(RELAYER)) as office:
        settings = NodeSettings(
            role=Role.SELLER,
            home=tmp_path / "seller",
            deployment=tmp_path / "deployment.json",
            rpc=net.url,
            coordinator=office.url,
            poll_s=0.0,  # what is on chain counts at once
        )
        async with open_workplace(settings, life.cast.sellers[0]) as workplace:
            adapter = await _posted_award(life, workplace)
            seller = Seller.at(workplace, CAPACITY)
            app = application(Counter(workplace, seller, seller.sales, {}))
            async with serving(app, Loopback()) as url:
                yield Shop(life, workplace, url, adapter)


async def _posted_award(life: Life, workplace: Workplace) -> Cid:
    signed = await life.bid(life.cast.sellers[0], [0, 1, 2])
    await life.award(signed)
    await life.post_results(72)
    (award,) = life.awards
    record = BidRecord(award.id, signed.bid.sweep_id, wire.encode(signed), signed.bid.expiry)
    workplace.journal.bid_signed(record)
    folder = award_folder(workplace.settings.home, award.id)
    path = state_file(folder, KEY, 3)
    path.parent.mkdir(parents=True)
    path.write_bytes(STATE)
    (folder / "weights").write_bytes(WEIGHTS)
    cid = add_path(folder / "weights", workplace.blocks.put).cid
    workplace.blocks.pin(cid)
    workplace.journal.delivers(award.id, str(cid))
    return cid


async def judge_of(shop: Shop) -> Wallet:
    return shop.life.cast.wallet((await shop.life.judges())[0])


async def test_a_drawn_judge_reads_states_and_nobody_else_does(shop: Shop) -> None:
    judges = set(await shop.life.judges())
    for validator in shop.life.cast.validators:
        if validator.address in judges:
            assert await shop.state(validator) == STATE
        else:
            with pytest.raises(PeerRefused, match=NotAllowed.code):
                await shop.state(validator)
    for other in (shop.life.cast.buyer, shop.life.cast.stranger):
        with pytest.raises(PeerRefused, match=NotAllowed.code):
            await shop.state(other)
    with pytest.raises(PeerRefused, match=AuthMalformed.code):
        await shop.state(None)


async def test_a_state_that_is_not_there_is_unknown(shop: Shop) -> None:
    with pytest.raises(PeerRefused, match="unknown"):
        await shop.state(await judge_of(shop), k=4)


async def test_a_panelist_reads_states_once_the_panel_is_drawn(shop: Shop) -> None:
    life = shop.life
    refuted = life.items[0]
    verdicts = await life.verdicts(refuted)
    await life.post(verdicts[refuted.share])
    judges = set(await life.judges())
    panel = set(await life.panel(refuted))
    for member in panel:
        assert await shop.state(life.cast.wallet(member)) == STATE
    for idle in {v.address for v in life.cast.validators} - panel - judges:
        with pytest.raises(PeerRefused, match=NotAllowed.code):
            await shop.state(life.cast.wallet(idle))


async def test_substitutes_read_states_from_the_summons_on(shop: Shop) -> None:
    life = shop.life
    judges, holders = set(await life.judges()), set(await life.substitutes(0))
    for holder in holders - judges:
        with pytest.raises(PeerRefused, match=NotAllowed.code):
            await shop.state(life.cast.wallet(holder))
    life.net.advance(121)
    await life.summon(0)
    for holder in holders:
        assert await shop.state(life.cast.wallet(holder)) == STATE


async def test_each_panel_that_is_drawn_reads_states(shop: Shop) -> None:
    life = shop.life
    refuted = life.items[0]
    await life.post((await life.verdicts(refuted))[refuted.share])
    life.net.advance(121)
    await life.expire(0, life.subject(refuted))
    life.net.mine(3)
    for member in set(await life.panel(refuted)):
        assert await shop.state(life.cast.wallet(member)) == STATE


async def test_the_buyer_gets_an_adapter_only_once_it_is_upheld(shop: Shop) -> None:
    cast = shop.life.cast
    assert await shop.block(await judge_of(shop)) == WEIGHTS
    with pytest.raises(PeerRefused, match=NotAllowed.code):
        await shop.block(cast.buyer)
    await shop.post_verdicts()
    assert await shop.block(cast.buyer) == WEIGHTS
    for who in (cast.stranger, None):
        with pytest.raises(PeerRefused, match=NotAllowed.code):
            await shop.block(who)


async def test_an_adapter_that_another_award_has_too_stays_its_first_buyers(shop: Shop) -> None:
    shop.workplace.journal.delivers(AwardId(bytes(32)), str(shop.adapter))
    await shop.post_verdicts()
    assert await shop.block(shop.life.cast.buyer) == WEIGHTS


async def test_everybody_may_read_the_bid(shop: Shop) -> None:
    async with Peer(shop.url, Loopback()) as peer:
        document = await peer.get(f"/v1/awards/{hex32(shop.award)}/bid")
    assert document["bid"]["seller"] == shop.life.cast.sellers[0].address


async def test_a_result_that_is_not_signed_yet_is_unknown(shop: Shop) -> None:
    async with Peer(shop.url, Loopback()) as peer:
        with pytest.raises(PeerRefused, match="unknown"):
            await peer.get(f"/v1/awards/{hex32(shop.award)}/result")


async def test_a_validator_shows_the_receipts_that_it_judged(shop: Shop) -> None:
    shop.workplace.journal.noted(f"receipts/{shop.award.hex()}", [{"said": "by the seller"}])
    async with Peer(shop.url, Loopback()) as peer:
        found = await peer.get(f"/v1/awards/{hex32(shop.award)}/result")
    assert found == {"award_id": hex32(shop.award), "receipts": [{"said": "by the seller"}]}
