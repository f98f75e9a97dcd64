#include "amp.h"

static double amplitudes[1 << QUBITS];

double amp_get(unsigned index) { return amplitudes[index]; }

void amp_set(unsigned index, double value) { amplitudes[index] = value; }
