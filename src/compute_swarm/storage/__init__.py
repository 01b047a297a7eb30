"""Content-addressed storage: CIDs, UnixFS, block stores, transfer and gateway."""
