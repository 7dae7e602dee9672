"""Structures are what each Airflow's own deserializer makes of them."""

import json
import lzma
from datetime import datetime
from inspect import cleandoc

import pytest

from tests.differential.said import Item
from tests.support.databases import FIXTURES
from tests.support.gateways import Asking

NAMES = sorted(
    path.name.removesuffix(".structure.json.xz")
    for path in FIXTURES.glob("*.structure.json.xz")
)
STRUCTURE = """fragment structure on DagStructure {
  tasks {
    taskId label displayName operatorName taskType module owner docMd triggerRule
    dependsOnPast waitForDownstream retries retryDelay retryExponentialBackoff
    executionTimeout startDate endDate pool poolSlots queue priorityWeight weightRule
    isMapped isSensor isSetup isTeardown templateFields uiColor uiFgcolor
    upstreamTaskIds downstreamTaskIds group { groupId }
    params { name value description schema }
  }
  taskGroups {
    groupId label tooltip docMd isMapped uiColor uiFgcolor parent { groupId } childIds
  }
  edges { sourceId targetId label isSetupTeardown }
  graph { edges { sourceKey targetKey label isSetupTeardown } }
}"""
OF_VERSION = f"""query Version($dagId: ID!, $number: Int!) {{
  dag(dagId: $dagId) {{ found: versionByNumber(versionNumber: $number) {{
    problem ...structure
  }} }}
}}
{STRUCTURE}"""
OF_DAG = (
    f"query Dag($dagId: ID!) {{ dag(dagId: $dagId) {{ ...structure }} }} {STRUCTURE}"
)
DETAILS = """query Details($dagId: ID!) {
  dag(dagId: $dagId) {
    description docMd timezone startDate endDate catchup dagRunTimeout defaultArgs
    params { name value description schema }
    schedule { kind summary timetableType }
  }
}"""


PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
SECRETS = {"password", "api_key"}
"""Names in our DAG files under which no value is shown."""


def in_pythons_form(instant: str | None) -> str | None:
    """An instant as `tests.airflow.oracle` wrote Airflow's."""
    return None if instant is None else datetime.fromisoformat(instant).isoformat()


def oracle(name: str) -> list[Item]:
    """What Airflow knows of every version of every DAG."""
    packed = (FIXTURES / f"{name}.structure.json.xz").read_bytes()
    found: list[Item] = json.loads(lzma.decompress(packed))["dags"]
    return found


def task_as_airflow_has_it(task: Item) -> Item:
    """One of our tasks in the oracle's words."""
    group = task["group"]
    return {
        "task_id": task["taskId"],
        "label": task["label"],
        "display_name": task["displayName"],
        "operator_name": task["operatorName"],
        "task_type": task["taskType"],
        "module": task["module"],
        "owner": task["owner"],
        "doc_md": task["docMd"],
        "trigger_rule": task["triggerRule"].lower(),
        "depends_on_past": task["dependsOnPast"],
        "wait_for_downstream": task["waitForDownstream"],
        "retries": task["retries"],
        "retry_delay": task["retryDelay"],
        "retry_exponential_backoff": task["retryExponentialBackoff"],
        "execution_timeout": task["executionTimeout"],
        "start_date": in_pythons_form(task["startDate"]),
        "end_date": in_pythons_form(task["endDate"]),
        "pool": task["pool"],
        "pool_slots": task["poolSlots"],
        "queue": task["queue"],
        "priority_weight": task["priorityWeight"],
        "weight_rule": task["weightRule"],
        "is_mapped": task["isMapped"],
        "is_sensor": task["isSensor"],
        "is_setup": task["isSetup"],
        "is_teardown": task["isTeardown"],
        "template_fields": task["templateFields"],
        "ui_color": task["uiColor"],
        "ui_fgcolor": task["uiFgcolor"],
        "upstream_ids": task["upstreamTaskIds"],
        "downstream_ids": task["downstreamTaskIds"],
        "group_id": group and group["groupId"],
        "params": named(task["params"]),
    }


def named(params: list[Item]) -> Item:
    """Our params in the oracle's form."""
    return {
        param["name"]: {key: param[key] for key in ("value", "description", "schema")}
        for param in params
    }


def airflows_task(task: Item) -> Item:
    """What Airflow says of a task, in the same form, but for what we do otherwise."""
    found = {
        **task,
        "is_mapped": task["is_mapped"] or task["in_mapped_group"],
        "params": concealed(task["params"]),
    }
    if task["retry_exponential_backoff"] is True:  # Airflow from 3.2 on has the factor
        found["retry_exponential_backoff"] = 2.0
    if task["label"] == task["display_name"] != task["task_id"]:
        found["label"] = task["task_id"]  # up to 3.0, of ours, which are in no group
    return found


def concealed(params: Item) -> Item:
    """Params without the values that are not shown."""
    return {
        name: {**param, "value": "***"} if name in SECRETS else param
        for name, param in params.items()
    }


def group_as_airflow_has_it(group: Item) -> Item:
    """One of our groups in the oracle's words."""
    parent = group["parent"]
    return {
        "group_id": group["groupId"],
        "label": group["label"],
        "tooltip": group["tooltip"],
        "doc_md": group["docMd"],
        "ui_color": group["uiColor"],
        "ui_fgcolor": group["uiFgcolor"],
        "parent": parent and parent["groupId"],
        "children": group["childIds"],
    }


def drawn(structure: Item) -> list[Item]:
    """Our drawn edges in the oracle's words, which leave out what is not so."""
    return [
        {
            "source_id": edge["sourceKey"],
            "target_id": edge["targetKey"],
            **({"label": edge["label"]} if edge["label"] else {}),
            **({"is_setup_teardown": True} if edge["isSetupTeardown"] else {}),
        }
        for edge in structure["graph"]["edges"]
    ]


def is_airflow_2(entry: Item) -> bool:
    """Whether it is of an Airflow that does not number versions."""
    return entry["version_number"] is None


async def read(ask: Asking, entry: Item) -> Item:
    """Our structure for one of the oracle's entries."""
    dag_id, number = entry["dag_id"], entry["version_number"]
    found: Item
    if number is None:
        found = (await ask(OF_DAG, dagId=dag_id))["dag"]
    else:
        found = (await ask(OF_VERSION, dagId=dag_id, number=number))["dag"]["found"]
        assert found["problem"] is None
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_every_structure_is_what_airflow_makes_of_it(
    name: str, ask: Asking
) -> None:
    entries = oracle(name)
    assert len(entries) > 40
    for entry in entries:
        ours = await read(ask, entry)
        compare_tasks(entry, ours)
        compare_groups(entry, ours)
        assert drawn(ours) == entry["edges"], entry["dag_id"]


def compare_tasks(entry: Item, ours: Item) -> None:
    tasks = {task["taskId"]: task_as_airflow_has_it(task) for task in ours["tasks"]}
    theirs = {task["task_id"]: airflows_task(task) for task in entry["tasks"]}
    assert tasks.keys() == theirs.keys(), entry["dag_id"]
    for task_id, task in tasks.items():
        assert task == {key: theirs[task_id][key] for key in task}, entry["dag_id"]
    assert [(edge["sourceId"], edge["targetId"]) for edge in ours["edges"]] == sorted(
        (task["task_id"], after)
        for task in entry["tasks"]
        for after in task["downstream_ids"]
    )


def compare_groups(entry: Item, ours: Item) -> None:
    groups = {g["groupId"]: group_as_airflow_has_it(g) for g in ours["taskGroups"]}
    theirs = {group["group_id"]: group for group in entry["groups"]}
    root = theirs.pop(None)
    assert groups.keys() == theirs.keys(), entry["dag_id"]
    for group_id, group in groups.items():
        assert group == {key: theirs[group_id][key] for key in group}, group_id
    mapped = {g["groupId"] for g in ours["taskGroups"] if g["isMapped"]}
    assert mapped == {g for g in theirs if is_in_mapped(theirs, g)}
    assert [node["taskId"] for node in ours["tasks"]] == flattened(root, theirs)


def is_in_mapped(groups: Item, group_id: str | None) -> bool:
    """Whether a group, or one around it, is mapped."""
    if group_id is None:
        return False
    group = groups[group_id]
    return group["is_mapped"] or is_in_mapped(groups, group["parent"])


def flattened(group: Item, groups: Item) -> list[str]:
    """The ids of a group's tasks in the order of Airflow's grid."""
    found: list[str] = []
    for child in group["children"]:
        found += flattened(groups[child], groups) if child in groups else [child]
    return found


@pytest.mark.parametrize("name", NAMES)
async def test_every_dags_details_and_schedule_are_what_airflow_reads(
    name: str, ask: Asking
) -> None:
    newest = {entry["dag_id"]: entry for entry in oracle(name)}
    for dag_id, entry in newest.items():
        dag = (await ask(DETAILS, dagId=dag_id))["dag"]
        schedule = dag["schedule"]
        ours = {
            "description": dag["description"],
            "doc_md": dag["docMd"],
            "timezone": dag["timezone"],
            "start_date": in_pythons_form(dag["startDate"]),
            "end_date": in_pythons_form(dag["endDate"]),
            "catchup": dag["catchup"],
            "dagrun_timeout": dag["dagRunTimeout"],
            "default_args": dag["defaultArgs"],
            "params": named(dag["params"]),
        }
        theirs = {key: entry[key] for key in ours}
        if entry["doc_md"]:  # as Airflow's API server has it
            theirs["doc_md"] = cleandoc(entry["doc_md"])
        hidden = {key: "***" for key in entry["default_args"] if key in SECRETS}
        theirs["default_args"] = {**entry["default_args"], **hidden}
        theirs["params"] = concealed(entry["params"])
        assert ours == theirs, dag_id
        timetable = entry["timetable"]
        assert schedule["timetableType"] == timetable["class"].rpartition(".")[2]
        summary = PRESETS.get(schedule["summary"], schedule["summary"]) or "None"
        if is_airflow_2(entry) and schedule["kind"] == "EVENTS":
            # only its row keeps the description, which Airflow's pages show
            assert summary == "Two days of November"
            assert timetable["summary"].lower() == "2 events"
        else:
            assert summary == timetable["summary"], dag_id
