"""The best assignment as a flow of least cost (OR-Tools): a unit from every client, through a therapist or past all.

Who is not placed costs more than every other difference together: as many are placed as can be.
"""

from __future__ import annotations

from array import array
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from domain.waiting_lists import Assignment, WaitingList
from integrations.optimiser.port import NotAssigned

Numbers = npt.NDArray[np.int64]


class MinCostFlow:
    """OR-Tools' network simplex by cost scaling: exact, and deterministic for the same list."""

    best: ClassVar[bool] = True

    def assign(self, waiting: WaitingList) -> Assignment:
        """See the port. A thousand clients and a third of a million pairs take about a tenth of a second."""
        clients, pairs = len(waiting.clients), len(waiting.worth)
        if not clients:
            return Assignment(())
        flow = min_cost_flow.SimpleMinCostFlow()
        flow.add_arcs_with_capacity_and_unit_cost(*_arcs(waiting))
        flow.set_nodes_supplies(*_supplies(waiting))
        if flow.solve() != flow.OPTIMAL:
            raise NotAssigned
        taken = np.flatnonzero(flow.flows(np.arange(pairs))) if pairs else np.array([], dtype=np.int64)
        pair_of: list[int | None] = [None] * clients
        for pair in taken.tolist():
            pair_of[waiting.client_of[pair]] = pair
        return Assignment(tuple(pair_of))


def _arcs(waiting: WaitingList) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Tails, heads, capacities, costs: the pairs first, then from each therapist on, then from each client past all.

    Nodes: clients, therapists, and the sink.
    """
    clients, therapists = len(waiting.clients), len(waiting.therapists)
    worth = _numbers(waiting.worth)
    most = int(worth.max(initial=0))
    sink = clients + therapists
    tails = [_numbers(waiting.client_of), clients + np.arange(therapists), np.arange(clients)]
    heads = [
        clients + _numbers(waiting.therapist_of),
        np.full(therapists, sink),
        np.full(clients, sink),
    ]
    capacities = [np.ones(len(worth)), _numbers(waiting.places), np.ones(clients)]
    costs = [most - worth, np.zeros(therapists), np.full(clients, most * clients + 1)]
    tail, head, capacity, cost = (
        np.concatenate(each).astype(np.int64) for each in (tails, heads, capacities, costs)
    )
    return tail, head, capacity, cost


def _supplies(waiting: WaitingList) -> tuple[Numbers, Numbers]:
    clients, sink = len(waiting.clients), len(waiting.clients) + len(waiting.therapists)
    supplies = np.zeros(sink + 1, dtype=np.int64)
    supplies[:clients] = 1
    supplies[sink] = -clients
    return np.arange(sink + 1), supplies


def _numbers(values: array[int]) -> Numbers:
    return np.array(values, dtype=np.int64)
