"""Settings and directive packages."""
