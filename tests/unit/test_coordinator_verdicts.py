import dataclasses

import pytest

from compute_swarm.domain import wire
from compute_swarm.domain.bid import Commit, Sweep, commit_id
from compute_swarm.domain.ids import ZERO32, CommitId, DisputeId, hex32
from compute_swarm.domain.typed_data import typed_verdict, typed_vote
from compute_swarm.domain.verdict import Outcome, SignedVerdict, SignedVote, Verdict, Vote
from compute_swarm.errors import PeerRefused
from compute_swarm.node.coordinator.gate import OpenGate
from compute_swarm.node.coordinator.store import Limits
from coordinator_desk import (
    DEPLOYMENT,
    JUDGE,
    OTHER,
    PLACE,
    Clock,
    a_spec,
    coordinator,
    id_of,
    path,
    signed_bid,
    submission,
    sweep_of,
)

COMMIT = Commit(100, 1_000, OTHER.address, (submission(signed_bid(id_of(a_spec()))).posted,))
COMMIT_ID = commit_id(*PLACE, COMMIT)
DISPUTE = DisputeId(b"d" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
COURT = (DEPLOYMENT.chain_id, DEPLOYMENT.court)


def verdict(answers: bytes = b"\x55", share: int = 0, by=JUDGE) -> SignedVerdict:
    of = Verdict(COMMIT_ID, share, answers, ZERO32)
    return SignedVerdict(of, by.sign_typed(typed_verdict(*COURT, of)))


def vote(outcome: Outcome = Outcome.UPHELD, by=JUDGE, round_: int = 0) -> SignedVote:
    of = Vote(DISPUTE, round_, outcome)
    return SignedVote(of, by.address, by.sign_typed(typed_vote(*COURT, of)))


def malleable(signature: bytes) -> bytes:
    """The other signature of the same key: libraries take it, the contracts don't."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


@pytest.fixture
async def running(tmp_path):
    async with coordinator(tmp_path, Clock()) as running:
        await running.announce(a_spec())
        running.desk.verdicts.committed(id_of(a_spec()), sweep_of(a_spec()), COMMIT)
        yield running


async def refused(awaitable) -> str:
    with pytest.raises(PeerRefused) as caught:
        await awaitable
    return caught.value.reason


def post_verdict(running, signed, id_=COMMIT_ID):
    return running.peer().post(path(id_, "/verdicts", "commits"), wire.encode(signed))


def post_vote(running, signed, id_=DISPUTE):
    return running.peer().post(path(id_, "/votes", "disputes"), wire.encode(signed))


async def test_a_commit_can_be_read_by_its_id(running):
    document = await running.peer().get(path(COMMIT_ID, kind="commits"))
    assert wire.decode(Commit, document["commit"]) == COMMIT
    assert wire.decode(Sweep, document["sweep"]) == sweep_of(a_spec())
    assert document["sweep_id"] == hex32(id_of(a_spec()))
    sweep = await running.peer().get(path(id_of(a_spec())))
    assert sweep["commits"] == [hex32(COMMIT_ID)]


async def test_verdicts_are_kept_by_judge(running):
    assert await post_verdict(running, verdict()) == {"judge": JUDGE.address}
    await post_verdict(running, verdict(by=OTHER))
    found = (await running.peer().get(path(COMMIT_ID, "/verdicts", "commits")))["verdicts"]
    assert {one["judge"] for one in found} == {JUDGE.address, OTHER.address}
    assert wire.decode(SignedVerdict, found[0]["signed"]) == verdict()


async def test_a_judges_first_verdict_stays(running):
    await post_verdict(running, verdict())
    await post_verdict(running, verdict(b"\x66"))
    assert running.desk.verdicts.verdicts(COMMIT_ID) == [(JUDGE.address, verdict())]


@pytest.mark.parametrize(
    "wrong",
    [
        verdict(bytes(513)),
        verdict(share=2),  # of two trials there are two shares
        dataclasses.replace(verdict(), signature=malleable(verdict().signature)),
        dataclasses.replace(verdict(), signature=b"\xff" * 65),
        dataclasses.replace(
            verdict(), verdict=dataclasses.replace(verdict().verdict, commit_id=CommitId(b"o" * 32))
        ),
    ],
)
async def test_a_verdict_that_is_off_is_refused(running, wrong):
    assert await refused(post_verdict(running, wrong)) in ("document", "auth.wrong_signer")


async def test_a_verdict_on_no_commit_is_refused(running):
    assert await refused(post_verdict(running, verdict(), b"n" * 32)) == "unknown"


async def test_votes_are_kept_by_validator_and_the_first_stays(running):
    other = vote(Outcome.UNAVAILABLE, OTHER)
    await post_vote(running, vote())
    await post_vote(running, vote(Outcome.REFUTED))
    await post_vote(running, other)
    assert running.desk.verdicts.votes(DISPUTE) == [vote(), other]
    found = (await running.peer().get(path(DISPUTE, "/votes", "disputes")))["votes"]
    assert wire.decode(SignedVote, found[0]) == vote()


async def test_a_validator_votes_again_in_each_round(running):
    votes = [vote(Outcome.UNAVAILABLE), vote(Outcome.REFUTED, round_=1), vote(round_=2)]
    for one in votes:
        await post_vote(running, one)
    assert running.desk.verdicts.votes(DISPUTE) == votes


@pytest.mark.parametrize("wrong", [vote(Outcome.NAMED), vote(round_=3)])
async def test_a_vote_that_no_court_counts_is_refused(running, wrong):
    assert await refused(post_vote(running, wrong)) == "document"


async def test_a_vote_in_anothers_name_is_refused(running):
    forged = dataclasses.replace(vote(), validator=OTHER.address)
    assert await refused(post_vote(running, forged)) == "auth.wrong_signer"
    assert await refused(post_vote(running, vote(), b"n" * 32)) == "document"


class OnlyJudge(OpenGate):
    async def judges(self, who) -> bool:
        return who == JUDGE.address


class NoDispute(OpenGate):
    async def disputed(self, dispute) -> bool:
        return False


async def test_a_vote_on_a_dispute_that_the_chain_does_not_know_is_refused(tmp_path):
    async with coordinator(tmp_path, Clock(), gate=NoDispute()) as running:
        assert await refused(post_vote(running, vote())) == "unknown"
        assert running.desk.verdicts.votes(DISPUTE) == []


async def test_keys_without_a_bond_cannot_fill_the_board(tmp_path):
    limits = Limits(votes_of_panel=1)
    async with coordinator(tmp_path, Clock(), limits, OnlyJudge()) as running:
        await running.announce(a_spec())
        running.desk.verdicts.committed(id_of(a_spec()), sweep_of(a_spec()), COMMIT)
        assert await refused(post_verdict(running, verdict(by=OTHER))) == "auth.not_allowed"
        assert await refused(post_vote(running, vote(by=OTHER))) == "auth.not_allowed"
        await post_verdict(running, verdict())
        await post_vote(running, vote())
        assert await refused(post_vote(running, vote(by=OTHER))) == "auth.not_allowed"
        (row,) = running.desk.verdicts.verdicts(COMMIT_ID)
        assert row[0] == JUDGE.address
