"""Train a brain on the teacher's labels until its certificate shows no mistake. The main job."""

import sys

from catmouse.commands.train import main
from catmouse.stopping import STOPPED

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)
