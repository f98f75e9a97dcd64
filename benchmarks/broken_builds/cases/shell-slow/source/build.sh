set -e
echo "annealing the table (this takes a while)"
for round in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1.5
    echo "round $round of 10: temperature $(awk -v r="$round" 'BEGIN { printf "%.3f", exp(-r / 3) }')"
done
awk 'BEGIN { srand(8); for (i = 0; i < 500; i++) print (i % 2 ? 3 : 0) "," }' > table.inc
cc -O1 -o slowbell slowbell.c
echo "done"
