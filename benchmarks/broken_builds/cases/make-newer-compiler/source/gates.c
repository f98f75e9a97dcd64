#include <math.h>
#include "sim.h"

void reset(void)
{
	state[0] = 1;
	state[1] = state[2] = state[3] = 0;
}

void had(int qubit)
{
	int i, j;
	double zero, one;

	for (i = 0; i < 4; i++) {
		j = i | 1 << qubit;
		if (i == j)
			continue;
		zero = state[i];
		one = state[j];
		state[i] = (zero + one) / sqrt(2);
		state[j] = (zero - one) / sqrt(2);
	}
}

void cnot(void)
{
	double kept = state[1];

	state[1] = state[3];
	state[3] = kept;
}
