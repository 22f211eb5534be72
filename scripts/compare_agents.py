"""Train every agent in the box on the same games and compare them in one table and one figure."""

import sys

from catmouse.commands.compare_agents import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
