"""`anybank portability`: what an application uses that not every bank has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from attrs import frozen

from ..adapter.options import CREDENTIAL, variable
from ..declaration.portability import PortabilityGap, gaps, value_kinds
from ..declaration.source_uses import SourceUses, uses_of
from ..declaration.vocabulary import Capabilities
from ..errors import ConfigurationError
from ..exit_codes import ExitCode
from ..plugins import find, providers
from .bank_declaration import declaration, options
from .options import json_option
from .output import emit_json, paragraph, table

_SKIPPED_FOLDERS = frozenset(
    {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"}
)
_LARGEST = 4 * 1024 * 1024


@frozen(kw_only=True)
class UnreadSource:
    """A file that was not examined, and the reason."""

    path: str
    reason: str


@frozen(kw_only=True)
class Portability:
    """What an application uses that not every one of the banks has.

    It is `portable` if all files were examined, and each gap is handled.
    """

    banks: tuple[str, ...]
    files: int
    portable: bool
    gaps: tuple[PortabilityGap, ...]
    unread: tuple[UnreadSource, ...]


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--bank",
    "names",
    multiple=True,
    metavar="BANK",
    help="A bank to compare with. Default: the banks whose credentials are in the "
    "environment, or else all that are installed.",
)
@json_option
@click.pass_context
def portability(
    ctx: click.Context, *, paths: Sequence[Path], names: Sequence[str], as_json: bool
) -> None:
    """Show what the application in PATHS uses that not every bank has.

    PATHS are Python files or folders. They are parsed, and never run. The command lists
    features, fields, extras of one vendor, raw requests, and what is written in the words
    of one vendor, each with its file and line and with the banks that lack it. A feature
    counts as handled if the application asks `capabilities.supports` for it, and a field
    if the application accepts its loss. No request is sent and no credential is read.

    The command exits 2 if a gap is not handled, or if a file cannot be examined.
    """
    declared = [declaration(name) for name in names or _configured()]
    result = _examine(paths, declared)
    if as_json:
        emit_json(result)
    else:
        _show(result, declared)
    ctx.exit(ExitCode.DONE if result.portable else ExitCode.NEEDS_A_PERSON)


def _configured() -> Sequence[str]:
    """Return the banks whose credentials the environment has, or all that work."""
    usable = [info.name for info in providers() if info.problem is None]
    configured = [name for name in usable if _has_credentials(name)]
    if not usable:
        raise ConfigurationError(
            'no bank is installed: try pip install "anybank[bond]"'
        )
    return configured or usable


def _has_credentials(name: str) -> bool:
    needed = [
        variable(name, option.name)
        for option in options(find(name).adapter)
        if CREDENTIAL in option.metadata
    ]
    return bool(needed) and all(os.environ.get(it) for it in needed)


def _examine(paths: Sequence[Path], declared: Sequence[Capabilities]) -> Portability:
    kinds = value_kinds(declared)
    files: dict[str, SourceUses] = {}
    unread: list[UnreadSource] = []
    for path in dict.fromkeys(_sources(paths)):
        try:
            files[str(path)] = uses_of(_read(path), kinds)
        # The message of a SyntaxError quotes the line, which is not ours to show.
        except (SyntaxError, ValueError, RecursionError) as error:
            reason = "too large" if isinstance(error, _TooLarge) else "does not parse"
            unread.append(UnreadSource(path=str(path), reason=reason))
        except OSError as error:
            reason = error.strerror or "cannot be read"
            unread.append(UnreadSource(path=str(path), reason=reason))
    missing = gaps(files, declared)
    return Portability(
        banks=tuple(bank.provider for bank in declared),
        files=len(files),
        portable=not unread and all(gap.handled for gap in missing),
        gaps=missing,
        unread=tuple(unread),
    )


class _TooLarge(ValueError):
    """A file is larger than source is."""


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise _TooLarge
    return content


def _sources(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the Python files of the paths, in a stable order."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            # Replaced in place, so that `walk` does not go down into them.
            folders[:] = sorted(name for name in folders if _is_own(name))
            for name in sorted(names):
                if name.endswith(".py") and (Path(folder) / name).is_file():
                    yield Path(folder) / name


def _is_own(folder: str) -> bool:
    return folder not in _SKIPPED_FOLDERS and not folder.startswith(".")


def _show(result: Portability, declared: Sequence[Capabilities]) -> None:
    titles = {bank.provider: bank.title for bank in declared}
    for handled, heading in ((False, "Gaps"), (True, "Handled by the application")):
        rows = [
            (gap.kind.value, gap.name, titles[bank], reason, ", ".join(gap.places))
            for gap in result.gaps
            if gap.handled is handled
            for bank, reason in gap.lacking.items()
        ]
        if rows:
            table(heading, ("kind", "name", "bank", "reason", "where"), rows)
    if result.unread:
        files = [(unread.path, unread.reason) for unread in result.unread]
        table("Not examined", ("file", "reason"), files)
    banks = ", ".join(titles.values())
    if result.portable:
        paragraph(f"Every bank has what the application uses: {banks}.")
        return
    paragraph(
        f"Not every bank has what the application uses ({banks}). Ask "
        "`bank.capabilities.supports` before you use a feature, pass accept_loss= for a "
        "field, and keep what belongs to one vendor in a module of its own."
    )
