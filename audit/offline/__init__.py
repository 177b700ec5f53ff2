"""What leaves with the evidence: a verifier of its own, without anything of this project."""
