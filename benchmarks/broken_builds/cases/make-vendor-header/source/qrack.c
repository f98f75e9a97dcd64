#include <qvendor_qpu.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000;
    qpu_session *session = qpu_open(QPU_RACK_DEFAULT, QPU_FIRMWARE_4);
    if (!session)
        return 1;
    qpu_pulse(session, QPU_PULSE_SQRT_Y, 0, QPU_CAL_TABLE(session)->amplitude);
    qpu_pulse2(session, QPU_PULSE_CR, 0, 1, QPU_CAL_TABLE(session)->cross_resonance);
    qpu_counts counts = qpu_acquire(session, shots);
    for (unsigned i = 0; i < counts.size; i++)
        printf("%s %d\n", counts.bits[i], counts.number[i]);
    printf("rack %s\n", qpu_serial(session));
    qpu_close(session);
    return 0;
}
