"""How much is tried: `make test` takes a part of the slow tables, `make proof` all of them."""

from __future__ import annotations

import os

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
"""`quick`; or `short`, which is CI's proof, or `thorough`."""

PROOF = PROFILE != "quick"
"""Whether this run is a proof: then every row of every table is tried."""
