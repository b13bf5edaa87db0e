"""Child processes: new interpreters of this program, which end when it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def start(code: str, **options: Any) -> subprocess.Popen[bytes]:
    """Run a text in a new interpreter, which inherits nothing but the environment and the path of modules.

    Ctrl-C ends it at once, and so does the end of the thread that started it (elsewhere than in Linux it has to see to that itself).

    Args:
        options: as of `subprocess.Popen`: its streams, what else it may hold.

    >>> start("print('done')", stdout=subprocess.PIPE).communicate()[0]
    b'done\\n'
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}
    code = f"from kg.children import _begin; _begin({os.getpid()}); {code}"
    return subprocess.Popen([sys.executable, "-P", "-c", code], env=environment, **options)


def last_words(code: int, said: bytes) -> str:
    """Why a child failed, from its exit status and what it wrote to stderr.

    >>> last_words(-9, b""), last_words(1, b"Traceback ...\\nMemoryError\\n"), last_words(1, b"")
    ('was ended by signal 9 (SIGKILL)', 'failed: MemoryError', 'failed: exit status 1')
    """
    if code < 0:
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f"failed: {lines[-1] if lines else f'exit status {code}'}"


def _begin(parent: int) -> None:
    """The child's side. A signal without a handler needs no help of the interpreter, nor of a library that ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(1)
