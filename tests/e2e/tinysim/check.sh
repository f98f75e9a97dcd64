# Runs tinysim on small circuits and compares what it prints: all of them, or the one that is named.
# --list prints their names instead.
only=$1 passed=0 failed=0 known=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

expect() { # name, expected output, circuit
    known=$((known + 1))
    if [ "$only" = --list ]; then echo "$1"; return; fi
    if [ -n "$only" ] && [ "$only" != "$1" ]; then return; fi
    printf '%s\n' "$3" > "$folder/circuit.tiny"
    if [ "$(./tinysim "$folder/circuit.tiny" --terse --shots 10)" = "$2" ]; then
        echo "ok    $1"; passed=$((passed + 1))
    else
        echo "WRONG $1"; failed=$((failed + 1))
    fi
}

expect "not" "1 : 10" "wires 1
not 0
readout"
expect "cnot" "110 : 10" "wires 3
not 0
cnot 0 1
readout"
expect "trade" "01 : 10" "wires 2
not 0
trade 0 1
readout"
expect "had twice" "0 : 10" "wires 1
had 0
had 0
readout"
expect "turnx" "1 : 10" "wires 1
turnx 0 3.14159265358979
readout"
if [ "$only" = --list ]; then echo "$known checks"; exit; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
