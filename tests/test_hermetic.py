"""The tests ignore the user's configuration, and write nothing into the user's home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_TEST = """
import os
from pathlib import Path
from platformdirs import user_data_path

def test_nothing_of_the_user_is_here():
    assert not [name for name in os.environ if name.startswith(("ANYBANK_", "XDG_"))]
    assert not {"https_proxy", "HTTPS_PROXY", "SSL_CERT_FILE"} & set(os.environ)
    assert Path.home() != Path(os.environ["PWD"])
    assert user_data_path("anybank").is_relative_to(Path.home())
"""


@pytest.mark.parametrize("home", ["", "its own"])
def test_the_users_environment_has_no_effect(home: str, tmp_path: Path) -> None:
    """Options, directories, proxies and certificates of the user reach no test."""
    (tmp_path / "test_user.py").write_text(_TEST)
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text("utf-8"))
    theirs = {
        "ANYBANK_HTTP_ENGINE": "none",
        "ANYBANK_PLUGINS": "none",
        "XDG_DATA_HOME": str(tmp_path),
        "https_proxy": "http://127.0.0.1:1",
        "SSL_CERT_FILE": "/nowhere",
        "PWD": str(tmp_path),
        "HOME": str(tmp_path),
    }
    environment = {**os.environ, **theirs}
    if not home:
        del environment["HOME"]
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
