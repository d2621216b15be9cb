"""Keys of neutral files are strong, private, and shown only by their ids."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.neutral.sealing import HEX, KEY, OTHER

from anybank.errors import ConfigurationError
from anybank.migrate.neutral.keys import FileKey, reference


def test_only_the_owner_can_read_a_new_key(tmp_path: Path) -> None:
    """A key has 64 hexadecimal digits and mode 0600, and is read back as it was."""
    path = tmp_path / "k"
    key = FileKey.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert FileKey.of(f"file:{path}").id == key.id
    assert FileKey.create(tmp_path / "other").id != key.id


def test_an_existing_key_is_not_overwritten(tmp_path: Path) -> None:
    """Whatever was encrypted with the old key would be lost."""
    (tmp_path / "k").write_text("mine")
    with pytest.raises(ConfigurationError, match="File exists"):
        FileKey.create(tmp_path / "k")
    assert (tmp_path / "k").read_text() == "mine"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The error contains the command that corrects the mode."""
    path = tmp_path / "k"
    path.write_text(HEX)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        FileKey.of(f"file:{path}")


@pytest.mark.parametrize("text", ["", "secret", HEX[:-1], HEX + "0", "g" * 64])
def test_a_word_is_no_key(text: str) -> None:
    """A word could be guessed; the error does not repeat it."""
    with pytest.raises(ConfigurationError, match="64 hexadecimal digits") as caught:
        FileKey.of(text)
    assert not text or text not in str(caught.value)


def test_a_missing_key_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the missing file or variable."""
    monkeypatch.delenv("NO_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FileKey.of(f"file:{tmp_path / 'k'}")
    with pytest.raises(ConfigurationError, match="NO_KEY, which is not set"):
        FileKey.of("env:NO_KEY")


def test_an_id_distinguishes_keys_and_reveals_none() -> None:
    """The id is derived one way."""
    assert KEY.id != OTHER.id
    assert KEY.id not in HEX
    assert HEX not in repr(KEY)


def test_only_a_reference_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is made absolute, so that a later command finds it from any directory."""
    monkeypatch.chdir("/")
    assert reference("file:k") == "file:/k"
    assert reference("env:KEY") == "env:KEY"
    assert reference(HEX) is None
