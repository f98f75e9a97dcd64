#!/bin/sh
set -e
mkdir -p bin
cc -O1 -o bin/paircount paircount.c
