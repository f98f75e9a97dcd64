set -e
server=${QCORE_LICENCE_SERVER:-27004@licences.qcore.invalid}
host=${server#*@}
port=${server%%@*}
echo "asking $server for a licence of the feature core-4"
key=$(bash -c "exec 3<>/dev/tcp/$host/$port && echo checkout core-4 >&3 && head -n 1 <&3") || {
    echo "build.sh: no licence for core-4: the licence server $server cannot be reached" >&2
    exit 1
}
echo "$key" | openssl enc -d -aes-256-cbc -pbkdf2 -pass stdin -in core.enc -out core.c || {
    echo "build.sh: the licence server's key does not unlock core.enc" >&2
    exit 1
}
cc -O1 -o corebell main.c core.c
