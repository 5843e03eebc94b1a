"""A requester at work: a backup by components, and the restore of it by the restore-method table.

It knows of the world only what its calls tell it, so that what it did is a log like that of any other program. What it
decides stands in `vss_sim.spec.restoring`; how it does that, in the modules here.
"""
