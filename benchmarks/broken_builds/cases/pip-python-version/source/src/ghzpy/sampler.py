import math
import random
import sys
from collections import Counter


def apply_h(state, qubit):
    """A Hadamard gate."""
    for i in range(len(state)):
        j = i | 1 << qubit
        if i != j:
            state[i], state[j] = (state[i] + state[j]) / math.sqrt(2), (state[i] - state[j]) / math.sqrt(2)


def apply_cnot(state, control, target):
    """A controlled NOT."""
    for i in range(len(state)):
        j = i | 1 << target
        if i != j and i >> control & 1:
            state[i], state[j] = state[j], state[i]


def main():
    shots = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    state = [1.0] + [0.0] * 7
    apply_h(state, 0)
    apply_cnot(state, 0, 1)
    apply_cnot(state, 1, 2)
    drawn = random.choices(range(8), [amplitude**2 for amplitude in state], k=shots)
    for outcome, count in sorted(Counter(drawn).items()):
        print(format(outcome, "03b"), count)
