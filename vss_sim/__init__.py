"""A simulator of Windows' Volume Shadow Copy Service: its protocol as data, and tools that read it.

Nothing is imported here but the version, so that `import vss_sim` costs nothing; take what you need from the modules:
`vss_sim.judge.checker` checks call logs, `vss_sim.spec` holds what VSS says.
"""

__version__ = "0.1.0"
