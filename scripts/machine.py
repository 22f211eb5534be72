"""The same as `catmouse machine`, in a checkout."""

import sys

from catmouse.command_line import run

if __name__ == "__main__":
    sys.exit(run("machine"))
