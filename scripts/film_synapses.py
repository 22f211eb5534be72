"""Film the matrix from the inputs to the hidden units while a brain learns."""

import sys

from catmouse.commands.film import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
