"""An operation's root fields, planned, and answered level by level."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from graphql import GraphQLError
from msgspec import to_builtins

from execution.columns import Bulk, Table
from execution.plan import Group, Mistake, ObjectPlan, located
from execution.run import Loading, Run


class Root(NamedTuple):
    """A root field: its plan, or what a client got wrong in it."""

    response: str
    group: Group
    plan: ObjectPlan | None
    mistakes: list[Mistake]
    nonnull: bool

    @property
    def loads(self) -> bool:
        """Whether it takes more than the operation's own text to answer it."""
        return self.plan is not None and bool(self.plan.vias or self.plan.children)


class Result(NamedTuple):
    """What an operation gave; without data the last error is why.

    Its objects are made to be written as JSON; `plain` makes dicts of them.
    """

    data: dict[str, Any] | None
    errors: list[GraphQLError]


class Exceptions(NamedTuple):
    """What loading raises on purpose.

    Attributes:
        mistakes: A client's: they end their root field.
        aborts: They end the operation.
    """

    mistakes: tuple[type[Exception], ...] = ()
    aborts: tuple[type[Exception], ...] = ()


async def answered(
    roots: Sequence[Root], loading: Loading, bulk: Bulk, known: Exceptions
) -> Result:
    """An operation's result.

    Raises:
        Exception: any but those known, if graphql-core must answer it: that then says
            what is wrong, and where.
    """
    errors: list[GraphQLError] = []
    for root in roots:
        if root.mistakes:
            errors.append(located(root.mistakes[0], [root.response]))
            if root.nonnull:
                return Result(None, errors)
    run = Run(loading, bulk)
    answers: dict[str, Any] = {}
    for root in roots:
        answers[root.response] = None
        if root.mistakes or root.plan is None:
            continue
        try:
            ((answer,),) = await run.columns(root.plan, Table((), [(1,)]))
        except known.mistakes as error:
            errors.append(located(Mistake(error, root.group), [root.response]))
            if root.nonnull:
                return Result(None, errors)
        except known.aborts as error:
            errors.append(aborting(error))
            return Result(None, errors)
        else:
            answers[root.response] = answer
    return Result(answers, errors)


T = TypeVar("T")


def plain(answer: T) -> T:
    """The same of dicts, lists and JSON's other values only."""
    found: T = to_builtins(answer)
    return found


def aborting(error: Exception) -> GraphQLError:
    """The one error of an aborted operation."""
    code = getattr(error, "code", None)
    return GraphQLError(str(error), original_error=error, extensions={"code": code})
