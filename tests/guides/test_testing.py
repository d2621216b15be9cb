"""Every example of the testing guide is run by pytest, as its reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "testing.md"
BLOCKS = re.findall(
    r"^```(\w+)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)
EXAMPLES = [text for kind, text in BLOCKS if kind == "python" and "def test_" in text]
OFFLINE = [text for text in EXAMPLES if "@pytest.mark.anybank_live" not in text]
(CASSETTE,) = (text for kind, text in BLOCKS if kind == "yaml")
SETTINGS = "[pytest]\nfilterwarnings = error\n"


def run(texts: list[str], directory: Path, **environment: str) -> str:
    """Run modules of tests with pytest, in a process of its own; return its output."""
    (directory / "pytest.ini").write_text(SETTINGS)
    for number, text in enumerate(texts):
        (directory / f"test_{number}.py").write_text(text)
        for folder in (directory / "cassettes", directory / f"cassettes/test_{number}"):
            folder.mkdir(exist_ok=True)
            (folder / "customer.yaml").write_text(CASSETTE)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANYBANK_", "PYTEST_")) and "PROXY" not in name.upper()
    }
    command = (sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:asyncio")
    ran = subprocess.run(  # noqa: S603  # fixed commands
        [*command, "-p", "no:cacheprovider"],
        cwd=directory,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ran.stdout + ran.stderr


def passed(output: str) -> int:
    """Return how many tests passed."""
    return len(re.findall(r"^PASSED ", output, re.MULTILINE))


def mocked(engine: str) -> list[str]:
    """Return the examples of the tools that intercept httpx only, with another engine."""
    texts = [text for text in OFFLINE if re.search("import respx|pytest_httpx", text)]
    return [text.replace('engine="httpx"', f'engine="{engine}"') for text in texts]


def test_each_example_passes_offline(tmp_path: Path) -> None:
    """Without a marker and environment variables, no connection is opened."""
    output = run(OFFLINE, tmp_path)
    assert passed(output) == 10, output
    assert not re.search("^(FAILED|ERROR) ", output, re.MULTILINE), output


def test_each_tool_has_an_example() -> None:
    """The guide has an example for each tool that users of httpx know."""
    imported = "\n".join(OFFLINE)
    for tool in ("import respx", "from pytest_httpx", "import vcr", "pytest.mark.vcr"):
        assert tool in imported


def test_a_forgotten_engine_sends_nothing(tmp_path: Path) -> None:
    """A mock that does not intercept aiohttp leaves the guard, which says what to do."""
    output = run(mocked("auto"), tmp_path)
    assert passed(output) == 2, output  # those of Bank
    refused = "customers.get: a test would connect to api.sonderlabs.io. Mark it with"
    assert output.count(refused) >= 2
    assert "ANYBANK_HTTP_ENGINE=httpx" in output


def test_the_environment_selects_the_engine(tmp_path: Path) -> None:
    """The variable has the effect of the guide's fixture."""
    output = run(mocked("auto"), tmp_path, ANYBANK_HTTP_ENGINE="httpx")
    assert passed(output) == 4, output
