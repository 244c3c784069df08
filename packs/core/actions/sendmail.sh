#!/bin/sh
# Sends a mail through the sendmail program of this machine: sendmail.sh BINARY FROM TO SUBJECT SEND_EMPTY TYPE BODY ATTACHMENTS
set -eu
binary=$1 from=$2 to=$3 subject=$4 send_empty=$5 type=$6 body=$7 attachments=$8

if [ -z "$(printf '%s' "$body" | tr -d '[:space:]')" ] && [ "$send_empty" != 1 ]; then
  echo 'The body is empty, so nothing was sent; send_empty_body=true sends it all the same.'
  exit 0
fi
if ! command -v "$binary" >/dev/null 2>&1; then
  echo "There is no program $binary on this machine. Install one (on Debian: msmtp-mta or postfix), or name it with sendmail_binary." >&2
  exit 3
fi
# A line break in a header would begin another header.
one_line() { printf '%s' "$1" | tr -d '\r\n'; }
encoded() {
  case $1 in
    *[!\ -~]*) printf '=?UTF-8?B?%s?=' "$(one_line "$1" | base64 | tr -d '\n')" ;;
    *) one_line "$1" ;;
  esac
}
boundary="petrel-$$-$(date +%s)"
message() {
  printf 'From: %s\nTo: %s\nSubject: %s\nMIME-Version: 1.0\n' "$(one_line "$from")" "$(one_line "$to")" "$(encoded "$subject")"
  if [ -z "$attachments" ]; then
    printf 'Content-Type: %s; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n' "$(one_line "$type")"
    printf '%s' "$body" | base64
    return
  fi
  printf 'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n' "$boundary" "$boundary"
  printf 'Content-Type: %s; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n' "$(one_line "$type")"
  printf '%s' "$body" | base64
  printf '%s\n' "$attachments" | tr ',' '\n' | while IFS= read -r file; do
    [ -n "$file" ] || continue
    printf '\n--%s\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n' "$boundary"
    printf 'Content-Disposition: attachment; filename="%s"\n\n' "$(basename "$file" | tr -d '"')"
    base64 <"$file"
  done
  printf '\n--%s--\n' "$boundary"
}
# The whole message first: what cannot be read must not be half sent.
draft=$(mktemp)
trap 'rm -f "$draft"' EXIT
message >"$draft"
"$binary" -t -i <"$draft"
