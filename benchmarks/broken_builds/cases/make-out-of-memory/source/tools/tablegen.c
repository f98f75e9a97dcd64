/* Writes a table of outcomes: each of 16 blocks is simulated in memory of its own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 16 };
static const size_t BLOCK_BYTES = (size_t)192 << 20;

int main(int argc, char **argv)
{
    int jobs = argc == 3 && strcmp(argv[1], "-j") == 0 ? atoi(argv[2]) : 1;
    if (jobs < 1 || jobs > BLOCKS)
        jobs = 1;
    printf("static const unsigned char table[%d] = {", BLOCKS);
    for (int first = 0; first < BLOCKS; first += jobs) {
        double *block[BLOCKS] = {0};
        for (int job = 0; job < jobs && first + job < BLOCKS; job++) {
            block[job] = malloc(BLOCK_BYTES);
            if (!block[job]) {
                fprintf(stderr, "tablegen: out of memory: job %d of %d could not allocate %zu MiB\n", job + 1, jobs,
                        BLOCK_BYTES >> 20);
                return 1;
            }
            memset(block[job], 0, BLOCK_BYTES);
            block[job][0] = sqrt(0.5);
        }
        for (int job = 0; job < jobs && first + job < BLOCKS; job++) {
            printf("%d,", (first + job) % 2 ? (block[job][0] > 0.7 ? 3 : 0) : 0);
            free(block[job]);
        }
    }
    printf("};\n");
    return 0;
}
