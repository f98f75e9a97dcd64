import random
import sys
from collections import Counter

from pybell.gates import H, X


def bell():
    """The amplitudes after H on qubit 0 and a controlled X from 0 to 1."""
    zero, one = H[0], H[2]
    return {"00": zero, "01": one * X[0], "10": 0.0, "11": one * X[1]}


def main():
    shots = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    state = bell()
    outcomes = random.choices(list(state), [amplitude**2 for amplitude in state.values()], k=shots)
    for outcome, count in sorted(Counter(outcomes).items()):
        print(outcome, count)


main()
