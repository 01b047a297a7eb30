"""The seller's dashboard and the buyer's app, served on 127.0.0.1."""
