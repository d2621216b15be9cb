"""`python -m anybank` is the command `anybank`."""

import sys

from anybank.cli import main

if __name__ == "__main__":
    sys.exit(main())
