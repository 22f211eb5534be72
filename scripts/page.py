"""The same as `catmouse page`, in a checkout."""

import sys

from catmouse.command_line import run

if __name__ == "__main__":
    sys.exit(run("page"))
