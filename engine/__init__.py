"""Packed LoRA training, deterministic on its machine class, and the resources that it needs."""
