#include <stdio.h>
#include <stdlib.h>

unsigned long zbell_outcome(void);

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    for (int shot = 0; shot < shots; shot++)
        counts[zbell_outcome() & 3]++;
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
