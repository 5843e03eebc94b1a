"""The line format of traces, cases and the wire: text in, typed lines out, every fault with its file and line."""
