// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../src/ValidatorSet.sol";
import {AuditDraw} from "../src/libraries/AuditDraw.sol";
import {Bonds} from "../src/libraries/Bonds.sol";
import {Deal} from "../src/libraries/Deal.sol";
import {Ids} from "../src/libraries/Ids.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {Trials} from "../src/libraries/Trials.sol";
import {TypedData} from "../src/libraries/TypedData.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Posted,
    Session,
    SignedVerdict,
    Sweep,
    Terms,
    TrialLeaf
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

    function trials(bytes calldata list) external pure returns (uint256) {
        return Trials.count(list);
    }

    function verdict(bytes32 commit, SignedVerdict calldata signed)
        external
        pure
        returns (bytes32)
    {
        return TypedData.hashVerdict(commit, signed);
    }

    function commitId(address market, Commit calldata commit) external view returns (bytes32) {
        return Ids.commitId(market, commit.blockNumber, Ids.results(commit));
    }

    function tags(
        bytes32 sweep,
        Posted calldata posted,
        bytes32 commit,
        uint256 time,
        address relayer
    ) external pure returns (uint256 awarded, uint256 done) {
        awarded = Ids.awardedTag(sweep, posted.award);
        done = Ids.postedTag(sweep, posted.award, commit, time, relayer);
    }
}

contract VectorsTest is Base {
    // As `ISpendSessions` tells them.
    bytes32 private constant SESSION = keccak256(
        "Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,bytes32 sellers,uint40 expiry,uint32 nonce)"
    );
    bytes32 private constant OPENING =
        keccak256("Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)");
    bytes32 private constant SPEND =
        keccak256("Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)");

    string private json;
    string private here;
    bytes32 private seed; // of the case, as looking it up each time costs most
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

    function _flag(string memory key) private view returns (bool) {
        return vm.parseJsonBool(json, string.concat(here, key));
    }

    // --- ids ---

    function test_lists_of_trials() public {
        _open("ids");
        for (uint256 i; _case("trials", i); ++i) {
            vm.assertEq(hasher.trials(_bytes("trials")), _uint("count"));
        }
    }

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
            bytes32 hash = hasher.verdict(_word("commitId"), verdict);
            vm.assertEq(hash, _word("hash"));
            bytes32 domain = TypedData.domain(_address("court"));
            vm.assertEq(TypedData.digest(domain, hash), _word("digest"));
        }
    }

    function test_vote_digests() public {
        _open("ids");
        for (uint256 i; _case("votes", i); ++i) {
            vm.chainId(_uint("chainId"));
            (uint8 round, uint8 outcome) = (uint8(_uint("round")), uint8(_uint("outcome")));
            bytes32 hash = TypedData.hashVote(_word("disputeId"), round, outcome);
            bytes32 domain = TypedData.domain(_address("court"));
            vm.assertEq(TypedData.digest(domain, hash), _word("digest"));
        }
    }

    function _commit() private view returns (Commit memory commit) {
        bytes32[] memory awardIds = _words("awardIds");
        bytes32[] memory roots = _words("roots");
        uint256[] memory dones = _uints("dones");
        commit.blockNumber = _uint("blockNumber");
        commit.time = _uint("time");
        commit.relayer = _address("relayer");
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
            (bytes32 commit, bytes32 award) = (_word("commitId"), _word("awardId"));
            uint256 subject = _uint("share") << 32 | _uint("item");
            vm.assertEq(subject, _uint("subject"));
            vm.assertEq(Ids.disputeId(commit, award, subject), _word("id"));
            subject = 1 << 255 | _uint("position");
            vm.assertEq(subject, _uint("challenge"));
            vm.assertEq(Ids.disputeId(commit, award, subject), _word("challengeId"));
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
            (uint256 awarded, uint256 done) = hasher.tags(
                _word("sweepId"),
                posted,
                _word("commitId"),
                _uint("commitTime"),
                _address("relayer")
            );
            vm.assertEq(_uint("status") == 1 ? awarded : done, _uint("tag"));
            _checkSlot(AwardStatus(_uint("status")));
        }
    }

    function _checkSlot(AwardStatus status) private view {
        uint256 slot = Ids.slot(AwardStatus.NONE, 0, _uint("tag"));
        if (_flag("marked")) slot |= Ids.MARKED;
        if (_flag("docked")) slot |= Ids.DOCKED;
        slot = Ids.moved(slot, status, _uint("time"));
        vm.assertEq(slot, _uint("word"));
        vm.assertTrue(Ids.statusOf(slot) == status);
        vm.assertEq(Ids.timeOf(slot), _uint("time"));
        vm.assertEq(Ids.tagOf(slot), _uint("tag"));
    }

    function _session() private view returns (Session memory) {
        return Session({
            buyer: _address("buyer"),
            sweepId: _word("sweepId"),
            key: _address("key"),
            cap: uint128(_uint("cap")),
            highestPrice: uint128(_uint("highestPrice")),
            sellers: _word("sellers"),
            expiry: uint40(_uint("expiry")),
            nonce: uint32(_uint("nonce"))
        });
    }

    function test_sessions_and_what_they_sign() public {
        _open("ids");
        for (uint256 i; _case("sessions", i); ++i) {
            vm.chainId(_uint("chainId"));
            bytes32 domain = TypedData.domain(_address("sessions"));
            bytes32 id = TypedData.digest(domain, keccak256(abi.encode(SESSION, _session())));
            vm.assertEq(id, _word("id"));
            address[] memory sellers = _addresses("sellerList");
            bytes32 named = sellers.length == 0 ? bytes32(0) : keccak256(abi.encodePacked(sellers));
            vm.assertEq(named, _word("sellers"));
            bytes32 awards = keccak256(abi.encodePacked(_words("awardIds")));
            vm.assertEq(awards, _word("awards"));
            uint256 least = _uint("leastTrials");
            bytes32 opening = keccak256(abi.encode(OPENING, id, awards, least));
            vm.assertEq(TypedData.digest(domain, opening), _word("opening"));
            bytes32 spend = keccak256(abi.encode(SPEND, id, _uint("number"), awards, least));
            vm.assertEq(TypedData.digest(domain, spend), _word("spend"));
        }
    }

    function test_demand_ids() public {
        _open("ids");
        for (uint256 i; _case("demands", i); ++i) {
            bytes32 id = keccak256(abi.encode(_word("verdict"), _address("judge"), _uint("item")));
            vm.assertEq(id, _word("id"));
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
            vm.assertEq(Bonds.deposit(total, panel), _uint("deposit"));
            vm.assertEq(Bonds.challengersPart(_uint("deposit")), _uint("challengersPart"));
        }
    }

    function test_penalties() public {
        _open("bonds");
        for (uint256 i; _case("awards", i); ++i) {
            uint256 total = _uint("price") * _uint("segments");
            (uint256 panel, uint256 least, uint256 cap) =
                (_uint("panelFee"), _uint("leastBond"), _uint("cap"));
            vm.assertEq(Bonds.worth(_uint("fees"), least, cap), _uint("worth"));
            uint256 fine = Bonds.fine(total, least, cap);
            vm.assertEq(fine, _uint("fine"));
            uint256 owed = Bonds.worth(panel, least, cap);
            vm.assertEq(owed, _uint("refutersPanel"));
            vm.assertEq(fine > owed ? fine : owed, _uint("refuterPenalty"));
            vm.assertEq(Bonds.sellersPart(total, panel), _uint("docked"));
            uint256 part = Bonds.accusersPart(total, panel);
            vm.assertEq(Bonds.worth(part, least, cap), _uint("withholderPenalty"));
            vm.assertEq(Bonds.worth(panel / 2, least, cap), _uint("withholdersPanel"));
        }
    }

    function test_settlements() public {
        _open("bonds");
        for (uint256 i; _case("awards", i); ++i) {
            uint256 price = _uint("price") * _uint("segments");
            uint256 paid = _uint("price") * _uint("done");
            vm.assertEq(paid, _uint("paid"));
            (uint256 perAnswer, uint256 fees) = _fees(Bonds.auditFee(paid));
            vm.assertEq(perAnswer, _uint("perAnswer"));
            vm.assertEq(fees, _uint("fees"));
            uint256 cleared = perAnswer * _uint("byPanels");
            uint256 unused = price + Bonds.auditFee(price) - paid - Bonds.auditFee(paid);
            vm.assertEq(unused + cleared, _uint("refunded"));
            vm.assertEq(Bonds.auditFee(paid) - fees - cleared, _uint("dust"));
        }
    }

    /// @dev As `settle` splits an award's audit fee.
    function _fees(uint256 fee) private view returns (uint256 perAnswer, uint256 fees) {
        uint256[] memory standIns = _uints("byStandIns");
        uint256 answers = _uint("byJudges") + _uint("byPanels");
        for (uint256 n; n < standIns.length; ++n) {
            answers += standIns[n];
        }
        perAnswer = fee / answers;
        fees = perAnswer * _uint("byJudges");
        for (uint256 n; n < standIns.length; ++n) {
            fees += perAnswer * standIns[n] / 2 * 2;
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
            seed = _word("seed");
            uint256[] memory ends = new uint256[](dones.length);
            uint256 perTrial = _uint("segments");
            uint256 items;
            uint256 most;
            uint256 pairs;
            for (uint256 n; n < awardIds.length; ++n) {
                items += AuditDraw.items(seed, awardIds[n], dones[n], perTrial);
                most += AuditDraw.mostItems(dones[n], perTrial);
                pairs += trials[n];
                ends[n] = items;
            }
            vm.assertEq(items, _uint("items"));
            vm.assertEq(most, _uint("mostItems"));
            vm.assertEq(AuditDraw.shares(pairs), _uint("shares"));
            _checkDeal(ends, _uint("shares"));
        }
    }

    /// @dev Every place of every share's list, and how many answers each award needs.
    function _checkDeal(uint256[] memory ends, uint256 shares) private view {
        (uint256[] memory places, uint256[] memory sizes) =
            Deal.out(Deal.sums(seed, ends, shares), shares);
        _assertSame(sizes, _uints("sizes"));
        uint256[] memory lists = _uints("lists");
        uint256[] memory answers = new uint256[](ends.length);
        uint256 before;
        for (uint256 share; share < shares; ++share) {
            for (uint256 index; index < ends.length; ++index) {
                uint256 word = places[index * shares + share];
                answers[index] += Deal.answers(word);
                for (uint256 place; place < sizes[share]; ++place) {
                    if (!_covers(word, place)) continue;
                    uint256 item = _itemAt(ends, index, share, shares, place, word);
                    vm.assertEq(item, lists[before + place]);
                }
            }
            before += sizes[share];
        }
        _assertSame(answers, _uints("answers"));
    }

    function _covers(uint256 word, uint256 place) private pure returns (bool) {
        (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo) = Deal.unpack(word);
        return (place >= from && place < to) || (place >= doubledFrom && place < doubledTo);
    }

    function _assertSame(uint256[] memory one, uint256[] memory other) private pure {
        vm.assertEq(keccak256(abi.encode(one)), keccak256(abi.encode(other)));
    }

    function _itemAt(
        uint256[] memory ends,
        uint256 index,
        uint256 share,
        uint256 shares,
        uint256 place,
        uint256 word
    ) private view returns (uint256) {
        return Deal.itemAt(seed, ends, index, share, shares, place, word);
    }

    function _bondAll() private returns (ValidatorSet set) {
        set = new ValidatorSet(address(this), address(this), 1, 5, 60);
        address[] memory who = _addresses("validators");
        uint256[] memory tiers = _uints("vramGibs");
        uint256[] memory bonds = _uints("bonds");
        for (uint256 i; i < who.length; ++i) {
            vm.deal(who[i], bonds[i]);
            vm.prank(who[i]);
            set.bond{value: bonds[i]}(uint16(tiers[i]));
        }
    }

    function test_judges_substitutes_and_panels() public {
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
            address[] memory judges = set.pick(time, tier, parties, draws);
            vm.assertEq(judges, _addresses("judges"));

            uint256 last = judges.length - 1;
            draws = AuditDraw.substitutes(_word("seed"), last);
            address[] memory skip = _and(parties, judges[last]);
            vm.assertEq(set.pick(time, tier, skip, draws), _addresses("substitutes"));
            draws = AuditDraw.panel(_word("panelSeed"), _uint("seats"));
            skip = _and(parties, _address("panelSkips"));
            vm.assertEq(set.pick(time, tier, skip, draws), _addresses("panel"));
        }
    }

    function _and(address[] memory some, address another)
        private
        pure
        returns (address[] memory all)
    {
        all = new address[](some.length + 1);
        for (uint256 n; n < some.length; ++n) {
            all[n] = some[n];
        }
        all[some.length] = another;
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
            TrialLeaf memory trial = TrialLeaf({
                awardId: _word("awardId"),
                seller: _address("seller"),
                trial: _uint("trial"),
                replica: _uint("replica"),
                trialHash: _word("trialHash"),
                start: _word("start"),
                first: _uint("first"),
                offset: _uint("offset"),
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
