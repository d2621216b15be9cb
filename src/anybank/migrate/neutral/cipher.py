"""The cryptographic primitives that neutral files use; they need the extra `export`."""

from __future__ import annotations

from ...errors import ConfigurationError

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ModuleNotFoundError:
    raise ConfigurationError(
        "neutral files need cryptography: pip install 'anybank[export]'"
    ) from None

__all__ = ["AESGCM", "HKDF", "SHA256", "InvalidTag"]
