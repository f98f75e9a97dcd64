set -eu
. ./config.env
echo "building for $mode"
cc -O1 -o clusterbell clusterbell.c
