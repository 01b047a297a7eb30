from compute_swarm.domain.status import AwardStatus, Reachability


def test_award_states_are_numbered_as_in_the_contract():
    names = "NONE AWARDED POSTED DISPUTED SETTLED SLASHED REFUNDED EXPIRED"
    assert [status.name for status in AwardStatus] == names.split()
    assert [int(status) for status in AwardStatus] == list(range(8))


def test_four_award_states_are_the_end():
    closed = {status for status in AwardStatus if status.terminal}
    assert {status.name for status in closed} == {"SETTLED", "SLASHED", "REFUNDED", "EXPIRED"}


def test_an_idle_peer_is_not_known_to_be_reachable():
    assert Reachability.DERP.reachable
    assert not Reachability.IDLE.reachable
