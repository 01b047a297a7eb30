// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Oversight} from "../../src/Oversight.sol";
import {IOversight} from "../../src/interfaces/IOversight.sol";
import {Commit, Docket, Posted, Profile, SignedVerdict, Sweep} from "../../src/types/Types.sol";
import {Proof, Svm} from "./Proof.sol";

/// @notice Market, court, validators and randomness, answering whatever they like about a commit of one award.
contract Peers {
    Svm private constant svm = Svm(0xF3993A62377BCd56AE39D773740A5390411E8BC9);

    function docket(Sweep calldata, Commit calldata commit)
        external
        pure
        returns (Docket memory d)
    {
        d.commitId = svm.createBytes32("commitId");
        d.seed = svm.createBytes32("seed");
        d.shares = commit.awards.length;
        (d.ends, d.places) = (new uint256[](1), new uint256[](1));
        (d.sizes, d.slots) = (new uint256[](1), new uint256[](1));
        d.ends[0] = svm.createUint(10, "end");
        d.sizes[0] = svm.createUint(10, "size");
        d.slots[0] = svm.createUint256("slot");
    }

    function postedVerdict(bytes32, uint8, uint8) external pure returns (bytes32) {
        return svm.createBytes32("posted");
    }

    function judgeOf(Sweep calldata, Commit calldata, uint8, uint8)
        external
        pure
        returns (address)
    {
        return svm.createAddress("judge");
    }

    function forfeit(address, address) external pure returns (uint256) {
        return svm.createUint256("taken");
    }

    function pin(uint256, uint256) external pure {}
}

/// @notice The deposits of demands, in any state of them.
/// @dev As in `MarketProof`, a proof lists what moves, and `anyone` is any account. Of an item only the first is
/// looked at, and of proofs only those of a tree with one leaf: no deposit depends on either.
contract OversightProof is Proof {
    Oversight private oversight;
    uint256 private deposit;
    address private _anyone;
    uint256 private _has;
    uint256 private _held;
    uint256 private _got;

    function setUp() public {
        address peers = address(new Peers());
        Profile memory profile;
        profile.demandTime = uint32(svm.createUint(32, "demandTime"));
        deposit = svm.createUint(96, "deposit");
        oversight = new Oversight(peers, peers, peers, peers, profile, deposit);
        svm.enableSymbolicStorage(address(oversight));
        vm.deal(address(oversight), svm.createUint(112, "held"));
        vm.warp(svm.createUint(40, "now"));
    }

    function check_demand(Sweep memory sweep, uint256 value) external {
        (address demander, address judge) = (_party("demander"), _party("judge"));
        vm.deal(demander, value);
        _watch();
        vm.prank(demander);
        bytes32 id = oversight.demand{value: value}(sweep, _commit(), _verdict(), judge, 0);
        assert(value == deposit);
        IOversight.Demand memory made = oversight.demandOf(id);
        assert(made.demander == demander && !made.closed);
        _moved(1);
    }

    function check_meet(Sweep memory sweep, IOversight.Preimage memory shown, bytes32 id)
        external
    {
        address judge = _party("judge");
        (shown.evidence, shown.boundary, shown.result) =
            (new bytes32[](0), new bytes32[](0), new bytes32[](0));
        IOversight.Demand memory before = oversight.demandOf(id);
        _watch();
        oversight.meet(sweep, _commit(), _verdict(), judge, 0, shown);
        IOversight.Demand memory met = oversight.demandOf(id);
        // It is that one which was met, or it is as it was.
        bool same = met.closed == before.closed;
        assert(met.demander == before.demander && met.time == before.time);
        assert(same || met.closed && before.demander != address(0));
        _gets(judge, deposit);
        _moved(-1);
    }

    function check_expire(bytes32 verdict, uint256 item) external {
        address judge = _party("judge");
        bytes32 id = keccak256(abi.encode(verdict, judge, item));
        IOversight.Demand memory before = oversight.demandOf(id);
        _watch();
        oversight.expire(verdict, judge, item);
        assert(before.demander != address(0) && !before.closed && oversight.demandOf(id).closed);
        _gets(before.demander, deposit);
        _moved(-1);
    }

    function check_withdraw(address to) external {
        vm.assume(to != address(oversight));
        address who = _party("who");
        uint256 amount = oversight.credit(who);
        _watch();
        vm.prank(who);
        assert(oversight.withdraw(to) == amount);
        unchecked {
            _gets(who, 0 - amount);
        }
        _moved(0);
    }

    function _commit() private pure returns (Commit memory commit) {
        commit.awards = new Posted[](1);
        commit.awards[0].award.id = svm.createBytes32("award");
        commit.awards[0].root = svm.createBytes32("root");
    }

    function _verdict() private pure returns (SignedVerdict memory verdict) {
        verdict.answers = svm.createBytes(1, "answers");
        verdict.evidence = svm.createBytes32("evidence");
        verdict.signature = svm.createBytes(65, "signature");
    }

    // --- what is listed to move ---

    function _watch() private {
        _anyone = _party("anyone");
        _has = oversight.credit(_anyone);
        _held = address(oversight).balance;
    }

    function _gets(address who, uint256 amount) private {
        unchecked {
            _got += amount;
            _has += _if(who == _anyone, amount);
        }
    }

    /// @dev Every credit moved as listed, and all together with the deposits of open demands by what came in.
    function _moved(int256 opened) private view {
        assert(oversight.credit(_anyone) == _has);
        unchecked {
            uint256 more = opened > 0 ? deposit : opened < 0 ? 0 - deposit : 0;
            assert(_got + more == address(oversight).balance - _held);
        }
    }
}
