"""The chain as the rest of the program sees it: deployments, wallets, calls, events, books."""
