"""How many examples run: `make test` runs a part of the slow tables, `make proof` all."""

from __future__ import annotations

import os

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
"""`quick`; or `short`, which is CI's proof, or `thorough`."""

PROOF = PROFILE != "quick"
"""Whether this run is a proof: then every row of nearly every table is tried."""

THOROUGH = PROFILE == "thorough"
"""Whether this run is the long proof: then every row of every table is tried."""
