"""`python -m vss_sim` is `vss-sim`."""

import sys

from vss_sim.cli import main

sys.exit(main())
