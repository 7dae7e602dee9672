"""The order in which Airflow's pages list what is in a group.

Airflow goes through a group's members again and again, each time listing those whose
predecessors are all listed, which a member is at once. Here the number of the pass
in which a member's turn comes is computed, which costs no second pass.
"""

from collections.abc import Collection, Sequence


def swept(waits_for: Sequence[Collection[int]]) -> list[int]:
    """Positions of members in the order in which they are listed.

    Args:
        waits_for: For each member, in stored order, the positions of those that must
            come before it. Itself among them does not count.

    Returns:
        Every position once. If members wait for each other in a circle, the stored
        order.
    """
    count = len(waits_for)
    waiting = [0] * count
    followers: list[list[int]] = [[] for _ in range(count)]
    for member, before in enumerate(waits_for):
        for earlier in before:
            if earlier != member:
                waiting[member] += 1
                followers[earlier].append(member)
    sweep = [0] * count
    ready = [member for member in range(count) if not waiting[member]]
    for member in ready:  # grows meanwhile
        own = sweep[member]
        for follower in followers[member]:
            turn = own + (member > follower)
            sweep[follower] = max(sweep[follower], turn)
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    if len(ready) < count:
        return list(range(count))
    return sorted(range(count), key=sweep.__getitem__)  # and by position
