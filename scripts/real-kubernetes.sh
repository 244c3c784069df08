#!/bin/bash
# Builds a real kube-apiserver and kube-controller-manager (1.20.2) and unpacks etcd, all from Debian bookworm alone, for those who want
# to hold the sandbox against them:
#
#     real=$(scripts/real-kubernetes.sh) && eval "$real"      # sets PETREL_REAL_KUBERNETES and the programs'
#
# Standard output carries only `export` lines; progress goes to standard error. The programs (about 140 MB) are kept in
# PETREL_REAL_KUBERNETES_DIR (default /var/cache/petrel-kubernetes, outside any checkout), so that a second run takes no time. The first one
# needs 2 GB of disk while it builds, three minutes on two free cores (ten on a busy machine), the mirror apt already uses and
# dpkg-source (package dpkg-dev, which is installed where it is missing). Apt's own sources stay as they were.
#
# Three things make the tree build (it is the whole of Kubernetes; Debian builds only kubectl from it):
#  - pkg/generated/openapi is not in it and is made with the tree's own openapi-gen;
#  - the vendored modern-go/reflect2 1.0.1 crashes under Go >= 1.18 and is replaced by Debian's 1.0.2;
#  - GOPATH mode, since -mod=vendor refuses the old go.mod; `providerless` leaves out the cloud SDKs, half of time and size.
set -euo pipefail

CACHE=${PETREL_REAL_KUBERNETES_DIR:-/var/cache/petrel-kubernetes}
BUILD=$CACHE/build
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

say() { echo "real-kubernetes: $*" >&2; }
fail() { say "could not get the real Kubernetes: $*"; exit 1; }
complete() { [ -x "$CACHE/bin/kube-apiserver" ] && [ -x "$CACHE/bin/kube-controller-manager" ] && [ -x "$CACHE/bin/etcd" ]; }

apt_of_bookworm() {
  local area=$BUILD/apt command=$1; shift
  "$command" -o Dir::Etc::sourcelist="$area/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$area/lists" \
    -o Dir::State::status="$area/status" -o Dir::Cache="$area" -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false "$@" >&2
}

fetch() {
  local area=$BUILD/apt uri type
  [ -r "$KEYRING" ] || fail "$KEYRING is missing (package debian-archive-keyring)"
  command -v dpkg-source >/dev/null || apt-get -q install -y --no-install-recommends dpkg-dev >&2 ||
    fail 'dpkg-source is missing (package dpkg-dev), and could not be installed'
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | sort -u | sed -n 1p)
  [ -n "$uri" ] || fail 'apt knows no Debian mirror; run apt-get update once'
  rm -rf "$BUILD"
  mkdir -p "$area/lists/partial" "$area/archives/partial" "$BUILD/root" "$BUILD/packages" "$CACHE/bin"
  : > "$area/status"
  for type in deb deb-src; do echo "$type [signed-by=$KEYRING] $uri bookworm main"; done > "$area/sources.list"
  say 'fetching Go, etcd and the source of Kubernetes from bookworm'
  apt_of_bookworm apt-get -q update || fail "bookworm's package list could not be read"
  (cd "$BUILD/packages" && apt_of_bookworm apt-get -q download etcd-server golang-1.19-go golang-1.19-src \
    golang-github-modern-go-reflect2-dev && apt_of_bookworm apt-get -q source --download-only kubernetes) ||
    fail "bookworm's packages could not be fetched"
  local package
  for package in "$BUILD/packages"/*.deb; do dpkg -x "$package" "$BUILD/root"; done
  cp "$BUILD/root/usr/bin/etcd" "$CACHE/bin/etcd"
}

build() {
  local root=$BUILD/root tree=$BUILD/go/src/k8s.io/kubernetes
  mkdir -p "$(dirname "$tree")"
  dpkg-source --no-check -x "$BUILD/packages"/kubernetes_*.dsc "$tree" >&2
  rm -rf "$tree/vendor/github.com/modern-go/reflect2"
  cp -r "$root/usr/share/gocode/src/github.com/modern-go/reflect2" "$tree/vendor/github.com/modern-go/"
  export GOROOT=$root/usr/lib/go-1.19 GOPATH=$BUILD/go GOCACHE=$BUILD/gocache GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
  export PATH=$GOROOT/bin:$PATH
  cd "$tree"
  say 'making pkg/generated/openapi'
  go build -o "$BUILD/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  local directories flags='-s -w' package program
  directories=$(grep -rlE --include='*.go' '^// *\+k8s:openapi-gen=' pkg staging/src/k8s.io | xargs -n1 dirname | sort -u |
    grep -vE 'code-generator|sample-|/testapigroup' |
    sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#' -e 's#^pkg/#k8s.io/kubernetes/pkg/#' | paste -sd,)
  "$BUILD/openapi-gen" -i "$directories" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$BUILD/violations" 2>/dev/null
  for package in component-base/version client-go/pkg/version; do
    package=k8s.io/kubernetes/vendor/k8s.io/$package
    flags="$flags -X $package.gitVersion=v1.20.2 -X $package.gitMajor=1 -X $package.gitMinor=20 -X $package.gitTreeState=clean"
  done
  for program in kube-apiserver kube-controller-manager; do
    say "building $program"
    go build -tags providerless -ldflags "$flags" -o "$CACHE/bin/$program" "./cmd/$program" >&2
  done
}

if ! complete; then
  mkdir -p "$CACHE" 2>/dev/null && [ -w "$CACHE" ] || fail "$CACHE cannot be written (set PETREL_REAL_KUBERNETES_DIR)"
  fetch
  (build) || fail 'it does not build here'
  rm -rf "$BUILD"
fi
complete || fail "$CACHE/bin is not complete"
say "have $("$CACHE/bin/kube-apiserver" --version) and $("$CACHE/bin/etcd" --version | sed -n 1p)"
cat <<EXPORTS
export PETREL_REAL_KUBERNETES='$CACHE/bin'
export PETREL_REAL_KUBE_APISERVER='$CACHE/bin/kube-apiserver'
export PETREL_REAL_ETCD='$CACHE/bin/etcd'
EXPORTS
