"""The graph for LangGraph Studio, without a checkpointer: the server brings the one that `langgraph.json` names."""

from graph.wiring import build_graph

graph = build_graph()
