"""The local chain: it starts, keeps its state, and is never left running."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compute_swarm.chain.devnet import Devnet, DevnetOptions, dev_wallet, devnet, native_binary
from compute_swarm.errors import NoBinary, PortTaken


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


def test_it_serves_the_usual_chain(anvil_binary):
    with devnet() as net:
        assert net.request("eth_chainId") == hex(31337)


def test_a_fixed_beginning_makes_every_block_repeat(anvil_binary):
    def third_block():
        with devnet(DevnetOptions(block_time=1_000, genesis=2_000_000_000)) as net:
            net.request("anvil_setBlockTimestampInterval", 1)
            net.mine(3)
            return net.request("eth_getBlockByNumber", "0x3", False)["hash"]

    assert third_block() == third_block()


def test_it_ends_with_its_block(anvil_binary):
    with devnet() as net:
        pid = net.pid
    assert not alive(pid)
    assert net.pid is None


def test_it_ends_when_an_exception_passes(anvil_binary):
    with contextlib.suppress(KeyError), devnet() as net:
        pid = net.pid
        raise KeyError
    assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_it_ends_when_its_parent_is_killed(anvil_binary):
    program = (
        "from compute_swarm.chain.devnet import Devnet\n"
        "print(Devnet().start().pid, flush=True)\n"
        "import time; time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with parent:
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert gone_within(pid, 5)


def test_a_port_in_use_is_an_error_and_leaves_nothing(anvil_binary):
    with devnet() as net:
        second = Devnet(DevnetOptions(port=net.port))
        with pytest.raises(PortTaken):
            second.start()
        assert second.pid is None
        assert net.request("eth_chainId") == hex(31337)


def test_a_restart_keeps_the_state(anvil_binary, tmp_path):
    options = DevnetOptions(state=tmp_path / "state.json")
    address = dev_wallet(3).address
    with devnet(options) as net:
        net.request("anvil_setBalance", address, hex(7))
        net.mine(4)
        height = int(net.request("eth_blockNumber"), 16)
    with devnet(options) as net:
        assert int(net.request("eth_getBalance", address, "latest"), 16) == 7
        assert int(net.request("eth_blockNumber"), 16) >= height


def test_the_clock_can_be_moved(anvil_binary):
    with devnet() as net:
        before = int(net.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        net.advance(100)
        after = int(net.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    assert 100 <= after - before < 110


def test_the_binary_named_in_the_environment_wins(anvil_binary, monkeypatch):
    monkeypatch.setenv("SWARM_ANVIL", str(anvil_binary))
    assert native_binary("anvil") == anvil_binary


def test_a_binary_that_is_nowhere_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWARM_ANVIL", raising=False)
    with pytest.raises(NoBinary):
        native_binary("anvil")


def test_npms_launcher_is_passed_over(monkeypatch, tmp_path):
    launcher = tmp_path / "node_modules" / ".bin" / "anvil"
    native = _native(tmp_path)
    launcher.parent.mkdir(parents=True)
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(launcher.parent))
    monkeypatch.delenv("SWARM_ANVIL", raising=False)
    monkeypatch.chdir(tmp_path)
    assert native_binary("anvil") == native


def _native(folder: Path) -> Path:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    package = f"anvil-{'darwin' if sys.platform == 'darwin' else 'linux'}-{machine}"
    path = folder / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
    path.parent.mkdir(parents=True)
    path.touch()
    return path
