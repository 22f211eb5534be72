"""Train a grid of configurations with several seeds each, on this machine's cores or on a Ray cluster."""

import sys

from catmouse.commands.sweep import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
