"""One thread for small matrix products.

A linear algebra library shares each product among its threads. For products as small as this brain's,
that costs more than it brings, and on a machine with other work to do threads wait for each other many
times longer than the product takes. So what trains and evaluates here runs on one thread, without anybody
having to set a variable before numpy is imported.
"""

from __future__ import annotations

from functools import cache
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def libraries() -> list[Any]:
    """The linear algebra libraries that are loaded and whose threads can be set."""
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def kernel_name() -> str:
    """What multiplies matrices here, "openblas SkylakeX" say. Another one rounds sums otherwise."""
    kinds = {f"{one.internal_api} {getattr(one, 'architecture', None) or ''}".strip() for one in libraries()}
    return ", ".join(sorted(kinds)) or "unknown"


class OneThread:
    """A context in which the linear algebra library uses one thread; afterwards it is as before.

    What `threadpoolctl.threadpool_limits` does, without looking for the libraries each time: it is entered
    for every update, and takes 1 to 4 us.
    """

    def __enter__(self) -> None:
        self._before = [(library, library.get_num_threads()) for library in libraries()]
        for library, threads in self._before:
            if threads != 1:
                library.set_num_threads(1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for library, threads in self._before:
            if threads != 1:
                library.set_num_threads(threads)
