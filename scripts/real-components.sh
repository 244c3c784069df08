#!/bin/bash
# Puts the real servers that the tests are held against (Consul, moto, kubectl, PostgreSQL, MariaDB, OpenSSH, Python) on a Debian machine, for CI:
#
#     components=$(scripts/real-components.sh) && eval "$components"
#
# (`eval "$(...)"` alone would not notice a failure.)
# Standard output carries only `export` lines; progress goes to standard error. What is already in the cache directory
# (PETREL_REAL_DIR, default /var/cache/petrel-real, outside any checkout) or on the machine is not fetched again, so a second run
# takes under a second. It needs root for the packages of the machine's own release, and nothing but the mirror apt already uses.
#
# Consul and a newer kubectl and moto come from other Debian releases. Those packages are unpacked into the cache and not installed:
# apt's own sources and package database stay as they were.
set -euo pipefail

CACHE=${PETREL_REAL_DIR:-/var/cache/petrel-real}
ROOT=$CACHE/root
MOTO=$ROOT/usr/lib/python3/dist-packages
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# moto is pure Python of a newer release; these are its dependencies, from the machine's own release and for its own interpreter.
MOTO_NEEDS=(python3-boto3 python3-flask python3-flask-cors python3-responses python3-xmltodict python3-jinja2
  python3-cryptography python3-antlr4 python3-requests python3-dateutil)

say() { echo "real-components: $*" >&2; }
fail() { say "could not get $1: $2"; exit 1; }

# The lists of the machine's own release, read at most once per run.
own_lists_read=
read_own_lists() {
  [ -z "$own_lists_read" ] || return 0
  say 'reading the package lists'
  apt-get -q update >&2 || say 'some package lists could not be read; going on with the others'
  own_lists_read=yes
}

# install_own WHAT PACKAGE...   from the machine's own release
install_own() {
  local what=$1; shift
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "$what" "installing ${missing[*]} needs root"
  read_own_lists
  say "installing ${missing[*]}"
  apt-get -q install -y --no-install-recommends "${missing[@]}" >&2 || fail "$what" "apt-get could not install ${missing[*]}"
}

# The mirror that the machine's own sources name for Debian itself.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | sort -u | sed -n 1p
}

# apt_of RELEASE COMMAND...   apt with lists, cache and package database of its own. The database is empty: otherwise an installed
# package of the same name and a higher version would win over the release's.
apt_of() {
  local area=$CACHE/apt/$1; shift
  "$1" -o Dir::Etc::sourcelist="$area/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$area/lists" \
    -o Dir::State::status="$area/status" -o Dir::Cache="$area" -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false "${@:2}"
}

# unpack_from RELEASE PACKAGE...   fetched, checked against the archive's signature by apt, and unpacked under $ROOT
unpack_from() {
  local release=$1 area=$CACHE/apt/$1 uri package; shift
  [ -r "$KEYRING" ] || fail "$*" "$KEYRING is missing (package debian-archive-keyring)"
  uri=$(mirror)
  if [ -z "$uri" ]; then read_own_lists; uri=$(mirror); fi
  [ -n "$uri" ] || fail "$*" 'apt knows no Debian mirror'
  say "fetching $* from $release"
  rm -rf "$area"
  mkdir -p "$area/lists/partial" "$area/archives/partial" "$area/packages" "$ROOT"
  : > "$area/status"
  echo "deb [signed-by=$KEYRING] $uri $release main" > "$area/sources.list"
  apt_of "$release" apt-get -q update >&2 || fail "$*" "the package list of $release could not be read"
  for package in "$@"; do
    (cd "$area/packages" && apt_of "$release" apt-get -q download "$package" >&2) || fail "$package" "$release's package could not be fetched"
    dpkg -x "$area/packages/$package"_*.deb "$ROOT" || fail "$package" 'its package could not be unpacked'
  done
  rm -rf "$area"
}

# sshd's package starts a server when it is installed, so it is only unpacked; the tests start their own, which needs the package's user.
sshd_of_own() {
  [ -x "$ROOT/usr/sbin/sshd" ] || unpack_from "$(. /etc/os-release && echo "$VERSION_CODENAME")" openssh-server
  install_own sshd libwrap0
  getent passwd sshd >/dev/null || useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin sshd >&2 ||
    fail sshd 'its user could not be made'
}

postgres_directory() {
  local found
  found=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1) || return 0
  [ -z "$found" ] || dirname "$found"
}

command -v apt-get >/dev/null || fail 'the real components' 'this is not a Debian machine (no apt-get)'
mkdir -p "$CACHE" 2>/dev/null && [ -w "$CACHE" ] || fail 'the real components' "$CACHE cannot be written (set PETREL_REAL_DIR)"

wanted=()
[ -d "$MOTO/moto" ] || wanted+=(python3-moto)
[ -x "$ROOT/usr/bin/kubectl" ] || wanted+=(kubectl)
[ ${#wanted[@]} -eq 0 ] || unpack_from trixie "${wanted[@]}"
[ -x "$ROOT/usr/bin/consul" ] || unpack_from bullseye consul
install_own moto "${MOTO_NEEDS[@]}"
install_own Python python3 python3-venv
sshd_of_own
[ -n "$(postgres_directory)" ] || install_own PostgreSQL postgresql
# The programs alone: mariadb-server would bring a service that starts itself. (The client package has what the installer needs.)
install_own MariaDB mariadb-server-core mariadb-client-core

# Files that are there may still not run, so each is asked for its version before CI trusts it.
consul_version=$("$ROOT/usr/bin/consul" version 2>/dev/null | sed -n 1p) || fail consul 'the unpacked program does not run here'
kubectl_version=$("$ROOT/usr/bin/kubectl" version --client 2>/dev/null | sed -n 1p) || fail kubectl 'the unpacked program does not run here'
moto_version=$(PYTHONPATH=$MOTO /usr/bin/python3 -c 'import moto, moto.server; print(moto.__version__)' 2>&1) || fail moto "$moto_version"
sshd_version=$("$ROOT/usr/sbin/sshd" -V 2>&1 | sed -n 's/^\(OpenSSH[^,]*\),.*/\1/p' | sed -n 1p) || true
[ -n "$sshd_version" ] || fail sshd 'the unpacked program does not run here'
postgres=$(postgres_directory)
[ -n "$postgres" ] || fail PostgreSQL 'there is no server program under /usr/lib/postgresql'
mariadb_version=$(/usr/sbin/mariadbd --no-defaults --version 2>&1) || fail MariaDB "$mariadb_version"
say "have $consul_version; kubectl ${kubectl_version#Client Version: }; moto $moto_version; $sshd_version; $("$postgres/postgres" --version); $mariadb_version"

cat <<EXPORTS
export PETREL_REAL_CONSUL='$ROOT/usr/bin/consul'
export PETREL_REAL_KUBECTL='$ROOT/usr/bin/kubectl'
export PETREL_REAL_MOTO_PYTHONPATH='$MOTO'
export PETREL_REAL_SSHD='$ROOT/usr/sbin/sshd'
export PETREL_REAL_PYTHON=/usr/bin/python3
export PETREL_REAL_POSTGRES='$postgres/postgres'
export PETREL_REAL_MARIADB='/usr/sbin/mariadbd'
export PATH="\$PATH:$postgres"
EXPORTS
