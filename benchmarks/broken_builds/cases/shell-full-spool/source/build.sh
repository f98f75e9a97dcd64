#!/bin/bash
# Generates the table and compiles the program.
set -eu
rows=${ROWS:-20000}
(
    ulimit -f "${SPOOL_KIB:-64}"
    awk -v rows="$rows" 'BEGIN { srand(4); for (i = 0; i < rows; i++) print (rand() < 0.5 ? 0 : 3) ", /* row " i " */" }' > table.spool
)
test "$(wc -l < table.spool)" -eq "$rows"
cc -O1 -DROWS="$rows" -o tablebell tablebell.c
