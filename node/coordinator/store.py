"""What the coordinator keeps over a restart, and how much of it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from compute_swarm.errors import LimitReached

MIB: Final = 1024 * 1024

SCHEMA_VERSION: Final = 4

CALLS: Final = """
CREATE TABLE calls (
  sweep BLOB NOT NULL, round INTEGER NOT NULL, trials BLOB NOT NULL, rung TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (sweep, round));
"""

VOTES: Final = """
CREATE TABLE votes (
  dispute BLOB NOT NULL, round INTEGER NOT NULL, validator TEXT NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (dispute, round, validator));
"""

DATASETS: Final = "CREATE TABLE datasets (root TEXT PRIMARY KEY);"  # that are pinned

SCHEMA: Final = f"""
{CALLS}{VOTES}{DATASETS}CREATE TABLE nodes (
  address TEXT PRIMARY KEY, role TEXT NOT NULL, url TEXT NOT NULL, class_id TEXT NOT NULL,
  capacity TEXT NOT NULL, token BLOB NOT NULL UNIQUE, at REAL NOT NULL);
CREATE TABLE sweeps (
  sweep BLOB PRIMARY KEY, buyer TEXT NOT NULL, spec TEXT NOT NULL, document TEXT NOT NULL,
  dataset TEXT NOT NULL, at REAL NOT NULL, standing INTEGER NOT NULL, until REAL NOT NULL);
CREATE TABLE offers (
  sweep BLOB NOT NULL, round INTEGER NOT NULL, seller TEXT NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (sweep, round, seller));
CREATE TABLE bids (
  award BLOB PRIMARY KEY, sweep BLOB NOT NULL, seller TEXT NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL);
CREATE INDEX bids_by_sweep ON bids (sweep, at);
CREATE TABLE results (
  award BLOB PRIMARY KEY, sweep BLOB NOT NULL, document TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX results_by_sweep ON results (sweep, at);
CREATE TABLE commits (
  commit_id BLOB PRIMARY KEY, sweep BLOB NOT NULL, document TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX commits_by_sweep ON commits (sweep, at);
CREATE TABLE verdicts (
  commit_id BLOB NOT NULL, share INTEGER NOT NULL, judge TEXT NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (commit_id, share, judge));
CREATE TABLE uploads (
  cid TEXT PRIMARY KEY, owner TEXT NOT NULL, size INTEGER NOT NULL, at REAL NOT NULL);
"""

# By the version that it leads on from: calls without a rung, and votes without a round, are
# lost. What hung before sweeps had a standing is kept for a day; the relayer finds out what the
# chain knows of it.
UPGRADES: Final = {
    1: f"DROP TABLE calls; {CALLS}",
    2: f"DROP TABLE votes; {VOTES}",
    3: f"""{DATASETS}
INSERT INTO datasets SELECT DISTINCT dataset FROM sweeps;
ALTER TABLE sweeps ADD COLUMN standing INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sweeps ADD COLUMN until REAL NOT NULL DEFAULT 0;
UPDATE sweeps SET until = strftime('%s', 'now') + 86400;
""",
}


class Standing(IntEnum):
    """What is known of a sweep's buyer; each but the last has a number of places of its own."""

    UNKNOWN = 0  # nothing: it may have no money, or not yet
    FUNDED = 1  # it can pay for a trial of it
    OPENED = 2  # it has paid: the chain knows the sweep


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is kept; strangers are those with nothing at stake and no money to pay with."""

    nodes: int = 1_000
    sweeps: int = 2_000  # that nobody has paid for yet
    sweeps_of_buyer: int = 200
    sweeps_of_strangers: int = 200
    sweeps_of_stranger: int = 5
    calls_of_sweep: int = 200
    calls_of_strangers_sweep: int = 10
    trials_bytes: int = 32 * 1024  # of a call: half of 10,000 trials may be scattered
    strangers_trials_bytes: int = 1024
    offers_of_call: int = 1_000
    votes_of_panel: int = 100
    uploaded_bytes: int = 8 * 1024 * MIB
    uploaded_bytes_of_owner: int = 1024 * MIB
    strangers_bytes: int = 512 * MIB
    strangers_bytes_of_owner: int = 64 * MIB


def check(what: str, have: int, most: int) -> None:
    """Refuse one more where the most is there already."""
    if have >= most:
        raise LimitReached(what, most)
