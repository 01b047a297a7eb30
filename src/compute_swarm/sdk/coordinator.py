"""The buyer's side of the coordinator's board."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, SignedBid, Sweep
from compute_swarm.domain.ids import CommitId, SweepId, hex32
from compute_swarm.domain.packing import pack_trials
from compute_swarm.domain.session import Session
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.mesh.peer import Peer
from compute_swarm.storage.blocks import BlockStore

UPLOADS = 4  # blocks at once


class Coordinator:
    """Signed requests to one coordinator. It can refuse, but forge nothing."""

    def __init__(self, peer: Peer, reader: Peer) -> None:
        self._peer = peer
        self._reader = reader  # without a signer: what is looked at often needs no signature

    async def aclose(self) -> None:
        await self._peer.aclose()
        await self._reader.aclose()

    async def nodes(self) -> list[dict[str, Any]]:
        return _list(await self._reader.get("/v1/nodes"), "nodes")

    async def sweeps(self) -> list[dict[str, Any]]:
        return _list(await self._reader.get("/v1/sweeps"), "sweeps")

    async def sweep(self, id_: SweepId) -> dict[str, Any]:
        return dict(await self._reader.get(f"/v1/sweeps/{hex32(id_)}"))

    async def announce(self, spec: SweepSpec, sweep: Sweep) -> None:
        """Put the sweep on the board; again is no error."""
        document = {"spec": spec.document(), "sweep": wire.encode(sweep)}
        await self._peer.post("/v1/sweeps", document)

    async def upload(self, blocks: BlockStore) -> None:
        """Hand over every block of a small store."""
        turn = asyncio.Semaphore(UPLOADS)

        async def put(cid: Any) -> None:
            async with turn:
                await self._peer.put_bytes(f"/v1/blocks/{cid}", blocks.get(cid))

        async with asyncio.TaskGroup() as group:
            for cid in blocks.list():
                group.create_task(put(cid))

    async def call(
        self, id_: SweepId, round_: int, leg: Leg, session: Session | None = None
    ) -> None:
        """Ask all sellers for offers on these trials' segments; a session's key shows it."""
        trials = hex32(pack_trials(leg.trials))
        document = {"round": round_, "trials": trials, "rung": wire.encode(leg.rung)}
        if session is not None:
            document["session"] = wire.encode(session)
        await self._peer.post(f"/v1/sweeps/{hex32(id_)}/calls", document)

    async def offers(self, id_: SweepId, round_: int) -> list[dict[str, Any]]:
        found = await self._reader.get(f"/v1/sweeps/{hex32(id_)}/offers", {"round": round_})
        return _list(found, "offers")

    async def bids(self, id_: SweepId) -> list[SignedBid]:
        found = _list(await self._reader.get(f"/v1/sweeps/{hex32(id_)}/bids"), "bids")
        return [wire.decode(SignedBid, document) for document in found]

    async def post_bids(self, id_: SweepId, bids: Sequence[SignedBid]) -> None:
        for bid in bids:
            await self._peer.post(f"/v1/sweeps/{hex32(id_)}/bids", wire.encode(bid))

    async def verdicts(self, commit: CommitId) -> list[SignedVerdict]:
        """Return the verdicts on the board; who signed each is for the reader to find out."""
        answer = await self._reader.get(f"/v1/commits/{hex32(commit)}/verdicts")
        found = [entry.get("signed", entry) for entry in _list(answer, "verdicts")]
        return [wire.decode(SignedVerdict, entry) for entry in found]


def _list(answer: Any, name: str) -> list[dict[str, Any]]:
    found = answer.get(name, []) if isinstance(answer, Mapping) else answer
    return list(found)
