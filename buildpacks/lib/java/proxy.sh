# Java does not know the variables for proxies that everybody else reads.

# read_proxy http|https: sets proxy_host, proxy_port, proxy_user and proxy_password; false without one.
read_proxy() {
  local name=${1}_proxy
  [[ ${!name-} =~ ^(https?://)?(([^:@/]+)(:([^@/]*))?@)?([^:/@]+)(:([0-9]+))?/?$ ]] || return 1
  proxy_host=${BASH_REMATCH[6]} proxy_port=${BASH_REMATCH[8]:-3128}
  proxy_user=$(percent_decoded "${BASH_REMATCH[3]}") proxy_password=$(percent_decoded "${BASH_REMATCH[5]}")
}

# Hosts that are asked without a proxy, as Java writes them.
without_proxy() { sed -E 's/,/|/g; s/(^|\|)\./\1*./g; s/ //g' <<<"${no_proxy-}"; }
