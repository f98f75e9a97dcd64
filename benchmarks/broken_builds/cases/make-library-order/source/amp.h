#define QUBITS 3
double amp_get(unsigned index);
void amp_set(unsigned index, double value);
