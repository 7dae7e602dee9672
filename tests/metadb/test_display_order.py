from collections.abc import Collection, Sequence
from random import Random

from metadb.display_order import swept


def test_members_that_wait_for_nothing_keep_their_order() -> None:
    assert after([(), (), ()]) == [0, 1, 2]


def test_a_member_comes_in_the_pass_in_which_all_before_it_are_listed() -> None:
    # 0 waits for 2: the first pass lists 1, 2 and 3, the second 0
    assert after([(2,), (), (), (2,)]) == [1, 2, 3, 0]


def test_a_member_may_be_listed_in_the_pass_of_what_it_waits_for() -> None:
    assert after([(), (0,), (1,)]) == [0, 1, 2]
    assert after([(1,), (2,), ()]) == [2, 1, 0]


def test_a_member_does_not_wait_for_itself() -> None:
    assert after([(0,), (1,)]) == [0, 1]


def test_members_that_wait_in_a_circle_keep_their_order() -> None:
    assert after([(1,), (0,), ()]) == [0, 1, 2]


def test_it_is_what_going_through_again_and_again_gives() -> None:
    random = Random(7)  # noqa: S311  # the same graphs at each run
    for _ in range(300):
        count = random.randint(1, 9)
        rank = random.sample(range(count), count)
        waits = [
            {j for j in range(count) if rank[j] < rank[i] and random.random() < 0.3}
            for i in range(count)
        ]
        assert after(waits) == gone_through(waits)


def after(waits_for: Sequence[Collection[int]]) -> list[int]:
    """The order, by what each member waits for."""
    members = range(len(waits_for))
    return swept([[j for j in members if i in waits_for[j]] for i in members])


def gone_through(waits: Sequence[Collection[int]]) -> list[int]:
    """The order by its definition."""
    listed: list[int] = []
    while len(listed) < len(waits):
        for member, before in enumerate(waits):
            if member not in listed and all(one in listed for one in before):
                listed.append(member)
    return listed
