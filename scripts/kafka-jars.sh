#!/bin/sh
# Puts the jars of a Kafka broker into a cache and prints their folder. A second run finds them there.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/tests/brokers/kafka/pom.xml")
cache=${WEIR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}
libs=$cache/kafka-$version/libs
mkdir -p "$cache"

exec 9>"$cache/kafka.lock"
flock 9
if [ ! -f "$libs/.complete" ]; then
    command -v mvn >/dev/null || { echo "Kafka's jars come by Maven: apt-get install maven" >&2; exit 1; }
    echo "fetching the jars of Kafka $version into $libs" >&2
    mvn -q -B -f "$here/tests/brokers/kafka/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$libs" -DincludeScope=runtime >&2
    touch "$libs/.complete"
fi
echo "$libs"
