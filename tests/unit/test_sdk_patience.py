"""How long an outage of the chain's endpoint is waited for."""

import pytest

from compute_swarm.errors import RpcUnavailable
from compute_swarm.sdk.patience import Patience

AWAY = RpcUnavailable("http://127.0.0.1:1")


def test_an_outage_passes_while_it_is_short():
    patience = Patience(60)
    for _ in range(3):
        with patience:
            raise AWAY


def test_an_outage_that_lasts_is_an_error():
    patience = Patience(0)
    with pytest.raises(RpcUnavailable), patience:
        raise AWAY


def test_other_errors_are_never_waited_out():
    with pytest.raises(KeyError), Patience(60):
        raise KeyError
