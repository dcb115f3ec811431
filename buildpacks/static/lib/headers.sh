# What a file `_headers` in the served folder says of answers: a path at the beginning of a line, and indented below it the
# headers of what is asked for by such a path. Of several paths that fit, the last one that names a header decides on it.

most_paths=100
most_headers=200
longest=2000
most_together=8000

# Those that say how an answer is sent, which nginx knows.
own_headers=" accept-ranges connection content-encoding content-length content-range content-type date keep-alive location
 proxy-connection server te trailer transfer-encoding upgrade "

# By the name in small letters: how it is written, its value where no path fits, nginx's lines for paths, the longest value.
names=()
declare -A spelled usual chosen length

# usually NAME VALUE: as nginx reads it.
usually() {
  names+=("${1,,}")
  spelled[${1,,}]=$1 usual[${1,,}]=$2 chosen[${1,,}]="" length[${1,,}]=${#2}
}

wrong() { refuse "$file:$number: $1" "$2"; }

# begin_path LINE
begin_path() {
  local line=${1%"${1##*[![:blank:]]}"}
  end_path
  [[ $line == /* ]] || wrong "'${line:0:60}' is no path, which begins with /" "begin paths with / (without a host), and indent the headers below them"
  [[ $line != *:* ]] || wrong "'${line:0:60}' has a placeholder (:name), which is not known here" "write * for it"
  [[ $line =~ ^[A-Za-z0-9/._~+@,=*-]+$ ]] || wrong "a path consists of letters, digits and / . _ ~ + @ , = - *" "write * for any other character"
  [[ $line != *'*'*'*'* ]] || wrong "'${line:0:60}' has more than one *" "leave one: it stands for any characters, / too"
  ((${#line} <= longest)) || wrong "a path has more than $longest characters" "write * for a part of it"
  ((++paths <= most_paths)) || wrong "there are more than $most_paths paths" "put several together with *"
  path=$line path_at=$number path_names=" "
  line=${line//./[.]} line=${line//+/[+]}
  expression="(?s)^${line/'*'/.*}\\z"
}

end_path() {
  if [[ -n $path && $path_names == " " ]]; then number=$path_at wrong "${path:0:60} has no headers" "indent its headers below it, or leave it out"; fi
}

# add_header LINE
add_header() {
  local line=${1%"${1##*[![:blank:]]}"} name key value
  line=${line#"${line%%[![:blank:]]*}"}
  [[ -n $path ]] || wrong "'${line:0:60}' belongs to no path" "write a path above it: /* is for all"
  [[ $line =~ ^([A-Za-z0-9_-]+):[[:blank:]]*(.*)$ ]] || wrong "'${line:0:60}' is no header" "write Name: value, the name of letters, digits, - and _; a path is not indented"
  name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]} key=${BASH_REMATCH[1],,}
  [[ $own_headers != *[[:space:]]"$key"[[:space:]]* ]] || wrong "$name is the server's to say" "leave it out"
  [[ -n $value ]] || wrong "$name has no value" "write one behind it, or leave it out"
  [[ $value =~ ^[[:print:]]+$ && $value != *'$'* ]] || wrong "the value of $name has a tab or a \$" "leave it out: values consist of ASCII characters without these"
  ((${#name} + ${#value} <= longest)) || wrong "$name has more than $longest characters" "shorten it"
  ((++headers <= most_headers)) || wrong "there are more than $most_headers headers" "put paths together with *"
  [[ $path_names != *" $key "* ]] || wrong "$name is there twice for ${path:0:60}" "put the values into one line"
  path_names+="$key "
  [[ -v spelled[$key] ]] || usually "$name" ""
  value=${value//\\/\\\\} value=${value//\"/\\\"}
  # The first line that fits is the one that nginx takes.
  chosen[$key]="    \"~$expression\" \"$value\";"$'\n'${chosen[$key]}
  if ((${#value} > length[$key])); then length[$key]=${#value}; fi
}

# read_headers FOLDER
read_headers() {
  local LC_ALL=C file=${1%/}/_headers line number=0 paths=0 headers=0 path="" path_at=0 path_names=" " expression="" key together=0
  file=${file#./}
  if [[ ! -f $file ]]; then
    if [[ -f _headers ]]; then detail "_headers is not used: it belongs into $1, the folder that is served"; fi
    return 0
  fi
  (($(wc -c <"$file") <= 65536)) || refuse "$file has more than 64 kB" "put paths together with *"
  [[ $(tr -d '\0' <"$file" | wc -c) == $(wc -c <"$file") ]] || refuse "$file is no text" "write it as text"
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1)) line=${line%$'\r'}
    [[ ! $line =~ ^[[:blank:]]*(#|$) ]] || continue
    [[ ! $line =~ [^[:print:][:blank:]] ]] || wrong "there is a character other than ASCII's" "write percent-encoded what a value must have, and * in paths"
    if [[ $line == [[:blank:]]* ]]; then add_header "$line"; else begin_path "$line"; fi
  done <"$file"
  end_path
  for key in "${names[@]}"; do together=$((together + ${#key} + length[$key] + 4)); done
  ((together <= most_together)) || refuse "$file: one answer may get $together characters of headers, more than $most_together" "shorten them, or leave some out"
  detail "Headers: $headers from $file, for $paths $([[ $paths == 1 ]] && echo path || echo paths)"
}

# write_headers: values.conf, what a header is for a path; headers.conf, the headers.
write_headers() {
  local key value number=0
  : >"$layer/values.conf"
  for key in "${names[@]}"; do
    value="\"${usual[$key]}\""
    if [[ -n ${chosen[$key]} ]]; then
      number=$((number + 1)) value="\$header_$number"
      printf '  map $asked %s {\n%s    default "%s";\n  }\n' "$value" "${chosen[$key]}" "${usual[$key]}" >>"$layer/values.conf"
      # No browser is to keep what was missing for a while.
      if [[ $key == cache-control ]]; then
        printf '  map $status $cache_control {\n    "~^[23]" %s;\n    default "%s";\n  }\n' "$value" "${usual[$key]}" >>"$layer/values.conf"
        value="\$cache_control"
      fi
    fi
    printf '    add_header %s %s always;\n' "${spelled[$key]}" "$value"
  done >"$layer/headers.conf"
}
