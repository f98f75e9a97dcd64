#include <qrand.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, ones = 0;
    const double bell[2] = {0.7071067811865476, 0.7071067811865476};
    qrand_seed(5);
    for (int shot = 0; shot < shots; shot++)
        ones += qrand_uniform() >= bell[0] * bell[0];
    printf("00 %d\n11 %d\n", shots - ones, ones);
    return 0;
}
