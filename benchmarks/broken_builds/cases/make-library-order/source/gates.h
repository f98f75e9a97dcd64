void gates_reset(void);
void gates_h(unsigned qubit);
void gates_cnot(unsigned control, unsigned target);
unsigned gates_measure(double random);
