/* the state of the machine, shared by everything */
double state[4];
int shots;

void reset(void);
void had(int qubit);
void cnot(void);
