"""Let mice learn without any teacher: a population of brains, of which the best have children."""

import sys

from catmouse.commands.evolve import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
