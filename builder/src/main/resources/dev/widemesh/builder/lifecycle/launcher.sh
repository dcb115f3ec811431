#!/bin/bash
# Sets the environment up as the buildpacks ask, then becomes the process: the arguments (after --
# without profiles), or the declared process whose name this script was called by. Names start with __wm_, so that no variable
# of the app is overwritten.

__wm_app=/workspace
__wm_type=
__wm_direct=
__wm_command=()
__wm_args=()
__wm_given=() # the command when arguments are given
__wm_directory=

__wm_declared() {
  case $1 in
@PROCESSES@
    *) return 1 ;;
  esac
}

# The folders of the layers, a line for each buildpack.
__wm_layers=(
@LAYERS@
)

unset CNB_LAYERS_DIR CNB_APP_DIR CNB_PROCESS_TYPE CNB_PLATFORM_API CNB_DEPRECATION_MODE

__wm_path=":$PATH:"
__wm_path=${__wm_path//:\/cnb\/process:/:}
__wm_path=${__wm_path//:\/cnb\/lifecycle:/:}
__wm_path=${__wm_path#:}
export PATH=${__wm_path%:}

if __wm_declared "${0##*/}"; then
  __wm_type=${0##*/}
elif [[ ${1-} == /cnb/process/* ]] && __wm_declared "${1##*/}"; then
  __wm_type=${1##*/}
  shift
elif [[ $# -gt 1 && $1 == -- ]]; then
  __wm_direct=yes
  shift
elif (($# == 0)); then
  __wm_declared '@DEFAULT@' || {
    echo "nothing to run: no command was given, and the image declares no process" >&2
    exit 82
  }
  __wm_type='@DEFAULT@'
fi
if [[ -n $__wm_type ]]; then
  if (($# > 0)); then
    set -- "${__wm_given[@]}" "$@"
  else
    set -- "${__wm_command[@]}" "${__wm_args[@]}"
  fi
fi

# __wm_front NAME VALUE DELIMITER, __wm_back likewise
__wm_front() { if [[ -n ${!1-} ]]; then export "$1=$2$3${!1}"; else export "$1=$2"; fi; }
__wm_back() { if [[ -n ${!1-} ]]; then export "$1=${!1}$3$2"; else export "$1=$2"; fi; }

__wm_roots() {
  if [[ -d $1/bin ]]; then __wm_front PATH "$1/bin" :; fi
  if [[ -d $1/lib ]]; then __wm_front LD_LIBRARY_PATH "$1/lib" :; fi
}

# Contents count to the byte, hence not $(<file), which drops newlines at the end.
__wm_content() {
  __wm_value=
  IFS= read -r -d '' __wm_value <"$1" || true
}

__wm_environment() {
  local __wm_file __wm_name __wm_action __wm_value __wm_delimiter
  for __wm_file in "$1"/*; do
    [[ -f $__wm_file ]] || continue
    __wm_name=${__wm_file##*/} __wm_action=override
    if [[ $__wm_name == *.* ]]; then
      __wm_action=${__wm_name#*.} __wm_name=${__wm_name%%.*}
    fi
    [[ $__wm_name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || continue
    __wm_delimiter=
    if [[ -f $1/$__wm_name.delim ]]; then
      __wm_content "$1/$__wm_name.delim"
      __wm_delimiter=$__wm_value
    fi
    __wm_content "$__wm_file"
    case $__wm_action in
      override) export "$__wm_name=$__wm_value" ;;
      default) if [[ -z ${!__wm_name-} ]]; then export "$__wm_name=$__wm_value"; fi ;;
      prepend) __wm_front "$__wm_name" "$__wm_value" "$__wm_delimiter" ;;
      append) __wm_back "$__wm_name" "$__wm_value" "$__wm_delimiter" ;;
    esac
  done
}

# What is between the quotes of a TOML string that may have escapes, read into __wm_value.
__wm_text() {
  local LC_ALL=C.UTF-8 __wm_rest=$1 __wm_letter
  __wm_value=
  while [[ $__wm_rest == *\\* ]]; do
    __wm_value+=${__wm_rest%%\\*} __wm_rest=${__wm_rest#*\\}
    if [[ $__wm_rest =~ ^([btnfr]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}) ]]; then
      printf -v __wm_letter '%b' "\\${BASH_REMATCH[1]}"
      __wm_rest=${__wm_rest:${#BASH_REMATCH[1]}}
    elif [[ $__wm_rest == [\"\\]* ]]; then
      __wm_letter=${__wm_rest:0:1} __wm_rest=${__wm_rest:1}
    elif [[ $__wm_rest =~ ^[[:blank:]]*$'\n'[[:space:]]* ]]; then
      __wm_letter='' __wm_rest=${__wm_rest:${#BASH_REMATCH[0]}}
    else
      return 1
    fi
    __wm_value+=$__wm_letter
  done
  __wm_value+=$__wm_rest
}

__wm_blank=$'^([[:space:]]+|#[^\n]*)'
__wm_key=$'^("[^"\n]*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*=[ \t]*'
__wm_strings=(
  $'^"""\n?(([^"\\\\]|\\\\.|"{1,2}([^"\\\\]|\\\\.))*"{0,2})"""'
  $'^\'\'\'\n?(([^\']|\'{1,2}[^\'])*\'{0,2})\'\'\''
  $'^"(([^"\\\\\n]|\\\\.)*)"'
  $'^\'([^\'\n]*)\''
)

# Takes over the variables that a program of exec.d wrote: `NAME = "value"`, with each kind of string.
# A shell has no variables of other names: they are passed over.
__wm_assignments() {
  local LC_ALL=C __wm_rest=$1 __wm_name __wm_value __wm_string
  while true; do
    while [[ $__wm_rest =~ $__wm_blank ]]; do __wm_rest=${__wm_rest:${#BASH_REMATCH[0]}}; done
    if [[ -z $__wm_rest ]]; then return 0; fi
    [[ $__wm_rest =~ $__wm_key ]] || return 1
    __wm_name=${BASH_REMATCH[1]//[\"\']/} __wm_rest=${__wm_rest:${#BASH_REMATCH[0]}}
    for __wm_string in "${__wm_strings[@]}" ''; do
      if [[ -z $__wm_string ]]; then return 1; fi
      if [[ $__wm_rest =~ $__wm_string ]]; then break; fi
    done
    __wm_rest=${__wm_rest:${#BASH_REMATCH[0]}} __wm_value=${BASH_REMATCH[1]}
    if [[ ${BASH_REMATCH[0]} == \"* ]]; then __wm_text "$__wm_value" || return 1; fi
    # The global one: LC_ALL is a local one here.
    [[ ! $__wm_name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || declare -gx "$__wm_name=$__wm_value"
  done
}

__wm_executables() {
  local __wm_file __wm_output
  for __wm_file in "$1"/*; do
    [[ -f $__wm_file && -x $__wm_file ]] || continue
    __wm_output=$(cd "$__wm_app" && "$__wm_file" 3>&1 >&4) || {
      echo "${__wm_file} failed" >&2
      exit 82
    }
    __wm_assignments "$__wm_output" || {
      echo "${__wm_file} wrote to descriptor 3 what is not TOML with strings" >&2
      exit 82
    }
  done
}

__wm_profiles() {
  local __wm_file
  for __wm_file in "$1"/*; do
    # shellcheck source=/dev/null
    if [[ -f $__wm_file ]]; then source "$__wm_file"; fi
  done
}

for __wm_line in "${__wm_layers[@]}"; do
  for __wm_layer in $__wm_line; do __wm_roots "$__wm_layer"; done
  for __wm_layer in $__wm_line; do
    __wm_environment "$__wm_layer/env"
    __wm_environment "$__wm_layer/env.launch"
    if [[ -n $__wm_type ]]; then __wm_environment "$__wm_layer/env.launch/$__wm_type"; fi
  done
done

exec 4>&1
for __wm_line in "${__wm_layers[@]}"; do
  for __wm_layer in $__wm_line; do
    __wm_executables "$__wm_layer/exec.d"
    if [[ -n $__wm_type ]]; then __wm_executables "$__wm_layer/exec.d/$__wm_type"; fi
  done
done
exec 4>&-

# Only what a shell runs gets the profiles.
if [[ -z $__wm_direct && $1 == /bin/@(ba|)sh && ${2-} == -c ]]; then
  for __wm_line in "${__wm_layers[@]}"; do
    for __wm_layer in $__wm_line; do
      __wm_profiles "$__wm_layer/profile.d"
      if [[ -n $__wm_type ]]; then __wm_profiles "$__wm_layer/profile.d/$__wm_type"; fi
    done
  done
  # shellcheck source=/dev/null
  if [[ -f $__wm_app/.profile ]]; then source "$__wm_app/.profile"; fi
fi

if [[ -n $__wm_directory ]]; then cd "$__wm_directory" || exit 82; fi
exec -- "$@"
