#include <stdio.h>
#include <stdlib.h>
#include "sim.h"

int main(int argc, char **argv)
{
	int counts[4] = {0}, shot, i;
	double left;

	shots = argc > 1 ? atoi(argv[1]) : 1000;
	reset();
	had(0);
	cnot();
	for (shot = 0; shot < shots; shot++) {
		left = rand() / (RAND_MAX + 1.0);
		for (i = 0; i < 3; i++)
			if ((left -= state[i] * state[i]) < 0)
				break;
		counts[i]++;
	}
	for (i = 0; i < 4; i++)
		if (counts[i])
			printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
	return 0;
}
