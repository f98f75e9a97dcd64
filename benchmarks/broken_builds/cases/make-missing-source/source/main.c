#include "device.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned fingerprint(void)
{
    unsigned hash = 2166136261u;
    for (int i = 0; i < 16; i++)
        for (int byte = 0; byte < 4; byte++)
            hash = (hash ^ (confusion[i / 4][i % 4] >> 8 * byte & 255)) * 16777619u;
    return hash;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--fingerprint") == 0) {
        printf("%s %08x\n", device_name, fingerprint());
        return 0;
    }
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    for (int shot = 0; shot < shots; shot++) {
        int outcome = rand() < RAND_MAX / 2 ? 0 : 3, read = 0;
        double left = 1e9 * (rand() / (RAND_MAX + 1.0));
        while (read < 3 && (left -= confusion[outcome][read]) >= 0)
            read++;
        counts[read]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
