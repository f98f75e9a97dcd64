#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    double amplitude[4];
    FILE *table = fopen(TABLE, "r");
    if (!table || fscanf(table, "%lf%lf%lf%lf", amplitude, amplitude + 1, amplitude + 2, amplitude + 3) != 4) {
        perror(TABLE);
        return 1;
    }
    for (int shot = 0; shot < shots; shot++) {
        double left = rand() / (RAND_MAX + 1.0);
        int i = 0;
        while (i < 3 && (left -= amplitude[i] * amplitude[i]) >= 0)
            i++;
        counts[i]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
