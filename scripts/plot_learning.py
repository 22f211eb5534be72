"""Draw the learning curves of any number of runs, and where a brain errs, as PNG and SVG."""

import sys

from catmouse.commands.plot import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
