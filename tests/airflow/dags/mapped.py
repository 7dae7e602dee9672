"""Airflow dags with mapped tasks and mapped groups."""

from __future__ import annotations

from _compat import BashOperator, EmptyOperator, dag, since, task, task_group


class NumberedOperator(EmptyOperator):
    """Does nothing, with a number: something to expand that costs no process."""

    def __init__(self, *, number: int, **arguments: object) -> None:
        """Keep the number."""
        super().__init__(**arguments)
        self.number = number


with dag("fx_mapped", tags=["mapped"]):

    @task
    def numbers() -> list[int]:
        """Return what the mapped tasks expand over."""
        return [1, 2, 3]

    @task
    def none() -> list[int]:
        """Return nothing: a mapped task of length zero."""
        return []

    @task
    def pairs() -> list[dict[str, int]]:
        """Return keyword arguments."""
        return [{"x": 1, "y": 10}, {"x": 2, "y": 20}]

    @task
    def double(value: int) -> int:
        """Return twice the value."""
        return value * 2

    @task(**since((2, 9), map_index_template="sum of {{ task.op_kwargs['x'] }}"))
    def add(x: int, y: int) -> int:
        """Return the sum."""
        return x + y

    @task
    def total(values: list[int]) -> int:
        """Return the sum of all."""
        return sum(values)

    made = numbers()
    total(double.expand(value=made))
    over_literal = double.override(task_id="double_literal").expand(value=[5, 6])
    over_nothing = double.override(task_id="double_nothing").expand(value=none())
    over_nothing >> EmptyOperator(task_id="after_nothing")
    add.expand_kwargs(pairs())
    add.override(task_id="add_product").partial(y=100).expand(x=made)
    BashOperator.partial(task_id="shell", pool_slots=1).expand(
        bash_command=["true", "exit 1", "exit 99"]
    )
    double.override(task_id="double_mapped").expand(value=made.map(lambda n: n + 1))

with dag("fx_mapped_group", tags=["mapped", "group"]):

    @task
    def names() -> list[str]:
        """Return what the mapped group expands over."""
        return ["ada", "grace"]

    @task
    def nobody() -> list[str]:
        """Return nothing: a mapped group of length zero."""
        return []

    @task
    def greet(name: str) -> str:
        """Return a greeting."""
        return f"hello {name}"

    @task
    def check(greeting: str) -> None:
        """Fail for one of the instances."""
        if "grace" in greeting:
            message = "refused"
            raise ValueError(message)

    @task_group
    def per_person(name: str) -> None:
        """Greet one person."""
        check(greet(name))

    @task_group
    def per_nobody(name: str) -> None:
        """Never run."""
        greet(name) >> EmptyOperator(task_id="after")

    per_person.expand(name=names()) >> EmptyOperator(
        task_id="end", trigger_rule="all_done"
    )
    per_nobody.expand(name=nobody())

with dag("fx_mapped_many", tags=["mapped"], max_active_tasks=4):
    NumberedOperator.partial(task_id="many", max_active_tis_per_dag=8).expand(
        number=list(range(25))
    ) >> EmptyOperator(task_id="after")
