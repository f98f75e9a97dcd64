#include "syndromes.h"
#include <stdio.h>
#include <stdlib.h>

static int corrected(int bit)
{
    int code[3] = {bit, bit, bit};
    if (rand() % 100 == 0)
        code[rand() % 3] ^= 1;
    int flip = correction[(code[0] ^ code[1]) | (code[1] ^ code[2]) << 1];
    if (flip >= 0)
        code[flip] ^= 1;
    return code[0];
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    for (int shot = 0; shot < shots; shot++) {
        int pair = rand() < RAND_MAX / 2;
        counts[corrected(pair) << 1 | corrected(pair)]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
