# Each library has one port: its header is included by the files of that port, one .c and at most
# one private header, and nobody else includes the private header. Needs $SOURCE.
set -eu
table=$(cd "$(dirname "$0")" && pwd)/ports.txt
cd "$SOURCE"
bad=0
includers() { # END PATTERN: who includes a header whose name is the pattern and then the end
    pattern=$(printf '%s' "$1" | sed 's/[.]/[.]/g')
    grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]([^>\"]*/)?${2}${pattern}[>\"]" \
        --include='*.[ch]' proto score common ventilator worker sink cli 2>/dev/null | sort || true
}
complain() {
    echo "$1"
    bad=1
}
while IFS=: read -r header port; do
    case $header in ''|'#'*) continue ;; esac
    port=${port# }
    case $header in .*) any='[^>"]*' ;; *) any= ;; esac
    sources=0
    headers=0
    for file in $(includers "$header" "$any"); do
        case $file in
            "$port"*.c) sources=$((sources + 1)) ;;
            "$port"*.h)
                headers=$((headers + 1))
                for user in $(includers "$(basename "$file")" ''); do
                    case $user in
                        "$port"*) ;;
                        *) complain "$user: includes $file, the private header of a port" ;;
                    esac
                done
                ;;
            *) complain "$file: includes $header, which is for $port* alone" ;;
        esac
    done
    [ $sources -le 1 ] || complain "$header: $sources files of $port* include it; one may"
    [ $headers -le 1 ] || complain "$header: $headers headers of $port* include it; one may"
done < "$table"
exit $bad
