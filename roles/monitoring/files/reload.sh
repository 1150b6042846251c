# sh reload.sh PROGRAM FOLDER...: sends PROGRAM, in another container of this pod, SIGHUP whenever the files change.
program=$1
shift
state() { for folder in "$@"; do cat "$folder"/*; done | md5sum; }
last=$(state "$@")
while :; do
  sleep 2
  now=$(state "$@")
  [ "$now" = "$last" ] && continue
  for process in /proc/[0-9]*; do
    read -r name <"$process/comm" || continue
    [ "$name" = "$program" ] && kill -HUP "${process#/proc/}" && echo "$program was told of its new configuration"
  done
  last=$now
done
