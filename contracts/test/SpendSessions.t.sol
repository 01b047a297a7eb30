// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISpendSessions} from "../src/interfaces/ISpendSessions.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {AwardStatus, Bid, BidFault, Funding, Offer, Session, Sweep} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev A wallet contract that agreed to one digest.
contract SigningWallet {
    bytes32 private _agreed;

    function agree(bytes32 digest) external {
        _agreed = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _agreed ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

/// @dev In place of a token: what it is armed with is called once when somebody pays.
contract CallingToken {
    bytes private _call;
    address private _target;

    function arm(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function transferFrom(address, address, uint256) external returns (bool) {
        bytes memory call = _call;
        delete _call;
        if (call.length == 0) return true;
        (bool done,) = _target.call(call);
        return done;
    }
}

contract SpendSessionsTest is Fixture {
    uint128 private constant SPEND_CAP = 0.1 ether;
    address private key;
    address[] private nobody;

    function setUp() public override {
        super.setUp();
        key = _actor("key");
        _deposit(buyer, NATIVE, 1 ether);
    }

    // --- messages ---

    function _session() private view returns (Session memory) {
        return _sessionIn(_sweep());
    }

    function _sessionIn(Sweep memory sweep) private view returns (Session memory) {
        uint40 expiry = uint40(nowTime + 3600);
        return Session(sweep.buyer, _sweepId(sweep), key, SPEND_CAP, PRICE, 0, expiry, 7);
    }

    function _sessionId(Session memory session) private view returns (bytes32) {
        bytes32 kind = keccak256(
            "Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,bytes32 sellers,uint40 expiry,uint32 nonce)"
        );
        bytes memory head =
            abi.encode(kind, session.buyer, session.sweepId, session.key, session.cap);
        bytes memory tail =
            abi.encode(session.highestPrice, session.sellers, session.expiry, session.nonce);
        return _digest(address(sessions), keccak256(bytes.concat(head, tail)));
    }

    function _awardsHash(Offer[] memory offers) private view returns (bytes32) {
        bytes memory ids;
        for (uint256 i; i < offers.length; ++i) {
            ids = bytes.concat(ids, _bidId(offers[i].bid));
        }
        return keccak256(ids);
    }

    function _openingDigest(Session memory session, Offer[] memory offers, uint256 least)
        private
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256("Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)");
        bytes32 hash = keccak256(abi.encode(kind, _sessionId(session), _awardsHash(offers), least));
        return _digest(address(sessions), hash);
    }

    function _opening(Session memory session, Offer[] memory offers, uint256 least)
        private
        view
        returns (bytes memory)
    {
        return _sign(session.buyer, _openingDigest(session, offers, least));
    }

    function _message(Session memory session, Offer[] memory offers, uint32 number, uint256 least)
        private
        view
        returns (bytes memory)
    {
        bytes32 kind =
            keccak256("Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)");
        bytes32 hash =
            keccak256(abi.encode(kind, _sessionId(session), number, _awardsHash(offers), least));
        return _sign(key, _digest(address(sessions), hash));
    }

    function _list(address one, address other) private pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = one < other ? (one, other) : (other, one);
    }

    function _one(Sweep memory sweep, uint256 seller, uint256 trial)
        private
        view
        returns (Offer[] memory)
    {
        return _only(_offer(_bid(sweep, sellers[seller], trial, 1)));
    }

    // --- calls ---

    /// @dev The buyer opens, out of its free balance.
    function _open(Session memory session, Offer[] memory offers, address[] memory list)
        private
        returns (uint256)
    {
        vm.prank(session.buyer);
        return sessions.open(session, _sweep(), offers, 0, list, _noPermit(0), "");
    }

    function _open(Session memory session, Offer[] memory offers) private {
        _open(session, offers, nobody);
    }

    function _opened() private returns (Session memory session) {
        session = _session();
        _open(session, _one(_sweep(), 0, 0));
    }

    /// @dev A relayer sends what the key signed.
    function _spend(Session memory session, Offer[] memory offers, uint32 number)
        private
        returns (uint256)
    {
        bytes memory signature = _message(session, offers, number, 0);
        vm.prank(relayer);
        return sessions.award(session, _sweep(), offers, number, 0, nobody, signature);
    }

    function _refuseOpen(Session memory session, Offer[] memory offers, bytes memory refusal)
        private
    {
        vm.expectRevert(refusal);
        _open(session, offers);
    }

    function _refuseSpend(
        Session memory session,
        Offer[] memory offers,
        uint32 number,
        bytes memory refusal
    ) private {
        bytes memory signature = _message(session, offers, number, 0);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        sessions.award(session, _sweep(), offers, number, 0, nobody, signature);
    }

    function _refuseBoth(Session memory session, Offer[] memory offers, bytes memory refusal)
        private
    {
        uint256 snapshot = vm.snapshotState();
        _refuseOpen(session, offers, refusal);
        vm.assertTrue(vm.revertToState(snapshot));
        _refuseSpend(session, offers, 1, refusal);
    }

    function _assertLeft(Session memory session, uint256 amount, uint32 last, bool usable)
        private
        view
    {
        (uint256 amount_, uint32 last_, bool usable_) = sessions.left(session);
        vm.assertEq(amount_, amount);
        vm.assertEq(uint256(last_), last);
        vm.assertEq(usable_, usable);
    }

    // --- open ---

    function test_the_buyer_opens_and_awards() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        uint256 cost = _cost(offers);
        uint256 free = _free(buyer);
        vm.expectEmit(address(sessions));
        emit ISpendSessions.SessionOpened(_sessionId(session), buyer, session.sweepId, session);
        vm.expectEmit(address(sessions));
        emit ISpendSessions.SessionSpent(_sessionId(session), 0, cost, SPEND_CAP - cost);
        vm.assertEq(_open(session, offers, nobody), 1);
        vm.assertEq(_free(buyer), free - cost);
        _assertStatus(_bidId(offers[0].bid), AwardStatus.AWARDED);
        _assertLeft(session, SPEND_CAP - cost, 0, true);
    }

    function test_the_buyer_brings_value_along() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        uint256 cost = _cost(offers);
        uint256 free = _free(buyer);
        vm.prank(buyer);
        sessions.open{value: 0.5 ether}(
            session, _sweep(), offers, 1, nobody, _noPermit(0.5 ether), ""
        );
        vm.assertEq(_free(buyer), free + 0.5 ether - cost);
        vm.assertEq(address(sessions).balance, 0);
        _assertLeft(session, SPEND_CAP - cost, 0, true);
    }

    function test_a_relayer_opens_with_the_buyers_signature_for_a_tip() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        uint256 cost = _cost(offers) + TIP;
        uint256 free = _free(buyer);
        bytes memory signature = _opening(session, offers, 1);
        vm.prank(relayer);
        sessions.open(session, _sweep(), offers, 1, nobody, _noPermit(0), signature);
        vm.assertEq(_free(buyer), free - cost);
        vm.assertEq(_free(relayer), TIP);
        _assertLeft(session, SPEND_CAP - cost, 0, true);
    }

    function test_a_contract_that_buys_signs_too() public {
        SigningWallet wallet = new SigningWallet();
        vm.prank(relayer);
        market.deposit{value: 1 ether}(NATIVE, address(wallet), 1 ether);
        buyer = address(wallet);
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        Sweep memory sweep = _sweep();
        vm.expectRevert(
            abi.encodeWithSelector(
                ISpendSessions.SpendSessions_BadSignature.selector, _sessionId(session), buyer
            )
        );
        vm.prank(relayer);
        sessions.open(session, sweep, offers, 1, nobody, _noPermit(0), "");

        wallet.agree(_openingDigest(session, offers, 1));
        vm.prank(relayer);
        sessions.open(session, sweep, offers, 1, nobody, _noPermit(0), "");
        vm.assertEq(_free(buyer), 1 ether - _cost(offers) - TIP);
    }

    function _refuseRelayed(
        Session memory session,
        Offer[] memory offers,
        uint256 least,
        bytes memory signature
    ) private {
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_BadSignature.selector, _sessionId(session), buyer
        );
        Sweep memory sweep = _sweep();
        vm.expectRevert(refusal);
        vm.prank(relayer);
        sessions.open(session, sweep, offers, least, nobody, _noPermit(0), signature);
    }

    function test_a_relayer_opens_nothing_else_than_was_signed() public {
        Session memory session = _session();
        Offer[] memory offers = _offers(_sweep(), 2, 2);
        _refuseRelayed(session, offers, 1, "");
        _refuseRelayed(session, offers, 1, _opening(session, _only(offers[0]), 1));
        _refuseRelayed(session, _only(offers[0]), 1, _opening(session, offers, 1));
        _refuseRelayed(session, offers, 1, _opening(session, offers, 2));
        bytes memory signature = _opening(session, offers, 1);
        session.cap += 1;
        _refuseRelayed(session, offers, 1, signature);
        _refuseRelayed(session, offers, 1, _sign(key, _openingDigest(session, offers, 1)));
    }

    function test_a_list_in_another_order_is_another_one() public {
        Session memory session = _session();
        Offer[] memory offers = _offers(_sweep(), 2, 2);
        bytes memory signature = _opening(session, offers, 1);
        (offers[0], offers[1]) = (offers[1], offers[0]);
        _refuseRelayed(session, offers, 1, signature);
    }

    function test_a_relayer_brings_no_value() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        bytes memory signature = _opening(session, offers, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISpendSessions.SpendSessions_NotBuyer.selector, relayer, buyer)
        );
        vm.prank(relayer);
        sessions.open{value: 1}(session, _sweep(), offers, 0, nobody, _noPermit(1), signature);
    }

    function test_a_relayer_pretends_no_value() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        bytes memory signature = _opening(session, offers, 0);
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongValue.selector, 0, 1));
        vm.prank(relayer);
        sessions.open(session, _sweep(), offers, 0, nobody, _noPermit(1), signature);
    }

    function _dollars(uint256 allowance)
        private
        returns (Sweep memory sweep, Session memory session, Offer[] memory offers)
    {
        sweep = _sweepIn(address(dollar));
        _deposit(sellers[0], address(dollar), 1e9);
        session = _sessionIn(sweep);
        session.cap = 1e6;
        offers = _one(sweep, 0, 0);
        dollar.mint(buyer, allowance);
        vm.prank(buyer);
        dollar.approve(address(market), allowance);
    }

    function test_a_relayer_pulls_the_buyers_tokens_up_to_the_cap() public {
        (Sweep memory sweep, Session memory session, Offer[] memory offers) = _dollars(2e6);
        bytes memory signature = _opening(session, offers, 0);
        vm.prank(relayer);
        sessions.open(session, sweep, offers, 0, nobody, _noPermit(1e6), signature);
        // 32 segments at 100, 8 % on it, two tips and the relayer's.
        (uint256 free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 1e6 - 3200 - 256 - 30_000);
        vm.assertEq(dollar.balanceOf(buyer), 1e6);
        _assertLeft(session, free, 0, true);
    }

    function test_a_relayer_pulls_no_more_than_the_cap() public {
        (Sweep memory sweep, Session memory session, Offer[] memory offers) = _dollars(2e6);
        bytes memory signature = _opening(session, offers, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISpendSessions.SpendSessions_AboveCap.selector, 1e6 + 1, 1e6)
        );
        vm.prank(relayer);
        sessions.open(session, sweep, offers, 0, nobody, _noPermit(1e6 + 1), signature);
    }

    function test_a_session_is_opened_once() public {
        Session memory session = _session();
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_AlreadyOpen.selector, _sessionId(session)
        );
        Offer[] memory offers = _one(_sweep(), 0, 0);
        bytes memory signature = _opening(session, offers, 0);
        _open(session, offers);
        _refuseOpen(session, _one(_sweep(), 1, 1), refusal);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        sessions.open(session, _sweep(), offers, 0, nobody, _noPermit(0), signature);
    }

    function test_an_opening_that_awards_too_little_opens_nothing() public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        bytes memory signature = _opening(session, offers, 2);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 1, 2)
        );
        vm.prank(relayer);
        sessions.open(session, _sweep(), offers, 2, nobody, _noPermit(0), signature);
        _assertLeft(session, SPEND_CAP, 0, false);
    }

    // --- award ---

    function test_the_key_spends_and_the_caller_earns_a_tip() public {
        Session memory session = _opened();
        Offer[] memory offers = _one(_sweep(), 1, 1);
        uint256 cost = _cost(offers) + TIP;
        uint256 free = _free(buyer);
        (uint256 before,,) = sessions.left(session);
        vm.expectEmit(address(sessions));
        emit ISpendSessions.SessionSpent(_sessionId(session), 3, cost, before - cost);
        vm.assertEq(_spend(session, offers, 3), 1);
        vm.assertEq(_free(buyer), free - cost);
        vm.assertEq(_free(relayer), TIP);
        _assertStatus(_bidId(offers[0].bid), AwardStatus.AWARDED);
        _assertLeft(session, before - cost, 3, true);
    }

    function test_the_buyer_pays_itself_no_tip() public {
        Session memory session = _opened();
        Offer[] memory offers = _one(_sweep(), 1, 1);
        uint256 free = _free(buyer);
        bytes memory signature = _message(session, offers, 1, 0);
        vm.prank(buyer);
        sessions.award(session, _sweep(), offers, 1, 0, nobody, signature);
        vm.assertEq(_free(buyer), free - _cost(offers));
    }

    function _refuseSigned(
        Session memory session,
        Offer[] memory offers,
        uint32 number,
        uint256 least,
        bytes memory signature
    ) private {
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_BadSignature.selector, _sessionId(session), key
        );
        Sweep memory sweep = _sweep();
        vm.expectRevert(refusal);
        vm.prank(relayer);
        sessions.award(session, sweep, offers, number, least, nobody, signature);
    }

    function test_a_relayer_spends_nothing_else_than_was_signed() public {
        Session memory session = _opened();
        Offer[] memory offers = _offers(_sweep(), 2, 2);
        _refuseSigned(session, offers, 1, 1, "");
        _refuseSigned(session, offers, 1, 1, _message(session, _only(offers[0]), 1, 1));
        _refuseSigned(session, _only(offers[0]), 1, 1, _message(session, offers, 1, 1));
        _refuseSigned(session, offers, 1, 0, _message(session, offers, 1, 1));
        _refuseSigned(session, offers, 2, 1, _message(session, offers, 1, 1));
        _refuseSigned(session, offers, 1, 1, _opening(session, offers, 1));
        bytes memory signature = _message(session, offers, 1, 1);
        session.nonce += 1;
        _refuseSigned(session, offers, 1, 1, signature);
    }

    function test_a_session_that_is_not_open_spends_nothing() public {
        Session memory session = _session();
        _refuseSpend(
            session,
            _one(_sweep(), 1, 1),
            1,
            abi.encodeWithSelector(
                ISpendSessions.SpendSessions_NotOpen.selector, _sessionId(session)
            )
        );
    }

    function test_numbers_rise() public {
        Session memory session = _opened();
        bytes32 id = _sessionId(session);
        bytes4 outdated = ISpendSessions.SpendSessions_Outdated.selector;
        Offer[] memory offers = _one(_sweep(), 1, 1);
        _refuseSpend(session, offers, 0, abi.encodeWithSelector(outdated, id, 0, 0));
        _spend(session, offers, 5);
        offers = _one(_sweep(), 2, 2);
        _refuseSpend(session, offers, 5, abi.encodeWithSelector(outdated, id, 5, 5));
        _refuseSpend(session, offers, 4, abi.encodeWithSelector(outdated, id, 4, 5));
        _spend(session, offers, type(uint32).max);
        offers = _one(_sweep(), 3, 3);
        bytes memory refusal =
            abi.encodeWithSelector(outdated, id, type(uint32).max, type(uint32).max);
        _refuseSpend(session, offers, type(uint32).max, refusal);
    }

    /// @dev A seller that keeps its bond out of reach until another one got its trials.
    function _coy(Sweep memory sweep) private returns (address seller, Offer memory offer) {
        seller = _actor("coy");
        offer = _offer(_bid(sweep, seller, 1, 1));
    }

    function test_a_bid_that_was_left_out_is_not_awarded_by_the_same_message() public {
        Session memory session = _opened();
        (address seller, Offer memory offer) = _coy(_sweep());
        Offer[] memory offers = new Offer[](2);
        (offers[0], offers[1]) = (offer, _one(_sweep(), 2, 2)[0]);
        vm.expectEmit(address(market));
        emit ISweepMarket.BidSkipped(_bidId(offer.bid), seller, BidFault.BOND);
        vm.assertEq(_spend(session, offers, 1), 1);
        _deposit(seller, NATIVE, 1 ether);
        _refuseSpend(
            session,
            offers,
            1,
            abi.encodeWithSelector(
                ISpendSessions.SpendSessions_Outdated.selector, _sessionId(session), 1, 1
            )
        );
        vm.assertEq(market.awardSlot(_bidId(offer.bid)), 0);
    }

    function test_a_message_that_failed_does_not_come_back_after_the_next() public {
        Session memory session = _opened();
        (address seller, Offer memory offer) = _coy(_sweep());
        Offer[] memory offers = _only(offer);
        _refuseSpend(
            session,
            offers,
            1,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        _spend(session, _one(_sweep(), 3, 1), 2);
        _deposit(seller, NATIVE, 1 ether);
        _refuseSpend(
            session,
            offers,
            1,
            abi.encodeWithSelector(
                ISpendSessions.SpendSessions_Outdated.selector, _sessionId(session), 1, 2
            )
        );
    }

    function test_a_message_that_failed_works_later() public {
        Session memory session = _opened();
        (address seller, Offer memory offer) = _coy(_sweep());
        Offer[] memory offers = _only(offer);
        _refuseSpend(
            session,
            offers,
            1,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        _deposit(seller, NATIVE, 1 ether);
        vm.assertEq(_spend(session, offers, 1), 1);
    }

    // --- whatever is awarded ---

    function test_a_revoked_session_never_awards() public {
        Session memory session = _session();
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_Revoked.selector, _sessionId(session)
        );
        vm.prank(buyer);
        sessions.revoke(session);
        _refuseBoth(session, _one(_sweep(), 1, 1), refusal);
    }

    function test_a_session_that_was_open_never_awards_once_revoked() public {
        Session memory session = _opened();
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_Revoked.selector, _sessionId(session)
        );
        vm.prank(buyer);
        sessions.revoke(session);
        _refuseBoth(session, _one(_sweep(), 1, 1), refusal);
    }

    function test_an_expired_session_never_awards() public {
        Session memory session = _opened();
        bytes32 id = _sessionId(session);
        Session memory unopened = _session();
        unopened.nonce = 8;
        _pass(3600);
        Offer[] memory offers = _one(_sweep(), 1, 1);
        uint256 snapshot = vm.snapshotState();
        _spend(session, offers, 1);
        vm.assertTrue(vm.revertToState(snapshot));
        _pass(1);
        bytes4 expired = ISpendSessions.SpendSessions_Expired.selector;
        bytes memory refusal = abi.encodeWithSelector(expired, id, session.expiry);
        _refuseSpend(session, offers, 1, refusal);
        refusal = abi.encodeWithSelector(expired, _sessionId(unopened), session.expiry);
        _refuseOpen(unopened, offers, refusal);
    }

    function test_a_session_of_another_sweep_is_refused() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another spec");
        Session memory session = _sessionIn(other);
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_OtherSweep.selector,
            _sessionId(session),
            _sweepId(_sweep())
        );
        _refuseBoth(session, _one(_sweep(), 1, 1), refusal);
    }

    function test_nobody_opens_a_session_on_anothers_sweep() public {
        Session memory session = _session();
        session.buyer = relayer;
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_OtherBuyer.selector, _sessionId(session), buyer
        );
        _refuseBoth(session, _one(_sweep(), 1, 1), refusal);
    }

    function test_the_highest_price_holds_for_every_offer() public {
        Session memory session = _session();
        Offer[] memory offers = new Offer[](2);
        offers[0] = _one(_sweep(), 0, 0)[0];
        Bid memory dear = _bid(_sweep(), sellers[1], 1, 1);
        dear.price = PRICE + 1;
        offers[1] = _offer(dear);
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_PriceTooHigh.selector, _bidId(dear), PRICE + 1, PRICE
        );
        _refuseBoth(session, offers, refusal);
        // The market would skip it.
        offers[1].signature = "";
        _refuseBoth(session, offers, refusal);
    }

    function _naming(address[] memory list) private view returns (Session memory session) {
        session = _session();
        session.sellers = keccak256(abi.encodePacked(list));
    }

    function test_sellers_that_are_named_are_awarded() public {
        address[] memory list = _list(sellers[1], sellers[0]);
        vm.assertEq(_open(_naming(list), _offers(_sweep(), 2, 2), list), 2);
    }

    function test_sellers_that_are_not_named_are_refused() public {
        address[] memory list = _list(sellers[1], sellers[0]);
        Session memory session = _naming(list);
        Offer[] memory offers = _offers(_sweep(), 3, 3);
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_SellerNotNamed.selector, sellers[2]
        );
        vm.expectRevert(refusal);
        _open(session, offers, list);
        // The market would skip it.
        offers[2].signature = "";
        vm.expectRevert(refusal);
        _open(session, offers, list);

        _open(session, _only(offers[0]), list);
        offers = _only(offers[2]);
        bytes memory signature = _message(session, offers, 1, 0);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        sessions.award(session, _sweep(), offers, 1, 0, list, signature);
    }

    function test_another_list_of_sellers_is_refused() public {
        address[] memory list = _list(sellers[1], sellers[0]);
        Session memory session = _naming(list);
        Offer[] memory offers = _one(_sweep(), 0, 0);
        bytes memory refusal = abi.encodeWithSelector(
            ISpendSessions.SpendSessions_BadSellers.selector, _sessionId(session)
        );
        _refuseBoth(session, offers, refusal);
        address[] memory other = _list(sellers[0], sellers[2]);
        vm.expectRevert(refusal);
        _open(session, offers, other);
        (list[0], list[1]) = (list[1], list[0]);
        vm.expectRevert(refusal);
        _open(session, offers, list);
    }

    function test_each_of_a_list_is_found_and_nobody_else(uint256 seed, uint256 size, uint256 which)
        public
    {
        size = bound(size, 1, 33);
        address[] memory list = new address[](size);
        uint160 step = type(uint160).max / uint160(size + 1);
        for (uint160 i; i < size; ++i) {
            list[i] =
                address(i * step + 1 + uint160(uint256(keccak256(abi.encode(seed, i))) % step));
        }
        which = bound(which, 0, size - 1);
        Session memory session = _naming(list);
        Offer[] memory offers = new Offer[](1);
        offers[0].bid.seller = address(uint160(list[which]) ^ 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISpendSessions.SpendSessions_SellerNotNamed.selector, offers[0].bid.seller
            )
        );
        _open(session, offers, list);
        // Found; then the market has nothing to award.
        offers[0].bid.seller = list[which];
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        _open(session, offers, list);
    }

    function test_the_cap_holds_to_the_wei() public {
        Session memory session = _session();
        Offer[] memory first = _one(_sweep(), 0, 0);
        Offer[] memory second = _one(_sweep(), 1, 1);
        uint256 cost = _cost(second) + TIP;
        session.cap = uint128(_cost(first) + cost - 1);
        _open(session, first);
        bytes memory refusal =
            abi.encodeWithSelector(ISpendSessions.SpendSessions_AboveCap.selector, cost, cost - 1);
        uint256 free = _free(buyer);
        _refuseSpend(session, second, 1, refusal);
        vm.assertEq(_free(buyer), free);
        _assertLeft(session, cost - 1, 0, true);

        session.cap += 1;
        _open(session, _one(_sweep(), 2, 2));
        _spend(session, second, 1);
        _assertLeft(session, 0, 1, true);
    }

    function test_an_opening_keeps_to_the_cap(uint128 cap) public {
        Session memory session = _session();
        Offer[] memory offers = _one(_sweep(), 0, 0);
        uint256 cost = _cost(offers);
        session.cap = uint128(bound(cap, 0, 2 * cost));
        if (session.cap < cost) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISpendSessions.SpendSessions_AboveCap.selector, cost, session.cap
                )
            );
            _open(session, offers);
        } else {
            _open(session, offers);
            _assertLeft(session, session.cap - cost, 0, true);
        }
    }

    /// @dev The token calls `award` in the middle of `open`.
    function _armed(uint128 cap)
        private
        returns (Sweep memory sweep, Session memory session, Offer[] memory offers)
    {
        (sweep, session, offers) = _dollars(0);
        _deposit(buyer, address(dollar), 1e6);
        session.cap = cap;
        Offer[] memory inner = _one(sweep, 0, 1);
        bytes memory signature = _message(session, inner, 1, 0);
        vm.etch(address(dollar), address(new CallingToken()).code);
        CallingToken(address(dollar))
            .arm(
                address(sessions),
                abi.encodeCall(sessions.award, (session, sweep, inner, 1, 0, nobody, signature))
            );
    }

    function test_what_a_token_awards_meanwhile_is_counted() public {
        // 33,456 for the opening, as much and a tip of 10,000 within it.
        uint128 both = 23_456 + 33_456;
        (Sweep memory sweep, Session memory session, Offer[] memory offers) = _armed(both);
        vm.prank(buyer);
        sessions.open(session, sweep, offers, 0, nobody, _noPermit(1), "");
        _assertLeft(session, 0, 1, true);
    }

    function test_a_token_that_calls_back_can_not_pass_the_cap() public {
        uint128 both = 23_456 + 33_456;
        (Sweep memory sweep, Session memory session, Offer[] memory offers) = _armed(both - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISpendSessions.SpendSessions_AboveCap.selector, 23_456, 23_455)
        );
        vm.prank(buyer);
        sessions.open(session, sweep, offers, 0, nobody, _noPermit(1), "");
    }

    function test_dirty_words_are_refused() public view {
        Session memory session = _session();
        bytes memory data = abi.encodeCall(sessions.left, (session));
        (bool done,) = address(sessions).staticcall(data);
        vm.assertTrue(done);
        data[4] = 0x01;
        (done,) = address(sessions).staticcall(data);
        vm.assertFalse(done);
    }

    // --- revoke ---

    function test_the_buyer_revokes_at_once() public {
        Session memory session = _opened();
        (uint256 amount,,) = sessions.left(session);
        vm.expectEmit(address(sessions));
        emit ISpendSessions.SessionRevoked(_sessionId(session));
        vm.prank(buyer);
        sessions.revoke(session);
        _assertLeft(session, amount, 0, false);
    }

    function test_nobody_else_revokes() public {
        Session memory session = _opened();
        address[2] memory others = [relayer, key];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISpendSessions.SpendSessions_NotBuyer.selector, others[i], buyer
                )
            );
            vm.prank(others[i]);
            sessions.revoke(session);
        }
    }

    function test_a_session_is_revoked_once() public {
        Session memory session = _opened();
        bytes32 id = _sessionId(session);
        vm.prank(buyer);
        sessions.revoke(session);
        vm.expectRevert(abi.encodeWithSelector(ISpendSessions.SpendSessions_Revoked.selector, id));
        vm.prank(buyer);
        sessions.revoke(session);
    }

    // --- left ---

    function test_left_tells_whether_a_session_can_award() public {
        Session memory session = _session();
        _assertLeft(session, SPEND_CAP, 0, false);
        Offer[] memory offers = _one(_sweep(), 0, 0);
        uint256 amount = SPEND_CAP - _cost(offers);
        _open(session, offers);
        _pass(3600);
        _assertLeft(session, amount, 0, true);
        _pass(1);
        _assertLeft(session, amount, 0, false);
    }

    function test_what_is_spent_is_what_the_buyer_paid(uint8[8] calldata counts, uint128 cap)
        public
    {
        Session memory session = _session();
        session.cap = uint128(bound(cap, 0.001 ether, 0.05 ether));
        _open(session, _one(_sweep(), 0, 0));
        uint256 paid = _cost(_one(_sweep(), 0, 0));
        for (uint32 i; i < 8; ++i) {
            uint256 trials = bound(counts[i], 1, 20);
            Offer[] memory offers =
                _only(_offer(_bid(_sweep(), sellers[i % 6], 20 * (i + 1), trials)));
            uint256 cost = _cost(offers) + TIP;
            if (paid + cost > session.cap) {
                bytes memory refusal = abi.encodeWithSelector(
                    ISpendSessions.SpendSessions_AboveCap.selector, cost, session.cap - paid
                );
                _refuseSpend(session, offers, i + 1, refusal);
            } else {
                _spend(session, offers, i + 1);
                paid += cost;
            }
        }
        vm.assertEq(_free(buyer), 1 ether - paid);
        (uint256 amount,,) = sessions.left(session);
        vm.assertEq(amount, session.cap - paid);
    }

    // --- the market's side ---

    function test_nobody_but_the_sessions_awards_for_a_buyer() public {
        Offer[] memory offers = _one(_sweep(), 0, 0);
        Funding memory nothing = _noPermit(0);
        address[2] memory others = [relayer, buyer];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ISweepMarket.SweepMarket_NotSessions.selector, others[i])
            );
            vm.prank(others[i]);
            market.awardFor(_sweep(), offers, 0, nothing, relayer);
        }
    }
}
