/* tinysim: a state-vector simulator of quantum circuits. */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qrand.h>

#define VERSION "0.3.2"
#define MOST 20

typedef double complex amp;

static int wires;
static amp *state;
static struct qrand rng;

static const char *HELP =
    "usage: tinysim CIRCUIT [options]\n"
    "Runs a circuit and prints how often each outcome was measured.\n"
    "\n"
    "  --shots N   number of measurements, 1000 unless given\n"
    "  --seed S    seed of the random numbers, 1 unless given\n"
    "  --flip P    probability that a gate flips each wire it acts on, 0 unless given\n"
    "  --terse     leave the heading out\n"
    "  --help      print this\n";

static void fail(const char *what, int line)
{
    fprintf(stderr, "tinysim: line %d: %s\n", line, what);
    exit(2);
}

static void apply(int q, amp a, amp b, amp c, amp d)
{
    for (long i = 0; i < 1L << wires; i++)
        if (!(i >> q & 1)) {
            amp zero = state[i], one = state[i | 1L << q];
            state[i] = a * zero + b * one;
            state[i | 1L << q] = c * zero + d * one;
        }
}

static void controlled(int c, int t, int sign)
{
    for (long i = 0; i < 1L << wires; i++)
        if ((i >> c & 1) && (i >> t & 1)) {
            amp one = state[i];
            if (sign)
                state[i] = -one;
            else {
                state[i] = state[i ^ 1L << t];
                state[i ^ 1L << t] = one;
            }
        }
}

static void gate(const char *name, int a, int b, double t, int line)
{
    double r = sqrt(0.5);
    if (!strcmp(name, "had")) apply(a, r, r, r, -r);
    else if (!strcmp(name, "not")) apply(a, 0, 1, 1, 0);
    else if (!strcmp(name, "why")) apply(a, 0, -I, I, 0);
    else if (!strcmp(name, "zed")) apply(a, 1, 0, 0, -1);
    else if (!strcmp(name, "ess")) apply(a, 1, 0, 0, I);
    else if (!strcmp(name, "tee")) apply(a, 1, 0, 0, cexp(I * acos(-1) / 4));
    else if (!strcmp(name, "turnx")) apply(a, cos(t / 2), -I * sin(t / 2), -I * sin(t / 2), cos(t / 2));
    else if (!strcmp(name, "turny")) apply(a, cos(t / 2), -sin(t / 2), sin(t / 2), cos(t / 2));
    else if (!strcmp(name, "turnz")) apply(a, cexp(-I * t / 2), 0, 0, cexp(I * t / 2));
    else if (!strcmp(name, "cnot")) controlled(a, b, 0);
    else if (!strcmp(name, "cz")) controlled(a, b, 1);
    else if (!strcmp(name, "trade")) {
        controlled(a, b, 0);
        controlled(b, a, 0);
        controlled(a, b, 0);
    } else fail("unknown gate", line);
}

/* Run the circuit once; returns whether it measures. */
static int run(char **text, int lines, double flip)
{
    int measured = 0;
    memset(state, 0, sizeof(amp) << wires);
    state[0] = 1;
    for (int k = 1; k < lines; k++) {
        char name[16];
        int a = -1, b = -1, rotation = 0;
        double t = 0;
        if (sscanf(text[k], "%15s", name) != 1 || name[0] == '#') continue;
        if (measured) fail("nothing may follow readout", k + 1);
        if (!strcmp(name, "readout")) { measured = 1; continue; }
        rotation = !strncmp(name, "turn", 4);
        if (rotation ? sscanf(text[k], "%*s %d %lf", &a, &t) != 2 : sscanf(text[k], "%*s %d %d", &a, &b) < 1)
            fail("wires or an angle are missing", k + 1);
        int two = !strcmp(name, "cnot") || !strcmp(name, "cz") || !strcmp(name, "trade");
        if (a < 0 || a >= wires || (two ? b < 0 || b >= wires || a == b : b != -1)) fail("no such wires", k + 1);
        gate(name, a, b, t, k + 1);
        if (flip > 0 && qrand_uniform(&rng) < flip) apply(a, 0, 1, 1, 0);
        if (two && flip > 0 && qrand_uniform(&rng) < flip) apply(b, 0, 1, 1, 0);
    }
    return measured;
}

static long draw(void)
{
    double u = qrand_uniform(&rng);
    long i = 0, last = (1L << wires) - 1;
    while (i < last && (u -= creal(state[i] * conj(state[i]))) >= 0) i++;
    return i;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    long shots = 1000, seed = 1, size, *counts;
    double flip = 0;
    int terse = 0, lines = 0;
    char *text[4096], line[256];

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) return printf("%s", HELP) < 0;
        else if (!strcmp(argv[i], "--terse")) terse = 1;
        else if (!strcmp(argv[i], "--shots") && i + 1 < argc) shots = atol(argv[++i]);
        else if (!strcmp(argv[i], "--seed") && i + 1 < argc) seed = atol(argv[++i]);
        else if (!strcmp(argv[i], "--flip") && i + 1 < argc) flip = atof(argv[++i]);
        else if (argv[i][0] != '-' && !path) path = argv[i];
        else { fprintf(stderr, "tinysim: what is %s? See --help.\n", argv[i]); return 2; }
    }
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) { fprintf(stderr, "tinysim: which circuit? See --help.\n"); return 2; }
    while (lines < 4096 && fgets(line, sizeof line, file)) text[lines++] = strdup(line);
    fclose(file);
    if (!lines || sscanf(text[0], "wires %d", &wires) != 1 || wires < 1 || wires > MOST)
        fail("a circuit begins with `wires N`, N from 1 to 20", 1);

    size = 1L << wires;
    state = calloc(size, sizeof(amp));
    counts = calloc(size, sizeof(long));
    if (!state || !counts) { fprintf(stderr, "tinysim: out of memory\n"); return 3; }
    qrand_seed(&rng, (unsigned long)seed);
    for (long k = 0; k < shots; k++) {
        if ((!k || flip > 0) && !run(text, lines, flip)) fail("there is no readout", lines);
        counts[draw()]++;
    }
    if (!terse) printf("tinysim %s: %ld shots on %d wires\n", VERSION, shots, wires);
    for (long i = 0; i < size; i++)
        if (counts[i]) {
            for (int q = 0; q < wires; q++) putchar('0' + (i >> q & 1));
            printf(" : %ld\n", counts[i]);
        }
    return 0;
}
