"""What each cell makes of games with and without a need for memory: the README's table."""

import sys

from catmouse.commands.compare_cells import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
