"""Watch a policy play: in a window, or drawn to a file without one."""

import sys

from catmouse.commands.watch import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
