"""Tasks are what Airflow's API server says they are."""

from tests.differential.said import Item, Said
from tests.differential.test_structure import concealed, named
from tests.support.gateways import Asking

TASKS = """query Tasks($dagId: ID!) { dag(dagId: $dagId) { tasks {
  taskId displayName operatorName taskType module owner docMd triggerRule dependsOnPast
  waitForDownstream retries retryDelay retryExponentialBackoff executionTimeout
  startDate endDate pool poolSlots queue priorityWeight weightRule isMapped
  templateFields uiColor uiFgcolor downstreamTaskIds
  params { name value description schema } group { isMapped }
} } }"""


def as_airflow_has_it(task: Item) -> Item:
    """One of our tasks in the API server's words."""
    return {
        "task_display_name": task["displayName"],
        "operator_name": task["operatorName"],
        "class_ref": {"class_name": task["taskType"], "module_path": task["module"]},
        "owner": task["owner"],
        "doc_md": task["docMd"],
        "trigger_rule": task["triggerRule"].lower(),
        "depends_on_past": task["dependsOnPast"],
        "wait_for_downstream": task["waitForDownstream"],
        "retries": task["retries"],
        "retry_delay": task["retryDelay"],
        "retry_exponential_backoff": task["retryExponentialBackoff"],
        "execution_timeout": task["executionTimeout"],
        "start_date": task["startDate"],
        "end_date": task["endDate"],
        "pool": task["pool"],
        "pool_slots": task["poolSlots"],
        "queue": task["queue"],
        "priority_weight": task["priorityWeight"],
        "weight_rule": task["weightRule"],
        "is_mapped": task["isMapped"],
        "template_fields": task["templateFields"],
        "ui_color": task["uiColor"],
        "ui_fgcolor": task["uiFgcolor"],
        "downstream_task_ids": task["downstreamTaskIds"],
        "params": named(task["params"]),
    }


def airflows(task: Item, like: Item) -> Item:
    """What Airflow says of a task, in the same form."""
    found = {key: task[key] for key in like}
    for key in ("retry_delay", "execution_timeout"):
        if (length := task[key]) is not None:
            found[key] = (
                length["days"] * 86_400
                + length["seconds"]
                + length["microseconds"] / 1_000_000
            )
    found["downstream_task_ids"] = sorted(task["downstream_task_ids"])  # from a set
    params = {
        name: {key: param[key] for key in ("value", "description", "schema")}
        for name, param in task["params"].items()
    }
    found["params"] = concealed(params)
    return found


async def test_every_task_is_what_airflow_says(ask: Asking, said: Said) -> None:
    seen = 0
    for path, answer in said.asked("/api/v2/dags/", "/tasks").items():
        dag_id = path.split("/")[4]
        tasks = (await ask(TASKS, dagId=dag_id))["dag"]["tasks"]
        ours = {task["taskId"]: as_airflow_has_it(task) for task in tasks}
        in_mapped = {
            t["taskId"] for t in tasks if t["group"] and t["group"]["isMapped"]
        }
        theirs = {
            task["task_id"]: airflows(task, ours[task["task_id"]])
            for task in answer["tasks"]
        }
        for task_id in in_mapped:  # which Airflow says in its graph, but not here
            theirs[task_id]["is_mapped"] = True
        for task_id, task in theirs.items():
            assert ours[task_id] == task, (dag_id, task_id)
        assert len(ours) == len(theirs) == answer["total_entries"]
        seen += len(ours)
    assert seen > 500
