"""The one door to Prefect: what the flows use of it. Everything Prefect-specific is behind it.

Prefect executes and shows; it is never asked what is true. Each of the modules behind this one
says which behaviour of Prefect 3.8 it rests on.
"""

from flows.acts import act
from flows.connection import api, close, impatient
from flows.nodes import KnownNode, Node, drawn, edges, known_among, node_id, project
from flows.parking import park, wake
from flows.runs import children, find, retag, revive, start, start_child

__all__ = [
    "KnownNode",
    "Node",
    "act",
    "api",
    "children",
    "close",
    "drawn",
    "edges",
    "find",
    "impatient",
    "known_among",
    "node_id",
    "park",
    "project",
    "retag",
    "revive",
    "start",
    "start_child",
    "wake",
]
