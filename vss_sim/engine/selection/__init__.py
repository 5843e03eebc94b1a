"""What a backup and a restore consist of: pure functions from what writers declare and requesters ask to a reason each.

`components` says of every component whether it is in, `file_sets` which files a file set means on a simulated disk and
what becomes of each, `protection` what was asked, what came of it, and what is unprotected. The reasons and their rules
stand in `vss_sim.spec.selection`.
"""
