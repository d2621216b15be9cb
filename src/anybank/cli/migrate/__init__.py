"""`anybank migrate`: move all customers from one bank to another, recorded in a journal."""

from __future__ import annotations

import click

from ..error_messages import exit_codes_help
from .adopt import adopt
from .apply import apply
from .backup import backup
from .check import check
from .crosswalk import crosswalk
from .overwrite import overwrite
from .pause import pause
from .plan import plan
from .rebase import rebase
from .report import report
from .resolve import resolve
from .resume import resume
from .retry import retry
from .rollback import rollback
from .show import show
from .status import status
from .verify import verify
from .work import work

_EPILOG = f"""\
\b
A migration, step by step:
  anybank diff bond sonder
  anybank migrate plan --from bond --to sonder --journal move.db \\
      --supplement vault.csv
  anybank migrate apply     --journal move.db
  anybank migrate verify    --journal move.db
  anybank migrate crosswalk --journal move.db --csv crosswalk.csv
  anybank migrate report    --journal move.db --html report.html

\b
When a record needs a decision:
  anybank migrate show ID   --journal move.db
  anybank migrate resolve ID --exists TARGET_ID | --absent  --journal move.db
  anybank migrate retry     --journal move.db [--code CODE]
  anybank migrate overwrite --journal move.db [--ids FILE]
  anybank migrate rollback  --journal move.db
  anybank migrate check     --journal move.db

\b
Backups of the journal, and a bank with a new URL:
  anybank migrate backup    --journal move.db --to copy.db
  anybank migrate adopt     --journal move.db [--restored-from TIME]
  anybank migrate rebase    --journal move.db --target-url URL

\b
The journal is one of these:
  move.db      a file; its key is in move.db.key, so keep both
  postgresql://USER@HOST/DATABASE?journal=NAME
               a database; ANYBANK_JOURNAL_KEY=file:PATH says where its key is
  env:NAME, file:PATH
               a variable or a file that contains one of the above

{exit_codes_help()}"""


class _MigrateGroup(click.Group):
    """Lists the commands in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Return the names in the order in which the commands were added."""
        return list(self.commands)


@click.group(cls=_MigrateGroup, epilog=_EPILOG)
def migrate() -> None:
    """Move all customers from one bank to another and prove that none was lost.

    A journal records every step before and after it happens. If a run stops for any
    reason, run the same command again to continue. The journal holds ids, states and
    fingerprints, but no personal data.

    Credentials come from the environment and are never stored. `anybank capabilities
    BANK` lists the variables.
    """


for command in (
    plan,
    apply,
    work,
    pause,
    resume,
    verify,
    status,
    crosswalk,
    report,
    show,
    resolve,
    retry,
    overwrite,
    rollback,
    check,
    backup,
    adopt,
    rebase,
):
    migrate.add_command(command)
