"""The packages: the suite is the folder `conformance`, which can be lifted out; installed, it has a name of its own."""

from setuptools import find_packages, setup

SUITE = "conformance"
INSTALLED = "vss_conformance"

setup(
    packages=[
        *find_packages(include=["vss_sim", "vss_sim.*"]),
        INSTALLED,
        *(f"{INSTALLED}.{name}" for name in find_packages(SUITE)),
    ],
    package_dir={INSTALLED: SUITE},
)
