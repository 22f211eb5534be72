"""Play cat or mouse yourself, with the arrow keys and the block of numbers, against any policy."""

import sys

from catmouse.commands.play import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
