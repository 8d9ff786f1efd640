#!/bin/sh
# Finds a Python that can build the environment and hands the command over to it.
# The sentences stand here, not in messages.py, because without Python nothing can read that file.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1

suitable='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
complete='import ensurepip, venv'

# An environment that is already there needs no other Python.
if "$root/.venv/bin/python" -c "$suitable" >/dev/null 2>&1; then
    exec "$root/.venv/bin/python" "$root/scripts/start/launch.py" "$@"
fi

incomplete=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    "$name" -c "$suitable" >/dev/null 2>&1 || continue
    if "$name" -c "$complete" >/dev/null 2>&1; then
        exec "$name" "$root/scripts/start/launch.py" "$@"
    fi
    incomplete=${incomplete:-$name}
done

if [ -n "$incomplete" ]; then
    install="sudo apt install $incomplete-venv"
    case "${LC_ALL:-${LC_MESSAGES:-$LANG}}" in
        pt*) echo "O Python está instalado, mas sem o módulo venv. No Debian, no Ubuntu e no WSL: $install" ;;
        es*) echo "Python está instalado, pero sin el módulo venv. En Debian, Ubuntu y WSL: $install" ;;
        *) echo "Python is installed, but without its venv module. On Debian, Ubuntu and WSL: $install" ;;
    esac >&2
else
    install="sudo apt install python3 python3-venv"
    case "${LC_ALL:-${LC_MESSAGES:-$LANG}}" in
        pt*) echo "É preciso ter o Python 3.11, 3.12, 3.13 ou 3.14. No Debian, no Ubuntu e no WSL: $install. No macOS: brew install python@3.13" ;;
        es*) echo "Hace falta Python 3.11, 3.12, 3.13 o 3.14. En Debian, Ubuntu y WSL: $install. En macOS: brew install python@3.13" ;;
        *) echo "Python 3.11, 3.12, 3.13 or 3.14 is needed. On Debian, Ubuntu and WSL: $install. On macOS: brew install python@3.13" ;;
    esac >&2
fi
exit 1
