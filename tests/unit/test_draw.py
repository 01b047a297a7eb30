from dataclasses import replace

from compute_swarm.domain.audit import ItemKind
from example_case import DRAW, ENTRY, JUDGES, substitute
from examples import account


def test_a_validator_finds_its_shares_and_its_seats():
    assert DRAW.shares_of(JUDGES[2]) == (2,)
    assert DRAW.seats_of(substitute(1, 4), 1) == (4,)
    assert DRAW.seats_of(substitute(1, 4), 2) == ()
    assert DRAW.seats_of(account("stranger"), 1) == ()


def test_one_may_hold_several_seats():
    both = (substitute(0, 1), account("x"), substitute(0, 1), *map(account, "abc"))
    draw = replace(DRAW, substitutes=(both, *DRAW.substitutes[1:]))
    assert draw.seats_of(substitute(0, 1), 0) == (1, 3)


def test_where_nobody_is_eligible_nobody_holds_a_seat():
    draw = replace(DRAW, judges=(), substitutes=())
    assert draw.shares_of(JUDGES[0]) == ()
    assert draw.seats_of(substitute(0, 1), 0) == ()
    only_judges = replace(DRAW, substitutes=((), (), ()))
    assert only_judges.seats_of(substitute(0, 1), 0) == ()


def test_every_audit_has_a_shard():
    audits = [item for item in DRAW.items if item.kind is ItemKind.AUDIT]
    assert {DRAW.shard(ENTRY, item, 1) for item in audits} == {0}
    assert all(0 <= DRAW.shard(ENTRY, item, 32) < 32 for item in audits)
