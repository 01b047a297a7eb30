"""Pure values and functions: sweep, trial, bid, receipt, audit draw, money. No I/O."""
