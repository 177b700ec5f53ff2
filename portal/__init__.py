"""The page behind the link: GET shows and records nothing, POST records what a person typed."""
