#include <stdio.h>
#include <stdlib.h>

static const unsigned char table[] = {
#include "table.spool"
};

_Static_assert(sizeof table == ROWS && ROWS >= 20000, "the table has all its rows");

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    for (int shot = 0; shot < shots; shot++)
        counts[table[shot % ROWS]]++;
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
