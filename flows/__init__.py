"""Prefect: carries a document out, lets time act, escalates, delivers."""
