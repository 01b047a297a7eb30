"""The seller's and the validator's agent, and the coordinator that they meet at."""
