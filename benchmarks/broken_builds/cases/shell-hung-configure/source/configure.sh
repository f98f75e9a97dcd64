#!/bin/sh
# Finds out where the program will run.
set -eu
mode=cluster
for argument; do
    case $argument in
        --local) mode=local ;;
        --help)
            echo "usage: ./configure.sh [--local]"
            echo "  --local   build for this machine alone; do not look for the scheduler's nodes"
            exit 0 ;;
        *) echo "configure.sh: unknown option $argument" >&2; exit 1 ;;
    esac
done
if [ "$mode" = cluster ]; then
    echo "checking for the scheduler... waiting for the first node to report in spool/nodes"
    until [ -e spool/nodes ]; do
        sleep 1
    done
fi
echo "mode=$mode" > config.env
echo "configured for: $mode"
