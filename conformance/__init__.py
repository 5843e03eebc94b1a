"""The conformance suite of VSS: cases, tables, and a runner that puts them to an implementation in any language.

The folder can be lifted out: it needs Python 3.11 and nothing else, and imports nothing of `vss_sim`. From beside it,
`python -m conformance -- COMMAND ...` puts every case to the program COMMAND, which speaks the wire of `docs/wire.md`.
With `vss-sim` it is installed as `vss_conformance`, and `vss-sim conform` runs it.
"""
