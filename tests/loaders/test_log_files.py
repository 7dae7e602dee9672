"""Files of logs are read within their folder, part by part, or there is a reason."""

import os
import tracemalloc
from pathlib import Path

import pytest

from loaders.log_files import LogFiles, Unreadable
from tests.support.rights import without_rights

MISSING = "There is no such file at the log location."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log location beside a file that is none of its logs."""
    (tmp_path / "secret.log").write_text("secret")
    inside = tmp_path / "logs"
    (inside / "dag").mkdir(parents=True)
    (inside / "dag" / "a.log").write_bytes(b"0123456789")
    return inside


@pytest.mark.parametrize(
    ("start", "most", "found"),
    [
        (0, 4, b"0123"),
        (4, 100, b"456789"),
        (9, 1, b"9"),
        (10, 5, b""),
        (10**30, 5, b""),
        (3, 0, b""),
    ],
)
async def test_a_part_of_a_file_is_read(
    folder: Path, start: int, most: int, found: bytes
) -> None:
    assert await LogFiles(str(folder)).read("dag/a.log", start, most) == found


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}", "local://{}"])
async def test_a_folder_may_be_written_as_a_path_or_a_url(
    folder: Path, form: str
) -> None:
    files = LogFiles(form.format(folder))

    assert await files.read("dag/a.log", 0, 2) == b"01"


async def test_the_root_of_the_machine_is_a_folder_too(folder: Path) -> None:
    files = LogFiles("/")

    assert await files.read(f"{folder}/dag/a.log".lstrip("/"), 0, 2) == b"01"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.log",
        "dag/../../secret.log",
        "dag/../dag/a.log",
        "/dag/a.log",
        "dag//a.log",
        "./dag/a.log",
        "dag\\a.log",
        "dag/a.log\x00",
        "",
        "dag",
        "dag/missing.log",
        "dag/a.log/b.log",
        "*/a.log",
        "dag/" + "x" * 5_000,
    ],
)
async def test_any_other_path_leads_to_no_file(folder: Path, path: str) -> None:
    files = LogFiles(str(folder))

    with pytest.raises(Unreadable) as caught:
        await files.check(path)

    assert str(caught.value) in {
        MISSING,
        "The log location cannot be read: NotADirectoryError.",
        "The log location cannot be read: OSError.",
    }


@pytest.mark.parametrize("target", ["../secret.log", "{}/secret.log"])
async def test_a_link_out_of_the_folder_leads_to_no_file(
    folder: Path, target: str
) -> None:
    (folder / "dag" / "b.log").symlink_to(target.format(folder.parent))
    (folder / "out").symlink_to("..")

    for path in ("dag/b.log", "out/secret.log", "out/logs/../secret.log"):
        with pytest.raises(Unreadable, match=MISSING):
            await LogFiles(str(folder)).check(path)


async def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "latest").symlink_to("dag")
    (folder.parent / "linked").symlink_to(folder)

    for address in (folder, folder.parent / "linked"):
        assert await LogFiles(str(address)).read("latest/a.log", 0, 3) == b"012"


async def test_a_folder_whose_name_begins_alike_is_another(folder: Path) -> None:
    other = folder.parent / "logs-of-others"
    other.mkdir()
    (other / "a.log").write_text("theirs")
    (folder / "a.log").symlink_to(other / "a.log")

    with pytest.raises(Unreadable, match=MISSING):
        await LogFiles(str(folder)).check("a.log")


async def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.log")

    with pytest.raises(Unreadable, match=MISSING):
        await LogFiles(str(folder)).check("pipe.log")


async def test_a_file_that_may_not_be_read_says_so(folder: Path) -> None:
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and str(parent).count("/") > 1:
            parent.chmod(0o755)
    (folder / "dag" / "a.log").chmod(0)

    with without_rights(folder), pytest.raises(Unreadable) as caught:
        await LogFiles(str(folder)).check("dag/a.log")

    assert (
        str(caught.value) == "The gateway may not read that file at the log location."
    )


async def test_a_location_that_does_not_answer_says_so() -> None:
    files = LogFiles("memory://logs")
    files._files = _Broken()

    with pytest.raises(Unreadable) as caught:
        await files.check("a.log")

    assert str(caught.value) == "The log location cannot be read: ZeroDivisionError."


class _Broken:
    def info(self, path: str) -> dict[str, object]:
        raise ZeroDivisionError(path)


async def test_two_gibibytes_cost_the_memory_of_a_page(folder: Path) -> None:
    size, page = 2 * 1024**3, 1024**2
    with (folder / "large.log").open("wb") as file:
        file.truncate(size)
        file.seek(size - 5)
        file.write(b"last\n")
    files = LogFiles(str(folder))
    await files.check("large.log")

    tracemalloc.start()
    first = await files.read("large.log", 0, page)
    last = await files.read("large.log", size - 5, page)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(first), last) == (page, b"last\n")
    assert most < 3 * page
