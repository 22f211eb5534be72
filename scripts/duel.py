"""Teach a cat and a mouse from their teachers, let them fight from every start, and print the league."""

import sys

from catmouse.commands.duel import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
