# Nothing that is made from something else is in git. Needs $SOURCE.
set -eu
cd "$SOURCE"
command -v git >/dev/null || { echo "skipped: no git here"; exit 77; }
git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped: not in git"; exit 77; }
found=$(git -c safe.directory='*' ls-files | grep -E '[.]pb-c[.][ch]$|[.](o|a|so|gcda|gcno|profraw)$|(^|/)compile_commands[.]json$|^build/|_SUCCESS$|[.]mdb$' || true)
[ -z "$found" ] || { echo "generated, and in git:"; echo "$found"; exit 1; }
