"""Airflow dags with task groups: nested, empty, unprefixed, linked, labelled."""

from __future__ import annotations

from _compat import EmptyOperator, Label, TaskGroup, chain, dag, since

with dag("fx_groups", tags=["group"]):
    start, end = EmptyOperator(task_id="start"), EmptyOperator(task_id="end")
    with TaskGroup("outer", tooltip="The outer group") as outer:
        first = EmptyOperator(task_id="first")
        with TaskGroup("inner_a") as inner_a:
            EmptyOperator(task_id="one") >> EmptyOperator(task_id="two")
        with TaskGroup("inner_b", ui_color="#ffeecc", ui_fgcolor="#112233") as inner_b:
            with TaskGroup("deep") as deep:
                EmptyOperator(task_id="one") >> EmptyOperator(task_id="two")
            EmptyOperator(task_id="before") >> deep
        first >> inner_a >> Label("a to b") >> inner_b
    with TaskGroup("bare", prefix_group_id=False) as bare:
        EmptyOperator(task_id="bare_one") >> EmptyOperator(task_id="bare_two")
        with TaskGroup("bare_inner") as bare_inner:
            EmptyOperator(task_id="leaf")
        with TaskGroup("bare_again", prefix_group_id=False):
            EmptyOperator(task_id="bare_leaf")
    with TaskGroup("nothing") as nothing:
        pass
    start >> outer >> Label("outer is done") >> bare >> end
    start >> nothing >> end

with dag("fx_group_edges", tags=["group"]):
    tasks = [EmptyOperator(task_id=f"task_{number}") for number in range(4)]
    with TaskGroup("left") as left:
        left_tasks = [EmptyOperator(task_id=f"l{number}") for number in range(3)]
        chain(left_tasks[0], left_tasks[1])
    with TaskGroup("right") as right:
        right_tasks = [EmptyOperator(task_id=f"r{number}") for number in range(3)]
        right_tasks[0] >> Label("within") >> right_tasks[2]
    with TaskGroup("third") as third:
        EmptyOperator(task_id="t0")
    tasks[0] >> left
    left >> right
    right >> tasks[1]
    tasks[2] >> left_tasks[1]
    left_tasks[2] >> Label("task to task") >> tasks[3]
    left >> Label("group to task") >> tasks[3]
    [left, right] >> third
    right_tasks[1] >> third

with dag("fx_group_names", tags=["group"]):
    groups = []
    for name in ("alpha", "beta"):
        with TaskGroup(name, default_args={"pool_slots": 2}) as group:
            EmptyOperator(task_id="load") >> EmptyOperator(task_id="check")
            with TaskGroup("load_more"):
                EmptyOperator(task_id="load")
        groups.append(group)
    EmptyOperator(task_id="load") >> groups[0] >> groups[1]

with dag("fx_group_docs", tags=["group"]):
    with TaskGroup(
        "named",
        tooltip="Ein Gruppenhinweis: größer → besser",
        **since((2, 9), add_suffix_on_collision=True),
        **since((3, 0), group_display_name="Übersicht ✨"),
        **since((3, 3), doc_md="# A group\nwith *docs*: naïve café"),
    ) as named:
        EmptyOperator(task_id="inside")
    with TaskGroup("named__twin") as twin:
        EmptyOperator(task_id="inside")
        with TaskGroup("only_groups"), TaskGroup("still_none"):
            pass
    named >> twin
