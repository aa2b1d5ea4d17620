# Set-ups for engines that are not run here keep to their schemas (manifests.py says how). Needs $WINNOW
# and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import yaml' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || skip 'no PyYAML; Debian has it in python3-yaml'
"$python" "$SOURCE/tests/system/manifests.py" "$SOURCE" "$WINNOW" || bad=1
if command -v promtool >/dev/null 2>&1; then
    promtool check config "$SOURCE/docker/prometheus.yml" >out 2>&1 || complain "$(cat out)"
fi
exit $bad
