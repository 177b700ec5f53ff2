"""The rules: no clock, no database, no environment, no Prefect."""
