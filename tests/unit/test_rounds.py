from compute_swarm.errors import RpcUnavailable
from compute_swarm.node.rounds import REMEMBERED, Backoff, Patience, contain


async def test_a_fault_over_one_strangers_papers_is_returned_and_not_raised() -> None:
    async def divide() -> None:
        raise ZeroDivisionError

    async def lose() -> None:
        raise RpcUnavailable("http://127.0.0.1:9")

    assert isinstance(await contain(divide, "sweep"), ZeroDivisionError)
    assert isinstance(await contain(lose, "sweep"), RpcUnavailable)


def test_what_fails_rests_longer_each_time_and_never_for_ever() -> None:
    backoff = Backoff(first_s=2, longest_s=5)
    assert backoff.ready("award", 0)
    backoff.failed("award", 0)
    assert (backoff.ready("award", 1.9), backoff.ready("award", 2)) == (False, True)
    assert backoff.ready("another", 1)
    backoff.failed("award", 10)
    assert (backoff.ready("award", 13.9), backoff.ready("award", 14)) == (False, True)
    backoff.failed("award", 20)
    assert backoff.ready("award", 25)
    backoff.forget("award")
    assert backoff.ready("award", 20)


def test_patience_ends_after_its_seconds_and_starts_anew() -> None:
    patience = Patience(0)
    assert patience.ended("award")
    assert patience.ended("award")
    assert not patience.over("award", longer=60)
    patience.seconds = 60
    assert not patience.ended("award")


def test_what_is_remembered_has_an_end() -> None:
    backoff, patience = Backoff(), Patience(0)
    for number in range(REMEMBERED + 10):
        backoff.failed(number, 0)
        patience.over(number)
    assert backoff.ready(0, 1)
    assert not backoff.ready(REMEMBERED + 9, 1)
    assert len(backoff._rests) == len(patience._since) == REMEMBERED
