import pytest

from compute_swarm.sdk.journal import KnownSweep, PaymentState, SweepJournal

SWEEP = KnownSweep("0xab", "0xbuyer", {"model": {}})
BIDS = [{"bid": {}, "signature": "0x00"}]


@pytest.fixture
def journal(tmp_path):
    journal = SweepJournal(tmp_path / "sweeps.sqlite")
    journal.remember(SWEEP, "0xhash")
    return journal


def test_a_sweep_is_found_again(journal, tmp_path):
    journal.remember(SWEEP, "0xhash")
    assert SweepJournal(tmp_path / "sweeps.sqlite").sweeps() == [SWEEP]


def test_a_payment_survives_the_process(journal, tmp_path):
    journal.intend(SWEEP.id, 0, BIDS, 100)
    (payment,) = SweepJournal(tmp_path / "sweeps.sqlite").payments(SWEEP.id)
    assert payment.open
    assert payment.bids == tuple(BIDS)


def test_two_payments_of_a_sweep_are_never_open_together(journal):
    assert journal.intend(SWEEP.id, 0, BIDS, 100) is not None
    assert journal.intend(SWEEP.id, 1, BIDS, 100) is None


def test_a_round_is_paid_once(journal):
    journal.mined(journal.intend(SWEEP.id, 0, BIDS, 100))
    assert journal.intend(SWEEP.id, 0, BIDS, 100) is None


def test_a_void_payment_makes_room_for_the_next_round(journal):
    journal.void(journal.intend(SWEEP.id, 0, BIDS, 100))
    second = journal.intend(SWEEP.id, 1, BIDS, 200)
    assert [p.state for p in journal.payments(SWEEP.id)] == [PaymentState.VOID, PaymentState.OPEN]
    assert second.once == "award:0xab:1"
