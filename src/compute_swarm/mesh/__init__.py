"""How the parties reach each other: transports, peers, and who is calling."""
