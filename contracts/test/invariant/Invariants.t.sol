// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Campaign} from "./Campaign.sol";

/// @notice What holds whatever happens, in any order, among honest and dishonest people.
/// @dev One invariant function: Foundry repeats the whole campaign for each. A failure names the statement.
contract InvariantsTest is Campaign {
    /// @dev Once in so many calls what is tried out is tried: everything else is looked at after each of them.
    uint256 private constant SELDOM = 4;

    function invariant_the_rules_hold() public {
        _holds(handler.times("let through") == 0, "what the rules forbid is refused");
        _money(handler.tokenOf(0));
        _money(handler.tokenOf(1));
        _nativeCoins();
        _awards();
        _court();
        if (handler.stepsTaken() % SELDOM == 0) _tried();
    }

    function _holds(bool right, string memory statement) private pure {
        vm.assertTrue(right, statement);
    }

    /// @dev Per token: the market's balance, what is locked of it, and everybody's part.
    function _money(address token) private view {
        (uint256 balance, uint256 free, uint256 locked) = handler.holdings(token);
        (uint256 escrow, uint256 bonds, uint256 deposits) = handler.obligations(token);
        _holds(balance == free + locked + escrow, "the market holds what it owes");
        _holds(locked == bonds + deposits, "locked are open bonds and deposits");
        _holds(handler.wrongAccount(token) == address(0), "accounts are as the rules say");
    }

    /// @dev What validators and the oversight hold.
    function _nativeCoins() private view {
        (uint256 balance, uint256 owed) = handler.stakes();
        _holds(balance == owed, "the validators' contract holds what it owes");
        _holds(handler.wrongValidator() == address(0), "validators are fined as the rules say");
        (uint256 held, uint256 open, uint256 credits) = handler.demandBooks();
        _holds(held == open + credits, "the oversight holds what it owes");
        _holds(handler.wrongCredit() == address(0), "the oversight's credits are as the rules say");
    }

    function _awards() private view {
        _holds(handler.risenAward() == 0, "an award that has ended stays as it is");
        _holds(handler.wrongSlot() == 0, "slots are as the rules say");
        _holds(handler.wrongPurse() == 0, "an award pays out what was put up");
        _holds(handler.times("unaudited") == 0, "nothing is paid unaudited");
        _holds(handler.times("awarded twice") == 0, "a bid is awarded once");
        _holds(handler.wrongSession() == 0, "a session keeps to its cap");
    }

    function _court() private view {
        _holds(handler.strayAward() == 0, "an award is disputed while a dispute is open");
        _holds(handler.wrongDispute() == 0, "disputes are as the rules say");
        _holds(handler.times("not drawn") == 0, "only who was drawn is heard");
        _holds(handler.times("no quorum") == 0, "only a quorum slashes");
    }

    /// @dev What the next call could do, tried and taken back.
    function _tried() private {
        _holds(!handler.bothWays(), "an award can't be settled and given back");
        for (uint256 i; i < 2; ++i) {
            address token = handler.tokenOf(i);
            (,, uint256 locked) = handler.holdings(token);
            (uint256 escrow,,) = handler.obligations(token);
            (uint256 burned,) = handler.burned(token);
            uint256 left = handler.withdrawAll(token);
            _holds(left == locked + escrow + burned, "what is free can be withdrawn");
        }
    }

    /// @dev From wherever a run ends, each party's money is out by the stated times with all others absent.
    function afterInvariant() external {
        (uint256 natives, uint256 tokens, uint256 bonds, uint256 deposits) =
            handler.everybodyLeaves();
        (uint256 burned, uint256 burnedBonds) = handler.burned(handler.tokenOf(0));
        _holds(natives == burned, "everybody can leave: native coins");
        _holds(bonds == burnedBonds, "everybody can leave: bonds");
        (burned,) = handler.burned(handler.tokenOf(1));
        _holds(tokens == burned, "everybody can leave: tokens");
        _holds(deposits == 0, "everybody can leave: demands' deposits");
    }
}
