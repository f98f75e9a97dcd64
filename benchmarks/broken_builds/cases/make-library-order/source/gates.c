#include "gates.h"
#include "amp.h"
#include <math.h>

enum { SIZE = 1 << QUBITS };

void gates_reset(void)
{
    for (unsigned i = 0; i < SIZE; i++)
        amp_set(i, i == 0);
}

void gates_h(unsigned qubit)
{
    for (unsigned i = 0; i < SIZE; i++) {
        unsigned j = i | 1u << qubit;
        if (i == j)
            continue;
        double zero = amp_get(i), one = amp_get(j);
        amp_set(i, (zero + one) / sqrt(2));
        amp_set(j, (zero - one) / sqrt(2));
    }
}

void gates_cnot(unsigned control, unsigned target)
{
    for (unsigned i = 0; i < SIZE; i++) {
        unsigned j = i | 1u << target;
        if (i == j || !(i >> control & 1))
            continue;
        double kept = amp_get(i);
        amp_set(i, amp_get(j));
        amp_set(j, kept);
    }
}

unsigned gates_measure(double random)
{
    unsigned i = 0;
    while (i < SIZE - 1 && (random -= amp_get(i) * amp_get(i)) >= 0)
        i++;
    return i;
}
