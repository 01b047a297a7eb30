// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    DisputeKind,
    DisputeStatus,
    Docket,
    Offer,
    Posted,
    SignedVerdict,
    Sweep,
    TokenTerms
} from "../src/types/Types.sol";
import {Work} from "./Work.t.sol";

/// @notice The books as a clerk keeps them who knows the rules and not the contracts: where every award and
/// dispute stands, and what everybody has.
/// @dev Written for reading, not for gas. Of the contracts it asks the entropy, the set of an epoch, and how many
/// items a commit has; it deals, draws and divides by itself.
abstract contract Ledger is Work {
    struct Made {
        uint256 plan;
        Award award;
        bytes offer;
        AwardStatus status;
        uint256 since; // Of the last transition.
        uint256 tag;
        uint256 round; // Where it was posted, counted from one.
        uint256 open; // Disputes.
        bool lapsed; // A verdict's dispute found no panel.
        bool docked;
        uint256 ended; // Its slot when it ended.
    }

    /// @dev What the buyer and the seller put up for an award, and what of it was paid to whomever.
    struct Purse {
        uint256 pulled;
        uint256 paid;
        uint256 bond;
        uint256 bondPaid;
    }

    struct Round {
        uint256 plan;
        bytes commit;
        bytes32 id;
        bool marked;
    }

    struct Case {
        uint256 round;
        uint256 index;
        uint256 subject;
        bytes32 id;
        DisputeKind kind;
        DisputeStatus status;
        uint256 panels; // Found no quorum.
        uint256 time;
        uint256 height;
        address accuser;
    }

    /// @dev A round, with all that follows from it.
    struct Scene {
        uint256 round;
        Sweep sweep;
        Commit commit;
        Docket d;
        IValidatorSet.Entry[] set;
    }

    /// @dev By whose word each share upholds an award, and how many answers about it the share has.
    struct Ruling {
        By[] by;
        uint256[] counts;
        uint256 answers;
        bool upheld;
    }

    enum By {
        NOBODY,
        JUDGE,
        PAIR,
        PANEL
    }

    uint256 internal constant CHALLENGE = 1 << 255;
    uint256 internal constant JUDGE_TIME = 60;
    uint256 internal constant PANEL_TIME = 120;
    uint256 internal constant DEMAND_TIME = 60;
    uint256 internal constant WINDOW = 15;
    uint256 internal constant GRACE = 10;

    address[] internal people;
    Sweep[] internal plans;
    Made[] internal made;
    Round[] internal rounds;
    Case[] internal cases;
    mapping(bytes32 awardId => uint256) internal placeOf; // In `made`, counted from one.
    mapping(bytes32 disputeId => uint256) internal caseOf; // Likewise.
    mapping(bytes32 awardId => Purse) internal purses;

    mapping(bytes32 commitId => mapping(uint256 share => uint256)) internal summonedAt;
    mapping(bytes32 commitId => mapping(uint256 share => mapping(uint256 seat => bytes))) internal
        words;
    mapping(bytes32 awardId => uint256 shares) internal disputedBy;
    mapping(bytes32 awardId => uint256 shares) internal clearedFor;

    mapping(address token => mapping(address who => uint256)) internal free;
    mapping(address token => mapping(address who => uint256)) internal locked;
    mapping(address who => uint256) internal bonded;
    mapping(address who => uint256) internal unbonding;
    mapping(address who => uint256) internal credit;
    mapping(address who => uint256) internal earned; // With the oversight.

    /// @dev How often what happened.
    mapping(bytes32 what => uint256) internal counts;

    // --- terms ---

    function _termsOf(address token) internal view returns (TokenTerms memory) {
        return _listings()[token == NATIVE ? 0 : 1].terms;
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _panelFee(address token, uint256 price) internal view returns (uint256) {
        return _max(3 * 2 * price, _termsOf(token).panelFloor);
    }

    function _costIn(address token, Award memory award) internal view returns (uint256) {
        return _price(award) + _fee(_price(award)) + 2 * uint256(_termsOf(token).tip);
    }

    function _bondIn(Sweep memory sweep, Award memory award) internal view returns (uint256) {
        uint256 panel = _panelFee(sweep.terms.token, award.price);
        uint256 panels = (_price(award) + 7) / 8 + 2 * panel;
        uint256 trials = 2 * uint256(award.price) * sweep.terms.segments + panel;
        uint256 quarter = (_price(award) + 3) / 4;
        return _max(_max(panels, trials), quarter);
    }

    function _depositIn(address token, Award memory award) internal view returns (uint256) {
        return (_price(award) + 4) / 5 + _panelFee(token, award.price);
    }

    /// @dev What a bond loses where a panel got what had been withheld.
    function _dockedIn(address token, Award memory award) internal view returns (uint256) {
        return (_price(award) + 7) / 8 + _panelFee(token, award.price) * 5 / 8;
    }

    function _worthOf(address token, uint256 amount) internal view returns (uint256) {
        return uint256(LEAST_BOND) * amount / (2 * uint256(_termsOf(token).cap));
    }

    function _fineIn(address token, Award memory award) internal view returns (uint256) {
        return uint256(LEAST_BOND) * _price(award) / (4 * uint256(_termsOf(token).cap));
    }

    // --- scenes ---

    function _scene(uint256 round) internal view returns (Scene memory s) {
        s.round = round;
        s.sweep = plans[rounds[round].plan];
        s.commit = abi.decode(rounds[round].commit, (Commit));
        s.d = market.docket(s.sweep, s.commit);
        s.set = validators.setAt(s.commit.time);
    }

    function _madeAt(Scene memory s, uint256 index) internal view returns (uint256) {
        return placeOf[s.commit.awards[index].award.id] - 1;
    }

    function _isOpen(AwardStatus status) internal pure returns (bool) {
        return status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
    }

    /// @dev The places in a share's list of what it answers about an award.
    function _placesOf(Scene memory s, uint256 index, uint256 share)
        internal
        pure
        returns (uint256[] memory places)
    {
        uint256[] memory list = _list(s.d, share);
        places = new uint256[](list.length);
        uint256 count;
        for (uint256 i; i < list.length; ++i) {
            if (_indexOf(s.d, list[i]) == index) places[count++] = i;
        }
        assembly ("memory-safe") {
            mstore(places, count)
        }
    }

    /// @dev Whether answers uphold all that they say about an award.
    function _upholds(Scene memory s, uint256 index, uint256 share, bytes memory answers)
        internal
        pure
        returns (bool)
    {
        uint256[] memory places = _placesOf(s, index, share);
        for (uint256 i; i < places.length; ++i) {
            if (_nibble(answers, places[i]) & 3 != 1) return false;
        }
        return true;
    }

    /// @dev A share's part of an award's audit fee.
    function _shareFee(Scene memory s, uint256 index, uint256 share)
        internal
        pure
        returns (uint256)
    {
        uint256 answers;
        for (uint256 other; other < s.d.shares; ++other) {
            answers += _placesOf(s, index, other).length;
        }
        Posted memory posted = s.commit.awards[index];
        uint256 each = _fee(uint256(posted.award.price) * posted.done) / answers;
        return each * _placesOf(s, index, share).length;
    }

    // --- who sits where ---

    /// @dev Who a draw falls on: a walk over the bonds of those who may judge the commit.
    function _drawn(Scene memory s, uint256 draw, address skip) internal pure returns (address) {
        uint256 total;
        for (uint256 i; i < s.set.length; ++i) {
            if (_mayJudge(s, s.set[i], skip)) total += s.set[i].bond;
        }
        if (total == 0) return address(0);
        uint256 left = draw % total;
        for (uint256 i; i < s.set.length; ++i) {
            if (!_mayJudge(s, s.set[i], skip)) continue;
            if (left < s.set[i].bond) return s.set[i].validator;
            left -= s.set[i].bond;
        }
        return address(0);
    }

    function _mayJudge(Scene memory s, IValidatorSet.Entry memory entry, address skip)
        private
        pure
        returns (bool)
    {
        if (entry.vramGib < s.sweep.terms.vramGib || entry.validator == skip) return false;
        if (entry.validator == s.sweep.buyer) return false;
        for (uint256 i; i < s.commit.awards.length; ++i) {
            if (entry.validator == s.commit.awards[i].award.seller) return false;
        }
        return true;
    }

    /// @dev Seat 0 is the judge.
    function _holder(Scene memory s, uint256 share, uint256 seat) internal pure returns (address) {
        address judge = _drawn(s, _draw(s.d.seed, 3, bytes32(share), 0), address(0));
        return seat == 0 ? judge : _drawn(s, _draw(s.d.seed, 3, bytes32(share), seat), judge);
    }

    /// @dev All zeros while the panel's seed is unknown.
    function _panelFor(Scene memory s, Case memory c)
        internal
        view
        returns (address[] memory seats)
    {
        seats = new address[](3);
        bytes32 entropy = randomness.entropy(c.height, c.time);
        if (entropy == 0) return seats;
        bytes32 seed = keccak256(abi.encode(entropy, c.id));
        for (uint256 i; i < seats.length; ++i) {
            seats[i] = _drawn(s, _draw(seed, 4, 0, i), c.accuser);
        }
    }

    // --- what was said ---

    function _spoke(Scene memory s, uint256 share, uint256 seat) internal view returns (bool) {
        return words[s.d.commitId][share][seat].length != 0;
    }

    function _word(Scene memory s, uint256 share, uint256 seat)
        internal
        view
        returns (SignedVerdict memory)
    {
        return abi.decode(words[s.d.commitId][share][seat], (SignedVerdict));
    }

    /// @dev The first two substitutes whose posted verdicts uphold an award; one twice if the turns are over.
    function _pair(Scene memory s, uint256 index, uint256 share)
        internal
        view
        returns (address first, address second)
    {
        for (uint256 seat = 1; seat <= 6; ++seat) {
            if (!_spoke(s, share, seat)) continue;
            if (!_upholds(s, index, share, _word(s, share, seat).answers)) continue;
            if (first != address(0)) return (first, _holder(s, share, seat));
            first = _holder(s, share, seat);
        }
        uint256 since = summonedAt[s.d.commitId][share];
        bool over = since != 0 && nowTime > since + JUDGE_TIME + 3 * VERDICT_TIME;
        return over ? (first, first) : (address(0), address(0));
    }

    /// @dev Whether two substitutes upheld all of a share.
    function _twoUphold(Scene memory s, uint256 share) internal view returns (bool) {
        uint256 count;
        for (uint256 seat = 1; seat <= 6; ++seat) {
            if (_spoke(s, share, seat) && _allUpheld(s, share, _word(s, share, seat).answers)) {
                ++count;
            }
        }
        return count >= 2;
    }

    function _allUpheld(Scene memory s, uint256 share, bytes memory answers)
        internal
        pure
        returns (bool)
    {
        for (uint256 i; i < s.d.sizes[share]; ++i) {
            if (_nibble(answers, i) & 3 != 1) return false;
        }
        return true;
    }

    /// @dev What the shares say of an award.
    /// @param heard The answers brought along, a list a share; empty where none were.
    function _ruling(Scene memory s, uint256 index, bytes[] memory heard)
        internal
        view
        returns (Ruling memory ruling)
    {
        (ruling.by, ruling.counts) = (new By[](s.d.shares), new uint256[](s.d.shares));
        ruling.upheld = true;
        bytes32 id = s.commit.awards[index].award.id;
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 count = _placesOf(s, index, share).length;
            if (count == 0) continue;
            (ruling.counts[share], ruling.answers) = (count, ruling.answers + count);
            bool silent = heard[share].length == 0;
            (address first,) = _pair(s, index, share);
            if (!silent && _upholds(s, index, share, heard[share])) ruling.by[share] = By.JUDGE;
            else if (silent && first != address(0)) ruling.by[share] = By.PAIR;
            else if (clearedFor[id] >> share & 1 == 1) ruling.by[share] = By.PANEL;
            else ruling.upheld = false;
        }
    }

    /// @dev Whether a share of an award was called on and not answered in time.
    function _ranOut(Scene memory s, uint256 index) internal view returns (bool) {
        bytes32 id = s.commit.awards[index].award.id;
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 since = summonedAt[s.d.commitId][share];
            if (since == 0 || nowTime <= since + JUDGE_TIME + 3 * VERDICT_TIME) continue;
            if (_placesOf(s, index, share).length == 0 || _spoke(s, share, 0)) continue;
            (address first,) = _pair(s, index, share);
            if (first == address(0) && clearedFor[id] >> share & 1 == 0) return true;
        }
        return false;
    }

    // --- entries ---

    function _tick(bytes32 what) internal {
        ++counts[what];
    }

    function _lock(address who, address token, uint256 amount) internal {
        free[token][who] -= amount;
        locked[token][who] += amount;
    }

    function _take(address who, address token, uint256 amount) internal {
        locked[token][who] -= amount;
    }

    /// @dev Pays out of what the buyer put up.
    function _pay(uint256 i, address who, uint256 amount) internal {
        purses[made[i].award.id].paid += amount;
        free[plans[made[i].plan].terms.token][who] += amount;
    }

    /// @dev Pays out of the bond.
    function _payBond(uint256 i, address who, uint256 amount) internal {
        address token = plans[made[i].plan].terms.token;
        purses[made[i].award.id].bondPaid += amount;
        _take(made[i].award.seller, token, amount);
        free[token][who] += amount;
    }

    /// @dev Pays out of the bond as far as it reaches.
    function _payFromRest(uint256 i, address who, uint256 amount) internal {
        Purse memory purse = purses[made[i].award.id];
        _payBond(i, who, _min(amount, purse.bond - purse.bondPaid));
    }

    function _returnBond(uint256 i) internal {
        Purse memory purse = purses[made[i].award.id];
        _payBond(i, made[i].award.seller, purse.bond - purse.bondPaid);
    }

    function _payRest(uint256 i, address who) internal {
        Purse memory purse = purses[made[i].award.id];
        _pay(i, who, purse.pulled - purse.paid);
    }

    /// @dev Takes up to an amount from a validator. Returns what each payee got.
    function _fine(address who, uint256 amount, address[] memory payees, uint256 each)
        internal
        returns (uint256 paid)
    {
        uint256 taken = _takeStake(who, amount);
        if (payees.length != 0) paid = _min(each, taken / payees.length);
        for (uint256 i; i < payees.length; ++i) {
            credit[payees[i]] += paid;
        }
        credit[BURN] += taken - paid * payees.length;
    }

    function _forfeit(address who, address reporter) internal {
        uint256 taken = _takeStake(who, type(uint256).max);
        credit[reporter] += taken / 10;
        credit[BURN] += taken - taken / 10;
    }

    function _takeStake(address who, uint256 amount) private returns (uint256 taken) {
        uint256 ofBond = _min(amount, bonded[who]);
        uint256 ofUnbonding = _min(amount - ofBond, unbonding[who]);
        bonded[who] -= ofBond;
        unbonding[who] -= ofUnbonding;
        return ofBond + ofUnbonding;
    }

    // --- awards ---

    function _move(uint256 i, AwardStatus to) internal {
        (made[i].status, made[i].since) = (to, nowTime);
        if (to > AwardStatus.DISPUTED) made[i].ended = _slotOf(i) & ~(uint256(1) << 255);
    }

    /// @dev A slot as it must be, but for the flag of a commit's first award.
    function _slotOf(uint256 i) internal view returns (uint256) {
        Made memory m = made[i];
        return uint256(m.docked ? 1 : 0) << 254 | uint256(m.status) << 248 | m.since << 208 | m.tag;
    }

    function _noteAward(uint256 plan, Offer memory offer) internal {
        Award memory award = _awardOf(offer.bid);
        Sweep memory sweep = plans[plan];
        uint256 i = made.length;
        made.push();
        placeOf[award.id] = i + 1;
        (made[i].plan, made[i].award, made[i].offer) = (plan, award, abi.encode(offer));
        made[i].tag = uint208(uint256(keccak256(abi.encode(_sweepId(sweep), award))));
        firstOf[award.id] = offer.bid.first;
        _move(i, AwardStatus.AWARDED);

        uint256 bond = _bondIn(sweep, award);
        purses[award.id] = Purse(_costIn(sweep.terms.token, award), 0, bond, 0);
        _lock(award.seller, sweep.terms.token, bond);
        _tick("awarded");
        if (offer.bid.first != 0) _tick("rungs");
    }

    function _noteRound(uint256 plan, Commit memory commit) internal {
        bytes32 id = _commitId(commit);
        rounds.push(Round(plan, abi.encode(commit), id, false));
        bytes32 sweepId = _sweepId(plans[plan]);
        for (uint256 n; n < commit.awards.length; ++n) {
            Posted memory posted = commit.awards[n];
            uint256 i = placeOf[posted.award.id] - 1;
            bytes memory told = abi.encode(sweepId, posted, id, commit.time, commit.relayer);
            (made[i].tag, made[i].round) = (uint208(uint256(keccak256(told))), rounds.length);
            _move(i, AwardStatus.POSTED);
        }
        _tick("commits");
    }

    /// @dev Nothing was delivered.
    function _noteExpired(uint256 i) internal {
        _returnBond(i);
        _payRest(i, plans[made[i].plan].buyer);
        _move(i, AwardStatus.EXPIRED);
        _tick("expired");
    }

    function _noteSettled(Scene memory s, uint256 index, Ruling memory ruling, address caller)
        internal
    {
        uint256 i = _madeAt(s, index);
        Posted memory posted = s.commit.awards[index];
        uint256 paid = uint256(posted.award.price) * posted.done;
        uint256 tip = _termsOf(s.sweep.terms.token).tip;
        _returnBond(i);
        _pay(i, posted.award.seller, paid);
        _pay(i, s.commit.relayer, tip);
        _pay(i, caller, tip);
        uint256 each = _fee(paid) / ruling.answers;
        uint256 fees = _payJudges(s, index, ruling, each);
        uint256 left = _fee(paid) - fees;
        for (uint256 share; share < ruling.by.length; ++share) {
            if (ruling.by[share] != By.PANEL) continue;
            _pay(i, s.sweep.buyer, each * ruling.counts[share]);
            left -= each * ruling.counts[share];
            _tick("cleared");
        }
        _pay(i, caller, left);
        uint256 price = _price(posted.award);
        _pay(i, s.sweep.buyer, price - paid + _fee(price) - _fee(paid));
        _move(i, AwardStatus.SETTLED);
        _tick("settled");
    }

    /// @dev Pays those who upheld an award, out of its audit fee.
    function _payJudges(Scene memory s, uint256 index, Ruling memory ruling, uint256 each)
        internal
        returns (uint256 fees)
    {
        uint256 i = _madeAt(s, index);
        for (uint256 share; share < ruling.by.length; ++share) {
            uint256 fee = each * ruling.counts[share];
            if (ruling.by[share] == By.JUDGE) {
                _pay(i, _holder(s, share, 0), fee);
                fees += fee;
            } else if (ruling.by[share] == By.PAIR) {
                (address first, address second) = _pair(s, index, share);
                _pay(i, first, fee / 2);
                _pay(i, second, fee / 2);
                fees += 2 * (fee / 2);
                _tick("stood in");
            }
        }
    }

    /// @dev Not audited: the relayer has its tip, who judged all the same a fee, the buyer the rest.
    function _noteRefunded(Scene memory s, uint256 index) internal {
        uint256 i = _madeAt(s, index);
        _pay(i, s.commit.relayer, _termsOf(s.sweep.terms.token).tip);
        _returnBond(i);
        _payRest(i, s.sweep.buyer);
        _move(i, AwardStatus.REFUNDED);
        _tick("refunded");
    }

    // --- disputes ---

    function _noteCase(
        Scene memory s,
        uint256 index,
        uint256 subject,
        DisputeKind kind,
        address accuser
    ) internal {
        bytes32 id = _disputeId(s.d.commitId, s.commit.awards[index].award.id, subject);
        // Who says the same again joins.
        if (caseOf[id] != 0) return;
        cases.push();
        caseOf[id] = cases.length;
        Case storage c = cases[cases.length - 1];
        (c.round, c.index, c.subject, c.id) = (s.round, index, subject, id);
        (c.kind, c.status, c.accuser) = (kind, DisputeStatus.OPEN, accuser);
        (c.time, c.height) = (nowTime, height);
        uint256 i = _madeAt(s, index);
        ++made[i].open;
        if (made[i].status == AwardStatus.POSTED) _move(i, AwardStatus.DISPUTED);
        _tick(kind == DisputeKind.WITHHELD ? bytes32("withheld") : bytes32("disputed"));
    }

    /// @dev Ends a dispute and, with an award's last one, what hung on it.
    function _close(Scene memory s, uint256 number, DisputeStatus status) internal {
        Case memory c = cases[number];
        cases[number].status = status;
        uint256 i = _madeAt(s, c.index);
        --made[i].open;
        bool judged = c.kind != DisputeKind.CHALLENGE;
        if (status == DisputeStatus.LAPSED && judged) made[i].lapsed = true;
        // Against a substitute a panel's word gives nothing to the share.
        bool heard = judged && _spoke(s, c.subject >> 32, 0);
        if (status == DisputeStatus.DISMISSED && heard) {
            clearedFor[made[i].award.id] |= uint256(1) << (c.subject >> 32);
        }
        if (status == DisputeStatus.REFUTED) return;
        if (made[i].open != 0 || made[i].status != AwardStatus.DISPUTED) return;
        if (made[i].lapsed) {
            _payPosted(s, c, false);
            _noteRefunded(s, c.index);
        } else {
            _move(i, AwardStatus.POSTED);
            _tick("restored");
        }
    }

    /// @dev The seller was wrong: its bond pays the relayer, the panel, who judged and who challenged.
    function _noteSlashed(Scene memory s, Case memory c, address[] memory majority) internal {
        uint256 i = _madeAt(s, c.index);
        address token = s.sweep.terms.token;
        _payRest(i, s.sweep.buyer);
        _payFromRest(i, s.commit.relayer, _termsOf(token).tip);
        for (uint256 n; n < majority.length; ++n) {
            _payFromRest(i, majority[n], _panelFee(token, made[i].award.price) / majority.length);
        }
        _payPosted(s, c, true);
        if (c.kind == DisputeKind.CHALLENGE) {
            _payFromRest(i, c.accuser, _depositIn(token, made[i].award) / 4);
        }
        Purse memory purse = purses[made[i].award.id];
        _payBond(i, BURN, purse.bond - purse.bondPaid);
        _move(i, AwardStatus.SLASHED);
        _tick("slashed");
    }

    /// @dev Posted verdicts are paid as at the settlement, out of the bond of a slashed award, else out of the
    /// audit fee. Who disputed the award is paid only if it is just found right.
    function _payPosted(Scene memory s, Case memory c, bool slashed) private {
        if (s.d.seed == 0) return;
        uint256 i = _madeAt(s, c.index);
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 fee = _shareFee(s, c.index, share);
            bool right = slashed && c.kind != DisputeKind.CHALLENGE && c.subject >> 32 == share;
            if (right) {
                _payPerson(i, c.accuser, fee, slashed);
            } else if (_spoke(s, share, 0)) {
                if (disputedBy[made[i].award.id] >> share & 1 == 1) continue;
                _payPerson(i, _holder(s, share, 0), fee, slashed);
            } else {
                (address first, address second) = _pair(s, c.index, share);
                if (first == address(0)) continue;
                _payPerson(i, first, fee / 2, slashed);
                _payPerson(i, second, fee / 2, slashed);
            }
        }
    }

    function _payPerson(uint256 i, address who, uint256 amount, bool slashed) private {
        if (slashed) _payFromRest(i, who, amount);
        else _pay(i, who, amount);
    }

    /// @dev Who accused was wrong, and pays the panel.
    function _noteDismissed(Scene memory s, Case memory c, address[] memory majority) internal {
        Award memory award = s.commit.awards[c.index].award;
        address token = s.sweep.terms.token;
        uint256 panel = _panelFee(token, award.price);
        if (c.kind == DisputeKind.CHALLENGE) {
            uint256 deposit = _depositIn(token, award);
            _loseDeposit(c.accuser, token, deposit, majority, panel / majority.length);
            return;
        }
        bool withheld = c.kind == DisputeKind.WITHHELD;
        uint256 owed = _worthOf(token, withheld ? panel / 2 : panel);
        uint256 fine = withheld
            ? _worthOf(token, (_price(award) + 4) / 5 + panel / 2)
            : _max(owed, _fineIn(token, award));
        _fine(c.accuser, fine, majority, owed / majority.length);
        uint256 i = _madeAt(s, c.index);
        if (!withheld || !_isOpen(made[i].status)) return;
        if (made[i].docked) return _tick("spared");
        uint256 each = panel / 2 / majority.length;
        for (uint256 n; n < majority.length; ++n) {
            _payBond(i, majority[n], each);
        }
        _payBond(i, BURN, _dockedIn(token, award) - each * majority.length);
        made[i].docked = true;
        _tick("docked");
    }

    function _loseDeposit(
        address who,
        address token,
        uint256 amount,
        address[] memory payees,
        uint256 each
    ) internal {
        _take(who, token, amount);
        for (uint256 i; i < payees.length; ++i) {
            free[token][payees[i]] += each;
        }
        free[token][BURN] += amount - each * payees.length;
    }

    function _returnDeposit(address who, address token, uint256 amount) internal {
        _take(who, token, amount);
        free[token][who] += amount;
    }
}
