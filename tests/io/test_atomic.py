"""Files are whole or as they were, whatever stops their writing; the sentence says what helps."""

import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import save_file

import mocks
from moirespin.io import atomic, checksum, netcdf, packed_images
from moirespin.io.atomic import replaced
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import SHARD


def write_shard(path, values):
    shard = mocks.dataset(SHARD, set=2, site=2000, start=1)
    shard["spins"][:] = values.reshape(2, 2000, 3)
    netcdf.write(SHARD, shard, path)


def write_images(path, values):
    samples = mocks.dataset(DATASET, sample=30, x=20, y=20)
    with packed_images.streamed(DATASET, samples, path) as put:
        put("image", 0, values[:12_000].reshape(-1, 2, 20, 20).astype(np.float32))


def write_weights(path, values):
    # As models and checkpoints of training are written.
    with replaced(path) as temporary:
        save_file({"weights": values}, temporary)


def write_table(path, values):
    with replaced(path) as temporary:
        np.savetxt(temporary, values)


@pytest.mark.parametrize("limit", [0, 1000, 10_000])
@pytest.mark.parametrize("write", [write_shard, write_images, write_weights, write_table])
def test_full_disk_is_one_sentence_and_leaves_the_old_file(write, limit, tmp_path):
    # A limit of the size of files, which the kernel enforces as it does that of a disk.
    path = tmp_path / "some.nc"
    path.write_text("old")
    values = np.random.default_rng(0).uniform(-1, 1, 12_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
    try:
        with pytest.raises(OSError, match=r"some\.nc cannot be written \(") as error:
            write(path, values)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    said = f"files may have at most {limit / 1e6:.1f} MB: raise the limit of ulimit -f"
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["some.nc"]
    write(path, values)
    if write in (write_shard, write_images):
        checksum.check_seal(path)
        assert path.read_bytes()[-checksum.LENGTH :].startswith(checksum.HEAD)


def failing(path, error):
    said = r"some\.json cannot be written"
    with pytest.raises(OSError, match=said) as caught, replaced(path):
        raise error
    return str(caught.value)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, ": make room, then"),
        (errno.EACCES, ": mend its permissions, then"),
        (errno.EROFS, ": mend its permissions, then"),
        (errno.EIO, ": make room or mend its permissions, then"),
    ],
)
def test_remedy_fits_the_error(number, remedy, tmp_path, monkeypatch):
    monkeypatch.setattr(atomic.os, "access", lambda *_: False)
    assert remedy in failing(tmp_path / "some.json", OSError(number, os.strerror(number)))


def test_used_up_inodes_are_named(tmp_path, monkeypatch):
    disk = SimpleNamespace(f_bavail=10**6, f_frsize=4096, f_files=1000, f_favail=0)
    monkeypatch.setattr(atomic.os, "statvfs", lambda _: disk)
    said = failing(tmp_path / "some.json", OSError(errno.ENOSPC, "No space left on device"))
    assert "4096.0 MB free on its disk): its disk takes no more files (inodes used up)" in said


def test_folder_in_place_of_a_file_is_to_be_moved_away(tmp_path):
    path = tmp_path / "some.json"
    path.mkdir()
    with pytest.raises(OSError, match="a folder has its name: move it away"), replaced(path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["some.json"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_files_have_the_permissions_of_the_umask(mask, tmp_path):
    before = os.umask(mask)
    try:
        # Which makes its files unreadable for others.
        write_weights(tmp_path / "some.safetensors", np.zeros(3))
        write_shard(tmp_path / "some.nc", np.zeros(12_000))
    finally:
        os.umask(before)
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_two_writers_of_one_file_leave_each_other_alone(tmp_path):
    path = tmp_path / "some.json"
    code = (
        "import sys; from pathlib import Path; from moirespin.io.atomic import replaced\n"
        f"with replaced({str(path)!r}) as name:\n"
        "    Path(name).write_text('other'); print('in', flush=True); sys.stdin.readline()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout.readline() == "in\n"
        with replaced(path) as mine, open(mine, "w", encoding="utf-8") as file:
            file.write("mine")
        assert path.read_text() == "mine"
        other.communicate("\n")
    assert other.returncode == 0
    assert path.read_text() == "other"
    assert os.listdir(tmp_path) == ["some.json"]


def test_what_a_writer_left_that_was_killed_just_now_is_removed(tmp_path):
    # Its parent, busy or killed as well, has not asked yet how it ended.
    path = tmp_path / "some.json"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as killed:
        left = tmp_path / f".some.json.{socket.gethostname()}-{killed.pid}"
        left.touch()
        with replaced(path):
            assert left.exists()
        killed.kill()
        os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
        with replaced(path):
            assert not left.exists()


def test_what_killed_writers_left_is_removed(tmp_path):
    path = tmp_path / "some.json"
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    names = {
        f"{socket.gethostname()}-{dead.pid}": False,
        f"{socket.gethostname()}-{os.getppid()}": True,
        "elsewhere-17": True,
        "elsewhere-18": False,
    }
    for name in names:
        (tmp_path / f".some.json.{name}").touch()
    old = time.time() - 2 * atomic.ABANDONED_S
    os.utime(tmp_path / ".some.json.elsewhere-18", (old, old))
    with replaced(path):
        pass
    left = {entry.name for entry in tmp_path.iterdir()} - {"some.json"}
    assert left == {f".some.json.{name}" for name, stays in names.items() if stays}
