"""The wire: a simulation that programs in any language talk to, one JSON object a line each way. Bytes in, bytes out.

No file, socket, thread or clock is met here; the edge (`vss_sim.cli`) carries the bytes.
"""
