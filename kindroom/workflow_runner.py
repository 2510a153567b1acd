"""How workflow code runs: in Temporal's sandbox, with the pure rules and message shapes passed through."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("domain", "activities")
)
"""Re-importing `domain` for every workflow would cost megabytes and milliseconds each; it has no state."""
