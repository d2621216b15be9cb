"""The workers of docs/deploy run as their files start them, with secrets that cannot be written.

The directories of the files are replaced by temporary ones. `make proof` runs them.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.docs.deployments import DEPLOYMENTS, Deployment
from tests.migrate.harness import harness
from tests.migrate.postgres import Server
from tests.proofs import PROOF

pytestmark = pytest.mark.skipif(not PROOF, reason="`make proof` runs it: it takes long")

CREDENTIALS = (
    "ANYBANK_BOND_IDENTITY",
    "ANYBANK_BOND_AUTHORIZATION",
    "ANYBANK_SONDER_TOKEN",
)


@pytest.mark.parametrize("read", DEPLOYMENTS, ids=lambda read: read.__name__)
def test_a_deployed_worker_moves_everyone(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[], Deployment],
) -> None:
    """It finds the journal, its key and the credentials where the file puts them."""
    deployment, places = read(), (tmp_path / "secrets", tmp_path / "state")
    for place in places:
        place.mkdir()

    names = dict(zip((deployment.secrets, deployment.state), places, strict=True))

    def resolved(text: str) -> str:
        """Replace a directory of the deployment, alone or in front of a file."""
        for name, place in names.items():
            text = text.replace(f"{name}/", f"{place}/")
        return str(names.get(text, text))

    environment = {
        name: resolved(value) for name, value in deployment.environment.items()
    }
    if "JOURNAL_KEY" in environment:
        environment["JOURNAL_KEY"] = secrets.token_hex(32)
    environment.setdefault("XDG_STATE_HOME", str(places[1]))
    for name in ("ANYBANK_JOURNAL_KEY", "JOURNAL_KEY", "XDG_STATE_HOME"):
        if name in environment:
            monkeypatch.setenv(name, environment[name])
    with harness(server, tmp_path, "bond", 12) as opened:
        own = opened.environment()
        for name in CREDENTIALS:
            file = places[0] / environment[name].rpartition("/")[2]
            file.write_text(own.pop(name))
        url = next(word for word in deployment.command if word.startswith("file:"))
        (places[0] / url.rpartition("/")[2]).write_text(own.pop("JOURNAL_URL"))
        before = sorted(places[0].iterdir())
        done = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-m", "anybank", *map(resolved, deployment.command)],
            env={**own, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert sorted(places[0].iterdir()) == before
        opened.assert_everyone_once()
    assert any(places[1].iterdir()), "the mark is in the directory of the state"
