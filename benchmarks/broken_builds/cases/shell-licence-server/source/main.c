#include <stdio.h>
#include <stdlib.h>

unsigned core_sample(void);
const char *core_build(void);

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    for (int shot = 0; shot < shots; shot++)
        counts[core_sample() & 3]++;
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    fprintf(stderr, "core %s\n", core_build());
    return 0;
}
