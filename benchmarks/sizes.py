"""The sizes that Airflow's users complained about, and databases that have them."""

from benchmarks.populate import Shape

FLEET = Shape("a_fleet", tasks=5, runs=14, dags=3_200)
SHAPES = (
    FLEET,
    Shape("grid_30", tasks=30, runs=25),
    Shape("grid_300", tasks=300, runs=100),
    Shape("grid_2000", tasks=2_000, runs=28),
    Shape("grid_5000", tasks=5_000, runs=10),
    Shape("long", tasks=10, runs=8_000),
    Shape("mapped", tasks=1, runs=10, mapped=10_000),
    Shape("graph_1000", tasks=1_000, runs=1),
    Shape("versions", tasks=30, runs=25, versions=6_000),
    Shape("grouped", tasks=300, runs=25, groups=10),
)
"""All together: each is noise for the others, with the fixture's own DAGs."""

ALONE = (
    Shape("a_fleet", tasks=5, runs=14, dags=100),
    Shape("grid_30", tasks=30, runs=25),
    Shape("grid_300", tasks=300, runs=25),
    Shape("long", tasks=10, runs=25),
    Shape("graph_1000", tasks=1_000, runs=1),
    Shape("versions", tasks=30, runs=25),
)
"""The same answers without the noise: no history, no other versions, few other DAGs."""

GROWTH = (
    "dags",
    "instances-30x25",
    "instances-300x25",
    "summaries-long-25",
    "summaries-versions-25",
    "graph-graph_1000",
)
"""Pages that both of those databases have."""

SMALL = (
    Shape("a_fleet", tasks=2, runs=2, dags=100),
    Shape("grid_30", tasks=30, runs=3),
    Shape("grid_300", tasks=12, runs=4),
    Shape("mapped", tasks=1, runs=2, mapped=20),
    Shape("graph_1000", tasks=25, runs=1),
    Shape("versions", tasks=5, runs=2, versions=3),
    Shape("grouped", tasks=40, runs=2, groups=2),
)
"""For a test."""
