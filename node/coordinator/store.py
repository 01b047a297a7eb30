"""What the coordinator keeps over a restart, and how much of it."""

from dataclasses import dataclass
from typing import Final

from compute_swarm.errors import LimitReached

MIB: Final = 1024 * 1024

SCHEMA_VERSION: Final = 2

CALLS: Final = """
CREATE TABLE calls (
  sweep BLOB NOT NULL, round INTEGER NOT NULL, trials BLOB NOT NULL, rung TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (sweep, round));
"""

SCHEMA: Final = f"""
{CALLS}CREATE TABLE nodes (
  address TEXT PRIMARY KEY, role TEXT NOT NULL, url TEXT NOT NULL, class_id TEXT NOT NULL,
  capacity TEXT NOT NULL, token BLOB NOT NULL UNIQUE, at REAL NOT NULL);
CREATE TABLE sweeps (
  sweep BLOB PRIMARY KEY, buyer TEXT NOT NULL, spec TEXT NOT NULL, document TEXT NOT NULL,
  dataset TEXT NOT NULL, at REAL NOT NULL);
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
CREATE TABLE votes (
  dispute BLOB NOT NULL, validator TEXT NOT NULL, document TEXT NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (dispute, validator));
CREATE TABLE uploads (
  cid TEXT PRIMARY KEY, owner TEXT NOT NULL, size INTEGER NOT NULL, at REAL NOT NULL);
"""

# By the version that it leads on from: calls without a rung are lost, buyers call again.
UPGRADES: Final = {1: f"DROP TABLE calls; {CALLS}"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that strangers can make the coordinator keep."""

    nodes: int = 1_000
    sweeps: int = 10_000
    sweeps_of_buyer: int = 200
    calls_of_sweep: int = 200
    offers_of_call: int = 1_000
    bids_of_sweep: int = 5_000
    bids_of_seller: int = 50  # of those that it hangs up itself
    votes_of_dispute: int = 100
    uploaded_bytes: int = 8 * 1024 * MIB
    uploaded_bytes_of_owner: int = 1024 * MIB


def check(what: str, have: int, most: int) -> None:
    """Refuse one more where the most is there already."""
    if have >= most:
        raise LimitReached(what, most)
