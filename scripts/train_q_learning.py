"""Let a mouse learn by trial and error, without any teacher: tabular Q-learning."""

import sys

from catmouse.commands.q_learning import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
