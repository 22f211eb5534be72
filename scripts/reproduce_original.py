"""The article's table, from our own brain and world: games to so many errors a game, beside the article's."""

import sys

from catmouse.commands.original import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
