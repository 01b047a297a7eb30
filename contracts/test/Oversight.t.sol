// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Oversight} from "../src/Oversight.sol";
import {IOversight} from "../src/interfaces/IOversight.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    Posted,
    SignedVerdict,
    Submission,
    Sweep,
    TrialLeaf
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev A Merkle tree in an array of 2n - 1, leaf i at 2n - 2 - i.
library Merkle {
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        return _tree(leaves)[0];
    }

    function proof(bytes32[] memory leaves, uint256 index)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        bytes32[] memory tree = _tree(leaves);
        siblings = new bytes32[](leaves.length);
        uint256 count;
        for (uint256 i = 2 * leaves.length - 2 - index; i > 0; i = (i - 1) / 2) {
            siblings[count++] = tree[i % 2 == 1 ? i + 1 : i - 1];
        }
        assembly ("memory-safe") {
            mstore(siblings, count)
        }
    }

    function _tree(bytes32[] memory leaves) private pure returns (bytes32[] memory tree) {
        uint256 inner = leaves.length - 1;
        tree = new bytes32[](inner + leaves.length);
        for (uint256 i; i <= inner; ++i) {
            tree[2 * inner - i] = leaves[i];
        }
        for (uint256 i = inner; i > 0; --i) {
            (bytes32 a, bytes32 b) = (tree[2 * i - 1], tree[2 * i]);
            tree[i - 1] = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        }
    }
}

/// @dev A validator that is a contract: it stands by what it signs as long as it likes.
contract ContractJudge {
    bool private _stands = true;

    function bond(IValidatorSet validators, uint16 vramGib) external payable {
        validators.bond{value: msg.value}(vramGib);
    }

    function takeBack() external {
        _stands = false;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _stands ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

contract OversightTest is Fixture {
    /// @dev A commit and the work behind it. Each award's trials start at `first` and have `perTrial` segments.
    struct Scene {
        Sweep sweep;
        Commit commit;
        Docket d;
        uint256 first;
        uint256 perTrial;
    }

    /// @dev A verdict, and who signed it.
    struct Word {
        SignedVerdict verdict;
        address judge;
    }

    address private demander;
    address private stranger;

    function setUp() public override {
        super.setUp();
        demander = _actor("demander");
        stranger = _actor("stranger");
    }

    // --- the work ---

    function _twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(encoded)));
    }

    function _part(string memory name, bytes32 awardId, uint256 trial, uint256 k)
        private
        pure
        returns (bytes32)
    {
        return sha256(abi.encode(name, awardId, trial, k));
    }

    function _state(bytes32 awardId, uint256 trial, uint256 k) private pure returns (bytes32) {
        bytes32 w = _part("w", awardId, trial, k);
        bytes32 m = _part("m", awardId, trial, k);
        bytes32 v = _part("v", awardId, trial, k);
        return keccak256(abi.encode(k, w, m, v, 10 * k));
    }

    function _loss(uint256 k) private pure returns (uint64) {
        return uint64(0x4000000000000000 + k);
    }

    function _evaluation(uint256 k) private pure returns (bytes32) {
        return k % S == 0 ? keccak256(abi.encode("evaluation", k)) : bytes32(0);
    }

    /// @dev The leaves of a trial's boundaries, from the first to the last.
    function _boundaries(bytes32 awardId, uint256 trial, uint256 first, uint256 done)
        private
        pure
        returns (bytes32[] memory leaves)
    {
        leaves = new bytes32[](done + 1);
        for (uint256 i; i <= done; ++i) {
            uint256 k = first + i;
            bytes32 state = _state(awardId, trial, k);
            leaves[i] = _twice(abi.encode(k, state, _loss(k), _evaluation(k)));
        }
    }

    function _trialLeaf(
        Award memory award,
        uint256 trial,
        uint256 first,
        uint256 perTrial,
        uint256 done
    ) private pure returns (TrialLeaf memory leaf) {
        leaf.awardId = award.id;
        leaf.seller = award.seller;
        leaf.trial = trial;
        leaf.trialHash = keccak256(abi.encode("trial", trial));
        leaf.start = _state(award.id, trial, first);
        leaf.first = first;
        leaf.offset = trial * perTrial;
        leaf.segmentsDone = done - leaf.offset < perTrial ? done - leaf.offset : perTrial;
        leaf.segmentRoot = Merkle.root(_boundaries(award.id, trial, first, leaf.segmentsDone));
        leaf.adapterDigest = _part("w", award.id, trial, first + leaf.segmentsDone);
        leaf.metricsDigest = keccak256("metrics");
    }

    function _work(Award memory award, uint256 first, uint256 perTrial, uint256 done)
        private
        pure
        returns (TrialLeaf[] memory trials, bytes32[] memory leaves)
    {
        uint256 count = (done + perTrial - 1) / perTrial;
        trials = new TrialLeaf[](count);
        leaves = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            trials[i] = _trialLeaf(award, i, first, perTrial, done);
            leaves[i] = _twice(abi.encode(trials[i]));
        }
    }

    // --- the commit ---

    function _submit(Award memory award, uint256 first, uint256 perTrial, uint32 done)
        private
        view
        returns (Submission memory)
    {
        (, bytes32[] memory leaves) = _work(award, first, perTrial, done);
        bytes32 root = Merkle.root(leaves);
        return
            Submission(award, root, done, _sign(award.seller, _resultDigest(award.id, root, done)));
    }

    /// @dev Twelve trials of one seller: twelve audits, one of them doubled, and a re-score.
    function _scene() private returns (Scene memory) {
        return _sceneOf(12, 1, 12 * uint32(S));
    }

    /// @dev Each seller has as many trials, and has done so many segments.
    function _sceneOf(uint256 trials, uint256 count, uint32 done)
        private
        returns (Scene memory scene)
    {
        scene.sweep = _sweep();
        Bid[] memory bids = new Bid[](count);
        for (uint256 i; i < count; ++i) {
            bids[i] = _bid(scene.sweep, sellers[i], i * trials, trials);
        }
        (scene.first, scene.perTrial) = (0, S);
        _run(scene, bids, done);
    }

    function _run(Scene memory scene, Bid[] memory bids, uint32 done) private {
        Submission[] memory submissions = new Submission[](bids.length);
        for (uint256 i; i < bids.length; ++i) {
            Award memory award = _award(scene.sweep, _only(_offer(bids[i])))[0];
            submissions[i] = _submit(award, scene.first, scene.perTrial, done);
        }
        scene.commit = _commit(scene.sweep, submissions);
        _mine(3);
        scene.d = market.docket(scene.sweep, scene.commit);
    }

    // --- the judge ---

    /// @dev Which trial and boundary of its award an audit starts from.
    function _audited(Scene memory scene, uint256 item)
        private
        pure
        returns (uint256 index, uint256 trial, uint256 k)
    {
        index = _indexOf(scene.d, item);
        uint256 block_ = item - (index == 0 ? 0 : scene.d.ends[index - 1]);
        bytes32 awardId = scene.commit.awards[index].award.id;
        uint256 position = block_ * S + _draw(scene.d.seed, 1, awardId, block_) % S;
        trial = position / scene.perTrial;
        k = scene.first + position % scene.perTrial;
    }

    function _isRescore(Scene memory scene, uint256 item) private pure returns (bool) {
        return item + 1 == scene.d.ends[_indexOf(scene.d, item)];
    }

    function _evidenceLeaf(Scene memory scene, uint256 item) private pure returns (bytes32) {
        if (_isRescore(scene, item)) {
            return _twice(abi.encode(item, _evaluation(S), bytes32(0), bytes32(0)));
        }
        (uint256 index, uint256 trial, uint256 k) = _audited(scene, item);
        bytes32 awardId = scene.commit.awards[index].award.id;
        bytes32 w = _part("w", awardId, trial, k + 1);
        bytes32 m = _part("m", awardId, trial, k + 1);
        return _twice(abi.encode(item, w, m, _part("v", awardId, trial, k + 1)));
    }

    function _evidence(Scene memory scene, uint256 share)
        private
        pure
        returns (bytes32[] memory leaves)
    {
        uint256[] memory list = _list(scene.d, share);
        leaves = new bytes32[](list.length);
        for (uint256 i; i < list.length; ++i) {
            leaves[i] = _evidenceLeaf(scene, list[i]);
        }
    }

    function _resign(Scene memory scene, Word memory word) private view {
        bytes32 hash = _verdictHash(scene.d.commitId, word.verdict);
        word.verdict.signature = _sign(word.judge, _digest(address(court), hash));
    }

    /// @dev Says something else about one item.
    function _change(Scene memory scene, Word memory word, uint256 place, uint8 nibble)
        private
        pure
    {
        SignedVerdict memory verdict = word.verdict;
        bool whole = verdict.answers.length == 1;
        if (whole) verdict.answers = _answers(scene.d.sizes[verdict.share], 5);
        _setAnswer(verdict.answers, place, nibble);
    }

    function _wordOf(Scene memory scene, uint8 share, address judge)
        private
        view
        returns (Word memory word)
    {
        word.judge = judge;
        word.verdict.share = share;
        uint256 size = scene.d.sizes[share];
        word.verdict.answers = _packed(_answers(size, 5), size);
        word.verdict.evidence = Merkle.root(_evidence(scene, share));
        if (keyOf[judge] != 0) _resign(scene, word);
    }

    /// @dev The share's judge has replayed all of it, and upholds it as compared exactly.
    function _word(Scene memory scene, uint8 share) private view returns (Word memory) {
        return _wordOf(scene, share, court.judgeOf(scene.sweep, scene.commit, share, 0));
    }

    function _preimage(Scene memory scene, Word memory word, uint256 item)
        private
        pure
        returns (IOversight.Preimage memory p)
    {
        (uint256 index, uint256 trial, uint256 k) = _audited(scene, item);
        Posted memory posted = scene.commit.awards[index];
        bytes32 id = posted.award.id;
        p.w = _part("w", id, trial, k + 1);
        p.m = _part("m", id, trial, k + 1);
        p.v = _part("v", id, trial, k + 1);
        p.step = 10 * (k + 1);
        p.evidence = Merkle.proof(
            _evidence(scene, word.verdict.share), _placeOf(scene.d, word.verdict.share, item)
        );
        (p.lossBits, p.evalHash) = (_loss(k + 1), _evaluation(k + 1));
        (TrialLeaf[] memory trials, bytes32[] memory leaves) =
            _work(posted.award, scene.first, scene.perTrial, posted.done);
        p.trial = trials[trial];
        p.boundary = Merkle.proof(
            _boundaries(id, trial, scene.first, p.trial.segmentsDone), k + 1 - scene.first
        );
        p.result = Merkle.proof(leaves, trial);
    }

    // --- calls ---

    function _demandId(Scene memory scene, Word memory word, uint256 item)
        private
        pure
        returns (bytes32)
    {
        bytes32 hash = _verdictHash(scene.d.commitId, word.verdict);
        return keccak256(abi.encode(hash, word.judge, item));
    }

    function _demand(Scene memory scene, Word memory word, uint256 item)
        private
        returns (bytes32 demandId)
    {
        vm.prank(demander);
        return oversight.demand{value: DEMAND_DEPOSIT}(
            scene.sweep, scene.commit, word.verdict, word.judge, item
        );
    }

    function _refuseDemand(Scene memory scene, Word memory word, uint256 item, bytes memory refusal)
        private
    {
        vm.expectRevert(refusal);
        _demand(scene, word, item);
    }

    function _meet(
        Scene memory scene,
        Word memory word,
        uint256 item,
        IOversight.Preimage memory preimage
    ) private {
        vm.prank(stranger);
        oversight.meet(scene.sweep, scene.commit, word.verdict, word.judge, item, preimage);
    }

    function _meet(Scene memory scene, Word memory word, uint256 item) private {
        _meet(scene, word, item, _preimage(scene, word, item));
    }

    function _refuseMeet(Scene memory scene, Word memory word, uint256 item, bytes memory refusal)
        private
    {
        IOversight.Preimage memory preimage = _preimage(scene, word, item);
        vm.expectRevert(refusal);
        _meet(scene, word, item, preimage);
    }

    function _expire(Scene memory scene, Word memory word, uint256 item) private {
        bytes32 hash = _verdictHash(scene.d.commitId, word.verdict);
        vm.prank(stranger);
        oversight.expire(hash, word.judge, item);
    }

    function _settle(Scene memory scene) private {
        SignedVerdict[] memory verdicts = new SignedVerdict[](scene.d.shares);
        for (uint8 share; share < scene.d.shares; ++share) {
            verdicts[share] = _word(scene, share).verdict;
        }
        vm.prank(relayer);
        market.settle(scene.sweep, scene.commit, verdicts);
    }

    function _post(Scene memory scene, Word memory word) private {
        vm.prank(relayer);
        court.post(scene.sweep, scene.commit, word.verdict, 0);
    }

    function _burned() private view returns (uint256) {
        return validators.validator(BURN).credit;
    }

    function _credited(address who) private view returns (uint256) {
        return validators.validator(who).credit;
    }

    /// @dev The doubled audit, its own share, and the share that doubles it.
    function _doubledItem(Scene memory scene)
        private
        pure
        returns (uint256 item, uint8 own, uint8 other)
    {
        bool[] memory doubled = _doubled(scene.d);
        while (!doubled[item]) ++item;
        own = uint8(item % scene.d.shares);
        other = uint8((item + 1) % scene.d.shares);
    }

    // --- demand ---

    function test_a_demand_takes_the_deposit_and_is_noted() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes32 id = _demandId(scene, word, 4);
        vm.expectEmit(address(oversight));
        emit IOversight.Demanded(
            id, scene.d.commitId, word.judge, _verdictHash(scene.d.commitId, word.verdict), 1, 4
        );
        vm.assertEq(_demand(scene, word, 4), id);
        IOversight.Demand memory made = oversight.demandOf(id);
        vm.assertEq(made.demander, demander);
        vm.assertEq(uint256(made.time), nowTime);
        vm.assertFalse(made.closed);
        vm.assertEq(address(oversight).balance, DEMAND_DEPOSIT);
        vm.assertEq(demander.balance, 1000 ether - DEMAND_DEPOSIT);
    }

    function test_a_demand_stores_the_seed() public {
        Scene memory scene = _scene();
        _demand(scene, _word(scene, 1), 4);
        height += 10_000;
        vm.roll(height);
        vm.assertNotEq(randomness.entropy(scene.commit.blockNumber, scene.commit.time), bytes32(0));
    }

    function test_every_audit_of_a_share_can_be_demanded() public {
        Scene memory scene = _sceneOf(12, 2, 12 * uint32(S));
        uint256 demands;
        for (uint8 share; share < 3; ++share) {
            Word memory word = _word(scene, share);
            uint256[] memory list = _list(scene.d, share);
            for (uint256 i; i < list.length; ++i) {
                if (_isRescore(scene, list[i])) continue;
                _demand(scene, word, list[i]);
                ++demands;
            }
        }
        // 24 audits, two of them doubled.
        vm.assertEq(demands, 26);
        vm.assertEq(address(oversight).balance, 26 * DEMAND_DEPOSIT);
    }

    function test_another_deposit_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        uint256[3] memory sent = [0, DEMAND_DEPOSIT - 1, DEMAND_DEPOSIT + 1];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IOversight.Oversight_WrongDeposit.selector, sent[i], DEMAND_DEPOSIT
                )
            );
            vm.prank(demander);
            oversight.demand{value: sent[i]}(scene.sweep, scene.commit, word.verdict, word.judge, 4);
        }
    }

    function test_nothing_is_demanded_before_the_draw() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        vm.roll(scene.commit.blockNumber + 1);
        _refuseDemand(
            scene,
            word,
            4,
            abi.encodeWithSelector(
                IOversight.Oversight_SeedUnknown.selector, scene.commit.blockNumber
            )
        );
    }

    function test_another_commit_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        scene.commit.awards[0].root = keccak256("another root");
        _refuseDemand(
            scene,
            word,
            4,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, scene.commit.awards[0].award.id
            )
        );
    }

    function test_a_re_score_can_not_be_demanded() public {
        Scene memory scene = _sceneOf(6, 2, 6 * uint32(S));
        for (uint256 i; i < 2; ++i) {
            uint256 item = scene.d.ends[i] - 1;
            Word memory word = _word(scene, uint8(item % 3));
            _refuseDemand(
                scene,
                word,
                item,
                abi.encodeWithSelector(IOversight.Oversight_NotAudit.selector, item)
            );
        }
    }

    function test_an_item_past_the_last_can_not_be_demanded() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        uint256[2] memory items = [uint256(13), type(uint256).max];
        for (uint256 i; i < 2; ++i) {
            bytes memory refusal =
                abi.encodeWithSelector(IOversight.Oversight_NotAudit.selector, items[i]);
            _refuseDemand(scene, word, items[i], refusal);
        }
    }

    function _notUpheldExactly(Scene memory scene, uint256 item)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IOversight.Oversight_NotUpheldExactly.selector, scene.d.commitId, item
        );
    }

    function test_another_shares_item_can_not_be_demanded() public {
        Scene memory scene = _scene();
        bool[] memory doubled = _doubled(scene.d);
        for (uint8 share; share < 3; ++share) {
            Word memory word = _word(scene, share);
            for (uint256 item; item < 12; ++item) {
                if (item % 3 == share || (doubled[item] && (item + 1) % 3 == share)) continue;
                _refuseDemand(scene, word, item, _notUpheldExactly(scene, item));
            }
        }
    }

    function test_only_what_is_upheld_as_compared_exactly_can_be_demanded() public {
        Scene memory scene = _scene();
        for (uint8 nibble; nibble < 16; ++nibble) {
            if (nibble == 5) continue;
            Word memory word = _word(scene, 1);
            _change(scene, word, 1, nibble);
            _resign(scene, word);
            _refuseDemand(scene, word, 4, _notUpheldExactly(scene, 4));
        }
    }

    function _badAnswers(Scene memory scene, uint8 share) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IOversight.Oversight_BadAnswers.selector, scene.d.commitId, share
            );
    }

    function test_answers_of_a_wrong_length_are_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes memory answers = _answers(scene.d.sizes[1], 5);
        bytes[3] memory wrong = [bytes(""), bytes.concat(answers, hex"00"), hex"55"];
        for (uint256 i; i < 3; ++i) {
            word.verdict.answers = wrong[i];
            _resign(scene, word);
            _refuseDemand(scene, word, 4, _badAnswers(scene, 1));
        }
    }

    function test_a_share_that_is_not_there_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        word.verdict.share = 3;
        _resign(scene, word);
        _refuseDemand(scene, word, 4, _badAnswers(scene, 3));
    }

    // --- whose word it is ---

    function _badSignature(Scene memory scene, address judge) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IOversight.Oversight_BadSignature.selector, scene.d.commitId, judge
            );
    }

    function test_a_word_that_the_judge_did_not_sign_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        address judge = word.judge;
        word.judge = stranger;
        _refuseDemand(scene, word, 4, _badSignature(scene, stranger));
        word.judge = address(0);
        _refuseDemand(scene, word, 4, _badSignature(scene, address(0)));
        word.judge = judge;
        word.verdict.evidence = keccak256("other evidence");
        _refuseDemand(scene, word, 4, _badSignature(scene, judge));
    }

    function test_a_verdict_of_another_commit_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes32 commitId = scene.d.commitId;
        scene.d.commitId = keccak256("another commit");
        _resign(scene, word);
        scene.d.commitId = commitId;
        _refuseDemand(scene, word, 4, _badSignature(scene, word.judge));
    }

    function test_a_malleable_signature_is_refused() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        word.verdict.signature = _mirrored(word.verdict.signature);
        _refuseDemand(scene, word, 4, _badSignature(scene, word.judge));
    }

    /// @dev The other signature of the same key over the same digest.
    function _mirrored(bytes memory signature) private pure returns (bytes memory) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        uint8 v = uint8(signature[64]) == 27 ? 28 : 27;
        return abi.encodePacked(r, order - s, v);
    }

    function test_who_was_not_drawn_is_taken_at_its_word_too() public {
        Scene memory scene = _scene();
        uint256 i;
        while (judges[i] == _word(scene, 1).judge) ++i;
        Word memory word = _wordOf(scene, 1, judges[i]);
        _demand(scene, word, 4);
        _pass(61);
        _expire(scene, word, 4);
        vm.assertEq(uint256(validators.validator(judges[i]).bond), 0);
    }

    function test_a_posted_verdict_needs_no_signature() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _post(scene, word);
        word.verdict.signature = "";
        _demand(scene, word, 4);
    }

    function test_a_substitutes_posted_verdict_needs_no_signature() public {
        Scene memory scene = _scene();
        _pass(VERDICT_TIME + 1);
        court.summon(scene.sweep, scene.commit, 1);
        _pass(61 + 2 * VERDICT_TIME);
        Word memory word = _wordOf(scene, 1, court.judgeOf(scene.sweep, scene.commit, 1, 6));
        court.post(scene.sweep, scene.commit, word.verdict, 6);
        word.verdict.signature = "";
        _demand(scene, word, 4);
    }

    function test_a_posted_verdict_is_nobody_elses_word() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _post(scene, word);
        word.judge = stranger;
        _refuseDemand(scene, word, 4, _badSignature(scene, stranger));
    }

    function test_a_contract_can_not_take_a_posted_verdict_back() public {
        ContractJudge judge = new ContractJudge();
        judge.bond{value: 100_000 ether}(validators, 24);
        _pass(EPOCH);
        Scene memory scene = _scene();
        vm.assertEq(court.judgeOf(scene.sweep, scene.commit, 1, 0), address(judge));
        Word memory posted = _wordOf(scene, 1, address(judge));
        _post(scene, posted);
        Word memory other = _wordOf(scene, 2, address(judge));
        judge.takeBack();
        _demand(scene, posted, 4);
        _refuseDemand(scene, other, 2, _badSignature(scene, address(judge)));
    }

    // --- when ---

    function test_a_settled_award_is_demanded_about_for_the_demand_time() public {
        Scene memory scene = _scene();
        _pass(15);
        _settle(scene);
        Word memory word = _word(scene, 1);
        _pass(60);
        _demand(scene, word, 4);
        _pass(1);
        _refuseDemand(scene, word, 7, _awardClosed(scene));
    }

    function _awardClosed(Scene memory scene) private pure returns (bytes memory) {
        bytes32 id = scene.commit.awards[0].award.id;
        return abi.encodeWithSelector(IOversight.Oversight_AwardClosed.selector, id);
    }

    function test_a_posted_award_is_demanded_about_at_any_time() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _pass(30 days);
        _demand(scene, word, 4);
    }

    /// @dev A share's judge refutes an item, whatever it found. Returns the dispute's subject.
    function _refute(Scene memory scene, uint8 share, uint256 item, uint8 nibble)
        private
        returns (uint256 subject)
    {
        Word memory word = _word(scene, share);
        _change(scene, word, _placeOf(scene.d, share, item), nibble);
        _resign(scene, word);
        _post(scene, word);
        return _subjectOf(share, item);
    }

    function _resolve(Scene memory scene, uint256 subject, bool upheld) private {
        _resolve(scene, subject, upheld ? UPHELD : REFUTED);
    }

    function _resolve(Scene memory scene, uint256 subject, uint8 outcome) private {
        _mine(3);
        address[] memory seats = court.panelOf(scene.sweep, scene.commit, 0, subject);
        bytes32 id = _disputeId(scene.d.commitId, scene.commit.awards[0].award.id, subject);
        court.resolve(scene.sweep, scene.commit, 0, subject, _votes(seats, id, outcome));
    }

    function test_a_disputed_award_is_demanded_about_and_a_slashed_one_is_not() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        uint256 subject = _refute(scene, 2, 2, 3);
        _assertStatus(scene.commit.awards[0].award.id, AwardStatus.DISPUTED);
        _demand(scene, word, 4);
        _resolve(scene, subject, false);
        _assertStatus(scene.commit.awards[0].award.id, AwardStatus.SLASHED);
        _refuseDemand(scene, word, 7, _awardClosed(scene));
        // What was demanded before is still to be met.
        _meet(scene, word, 4);
    }

    function test_a_demand_is_made_once() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes32 id = _demand(scene, word, 4);
        bytes memory refusal =
            abi.encodeWithSelector(IOversight.Oversight_AlreadyDemanded.selector, id);
        _refuseDemand(scene, word, 4, refusal);
        _meet(scene, word, 4);
        _refuseDemand(scene, word, 4, refusal);
    }

    // --- meet ---

    function test_the_judge_earns_the_deposit() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes32 id = _demand(scene, word, 4);
        _pass(60);
        vm.expectEmit(address(oversight));
        emit IOversight.Met(id, word.judge);
        _meet(scene, word, 4);
        vm.assertTrue(oversight.demandOf(id).closed);
        vm.assertEq(oversight.credit(word.judge), DEMAND_DEPOSIT);
        vm.assertEq(oversight.credit(demander), 0);
        vm.assertEq(uint256(validators.validator(word.judge).bond), LEAST_BOND);
    }

    function test_a_demand_can_be_met_past_the_chains_history() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        height += 10_000;
        vm.roll(height);
        _meet(scene, word, 4);
    }

    function _meetAll(Scene memory scene) private returns (uint256 met) {
        for (uint8 share; share < scene.d.shares; ++share) {
            Word memory word = _word(scene, share);
            uint256[] memory list = _list(scene.d, share);
            for (uint256 i; i < list.length; ++i) {
                if (_isRescore(scene, list[i])) continue;
                _demand(scene, word, list[i]);
                _meet(scene, word, list[i]);
                ++met;
            }
        }
    }

    function test_every_audit_can_be_met() public {
        vm.assertEq(_meetAll(_sceneOf(6, 2, 6 * uint32(S))), 13);
    }

    /// @dev Two trials and a part of a third; its segment is drawn for some of the four sellers.
    function test_audits_of_a_partial_trial_can_be_met() public {
        Scene memory scene = _sceneOf(3, 4, 2 * uint32(S) + 20);
        uint256 audits = scene.d.ends[3] - 4;
        vm.assertGt(audits, 8);
        vm.assertEq(_meetAll(scene), audits + audits / 10);
    }

    function test_audits_of_a_rung_can_be_met() public {
        Scene memory rung = _sceneOf(1, 1, uint32(S));
        Bid[] memory bids = new Bid[](1);
        bids[0] = _bid(rung.sweep, sellers[1], 0, 6);
        (bids[0].start, bids[0].first, bids[0].segments) = (rung.commit.awards[0].award.id, 11, 21);
        (rung.first, rung.perTrial) = (11, 21);
        _run(rung, bids, 6 * 21);
        // 126 segments in blocks of 32: a block spans trials.
        vm.assertGe(_meetAll(rung), 3);
    }

    function test_a_demand_is_met_in_time() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        uint256 by = nowTime + 60;
        _pass(61);
        _refuseMeet(
            scene, word, 4, abi.encodeWithSelector(IOversight.Oversight_TooLate.selector, by)
        );
    }

    function _notOpen(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOversight.Oversight_NotOpen.selector, id);
    }

    function test_a_demand_is_met_once() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _refuseMeet(scene, word, 4, _notOpen(_demandId(scene, word, 4)));
        _demand(scene, word, 4);
        _meet(scene, word, 4);
        _refuseMeet(scene, word, 4, _notOpen(_demandId(scene, word, 4)));
    }

    /// @dev A judge that learnt the preimage later must not meet the demand with other evidence.
    function test_another_verdict_of_the_judge_meets_nothing() public {
        Scene memory scene = _scene();
        Word memory honest = _word(scene, 1);
        Word memory lazy = _word(scene, 1);
        lazy.verdict.evidence = keccak256("nothing");
        _resign(scene, lazy);
        _demand(scene, lazy, 4);
        _refuseMeet(scene, honest, 4, _notOpen(_demandId(scene, honest, 4)));
        bytes memory bad = abi.encodeWithSelector(
            IOversight.Oversight_BadPreimage.selector, _demandId(scene, lazy, 4)
        );
        _refuseMeet(scene, lazy, 4, bad);
    }

    function _refusePreimage(
        Scene memory scene,
        Word memory word,
        uint256 item,
        IOversight.Preimage memory preimage
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IOversight.Oversight_BadPreimage.selector, _demandId(scene, word, item)
            )
        );
        _meet(scene, word, item, preimage);
    }

    function test_each_part_of_the_preimage_is_checked() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        for (uint256 i; i < 17; ++i) {
            IOversight.Preimage memory p = _preimage(scene, word, 4);
            bytes32 wrong = keccak256("wrong");
            if (i == 0) p.w = wrong;
            if (i == 1) p.m = wrong;
            if (i == 2) p.v = wrong;
            if (i == 3) p.step += 1;
            if (i == 4) p.lossBits += 1;
            if (i == 5) p.evalHash = wrong;
            if (i == 6) p.evidence[0] = wrong;
            if (i == 7) p.boundary[0] = wrong;
            if (i == 8) p.result[0] = wrong;
            if (i == 9) p.trial.awardId = wrong;
            if (i == 10) p.trial.first += 1;
            if (i == 11) p.trial.offset += 1;
            if (i == 12) p.trial.segmentsDone += 1;
            if (i == 13) p.trial.segmentRoot = wrong;
            if (i == 14) p.trial.seller = stranger;
            if (i == 15) p.evidence = new bytes32[](0);
            if (i == 16) p.result = new bytes32[](0);
            _refusePreimage(scene, word, 4, p);
        }
        _meet(scene, word, 4);
    }

    /// @dev The judge committed to another boundary than the drawn one's: a neighbour's, or one of another trial.
    function _evades(Scene memory scene, uint256 item, uint256 trial, uint256 k) private {
        Word memory word = _word(scene, uint8(item % 3));
        IOversight.Preimage memory p = _preimage(scene, word, item);
        Award memory award = scene.commit.awards[0].award;
        p.w = _part("w", award.id, trial, k);
        p.m = _part("m", award.id, trial, k);
        p.v = _part("v", award.id, trial, k);
        p.step = 10 * k;
        (p.lossBits, p.evalHash) = (_loss(k), _evaluation(k));
        (TrialLeaf[] memory trials, bytes32[] memory leaves) = _work(award, 0, S, 12 * uint256(S));
        p.trial = trials[trial];
        p.boundary = Merkle.proof(_boundaries(award.id, trial, 0, S), k);
        p.result = Merkle.proof(leaves, trial);
        p.evidence = new bytes32[](0);
        word.verdict.evidence = _twice(abi.encode(item, p.w, p.m, p.v));
        _resign(scene, word);
        _demand(scene, word, item);
        _refusePreimage(scene, word, item, p);
    }

    function test_another_segment_meets_nothing() public {
        Scene memory scene = _scene();
        (, uint256 trial, uint256 k) = _audited(scene, 4);
        vm.assertEq(trial, 4);
        _evades(scene, 4, 4, k);
        _evades(scene, 4, 4, k == S - 1 ? k - 1 : k + 2);
        _evades(scene, 4, 3, k + 1);
        _evades(scene, 4, 5, k + 1);
    }

    /// @dev One trial, whose leaf is its seller's own invention: of another award, or of no segments at all.
    function _invented(bool ofAnother) private returns (Scene memory scene, TrialLeaf memory leaf) {
        (scene.sweep, scene.perTrial) = (_sweep(), S);
        Award memory award = _award(scene.sweep, _offers(scene.sweep, 1, 1))[0];
        leaf = _trialLeaf(award, 0, 0, S, S);
        if (ofAnother) leaf.awardId = keccak256("another award");
        else leaf.segmentsDone = 0;
        bytes32 root = _twice(abi.encode(leaf));
        Submission[] memory submissions = new Submission[](1);
        bytes memory signature = _sign(award.seller, _resultDigest(award.id, root, S));
        submissions[0] = Submission(award, root, S, signature);
        scene.commit = _commit(scene.sweep, submissions);
        _mine(3);
        scene.d = market.docket(scene.sweep, scene.commit);
    }

    function test_an_invented_leaf_meets_nothing() public {
        for (uint256 i; i < 2; ++i) {
            _pass(1);
            (Scene memory scene, TrialLeaf memory leaf) = _invented(i == 0);
            Word memory word = _word(scene, 0);
            _demand(scene, word, 0);
            IOversight.Preimage memory p = _preimage(scene, word, 0);
            p.trial = leaf;
            _refusePreimage(scene, word, 0, p);
        }
    }

    // --- expire ---

    function test_who_does_not_answer_loses_its_bond() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        bytes32 id = _demand(scene, word, 4);
        _pass(61);
        vm.expectEmit(address(oversight));
        emit IOversight.Unmet(id, word.judge);
        _expire(scene, word, 4);
        vm.assertTrue(oversight.demandOf(id).closed);
        vm.assertEq(uint256(validators.validator(word.judge).bond), 0);
        vm.assertEq(_credited(demander), LEAST_BOND / 10);
        vm.assertEq(_burned(), LEAST_BOND - LEAST_BOND / 10);
        vm.assertEq(oversight.credit(demander), DEMAND_DEPOSIT);
        vm.assertEq(oversight.credit(word.judge), 0);
    }

    function test_a_judge_with_nothing_gives_the_deposit_back() public {
        Scene memory scene = _scene();
        Word memory word = _wordOf(scene, 1, stranger);
        _demand(scene, word, 4);
        _pass(61);
        _expire(scene, word, 4);
        vm.assertEq(oversight.credit(demander), DEMAND_DEPOSIT);
        vm.assertEq(_credited(demander), 0);
        vm.assertEq(_burned(), 0);
    }

    function test_a_demand_expires_after_its_time() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        _pass(60);
        vm.expectRevert(abi.encodeWithSelector(IOversight.Oversight_TooEarly.selector, nowTime + 1));
        _expire(scene, word, 4);
    }

    function test_a_demand_expires_once_and_not_when_it_was_met() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        vm.expectRevert(_notOpen(_demandId(scene, word, 4)));
        _expire(scene, word, 4);
        _demand(scene, word, 4);
        _demand(scene, word, 7);
        _meet(scene, word, 7);
        _pass(61);
        _expire(scene, word, 4);
        for (uint256 item = 4; item < 8; item += 3) {
            vm.expectRevert(_notOpen(_demandId(scene, word, item)));
            _expire(scene, word, item);
        }
    }

    // --- contradict ---

    /// @dev What the judge of a share could have said instead.
    function _another(Scene memory scene, Word memory word) private view returns (Word memory) {
        Word memory other = _wordOf(scene, word.verdict.share, word.judge);
        _change(scene, other, 0, 1);
        _resign(scene, other);
        return other;
    }

    function _contradict(bytes32 commitId, Word memory one, Word memory other) private {
        vm.prank(stranger);
        oversight.contradict(commitId, one.verdict, other.verdict, one.judge);
    }

    function _refuseContradiction(
        bytes32 commitId,
        Word memory one,
        Word memory other,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        _contradict(commitId, one, other);
    }

    function test_two_words_for_a_share_cost_the_bond() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        vm.expectEmit(address(oversight));
        emit IOversight.Contradicted(scene.d.commitId, 1, word.judge);
        _contradict(scene.d.commitId, word, _another(scene, word));
        vm.assertEq(uint256(validators.validator(word.judge).bond), 0);
        vm.assertEq(_credited(stranger), LEAST_BOND / 10);
        vm.assertEq(_burned(), LEAST_BOND - LEAST_BOND / 10);
    }

    function test_other_evidence_is_another_word() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory other = _word(scene, 1);
        other.verdict.evidence = keccak256("other evidence");
        _resign(scene, other);
        _contradict(scene.d.commitId, word, other);
        vm.assertEq(uint256(validators.validator(word.judge).bond), 0);
    }

    function test_the_same_word_twice_is_no_contradiction() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory same = _word(scene, 1);
        bytes memory refusal =
            abi.encodeWithSelector(IOversight.Oversight_SameWord.selector, scene.d.commitId, 1);
        _refuseContradiction(scene.d.commitId, word, same, refusal);
        same.verdict.signature = _mirrored(same.verdict.signature);
        _refuseContradiction(scene.d.commitId, word, same, refusal);
    }

    function test_words_for_two_shares_are_no_contradiction() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory other = _wordOf(scene, 2, word.judge);
        _refuseContradiction(
            scene.d.commitId,
            word,
            other,
            abi.encodeWithSelector(IOversight.Oversight_OtherShare.selector, 1, 2)
        );
    }

    function test_words_for_two_commits_are_no_contradiction() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory other = _another(scene, word);
        bytes32 commitId = scene.d.commitId;
        scene.d.commitId = keccak256("another commit");
        _resign(scene, other);
        _refuseContradiction(scene.d.commitId, word, other, _badSignature(scene, word.judge));
        scene.d.commitId = commitId;
        _refuseContradiction(commitId, word, other, _badSignature(scene, word.judge));
    }

    function test_what_the_judge_did_not_sign_is_no_contradiction() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory other = _another(scene, word);
        bytes memory refusal = _badSignature(scene, word.judge);
        other.verdict.signature = word.verdict.signature;
        _refuseContradiction(scene.d.commitId, word, other, refusal);
        _refuseContradiction(scene.d.commitId, Word(other.verdict, word.judge), word, refusal);
        other.judge = stranger;
        _resign(scene, other);
        _refuseContradiction(scene.d.commitId, word, other, refusal);
    }

    function test_a_contradiction_is_punished_once() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        Word memory other = _another(scene, word);
        _contradict(scene.d.commitId, word, other);
        _bondValidator(word.judge, LEAST_BOND, 24);
        _refuseContradiction(
            scene.d.commitId,
            other,
            word,
            abi.encodeWithSelector(
                IOversight.Oversight_AlreadyFined.selector, scene.d.commitId, 1, word.judge
            )
        );
        vm.assertEq(uint256(validators.validator(word.judge).bond), LEAST_BOND);
    }

    // --- overturn ---

    function _overturn(Scene memory scene, Word memory word, uint256 subject) private {
        vm.prank(stranger);
        oversight.overturn(scene.sweep, scene.commit, 0, subject, word.verdict, word.judge);
    }

    function _refuseOverturn(
        Scene memory scene,
        Word memory word,
        uint256 subject,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        _overturn(scene, word, subject);
    }

    function _disputeOf(Scene memory scene, uint256 subject) private pure returns (bytes32) {
        return _disputeId(scene.d.commitId, scene.commit.awards[0].award.id, subject);
    }

    /// @dev Half of the award's price, as the token is worth.
    function _fineOf(Scene memory scene) private pure returns (uint256) {
        return _price(scene.commit.awards[0].award) * LEAST_BOND / (4 * CAP);
    }

    /// @dev The doubling judge refutes the doubled audit, which its own judge upholds, and a panel agrees.
    function _refuted(Scene memory scene)
        private
        returns (Word memory word, uint256 subject, uint256 item)
    {
        (uint256 doubled, uint8 own, uint8 other) = _doubledItem(scene);
        word = _word(scene, own);
        subject = _refute(scene, other, doubled, 3);
        _resolve(scene, subject, false);
        item = doubled;
    }

    function test_who_upheld_what_a_panel_refuted_pays_a_fine() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject,) = _refuted(scene);
        uint256 fine = _fineOf(scene);
        uint256 bond = validators.validator(word.judge).bond;
        vm.expectEmit(address(oversight));
        emit IOversight.Overturned(_disputeOf(scene, subject), word.verdict.share, word.judge);
        _overturn(scene, word, subject);
        vm.assertEq(bond - validators.validator(word.judge).bond, fine);
        vm.assertEq(_credited(stranger), fine / 10);
        vm.assertEq(_burned(), fine - fine / 10);
    }

    function test_who_upheld_by_tolerance_pays_too() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject, uint256 item) = _refuted(scene);
        _change(scene, word, item / 3, 1);
        _resign(scene, word);
        _overturn(scene, word, subject);
        vm.assertEq(_credited(stranger), _fineOf(scene) / 10);
    }

    function _challenge(Scene memory scene, uint256 position) private returns (uint256) {
        _deposit(stranger, NATIVE, 1 ether);
        vm.prank(stranger);
        court.challenge(scene.sweep, scene.commit, 0, position);
        return 1 << 255 | position;
    }

    function test_who_upheld_what_was_challenged_rightly_pays_a_fine() public {
        Scene memory scene = _scene();
        (, uint256 trial, uint256 k) = _audited(scene, 5);
        uint256 subject = _challenge(scene, trial * S + k);
        _resolve(scene, subject, false);
        Word memory word = _word(scene, 2);
        uint256 burned = _burned();
        _overturn(scene, word, subject);
        vm.assertEq(_credited(stranger), _fineOf(scene) / 10);
        vm.assertEq(_burned() - burned, _fineOf(scene) - _fineOf(scene) / 10);
        // Another share's word is not about it.
        word = _word(scene, 0);
        _refuseOverturn(scene, word, subject, _notUpheld(scene, 5));
    }

    function test_an_overturned_verdict_that_was_posted_needs_no_signature() public {
        Scene memory scene = _scene();
        (uint256 item, uint8 own, uint8 other) = _doubledItem(scene);
        Word memory word = _word(scene, own);
        _post(scene, word);
        uint256 subject = _refute(scene, other, item, 3);
        _resolve(scene, subject, false);
        word.verdict.signature = "";
        _overturn(scene, word, subject);
        vm.assertEq(_credited(stranger), _fineOf(scene) / 10);
    }

    function test_a_challenge_beside_the_audits_overturns_nobody() public {
        Scene memory scene = _scene();
        (, uint256 trial, uint256 k) = _audited(scene, 5);
        uint256 subject = _challenge(scene, trial * S + (k + 1) % S);
        _resolve(scene, subject, false);
        Word memory word = _word(scene, 2);
        _refuseOverturn(
            scene,
            word,
            subject,
            abi.encodeWithSelector(
                IOversight.Oversight_OtherSegment.selector, _disputeOf(scene, subject)
            )
        );
    }

    /// @dev In a partial block that was not drawn, the re-score has the block's number.
    function test_a_challenge_in_a_block_that_was_not_drawn_overturns_nobody() public {
        Scene memory scene = _sceneOf(2, 1, uint32(S) + 1);
        vm.assertEq(scene.d.ends[0], 2);
        uint256 subject = _challenge(scene, S);
        _resolve(scene, subject, false);
        Word memory word = _word(scene, 1);
        _refuseOverturn(
            scene,
            word,
            subject,
            abi.encodeWithSelector(
                IOversight.Oversight_OtherSegment.selector, _disputeOf(scene, subject)
            )
        );
    }

    function _notRefuted(Scene memory scene, uint256 subject) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IOversight.Oversight_NotRefuted.selector, _disputeOf(scene, subject)
        );
    }

    function test_only_what_a_panel_refuted_overturns() public {
        Scene memory scene = _scene();
        (uint256 item, uint8 own, uint8 other) = _doubledItem(scene);
        Word memory word = _word(scene, own);
        uint256 subject = _subjectOf(other, item);
        _refuseOverturn(scene, word, subject, _notRefuted(scene, subject));
        _refute(scene, other, item, 3);
        _refuseOverturn(scene, word, subject, _notRefuted(scene, subject));
        _resolve(scene, subject, true);
        _refuseOverturn(scene, word, subject, _notRefuted(scene, subject));
    }

    /// @dev A judge upheld the item of another's dispute, in which somebody could not get it.
    function _overturnsNobody(uint8 answer, uint8 outcome) private {
        Scene memory scene = _scene();
        (uint256 item, uint8 own, uint8 other) = _doubledItem(scene);
        Word memory word = _word(scene, own);
        uint256 subject = _refute(scene, other, item, answer);
        _resolve(scene, subject, outcome);
        _assertStatus(scene.commit.awards[0].award.id, AwardStatus.SLASHED);
        _refuseOverturn(scene, word, subject, _notRefuted(scene, subject));
    }

    function test_what_a_judge_could_not_get_overturns_nobody() public {
        _overturnsNobody(0, REFUTED);
    }

    function test_what_a_panel_could_not_get_overturns_nobody() public {
        _overturnsNobody(3, UNAVAILABLE);
    }

    function test_a_challenge_whose_panel_is_starved_overturns_nobody() public {
        Scene memory scene = _scene();
        (, uint256 trial, uint256 k) = _audited(scene, 5);
        uint256 subject = _challenge(scene, trial * S + k);
        _resolve(scene, subject, UNAVAILABLE);
        _assertStatus(scene.commit.awards[0].award.id, AwardStatus.SLASHED);
        Word memory word = _word(scene, 2);
        _refuseOverturn(scene, word, subject, _notRefuted(scene, subject));
    }

    function _notUpheld(Scene memory scene, uint256 item) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IOversight.Oversight_NotUpheld.selector, scene.d.commitId, item);
    }

    function test_only_a_word_that_upheld_the_item_is_overturned() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject, uint256 item) = _refuted(scene);
        for (uint8 nibble; nibble < 16; ++nibble) {
            if (nibble & 11 == 1) continue;
            _change(scene, word, item / 3, nibble);
            _resign(scene, word);
            _refuseOverturn(scene, word, subject, _notUpheld(scene, item));
        }
        Word memory third = _word(scene, uint8((item + 2) % 3));
        _refuseOverturn(scene, third, subject, _notUpheld(scene, item));
    }

    function test_only_the_judges_own_word_is_overturned() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject,) = _refuted(scene);
        word.judge = stranger;
        _refuseOverturn(scene, word, subject, _badSignature(scene, stranger));
    }

    function test_overturned_answers_have_the_right_length() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject,) = _refuted(scene);
        uint8 share = word.verdict.share;
        word.verdict.answers = hex"55";
        _resign(scene, word);
        _refuseOverturn(scene, word, subject, _badAnswers(scene, share));
        word.verdict.share = 3;
        _resign(scene, word);
        _refuseOverturn(scene, word, subject, _badAnswers(scene, 3));
    }

    function test_an_award_that_is_not_there_is_refused() public {
        Scene memory scene = _scene();
        (Word memory word, uint256 subject,) = _refuted(scene);
        vm.expectRevert();
        oversight.overturn(scene.sweep, scene.commit, 1, subject, word.verdict, word.judge);
    }

    function test_a_judge_is_fined_once_an_award_and_share() public {
        Scene memory scene = _scene();
        (uint256 item, uint8 own, uint8 other) = _doubledItem(scene);
        (, uint256 trial, uint256 k) = _audited(scene, item);
        uint256 challenged = _challenge(scene, trial * S + k);
        Word memory word = _word(scene, own);
        uint256 subject = _refute(scene, other, item, 3);
        _resolve(scene, subject, false);
        _resolve(scene, challenged, false);
        _overturn(scene, word, subject);
        bytes memory refusal = abi.encodeWithSelector(
            IOversight.Oversight_AlreadyFined.selector,
            scene.commit.awards[0].award.id,
            own,
            word.judge
        );
        _refuseOverturn(scene, word, subject, refusal);
        _refuseOverturn(scene, word, challenged, refusal);
    }

    // --- withdraw ---

    function test_credit_is_paid_to_an_address() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        _meet(scene, word, 4);
        uint256 before = relayer.balance;
        vm.expectEmit(address(oversight));
        emit IOversight.Withdrawn(word.judge, relayer, DEMAND_DEPOSIT);
        vm.prank(word.judge);
        vm.assertEq(oversight.withdraw(relayer), DEMAND_DEPOSIT);
        vm.assertEq(relayer.balance - before, DEMAND_DEPOSIT);
        vm.assertEq(oversight.credit(word.judge), 0);
        vm.assertEq(address(oversight).balance, 0);
    }

    function test_nothing_is_not_paid() public {
        vm.expectRevert(
            abi.encodeWithSelector(IOversight.Oversight_NothingToWithdraw.selector, stranger)
        );
        vm.prank(stranger);
        oversight.withdraw(stranger);
    }

    function test_who_refuses_the_coin_is_not_paid_there() public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        _demand(scene, word, 4);
        _meet(scene, word, 4);
        vm.expectRevert(
            abi.encodeWithSelector(
                IOversight.Oversight_TransferFailed.selector, address(market), DEMAND_DEPOSIT
            )
        );
        vm.prank(word.judge);
        oversight.withdraw(address(market));
        vm.assertEq(oversight.credit(word.judge), DEMAND_DEPOSIT);
    }

    function test_it_holds_what_is_open_and_what_is_credited(uint16 met, uint16 expired) public {
        Scene memory scene = _scene();
        Word memory word = _word(scene, 1);
        uint256 demands;
        for (uint256 item = 1; item < 12; item += 3) {
            _demand(scene, word, item);
            ++demands;
            if (met >> item & 1 == 1) _meet(scene, word, item);
        }
        _pass(61);
        uint256 open;
        for (uint256 item = 1; item < 12; item += 3) {
            if (met >> item & 1 == 1) continue;
            if (expired >> item & 1 == 1) _expire(scene, word, item);
            else ++open;
        }
        uint256 credited = oversight.credit(word.judge) + oversight.credit(demander);
        vm.assertEq(credited, (demands - open) * DEMAND_DEPOSIT);
        vm.assertEq(address(oversight).balance, demands * DEMAND_DEPOSIT);
    }
}
