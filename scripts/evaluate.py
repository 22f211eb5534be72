"""Print a policy's certificate: what it does in one game from every start there is."""

import sys

from catmouse.commands.evaluate import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
