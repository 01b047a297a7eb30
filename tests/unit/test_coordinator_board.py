import dataclasses
import sqlite3

import pytest

from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import FRESH, Rung, SignedBid
from compute_swarm.domain.ids import ZERO32, SweepId, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.session import Session
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.errors import PeerRefused
from compute_swarm.node.coordinator.board import (
    ANNOUNCED_SECONDS,
    KEPT_SECONDS,
    LISTED_OF_BUYER,
    LISTED_OF_STRANGERS,
)
from compute_swarm.node.coordinator.gate import OpenGate
from compute_swarm.node.coordinator.store import Limits
from compute_swarm.node.coordinator.uploads import LEAST_SIZE
from compute_swarm.storage.unixfs import BLOCK_LIMIT, CHUNK, add_bytes
from coordinator_desk import (
    BUYER,
    DATASET,
    DATASET_CID,
    JUDGE,
    OTHER,
    SELLER,
    Clock,
    a_spec,
    announcement,
    coordinator,
    id_of,
    path,
    raw,
    result,
    signed_bid,
    submission,
    sweep_of,
    wallet,
)

CALL = {
    "round": 0,
    "trials": hex32(pack_trials([TrialKey(0, 0), TrialKey(1, 0)])),
    "rung": wire.encode(Rung.whole(32)),
}
OFFER = {
    "round": 0,
    "price": "100",
    "most_trials": 4,
    "seconds_per_trial": 12.5,
    "class_id": "0x" + "ab" * 32,
    "deadline_s": 600,
}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def running(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        yield running


@pytest.fixture
async def sweep(running) -> SweepId:
    return await running.announce(a_spec())


async def refused(awaitable) -> str:
    with pytest.raises(PeerRefused) as caught:
        await awaitable
    return caught.value.reason


async def test_a_sweep_is_hung_up_for_everybody(running, sweep):
    (short,) = (await running.peer().get("/v1/sweeps"))["sweeps"]
    assert short["sweep_id"] == hex32(sweep) == hex32(id_of(a_spec()))
    whole = await running.peer().get(path(sweep))
    assert whole["spec"] == a_spec().document()
    assert whole["sweep"] == wire.encode(sweep_of(a_spec()))


async def test_hanging_it_up_again_only_keeps_it_longer(running, sweep):
    running.clock.now += ANNOUNCED_SECONDS - 1
    assert await running.announce(a_spec()) == sweep
    running.clock.now += 2
    assert running.desk.board.take_down() == 0
    assert len((await running.peer().get("/v1/sweeps"))["sweeps"]) == 1


async def test_the_board_survives_a_restart(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        sweep = await running.announce(a_spec())
        await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
        signed = signed_bid(sweep)
        await running.peer().post("/v1/results", result(signed, submission(signed)))
    async with coordinator(tmp_path, clock) as running:
        assert (await running.peer().get(path(sweep)))["calls"][0]["trials"] == CALL["trials"]
        assert running.desk.board.results(sweep)[0].submission == submission(signed)


async def test_a_file_from_before_rungs_is_led_on(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        sweep = await running.announce(a_spec())
    with sqlite3.connect(tmp_path / "coordinator.sqlite") as file:
        file.execute("DROP TABLE datasets")
        for table, column in (("calls", "rung"), ("sweeps", "standing"), ("sweeps", "until")):
            file.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        file.execute("INSERT INTO calls VALUES (?, 7, x'00', 0)", (sweep,))
        file.execute("PRAGMA user_version = 1")
    async with coordinator(tmp_path, clock) as running:
        assert (await running.peer().get(path(sweep)))["calls"] == []
        await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
        (short,) = (await running.peer().get("/v1/sweeps"))["sweeps"]
        assert short["calls"][0]["rung"] == CALL["rung"]


async def test_only_its_buyer_hangs_up_a_sweep(running):
    document = announcement(a_spec(), BUYER)
    assert await refused(running.peer(OTHER).post("/v1/sweeps", document)) == "auth.not_allowed"
    assert await refused(running.peer().post("/v1/sweeps", document)) == "auth.malformed"


@pytest.mark.parametrize("change", [{"salt": "0x" + "07" * 32}, {"training__segments": 64}])
async def test_spec_and_sweep_have_to_agree(running, change):
    document = announcement(a_spec()) | {"spec": a_spec(**change).document()}
    assert await refused(running.peer(BUYER).post("/v1/sweeps", document)) == "document"


async def test_terms_on_chain_have_to_be_the_specs(running):
    document = announcement(a_spec())
    document["sweep"]["terms"]["vram_gib"] = 80
    assert await refused(running.peer(BUYER).post("/v1/sweeps", document)) == "document"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"spec": None}, "document"),
        ({"spec": {}}, "spec.missing_key"),
        ({"sweep": None}, "document"),
        ({"sweep": {"buyer": "0x1"}}, "document"),
        ({"padding": "x" * 70_000}, "document"),
    ],
)
async def test_a_sweep_that_is_off_is_refused(running, change, code):
    document = announcement(a_spec()) | change
    assert await refused(running.peer(BUYER).post("/v1/sweeps", document)) == code


async def test_a_dataset_cid_that_is_none_is_refused(running):
    document = announcement(a_spec(dataset__cid="bafkreia"))
    assert await refused(running.peer(BUYER).post("/v1/sweeps", document)) == "document"


async def test_a_buyer_has_a_limit_and_others_still_come_in(tmp_path, clock):
    async with coordinator(tmp_path, clock, Limits(sweeps_of_buyer=1)) as running:
        await running.announce(a_spec())
        more = a_spec(salt="0x" + "01" * 32)
        second = running.peer(BUYER).post("/v1/sweeps", announcement(more))
        assert await refused(second) == "limit"
        await running.announce(more, OTHER)


class Poor(OpenGate):
    """Nobody has money, but for those named; nobody sells."""

    def __init__(self, *rich: Wallet) -> None:
        self.rich = {wallet.address for wallet in rich}

    async def pays(self, sweep) -> bool:
        return sweep.buyer in self.rich

    async def sells(self, who) -> bool:
        return False


def numbered(number: int) -> SweepSpec:
    return a_spec(salt="0x" + f"{number:064x}")


async def shown(running) -> list[str]:
    return [short["sweep_id"] for short in (await running.peer().get("/v1/sweeps"))["sweeps"]]


async def test_what_nobody_paid_for_is_taken_down_after_a_day(running, clock, sweep):
    buyer = running.peer(BUYER)
    clock.now += ANNOUNCED_SECONDS - 1
    await buyer.post(path(sweep, "/calls"), CALL)  # a call keeps it a day longer
    clock.now += ANNOUNCED_SECONDS - 1
    assert running.desk.board.take_down() == 0
    clock.now += 2
    assert running.desk.board.take_down() == 1
    assert await shown(running) == []
    assert running.desk.board._database.number("SELECT count(*) FROM calls") == 0


async def test_what_the_chain_knows_is_kept_for_weeks(running, clock, sweep):
    running.desk.board.opened(sweep)
    clock.now += KEPT_SECONDS - 1
    assert running.desk.board.take_down() == 0
    clock.now += 2
    assert running.desk.board.take_down() == 1


async def test_strangers_push_out_each_other_and_nobody_else(tmp_path, clock):
    limits = Limits(sweeps_of_strangers=2)
    async with coordinator(tmp_path, clock, limits, Poor(BUYER)) as running:
        funded = await running.announce(a_spec())
        paid = await running.announce(numbered(1), OTHER)
        running.desk.board.opened(paid)
        strangers = []
        for number in range(20, 23):
            clock.now += 1
            strangers.append(await running.announce(a_spec(), wallet(number)))
        assert set(await shown(running)) == {*map(hex32, (funded, paid, *strangers[1:]))}


async def test_the_oldest_makes_room_where_there_are_too_many_with_money(tmp_path, clock):
    async with coordinator(tmp_path, clock, Limits(sweeps=1)) as running:
        paid = await running.announce(a_spec())
        running.desk.board.opened(paid)
        await running.announce(numbered(1))
        second = await running.announce(numbered(2))
        assert set(await shown(running)) == {hex32(paid), hex32(second)}


async def test_a_stranger_hangs_up_few_sweeps_and_calls(tmp_path, clock):
    limits = Limits(sweeps_of_stranger=1, calls_of_strangers_sweep=1, strangers_trials_bytes=8)
    async with coordinator(tmp_path, clock, limits, Poor()) as running:
        sweep, buyer = await running.announce(a_spec()), running.peer(BUYER)
        assert await refused(buyer.post("/v1/sweeps", announcement(numbered(1)))) == "limit"
        scattered = pack_trials([TrialKey(2 * number, 0) for number in range(2)])
        long = CALL | {"trials": hex32(scattered)}
        assert await refused(buyer.post(path(sweep, "/calls"), long)) == "document"
        await buyer.post(path(sweep, "/calls"), CALL)
        second = CALL | {"round": 1}
        assert await refused(buyer.post(path(sweep, "/calls"), second)) == "limit"
        running.desk.board.opened(sweep)
        await buyer.post(path(sweep, "/calls"), second)


async def test_a_stranger_that_has_got_money_is_one_no_longer(tmp_path, clock):
    gate = Poor()
    async with coordinator(tmp_path, clock, Limits(sweeps_of_strangers=1), gate) as running:
        sweep = await running.announce(a_spec())
        gate.rich.add(BUYER.address)
        await running.announce(a_spec())
        await running.announce(a_spec(), OTHER)
        await running.announce(a_spec(), SELLER)
        assert hex32(sweep) in await shown(running)


async def test_the_list_has_the_newest_few_of_a_buyer_and_a_part_for_strangers(tmp_path, clock):
    async with coordinator(tmp_path, clock, gate=Poor(BUYER)) as running:
        own = []
        for number in range(LISTED_OF_BUYER + 1):
            clock.now += 1
            own.append(hex32(await running.announce(numbered(number))))
        for number in range(100, 100 + LISTED_OF_STRANGERS + 1):
            clock.now += 1
            await running.announce(a_spec(), wallet(number))
        found = await shown(running)
        assert own[:0:-1] == found[-LISTED_OF_BUYER:]
        assert len(found) == LISTED_OF_BUYER + LISTED_OF_STRANGERS


async def test_a_called_sweep_is_the_newest_and_shows_its_newest_call(running, clock, sweep):
    clock.now += 1
    await running.announce(numbered(1))
    clock.now += 1
    for round_ in (0, 1):
        await running.peer(BUYER).post(path(sweep, "/calls"), CALL | {"round": round_})
    first = (await running.peer().get("/v1/sweeps"))["sweeps"][0]
    assert first["sweep_id"] == hex32(sweep)
    assert [call["round"] for call in first["calls"]] == [1]


async def test_a_seller_with_nothing_at_stake_makes_no_offers(tmp_path, clock):
    gate = Poor(BUYER)
    async with coordinator(tmp_path, clock, gate=OpenGate()) as running:
        sweep = await running.announce(a_spec())
        await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
        await running.register(SELLER)
    async with coordinator(tmp_path, clock, gate=gate) as running:
        offer = running.peer(SELLER).post(path(sweep, "/offers"), OFFER)
        assert await refused(offer) == "auth.not_allowed"


async def test_sellers_answer_a_call(running, sweep):
    await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
    await running.register(SELLER)
    await running.peer(SELLER).post(path(sweep, "/offers"), OFFER)
    await running.peer(SELLER).post(path(sweep, "/offers"), OFFER | {"price": "90"})
    (offer,) = (await running.peer().get(path(sweep, "/offers"), {"round": 0}))["offers"]
    assert offer == OFFER | {"price": "90", "seller": SELLER.address}


async def test_only_the_buyer_calls(running, sweep):
    call = running.peer(OTHER).post(path(sweep, "/calls"), CALL)
    assert await refused(call) == "auth.not_allowed"


async def test_a_round_keeps_its_trials(running, sweep):
    buyer = running.peer(BUYER)
    await buyer.post(path(sweep, "/calls"), CALL)
    await buyer.post(path(sweep, "/calls"), CALL)
    other = CALL | {"trials": hex32(pack_trials([TrialKey(5, 0)]))}
    assert await refused(buyer.post(path(sweep, "/calls"), other)) == "document"
    await buyer.post(path(sweep, "/calls"), other | {"round": 1})


@pytest.mark.parametrize(
    "change",
    [
        {"round": -1},
        {"round": True},
        {"round": 2**40},
        {"trials": "0x"},
        {"trials": "0x0000010000000000"},
        {"trials": "0x00"},
        {"trials": 3},
        {"trials": "0x" + "00" * (32 * 1024 + 8)},
        {"rung": None},
        {"rung": wire.encode(Rung.whole(33))},
        {"rung": wire.encode(Rung(FRESH, 4, 4))},
        {"trials": hex32(pack_trials([TrialKey(0, 0), TrialKey(2**24 - 1, 0)]))},
        {"trials": hex32(pack_trials([TrialKey(0, 255)]))},
    ],
)
async def test_a_call_that_is_off_is_refused(running, sweep, change):
    call = running.peer(BUYER).post(path(sweep, "/calls"), CALL | change)
    assert await refused(call) in ("document", "trials")


class NothingAllowed(OpenGate):
    async def spends(self, session) -> bool:
        return False


async def test_a_sessions_key_calls_for_its_buyer(running, sweep):
    key, buyer = running.peer(OTHER), BUYER.address
    session = Session(buyer, sweep, OTHER.address, Amount(9), Amount(9), ZERO32, 9, 0)
    call = CALL | {"session": wire.encode(session)}
    await key.post(path(sweep, "/calls"), call)
    assert len((await running.peer().get(path(sweep)))["calls"]) == 1
    others = dataclasses.replace(session, key=SELLER.address)
    wrong = CALL | {"round": 1, "session": wire.encode(others)}
    assert await refused(key.post(path(sweep, "/calls"), wrong)) == "auth.not_allowed"


async def test_a_session_that_is_over_calls_for_nobody(tmp_path, clock):
    async with coordinator(tmp_path, clock, gate=NothingAllowed()) as running:
        sweep = await running.announce(a_spec())
        session = Session(BUYER.address, sweep, OTHER.address, Amount(9), Amount(9), ZERO32, 9, 0)
        call = CALL | {"session": wire.encode(session)}
        post = running.peer(OTHER).post(path(sweep, "/calls"), call)
        assert await refused(post) == "auth.not_allowed"


async def test_an_offer_needs_a_registered_seller_and_a_call(running, sweep):
    offer = running.peer(SELLER).post(path(sweep, "/offers"), OFFER)
    assert await refused(offer) == "auth.not_allowed"
    await running.register(SELLER)
    offer = running.peer(SELLER).post(path(sweep, "/offers"), OFFER)
    assert await refused(offer) == "unknown"


@pytest.mark.parametrize(
    "change",
    [
        {"price": 100},
        {"price": "-1"},
        {"price": "0"},
        {"most_trials": 0},
        {"seconds_per_trial": 0},
        {"seconds_per_trial": "0x7ff0000000000000"},  # infinity's bits
        {"seconds_per_trial": "0x7ff8000000000000"},  # NaN's
        {"deadline_s": 0},
        {"most_trials": 1.5},
        {"seconds_per_trial": "x"},
        {"class_id": "c" * 81},
        {"extra": 1},
        {"deadline_s": 2**33},
    ],
)
async def test_an_offer_that_is_off_is_refused(running, sweep, change):
    await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
    await running.register(SELLER)
    offer = running.peer(SELLER).post(path(sweep, "/offers"), OFFER | change)
    assert await refused(offer) == "document"


async def test_anybody_hangs_up_a_bid_that_was_awarded(running, sweep):
    signed = signed_bid(sweep)
    await running.peer(BUYER).post(path(sweep, "/bids"), wire.encode(signed))
    await running.peer().post(path(sweep, "/bids"), wire.encode(signed))
    (hung,) = (await running.peer().get(path(sweep, "/bids")))["bids"]
    assert wire.decode(SignedBid, hung) == signed


async def test_a_forged_bid_is_refused(running, sweep):
    forged = signed_bid(sweep, by=OTHER)
    post = running.peer(BUYER).post(path(sweep, "/bids"), wire.encode(forged))
    assert await refused(post) == "auth.wrong_signer"


async def test_a_bid_for_another_sweep_is_refused(running, sweep):
    other = signed_bid(SweepId(b"x" * 32))
    post = running.peer(BUYER).post(path(sweep, "/bids"), wire.encode(other))
    assert await refused(post) == "document"


async def test_a_result_waits_for_the_relayer(running, sweep):
    signed = signed_bid(sweep)
    of = submission(signed)
    answer = await running.peer().post("/v1/results", result(signed, of))
    assert answer["award_id"] == hex32(of.award.id)
    assert running.desk.board.results(sweep)[0].submission == of


async def test_a_later_result_of_the_award_takes_the_earlier_ones_place(running, sweep):
    signed = signed_bid(sweep)
    for done in (32, 64):
        await running.peer().post("/v1/results", result(signed, submission(signed, done)))
    assert [r.submission.done for r in running.desk.board.results(sweep)] == [64]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda of: submission(signed_bid(of), by=OTHER), "auth.wrong_signer"),
        (lambda of: submission(signed_bid(of), done=0), "document"),
        (lambda of: submission(signed_bid(of), done=65), "document"),
        (lambda of: submission(signed_bid(of, nonce=1)), "document"),
        (
            lambda of: dataclasses.replace(submission(signed_bid(of)), signature=b"\1" * 64),
            "auth.wrong_signer",
        ),
    ],
)
async def test_a_result_that_is_off_is_refused(running, sweep, change, code):
    post = running.peer().post("/v1/results", result(signed_bid(sweep), change(sweep)))
    assert await refused(post) == code


async def test_a_result_of_an_unknown_sweep_is_refused(running):
    signed = signed_bid(SweepId(b"x" * 32))
    post = running.peer().post("/v1/results", result(signed, submission(signed)))
    assert await refused(post) == "unknown"


class NothingAwarded(OpenGate):
    async def awarded(self, award) -> bool:
        return False


async def test_what_the_chain_never_awarded_is_refused(tmp_path, clock):
    async with coordinator(tmp_path, clock, gate=NothingAwarded()) as running:
        sweep = await running.announce(a_spec())
        signed = signed_bid(sweep)
        post = running.peer().post("/v1/results", result(signed, submission(signed)))
        assert await refused(post) == "auth.not_allowed"
        post = running.peer(BUYER).post(path(sweep, "/bids"), wire.encode(signed))
        assert await refused(post) == "auth.not_allowed"


@pytest.mark.parametrize("id_", ["0x12", "x", "0x" + "zz" * 32])
async def test_an_id_that_is_none_is_refused(running, id_):
    assert await refused(running.peer().get(f"/v1/sweeps/{id_}")) == "document"


async def test_an_unknown_sweep_is_not_found(running):
    for rest in ("", "/offers", "/bids"):
        assert await refused(running.peer().get(path(b"x" * 32, rest))) == "unknown"


# Datasets


async def test_a_dataset_is_kept_once_a_sweep_names_it(running, sweep):
    await running.peer(BUYER).put_bytes(f"/v1/blocks/{DATASET_CID}", DATASET)
    stray = b"of no sweep"
    await running.peer(BUYER).put_bytes(f"/v1/blocks/{raw(stray)}", stray)
    assert (await running.peer(BUYER).post(path(sweep, "/calls"), CALL))["dataset_complete"]
    assert running.desk.uploads.collect_garbage() == len(stray)
    assert await running.peer().get_bytes(f"/ipfs/{DATASET_CID}", 10_000) == DATASET


async def test_an_incomplete_dataset_is_said_to_be(running):
    blocks = {}
    added = add_bytes(bytes(CHUNK) + b"rest", blocks.__setitem__)
    of = a_spec(dataset__cid=str(added.cid))
    root = blocks[added.cid]
    await running.peer(BUYER).put_bytes(f"/v1/blocks/{added.cid}", root)
    answer = await running.peer(BUYER).post("/v1/sweeps", announcement(of))
    assert answer["dataset_complete"] is False


async def test_a_block_has_to_be_its_cids(running):
    put = running.peer(BUYER).put_bytes(f"/v1/blocks/{raw(b'one')}", b"two")
    assert await refused(put) == "transfer.corrupt"
    assert await refused(running.peer().get_bytes(f"/ipfs/{raw(b'two')}", 10)) == (
        "transfer.unavailable"
    )


async def test_a_block_over_the_limit_is_refused(running):
    big = bytes(BLOCK_LIMIT + 1)
    put = running.peer(BUYER).put_bytes(f"/v1/blocks/{raw(b'')}", big)
    assert await refused(put) == "transfer.too_large"
    huge = running.peer(BUYER).put_bytes(f"/v1/blocks/{raw(b'')}", bytes(BLOCK_LIMIT * 2))
    assert await refused(huge) == "http.413"


def put(running, who, data):
    return running.peer(who).put_bytes(f"/v1/blocks/{raw(data)}", data)


def block(number: int, pages: int = 1) -> bytes:
    return bytes([number]) * (pages * LEAST_SIZE)


async def test_uploads_are_limited_by_owner_and_in_all(tmp_path, clock):
    limits = Limits(uploaded_bytes=5 * LEAST_SIZE, uploaded_bytes_of_owner=2 * LEAST_SIZE)
    async with coordinator(tmp_path, clock, limits) as running:
        for who in (BUYER, OTHER, SELLER):
            await running.announce(a_spec(), who)
        await put(running, BUYER, block(0, 2))
        await put(running, BUYER, block(0, 2))  # the same again costs nothing
        assert await refused(put(running, BUYER, b"1")) == "limit"
        await put(running, OTHER, block(2, 2))
        assert await refused(put(running, SELLER, block(3, 2))) == "limit"
        running.desk.uploads.collect_garbage()
        await put(running, SELLER, block(3, 2))


async def test_strangers_share_a_small_space_of_their_own(tmp_path, clock):
    limits = Limits(strangers_bytes=3 * LEAST_SIZE, strangers_bytes_of_owner=2 * LEAST_SIZE)
    async with coordinator(tmp_path, clock, limits, Poor(BUYER)) as running:
        await running.announce(a_spec())
        await running.announce(a_spec(), OTHER)
        await put(running, OTHER, block(0, 2))
        assert await refused(put(running, OTHER, b"1")) == "limit"
        await put(running, SELLER, b"a small one costs a page")
        assert await refused(put(running, JUDGE, b"2")) == "limit"
        await put(running, BUYER, block(3, 4))


async def test_the_dataset_of_a_sweep_that_is_over_is_dropped(running, clock, sweep):
    await running.peer(BUYER).put_bytes(f"/v1/blocks/{DATASET_CID}", DATASET)
    await running.peer(BUYER).post(path(sweep, "/calls"), CALL)
    other = await running.announce(numbered(1))
    clock.now += ANNOUNCED_SECONDS + 1
    running.desk.board.opened(other)
    running.desk.board.take_down()
    assert running.desk.uploads.collect_garbage() == 0  # the other names it too
    clock.now += KEPT_SECONDS + 1
    running.desk.board.take_down()
    assert running.desk.uploads.collect_garbage() == len(DATASET)


async def test_nobody_uploads_without_a_signature(running):
    put = running.peer().put_bytes(f"/v1/blocks/{raw(b'x')}", b"x")
    assert await refused(put) == "auth.malformed"
