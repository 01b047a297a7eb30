"""What a judge signs besides its answers: a root over what only a replay could have told it.

The preimages behind it stay with the judge, who may be asked to open one.
"""

from collections.abc import Iterable, Mapping

from compute_swarm.domain.commitment import (
    StateHashes,
    eval_hash,
    evidence_root,
    state_evidence_leaf,
)
from compute_swarm.domain.ids import ZERO32, Digest


def of_rescore(losses: Iterable[float]) -> StateHashes:
    """Return a re-score's evidence in the form that a replayed state's has."""
    return StateHashes(eval_hash(losses), ZERO32, ZERO32)


def root(found: Mapping[int, StateHashes]) -> Digest:
    """Return the root over a share's evidence by item; items that were unavailable have none."""
    return evidence_root([state_evidence_leaf(item, found[item]) for item in sorted(found)])
