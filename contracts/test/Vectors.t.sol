// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../src/ValidatorSet.sol";
import {AuditDraw} from "../src/libraries/AuditDraw.sol";
import {Bonds} from "../src/libraries/Bonds.sol";
import {Ids} from "../src/libraries/Ids.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {TypedData} from "../src/libraries/TypedData.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Posted,
    SignedVerdict,
    Sweep,
    Terms
} from "../src/types/Types.sol";
import {Base} from "./Base.t.sol";

/// @dev Gives the libraries calldata.
contract Hasher {
    function sweepId(address market, Sweep calldata sweep) external view returns (bytes32) {
        return Ids.sweepId(market, sweep);
    }

    function bidId(address market, Bid calldata bid) external view returns (bytes32) {
        return TypedData.digest(TypedData.domain(market), TypedData.hashBid(bid));
    }

    function verdict(address court, bytes32 commit, SignedVerdict calldata signed)
        external
        view
        returns (bytes32)
    {
        bytes32 hash = TypedData.hashVerdict(commit, signed);
        return TypedData.digest(TypedData.domain(court), hash);
    }

    function commitId(address market, Commit calldata commit) external view returns (bytes32) {
        return Ids.commitId(market, commit.blockNumber, Ids.results(commit));
    }

    function tags(bytes32 sweep, Posted calldata posted, bytes32 commit)
        external
        pure
        returns (uint256 awarded, uint256 done)
    {
        awarded = Ids.awardedTag(sweep, posted.award);
        done = Ids.postedTag(sweep, posted.award, commit);
    }
}

contract VectorsTest is Base {
    string private json;
    string private here;
    Hasher private hasher = new Hasher();

    function _open(string memory name) private {
        json = vm.readFile(string.concat("tests/vectors/", name, ".json"));
    }

    /// @dev Goes to one case of a list; false past its end.
    function _case(string memory list, uint256 i) private returns (bool) {
        if (i >= vm.parseJsonUint(json, string.concat(".", list, ".count"))) return false;
        here = string.concat(".", list, ".list[", vm.toString(i), "].");
        return true;
    }

    function _uint(string memory key) private view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(here, key));
    }

    function _word(string memory key) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, string.concat(here, key));
    }

    function _address(string memory key) private view returns (address) {
        return vm.parseJsonAddress(json, string.concat(here, key));
    }

    function _bytes(string memory key) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(here, key));
    }

    function _uints(string memory key) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, string.concat(here, key));
    }

    function _words(string memory key) private view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(json, string.concat(here, key));
    }

    function _addresses(string memory key) private view returns (address[] memory) {
        return vm.parseJsonAddressArray(json, string.concat(here, key));
    }

    // --- ids ---

    function test_sweep_ids() public {
        _open("ids");
        for (uint256 i; _case("sweeps", i); ++i) {
            vm.chainId(_uint("chainId"));
            Terms memory terms = Terms({
                token: _address("token"),
                segments: uint16(_uint("segments")),
                verdictTime: uint32(_uint("verdictTime")),
                vramGib: uint16(_uint("vramGib"))
            });
            Sweep memory sweep = Sweep(_address("buyer"), _word("specHash"), terms);
            vm.assertEq(hasher.sweepId(_address("market"), sweep), _word("id"));
        }
    }

    function _bid() private view returns (Bid memory bid) {
        bid.sweepId = _word("sweepId");
        bid.seller = _address("seller");
        bid.trials = _bytes("trials");
        bid.first = uint16(_uint("first"));
        bid.segments = uint16(_uint("segments"));
        bid.price = uint128(_uint("price"));
        bid.start = _word("start");
        bid.deadline = uint40(_uint("deadline"));
        bid.expiry = uint40(_uint("expiry"));
        bid.nonce = uint32(_uint("nonce"));
    }

    function test_award_ids_are_bid_digests() public {
        _open("ids");
        for (uint256 i; _case("bids", i); ++i) {
            vm.chainId(_uint("chainId"));
            vm.assertEq(TypedData.domain(_address("market")), _word("domain"));
            vm.assertEq(hasher.bidId(_address("market"), _bid()), _word("awardId"));
        }
    }

    function test_result_digests() public {
        _open("ids");
        for (uint256 i; _case("results", i); ++i) {
            vm.chainId(_uint("chainId"));
            bytes32 hash =
                TypedData.hashResult(_word("awardId"), _word("root"), uint32(_uint("done")));
            bytes32 domain = TypedData.domain(_address("market"));
            vm.assertEq(TypedData.digest(domain, hash), _word("digest"));
        }
    }

    function test_verdict_digests() public {
        _open("ids");
        for (uint256 i; _case("verdicts", i); ++i) {
            vm.chainId(_uint("chainId"));
            SignedVerdict memory verdict = SignedVerdict({
                share: uint8(_uint("share")),
                answers: _bytes("answers"),
                evidence: _word("evidence"),
                signature: ""
            });
            bytes32 digest = hasher.verdict(_address("court"), _word("commitId"), verdict);
            vm.assertEq(digest, _word("digest"));
        }
    }

    function test_vote_digests() public {
        _open("ids");
        for (uint256 i; _case("votes", i); ++i) {
            vm.chainId(_uint("chainId"));
            bool upheld = vm.parseJsonBool(json, string.concat(here, "upheld"));
            bytes32 hash = TypedData.hashVote(_word("disputeId"), upheld);
            bytes32 domain = TypedData.domain(_address("court"));
            vm.assertEq(TypedData.digest(domain, hash), _word("digest"));
        }
    }

    function _commit() private view returns (Commit memory commit) {
        bytes32[] memory awardIds = _words("awardIds");
        bytes32[] memory roots = _words("roots");
        uint256[] memory dones = _uints("dones");
        commit.blockNumber = _uint("blockNumber");
        commit.awards = new Posted[](awardIds.length);
        for (uint256 i; i < awardIds.length; ++i) {
            commit.awards[i].award.id = awardIds[i];
            commit.awards[i].root = roots[i];
            commit.awards[i].done = uint32(dones[i]);
        }
    }

    function test_commit_ids() public {
        _open("ids");
        for (uint256 i; _case("commits", i); ++i) {
            vm.chainId(_uint("chainId"));
            vm.assertEq(hasher.commitId(_address("market"), _commit()), _word("id"));
        }
    }

    function test_dispute_ids_and_seeds() public {
        _open("ids");
        for (uint256 i; _case("disputes", i); ++i) {
            bytes32 id = Ids.disputeId(_word("commitId"), _word("awardId"), _uint("item"));
            vm.assertEq(id, _word("id"));
        }
        for (uint256 i; _case("seeds", i); ++i) {
            vm.assertEq(AuditDraw.seed(_word("entropy"), _word("subject")), _word("seed"));
        }
    }

    function test_slots() public {
        _open("ids");
        for (uint256 i; _case("slots", i); ++i) {
            Award memory award = Award({
                id: _word("awardId"),
                seller: _address("seller"),
                trials: uint32(_uint("trials")),
                segments: uint32(_uint("segments")),
                price: uint128(_uint("price")),
                deadline: uint40(_uint("deadline"))
            });
            Posted memory posted = Posted(award, _word("root"), uint32(_uint("done")));
            (uint256 awarded, uint256 done) =
                hasher.tags(_word("sweepId"), posted, _word("commitId"));
            uint256 status = _uint("status");
            if (status > uint256(AwardStatus.DISPUTED)) continue;
            vm.assertEq(status == 1 ? awarded : done, _uint("tag"));
            vm.assertEq(Ids.slot(AwardStatus(status), _uint("time"), _uint("tag")), _uint("word"));
        }
    }

    // --- money ---

    function test_bonds() public {
        _open("bonds");
        for (uint256 i; _case("awards", i); ++i) {
            uint256 price = _uint("price");
            uint256 total = price * _uint("segments");
            uint256 panel = Bonds.panelFee(_uint("seats"), price, _uint("panelFloor"));
            vm.assertEq(panel, _uint("panelFee"));
            vm.assertEq(
                Bonds.bond(price, _uint("segments"), _uint("wholeTrial"), panel), _uint("bond")
            );
            vm.assertEq(Bonds.auditFee(total), _uint("auditFee"));
            vm.assertEq(total + Bonds.auditFee(total) + 2 * _uint("tip"), _uint("cost"));
            vm.assertEq(Bonds.fine(_uint("leastBond"), total, _uint("cap")), _uint("judgeFine"));
        }
    }

    function test_settlements() public {
        _open("bonds");
        for (uint256 i; _case("awards", i); ++i) {
            uint256 price = _uint("price") * _uint("segments");
            uint256 paid = _uint("price") * _uint("done");
            uint256 perItem = Bonds.auditFee(paid) / _uint("items");
            uint256 fees = perItem * _uint("items");
            vm.assertEq(paid, _uint("paid"));
            vm.assertEq(perItem, _uint("perItem"));
            vm.assertEq(fees, _uint("fees"));
            vm.assertEq(price + Bonds.auditFee(price) - paid - fees, _uint("refunded"));
        }
    }

    // --- draws ---

    function test_draws() public {
        _open("draw");
        for (uint256 i; _case("draws", i); ++i) {
            uint256 value = AuditDraw.draw(_word("seed"), _uint("tag"), _word("a"), _uint("b"));
            vm.assertEq(value, _uint("value"));
        }
    }

    function test_items_and_shares() public {
        _open("draw");
        for (uint256 i; _case("items", i); ++i) {
            bytes32[] memory awardIds = _words("awardIds");
            uint256[] memory dones = _uints("dones");
            uint256[] memory trials = _uints("trials");
            uint256 items;
            uint256 most;
            uint256 pairs;
            for (uint256 n; n < awardIds.length; ++n) {
                items += AuditDraw.items(_word("seed"), awardIds[n], dones[n], _uint("segments"));
                most += AuditDraw.mostItems(dones[n], _uint("segments"));
                pairs += trials[n];
            }
            vm.assertEq(items, _uint("items"));
            vm.assertEq(most, _uint("mostItems"));
            vm.assertEq(AuditDraw.shares(pairs), _uint("shares"));
            _checkShares(items);
        }
    }

    function _checkShares(uint256 items) private view {
        uint256[] memory itemShares = _uints("itemShares");
        uint256 shares = _uint("shares");
        for (uint256 share; share < shares; ++share) {
            uint256 counted;
            for (uint256 j; j < itemShares.length; ++j) {
                if (itemShares[j] == share) ++counted;
            }
            vm.assertEq(AuditDraw.dealt(items, share, shares), counted);
        }
    }

    function _bondAll() private returns (ValidatorSet set) {
        set = new ValidatorSet(address(this), 1, 5, 60);
        address[] memory who = _addresses("validators");
        uint256[] memory tiers = _uints("vramGibs");
        uint256[] memory bonds = _uints("bonds");
        for (uint256 i; i < who.length; ++i) {
            vm.deal(who[i], bonds[i]);
            vm.prank(who[i]);
            set.bond{value: bonds[i]}(uint16(tiers[i]));
        }
    }

    function test_judges_and_panels() public {
        _open("draw");
        for (uint256 i; _case("seats", i); ++i) {
            ValidatorSet set = _bondAll();
            uint256 time = block.timestamp + 5;
            uint16 tier = uint16(_uint("tier"));
            address[] memory parties = _addresses("parties");
            (uint256 count, uint256 total,) = set.eligible(time, tier, parties);
            vm.assertEq(count, _uint("eligibleCount"));
            vm.assertEq(total, _uint("eligibleTotal"));
            uint256[] memory draws = AuditDraw.judges(_word("seed"), _uint("shares"));
            vm.assertEq(set.pick(time, tier, parties, draws), _addresses("judges"));

            address[] memory skip = new address[](parties.length + 1);
            for (uint256 n; n < parties.length; ++n) {
                skip[n] = parties[n];
            }
            skip[parties.length] = _address("panelSkips");
            draws = AuditDraw.panel(_word("panelSeed"), _uint("seats"));
            vm.assertEq(set.pick(time, tier, skip, draws), _addresses("panel"));
        }
    }

    // --- leaves ---

    function test_states_and_segments() public {
        _open("leaves");
        for (uint256 i; _case("states", i); ++i) {
            bytes32 digest =
                Leaves.stateDigest(_uint("k"), _word("w"), _word("m"), _word("v"), _uint("step"));
            vm.assertEq(digest, _word("digest"));
        }
        for (uint256 i; _case("segments", i); ++i) {
            bytes32 leaf = Leaves.ofSegment(
                _uint("k"), _word("digest"), uint64(_uint("bits")), _word("evalHash")
            );
            vm.assertEq(leaf, _word("leaf"));
        }
    }

    function test_trials() public {
        _open("leaves");
        for (uint256 i; _case("trials", i); ++i) {
            Leaves.Trial memory trial = Leaves.Trial({
                awardId: _word("awardId"),
                seller: _address("seller"),
                trial: _uint("trial"),
                replica: _uint("replica"),
                trialHash: _word("trialHash"),
                start: _word("start"),
                segmentsDone: _uint("segmentsDone"),
                segmentRoot: _word("segmentRoot"),
                adapterDigest: _word("adapterDigest"),
                metricsDigest: _word("metricsDigest")
            });
            vm.assertEq(Leaves.ofTrial(trial), _word("leaf"));
        }
    }

    function test_trees() public {
        _open("leaves");
        for (uint256 i; _case("trees", i); ++i) {
            bytes32 leaf = _words("leaves")[_uint("index")];
            vm.assertTrue(Leaves.under(_word("root"), leaf, _words("proof")));
            vm.assertFalse(Leaves.under(~_word("root"), leaf, _words("proof")));
        }
    }

    function test_evidence() public {
        _open("leaves");
        for (uint256 i; _case("evidence", i); ++i) {
            uint256[] memory items = _uints("items");
            bytes32[] memory leaves = _words("leaves");
            for (uint256 n; n < items.length; ++n) {
                bytes32 leaf =
                    Leaves.ofEvidence(items[n], _words("w")[n], _words("m")[n], _words("v")[n]);
                vm.assertEq(leaf, leaves[n]);
            }
        }
    }
}
