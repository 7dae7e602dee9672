"""Store the logs of a few dags that make_fixture's Airflow wrote.

    python pack_logs.py DIR/2.11.2-postgresql-home/logs 2.11.2

DIR is what `make_fixture.py --work DIR` was given.
"""

from __future__ import annotations

import io
import lzma
import pathlib
import sys
import tarfile

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
RUNS = (
    "dag_id=fx_retry/run_id=run_1",
    "dag_id=fx_fails/run_id=run_1",
    "dag_id=fx_mapped/run_id=run_1",
    "dag_id=fx_deferred/run_id=run_1",
)


def pack(logs: pathlib.Path, version: str) -> None:
    """Store them without owners and times, so that the same logs give the same file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for run in RUNS:
            for path in sorted((logs / run).rglob("*.log")):
                member = tarfile.TarInfo(str(path.relative_to(logs)))
                member.size = path.stat().st_size
                with path.open("rb") as file:
                    archive.addfile(member, file)
    packed = lzma.compress(content.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    target = FIXTURES / f"logs-{version}.tar.xz"
    target.write_bytes(packed)
    print(target.name, f"{len(packed):,} bytes")


if __name__ == "__main__":
    pack(pathlib.Path(sys.argv[1]), sys.argv[2])
