"""The Python files that the sample DAGs would come from."""

from collections.abc import Iterable, Iterator

from dagway.demo.declared import Dag, Group, Task
from dagway.demo.layout import Layout

_INDENT = "    "


def source_of(dag: Dag, layout: Layout) -> str:
    """A DAG file whose tasks, groups and edges are those of a version."""
    return "\n".join([*_head(dag), *_members(layout, (), ""), *_edges(layout), ""])


def _head(dag: Dag) -> Iterator[str]:
    yield f'"""{dag.description or dag.dag_id}"""'
    yield ""
    yield "from airflow.sdk import DAG, Label, TaskGroup, task"
    yield "from nordlicht.operators import task_of"
    yield ""
    yield "with DAG("
    yield f'{_INDENT}"{dag.dag_id}",'
    yield f'{_INDENT}schedule="{dag.schedule.summary}",'
    yield f"{_INDENT}tags={list(dag.tags)!r},"
    yield f"{_INDENT}max_active_runs={dag.max_active_runs},"
    yield f'{_INDENT}default_args={{"owner": "{dag.owner}"}},'
    yield "):"


def _members(layout: Layout, around: tuple[str, ...], prefix: str) -> Iterator[str]:
    indent = _INDENT * (len(around) + 1)
    for full, outer in layout.around.items():
        if outer != around:
            continue
        if full in layout.tasks:
            yield f"{indent}{_name(full)} = {_task(layout.tasks[full])}"
        else:
            yield f"{indent}with {_group(layout.groups[full])} as {_name(full)}:"
            yield from _members(layout, (*around, full), prefix)


def _task(task: Task) -> str:
    settings = [f'"{task.name}"', f"{task.operator.task_type}"]
    if task.trigger_rule != "all_success":
        settings.append(f'trigger_rule="{task.trigger_rule}"')
    if task.pool != "default_pool":
        settings.append(f'pool="{task.pool}"')
    made = f"task_of({', '.join(settings)})"
    if task.over:
        made += f".expand(item={_name(task.over)})"
    return made + (".as_setup()" if task.is_setup else "")


def _group(group: Group) -> str:
    settings = [f'"{group.name}"']
    if group.tooltip:
        settings.append(f'tooltip="{group.tooltip}"')
    if not group.prefix:
        settings.append("prefix_group_id=False")
    return f"TaskGroup({', '.join(settings)})"


def _edges(layout: Layout) -> Iterable[str]:
    yield ""
    for edge in layout.structure.edges:
        between = f' >> Label("{edge.label}")' if edge.label else ""
        yield f"{_INDENT}{_name(edge.source)}{between} >> {_name(edge.target)}"


def _name(full: str) -> str:
    return full.replace(".", "_").replace("-", "_")
