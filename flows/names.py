"""Names of flows and their deployments: what `prefect.yaml` and the launcher register."""

CARRY_OUT = "carry-out"
FOLLOW_UP = "follow-up"
ESCALATE = "escalate"
DELIVER = "deliver"
CHECKPOINT = "checkpoint"
DECIDE = "decide"
VERIFY = "verify"


def deployment(flow: str) -> str:
    """Return the full name of the one deployment of *flow*."""
    return f"{flow}/{flow}"
