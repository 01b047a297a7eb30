"""Validators' work: replay what was drawn, compare, and decide what to sign."""
