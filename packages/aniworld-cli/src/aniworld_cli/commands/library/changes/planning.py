"""Show a plan, and what became of it."""

from collections.abc import Mapping
from typing import Final

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_core.application.library import AppliedPlan, AppliedPlanView, ChangePlanView
from aniworld_core.domain.library import ChangeAction, ChangePlan
from aniworld_core.errors import UsageError

_VERBS: Final[Mapping[ChangeAction, str]] = {
    ChangeAction.RENAME: "rename",
    ChangeAction.MOVE: "move",
    ChangeAction.COPY: "copy",
    ChangeAction.LINK: "link",
    ChangeAction.REPLACE: "replace",
    ChangeAction.BIN: "recycle",
    ChangeAction.WRITE: "write",
}


def require_choice(*, plan: bool, apply: bool) -> bool:
    """Return whether to apply.

    Raises:
        UsageError: If both options are given.
    """
    if plan and apply:
        raise UsageError("give --plan or --apply, not both")
    return apply


def show_plan(plan: ChangePlan, output: Output) -> int:
    """Show what would happen."""
    if output.is_json:
        output.view(ChangePlanView.of(plan))
        return DONE
    output.table(
        ("What", "File", "Becomes", "Why"),
        [(tr(_VERBS[c.action]), c.source, c.target, "") for c in plan.changes]
        + [(tr("keep"), r.path, "", r.reason) for r in plan.refusals],
    )
    output.talk(
        tr(
            "{changes} to change, {refused} refused, {right} already right",
            changes=len(plan.changes),
            refused=len(plan.refusals),
            right=plan.unchanged,
        )
    )
    if plan.changes:
        output.talk("nothing was changed yet; apply it with --apply")
    return DONE


def show_applied(applied: AppliedPlan, output: Output) -> int:
    """Show what was done, and what was not."""
    plan, change = applied
    if output.is_json:
        output.view(AppliedPlanView.of(plan, change))
        return DONE
    output.table(
        ("What", "File", "Becomes", "Why"),
        [(tr("keep"), r.path, "", r.reason) for r in plan.refusals],
    )
    if change is None:
        output.talk("there is nothing to change")
    else:
        output.talk(
            tr(
                "{changes} changed, {refused} refused; undo it with: aniworld undo {number}",
                changes=len(plan.changes),
                refused=len(plan.refusals),
                number=str(change.id),
            )
        )
    return DONE
