// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Deployer} from "../src/Deployer.sol";
import {IDeployer} from "../src/interfaces/IDeployer.sol";
import {Base} from "./Base.t.sol";

contract Friend {
    address public immutable other;
    uint256 public immutable chain = block.chainid;

    error Friendless();

    constructor(address other_) {
        if (other_ == address(0)) revert Friendless();
        other = other_;
    }
}

contract DeployerTest is Base {
    bytes32 private constant SALT = keccak256("a salt");
    bytes32 private constant OTHER = keccak256("another salt");
    address private constant ME = address(0xA11CE);
    address private constant STRANGER = address(0xB0B);

    Deployer private deployer;

    function setUp() public {
        deployer = new Deployer();
    }

    function _friendOf(address other) private pure returns (bytes memory) {
        return bytes.concat(type(Friend).creationCode, abi.encode(other));
    }

    function _deploy(address sender, bytes32 salt, bytes memory code) private returns (address) {
        vm.prank(sender);
        return deployer.deploy(salt, code);
    }

    function test_a_contract_lies_where_it_was_foretold() public {
        address place = deployer.addressOf(ME, SALT);
        vm.expectEmit(address(deployer));
        emit IDeployer.Deployed(ME, SALT, place);
        vm.assertEq(_deploy(ME, SALT, _friendOf(STRANGER)), place);
        vm.assertEq(Friend(place).other(), STRANGER);
    }

    function test_the_code_does_not_change_the_address() public {
        uint256 before = vm.snapshotState();
        address one = _deploy(ME, SALT, _friendOf(STRANGER));
        vm.revertToState(before);
        address other = _deploy(ME, SALT, type(Deployer).creationCode);
        vm.assertEq(one, other);
    }

    function test_nobody_can_take_the_address_of_another() public {
        address mine = deployer.addressOf(ME, SALT);
        vm.assertNotEq(_deploy(STRANGER, SALT, _friendOf(ME)), mine);
        vm.assertEq(_deploy(ME, SALT, _friendOf(STRANGER)), mine);
    }

    function test_a_salt_is_used_once() public {
        _deploy(ME, SALT, _friendOf(STRANGER));
        vm.expectRevert(abi.encodeWithSelector(IDeployer.Deployer_Taken.selector, ME, SALT));
        _deploy(ME, SALT, _friendOf(ME));
    }

    function test_what_a_constructor_reverts_with_comes_back() public {
        vm.expectRevert(Friend.Friendless.selector);
        _deploy(ME, SALT, _friendOf(address(0)));
        _deploy(ME, SALT, _friendOf(STRANGER));
    }

    function test_nothing_is_not_a_contract() public {
        vm.expectRevert(abi.encodeWithSelector(IDeployer.Deployer_NoCode.selector, ME, SALT));
        _deploy(ME, SALT, "");
    }

    function test_what_creates_can_not_create_there_again() public {
        address place = _deploy(ME, SALT, _friendOf(STRANGER));
        bytes memory code = hex"73363d3d37363d34f03d5f5f3e6012573d5ffd5b005f526014600cf3";
        bytes32 own = keccak256(abi.encode(ME, SALT));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(deployer), own, keccak256(code)));
        address cradle = address(uint160(uint256(hash)));
        vm.assertEq(vm.computeCreateAddress(cradle, 1), place);

        (bool done,) = cradle.call(_friendOf(ME));
        vm.assertTrue(done);
        vm.assertEq(Friend(vm.computeCreateAddress(cradle, 2)).other(), ME);
        vm.assertEq(Friend(place).other(), STRANGER);
    }

    function test_two_contracts_can_name_each_other() public {
        address one = deployer.addressOf(ME, SALT);
        address other = deployer.addressOf(ME, OTHER);
        _deploy(ME, SALT, _friendOf(other));
        _deploy(ME, OTHER, _friendOf(one));
        vm.assertEq(Friend(one).other(), other);
        vm.assertEq(Friend(other).other(), one);
    }

    function test_the_proxy_puts_it_at_one_address_on_every_chain() public {
        address place;
        for (uint256 chain = 1; chain < 4; ++chain) {
            uint256 before = vm.snapshotState();
            vm.chainId(chain);
            address found = _byProxy();
            vm.assertTrue(place == address(0) || place == found);
            place = found;
            vm.revertToState(before);
        }
    }

    /// @dev The proxy's code as it is on all chains: CREATE2 with the first word as salt and the rest as code.
    function _byProxy() private returns (address) {
        address proxy = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
        vm.etch(
            proxy,
            hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
        );
        (bool done, bytes memory found) =
            proxy.call(bytes.concat(bytes32(0), type(Deployer).creationCode));
        vm.assertTrue(done);
        return address(bytes20(found));
    }
}
