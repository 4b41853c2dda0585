"""Python in forks of a process that has imported the large libraries, for many short calls.

A fork is as fresh as a new process: folder, variables, streams and the paths of modules are those
of the call, and nothing of this project has been imported. Importing Snakemake and the libraries
takes longer than planning the tiny run, and than most of its jobs.

As a program, this file takes the place of Python for the jobs of a Snakemake that is such a fork.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

LIBRARIES = ["scipy.interpolate", "scipy.stats", "pandas", "xarray", "netCDF4", "safetensors"]
LIBRARIES += ["matplotlib.style", "matplotlib.backends.backend_pdf", "jax.numpy", "flax.nnx"]
LIBRARIES += ["optax"]
# Snakemake, and what it and the Snakefile import later.
LIBRARIES += ["snakemake.cli", "snakemake.report.html_reporter", "smart_open", "jsonschema"]
LIBRARIES += ["nbformat"]
# The variable that says where the server listens.
ADDRESS = "WARM_PYTHON"
LONGEST_CALL_S = 900


def run(arguments: list[str], folder: str, variables: dict[str, str]) -> tuple[int, str]:
    """Return exit status and output of `python ARGUMENTS` in a folder, both streams in one."""
    with tempfile.TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        streams = [nothing.fileno(), output.fileno(), output.fileno()]
        status = _call(arguments, folder, variables | {ADDRESS: _server()}, streams)
        output.seek(0)
        return status, output.read().decode()


@cache
def _server() -> str:
    """Start the process that is forked, and return where it listens; it ends with this one."""
    folder = tempfile.mkdtemp()
    program = Path(folder, "python")
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {__file__} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    address = f"{folder}/socket"
    server = subprocess.Popen([sys.executable, __file__, address], stdin=subprocess.PIPE)
    atexit.register(server.communicate)
    while not os.path.exists(address):
        assert server.poll() is None
        time.sleep(0.01)
    return address


def _call(arguments: list[str], folder: str, variables: dict[str, str], streams: list[int]) -> int:
    """Return the exit status of a call. A call that is given up is killed."""
    message = json.dumps([arguments, folder, variables]).encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.settimeout(LONGEST_CALL_S)
        server.connect(variables[ADDRESS])
        socket.send_fds(server, [len(message).to_bytes(8)], streams)
        server.sendall(message)
        answer = server.recv(8)
    return int.from_bytes(answer, signed=True)


def _serve(address: str) -> None:
    """Fork for every call until standard input ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.early")
    listener.listen(64)
    # Calls that come while this imports wait for their turn.
    os.rename(f"{address}.early", address)
    for name in LIBRARIES:
        importlib.import_module(name)
    # A collection would copy all pages that a fork shares.
    gc.freeze()
    waiting = set()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        connection = listener.accept()[0]
        waiting.add(os.fork())
        if 0 in waiting:
            _answer(connection)
            return
        connection.close()
        waiting -= {child for child in waiting if os.waitpid(child, os.WNOHANG)[0]}
    for child in waiting:
        os.waitpid(child, 0)
    shutil.rmtree(os.path.dirname(address))


def _answer(connection: socket.socket) -> None:
    """Fork once more, wait for the end of the fork or of the caller, and tell the exit status."""
    head, streams, *_ = socket.recv_fds(connection, 8, 3)
    size, message = int.from_bytes(head), b""
    while len(message) < size:
        message += connection.recv(size - len(message))
    ended, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, max(*streams, ended, woken, connection.detach()) + 1)
        _become(*json.loads(message))
    for stream in streams:
        os.close(stream)
    if ended not in select.select([ended, connection], [], [])[0]:
        os.killpg(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(status.to_bytes(8, signed=True))
    os._exit(0)


def _become(arguments: list[str], folder: str, variables: dict[str, str]) -> None:
    """Do what `python ARGUMENTS` does."""
    os.setpgrp()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    installed = tuple({sys.prefix, sys.base_prefix})
    given = variables.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [*filter(None, given), *(path for path in sys.path if path.startswith(installed))]
    sys.executable = os.path.join(os.path.dirname(variables[ADDRESS]), "python")
    module = arguments[0] == "-m"
    sys.argv = arguments[module:]
    sys.path.insert(0, folder if module else os.path.dirname(arguments[0]))
    status = 0
    try:
        if module:
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    # All that happens at the end but for freeing what has been imported, which takes long.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    if ADDRESS in os.environ:
        code = _call(sys.argv[1:], os.getcwd(), dict(os.environ), [0, 1, 2])
        sys.exit(code if code >= 0 else 128 - code)
    _serve(sys.argv[1])
