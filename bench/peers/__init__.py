"""Kindroom beside ejabberd and matrix-synapse, set up, measured and taken down in one run: `python -m bench.peers`."""
