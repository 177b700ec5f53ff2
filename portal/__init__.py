"""The page behind a link: GET shows, POST records."""
