"""The order in which Airflow's pages list what is in a group.

Airflow goes through a group's members again and again, each time listing those whose
predecessors are all listed, which a member is at once. Here the number of the pass
in which a member's turn comes is computed, which costs no second pass.
"""

from collections.abc import Collection, Sequence


def swept(waiting: Sequence[Collection[int]]) -> list[int]:
    """Positions of members in the order in which they are listed.

    Args:
        waiting: For each member, in stored order, the positions of those that must
            come after it. Itself among them does not count.

    Returns:
        Every position once. If members wait for each other in a circle, the stored
        order.
    """
    count = len(waiting)
    left = [0] * count
    for member, others in enumerate(waiting):
        for later in others:
            if later != member:
                left[later] += 1
    sweep = [0] * count
    ready = [member for member in range(count) if not left[member]]
    for member in ready:  # grows meanwhile
        own = sweep[member]
        for later in waiting[member]:
            if later == member:
                continue
            turn = own + (member > later)
            if turn > sweep[later]:  # noqa: PLR1730  # max() takes as long as all else
                sweep[later] = turn
            left[later] -= 1
            if not left[later]:
                ready.append(later)
    if len(ready) < count:
        return list(range(count))
    return sorted(range(count), key=sweep.__getitem__)  # and by position
