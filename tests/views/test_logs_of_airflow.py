"""Logs that real Airflows wrote are found and read, in a folder and on S3."""

import io
import lzma
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from dagway.operation import opened
from loaders.log_files import LogFiles
from tests.support.databases import FIXTURES, Databases
from tests.support.documents import view
from tests.support.gateways import Asking

RUNS = """query Runs($dagId: ID!) {
  dagRun(dagId: $dagId, runId: "run_1") {
    tries { taskId mapIndex tryNumber startDate endDate operator }
  }
}"""
LOG = """query Log($dagId: ID!, $taskId: ID!, $mapIndex: Int!, $try: Int) {
  taskInstance(dagId: $dagId, runId: "run_1", taskId: $taskId, mapIndex: $mapIndex) {
    log(tryNumber: $try) {
      available reason
      page { lines { timestamp level logger message } hasNextPage }
    }
  }
}"""
DAGS = ("fx_retry", "fx_fails", "fx_mapped", "fx_deferred")
WRITTEN = {"2.11.2": "2.11.2-postgresql", "3.3.2": "3.3.2-sqlite"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each Airflow's logs."""
    folders = {}
    for version in WRITTEN:
        packed = (FIXTURES / f"logs-{version}.tar.xz").read_bytes()
        folders[version] = tmp_path_factory.mktemp(version)
        with tarfile.open(fileobj=io.BytesIO(lzma.decompress(packed))) as archive:
            archive.extractall(folders[version], filter="data")
    return folders


@pytest.fixture(params=WRITTEN)
def version(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@asynccontextmanager
async def asking(
    databases: Databases, version: str, logs: str
) -> AsyncIterator[Asking]:
    """Asks a gateway that knows a log location."""
    address = databases.address(WRITTEN[version])
    async with opened(address, logs=LogFiles(logs)) as gateway:
        yield Asking(gateway)


async def log(ask: Asking, **variables: Any) -> dict[str, Any]:
    """One try's log."""
    found: dict[str, Any] = (await ask(LOG, variables))["taskInstance"]["log"]
    return found


async def test_every_file_is_the_log_of_a_try(
    databases: Databases, unpacked: dict[str, Path], version: str
) -> None:
    files = {
        str(path.relative_to(unpacked[version]))
        for path in unpacked[version].rglob("*.log")
        if ".trigger." not in path.name
    }
    async with asking(databases, version, str(unpacked[version])) as ask:
        found = set()
        for dag_id in DAGS:
            for one in (await ask(RUNS, dagId=dag_id))["dagRun"]["tries"]:
                index, number = one["mapIndex"], one["tryNumber"]
                answer = await log(
                    ask,
                    dagId=dag_id,
                    taskId=one["taskId"],
                    mapIndex=index,
                    **{"try": number},
                )
                if not answer["available"]:
                    # what has no code is done by the scheduler, and has no log
                    assert one["operator"] == "EmptyOperator", one
                    continue
                assert answer["page"]["lines"]
                mapped = f"map_index={index}/" if index >= 0 else ""
                found.add(
                    f"dag_id={dag_id}/run_id=run_1/task_id={one['taskId']}/"
                    f"{mapped}attempt={number}.log"
                )

    assert found == files
    assert len(files) > 20


async def test_a_failed_try_says_what_was_raised(
    databases: Databases, unpacked: dict[str, Path], version: str
) -> None:
    given = {"dagId": "fx_retry", "taskId": "flaky", "mapIndex": -1}
    async with asking(databases, version, str(unpacked[version])) as ask:
        first = await log(ask, **given, **{"try": 1})
        second = await log(ask, **given)

    (failure,) = [
        (at, line)
        for at, line in enumerate(first["page"]["lines"])
        if line["message"].startswith("Task failed with exception")
    ]
    at, line = failure
    assert line["level"] == "error"
    assert line["timestamp"].startswith("2026-11-25T")
    text = "\n".join(line["message"] for line in first["page"]["lines"][at:])
    assert 'File "/opt/airflow/dags/retries.py", line 17, in flaky' in text
    assert "RuntimeError: the first try always fails" in text
    assert not [line for line in second["page"]["lines"] if line["level"] == "error"]


async def test_lines_of_airflow_2_fall_within_their_try(
    databases: Databases, unpacked: dict[str, Path]
) -> None:
    async with asking(databases, "2.11.2", str(unpacked["2.11.2"])) as ask:
        (first, *_) = (await ask(RUNS, dagId="fx_fails"))["dagRun"]["tries"]
        found = await log(ask, dagId="fx_fails", taskId="fails", mapIndex=-1)

    stamps = [line["timestamp"] for line in found["page"]["lines"] if line["timestamp"]]
    inside = [s for s in stamps if first["startDate"] <= s <= first["endDate"]]
    assert len(inside) > 5


@pytest.fixture(scope="module")
def buckets(unpacked: dict[str, Path]) -> Iterator[dict[str, str]]:
    """Some of those logs in buckets of an S3-compatible server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    addresses = {}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            client = boto3.client("s3")
            for version, folder in unpacked.items():
                client.create_bucket(Bucket=f"logs-{version}")
                for dag_id in ("fx_mapped", "fx_fails"):
                    for path in (folder / f"dag_id={dag_id}").rglob("*.log"):
                        key = f"airflow/{path.relative_to(folder)}"
                        client.upload_file(str(path), f"logs-{version}", key)
                addresses[version] = f"s3://logs-{version}/airflow"
            yield addresses
    finally:
        server.stop()


@pytest.fixture
def bucket(buckets: dict[str, str], version: str) -> str:
    """The log location of one Airflow in its bucket."""
    return buckets[version]


async def test_logs_on_s3_are_those_in_a_folder(
    databases: Databases, unpacked: dict[str, Path], version: str, bucket: str
) -> None:
    given = {
        "dagId": "fx_mapped",
        "runId": "run_1",
        "taskId": "double",
        "mapIndex": 1,
    }
    async with asking(databases, version, str(unpacked[version])) as ask:
        expected = await ask(view("log"), given)
        nothing = await ask(view("log"), {**given, "tryNumber": 2})
    async with asking(databases, version, bucket) as ask:
        found = await ask(view("log"), given)
        missing = await ask(view("log"), {**given, "tryNumber": 2})

    assert found == expected
    assert len(found["taskInstance"]["log"]["page"]["lines"]) > 5
    assert missing == nothing


async def test_parts_of_a_file_on_s3_are_read(bucket: str) -> None:
    files = LogFiles(bucket)
    path = "dag_id=fx_fails/run_id=run_1/task_id=fails/attempt=1.log"

    whole = await files.read(path, 0, 1_000_000)

    assert len(whole) > 1_000
    assert await files.read(path, 100, 50) == whole[100:150]
    assert await files.read(path, len(whole), 50) == b""


async def test_a_bucket_that_is_not_there_is_a_reason(
    databases: Databases, version: str, bucket: str
) -> None:
    gone = bucket.replace("logs-", "gone-")
    async with asking(databases, version, gone) as ask:
        found = await log(ask, dagId="fx_fails", taskId="fails", mapIndex=-1)

    assert found["available"] is False
    assert found["reason"] == "There is no such file at the log location."
