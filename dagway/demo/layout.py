"""A declared structure worked out: full ids, edges between tasks, links of groups."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dagway.demo.declared import Edge, Group, Structure, Task


@dataclass(slots=True)
class Links:
    """What was drawn to and from a group as a whole."""

    upstream_groups: set[str] = field(default_factory=set)
    upstream_tasks: set[str] = field(default_factory=set)
    downstream_groups: set[str] = field(default_factory=set)
    downstream_tasks: set[str] = field(default_factory=set)


class Layout:
    """A structure's tasks and groups by their full ids.

    Attributes:
        tasks: In the order in which they are declared.
        groups: Likewise.
        around: The groups around each task and group, outermost first.
        upstream: The tasks directly before each task, sorted.
        downstream: Those directly after it.
        labels: What is written on edges, by their ends as Airflow draws them.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.tasks: dict[str, Task] = {}
        self.groups: dict[str, Group] = {}
        self.around: dict[str, tuple[str, ...]] = {}
        self.links: dict[str, Links] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self._after: dict[str, set[str]] = {}
        self._before: dict[str, set[str]] = {}
        self._add(structure.members, (), "")
        for edge in structure.edges:
            self._connect(edge)
        self.upstream = _sorted(self._before)
        self.downstream = _sorted(self._after)

    def _add(
        self, members: Iterable[Task | Group], around: tuple[str, ...], prefix: str
    ) -> None:
        for member in members:
            full = f"{prefix}{member.name}"
            self.around[full] = around
            if isinstance(member, Task):
                self.tasks[full] = member
                self._after[full], self._before[full] = set(), set()
            else:
                self.groups[full] = member
                self.links[full] = Links()
                inner = f"{full}." if member.prefix else ""
                self._add(member.members, (*around, full), inner)

    def _connect(self, edge: Edge) -> None:
        source, target = edge.source, edge.target
        first = tuple(self._leaves(source))
        last = tuple(self._roots(target))
        for one in first:
            for other in last:
                self._after[one].add(other)
                self._before[other].add(one)
        start, end = source, target
        if source in self.groups:
            start = f"{source}.downstream_join_id"
            links = self.links[source]
            wide = target in self.groups
            (links.downstream_groups if wide else links.downstream_tasks).add(target)
        if target in self.groups:
            end = f"{target}.upstream_join_id"
            if source in self.groups:
                self.links[target].upstream_groups.add(source)
            self.links[target].upstream_tasks.update(first)
        if edge.label is not None:
            self.labels.setdefault(start, {})[end] = edge.label

    def inside(self, group_id: str) -> list[str]:
        """The tasks in a group, however deep."""
        return [i for i in self.tasks if group_id in self.around[i]]

    def _roots(self, end: str) -> Iterator[str]:
        if end in self.tasks:
            yield end
            return
        inside = set(self.inside(end))
        for task_id in self.inside(end):
            if not self._before[task_id] & inside:
                yield task_id

    def _leaves(self, end: str) -> Iterator[str]:
        """Those of a group's tasks that only teardowns follow inside it."""
        if end in self.tasks:
            yield end
            return
        inside = {i for i in self.inside(end) if not self.tasks[i].is_teardown}
        for task_id in self.inside(end):
            if task_id in inside and not self._after[task_id] & inside:
                yield task_id

    def order(self) -> list[str]:
        """The tasks, each after those before it."""
        found: dict[str, None] = {}
        pending = list(self.tasks)
        while pending:
            ready = [i for i in pending if all(b in found for b in self.upstream[i])]
            found.update(dict.fromkeys(ready))
            pending = [i for i in pending if i not in found]
        return list(found)

    def beyond(self, task_id: str) -> set[str]:
        """All tasks after a task."""
        found: set[str] = set()
        pending = [task_id]
        while pending:
            for following in self.downstream[pending.pop()]:
                if following not in found:
                    found.add(following)
                    pending.append(following)
        return found

    def mapped_group(self, task_id: str) -> str | None:
        """The mapped group around a task."""
        around = reversed(self.around[task_id])
        return next((i for i in around if self.groups[i].over is not None), None)

    def over(self, task_id: str) -> str | None:
        """The task over whose result a task, or the group around it, is mapped."""
        group_id = self.mapped_group(task_id)
        if group_id is not None:
            return self.groups[group_id].over
        return self.tasks[task_id].over

    def weights(self) -> dict[str, int]:
        """Each task's weight with those of all tasks after it."""
        return {
            task_id: task.weight
            + sum(self.tasks[i].weight for i in self.beyond(task_id))
            for task_id, task in self.tasks.items()
        }


def _sorted(ways: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {task_id: tuple(sorted(others)) for task_id, others in ways.items()}
